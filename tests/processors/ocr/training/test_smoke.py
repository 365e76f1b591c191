"""A minute of training, from corpora to the file that ships: the loss falls, an interrupted run goes on, the exported
network reads what the trained one reads, and a new network can start from the file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processors.ocr.engines.decoding import decode
from processors.ocr.engines.sessions import open_session
from processors.ocr.engines.tokstream import TokstreamRecogniser
from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.shards import Line, read_folder
from tests.processors.ocr.training.small import fonts_folder, write_corpora

CHARSET = charset()


@pytest.fixture(scope="module")
def run(pytorch: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run. It was stopped half way, and went on."""
    from processors.ocr.training.__main__ import main

    folder = tmp_path_factory.mktemp("run")
    corpora = tmp_path_factory.mktemp("corpora")
    common = ["--out", str(folder), "--processes", "1", "--measured", "500"]
    drawn = ["--corpora", str(write_corpora(corpora)), "--npm", str(fonts_folder()), "--rendered", "2000"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("processors.ocr.training.__main__.VALIDATION_LINES", 40)
        for words in (
            ["render", *common, *drawn],
            ["train", *common, "--lines", "800"],
            ["train", *common, "--lines", "1600"],
            ["export", *common],
        ):
            patch.setattr("sys.argv", ["training", *words])
            main()
    return folder


def lines(run: Path, name: str = "natural") -> list[Line]:
    return read_folder(run / "validation" / name)


def losses(network: Any, batches: list[Any]) -> float:
    """Nats a character."""
    import torch

    from processors.ocr.training.loss import line_losses

    with torch.no_grad():
        total = sum(
            float(line_losses(network(b.pixels), b.parts, b.symbols, b.frames, b.lengths, CHARSET).sum())
            for b in batches
        )
    return total / sum(int(b.lengths.sum()) for b in batches)


@pytest.mark.timeout(900)
def test_the_loss_falls_and_the_run_goes_on_where_it_stopped(run: Path) -> None:
    import torch

    from processors.ocr.training.batches import Batcher
    from processors.ocr.training.model import LineNetwork, load_network

    torch.manual_seed(1)
    batches = list(Batcher(Alphabet(CHARSET), None).batches(lines(run, "seen")))
    # By the statistics of these lines: those that the norms have gathered in thirty steps are far from settled.
    untrained, trained = LineNetwork(CHARSET).train(), load_network(run / "averaged.pt").train()
    assert losses(trained, batches) < 0.7 * losses(untrained, batches)
    entries = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    seen = [entry["lines"] for entry in entries]
    assert seen == sorted(seen)
    assert any(800 <= count < 1000 for count in seen)
    assert seen[-1] >= 1600
    assert set(entries[-1]["errors"]) == {"mixture", "natural", "seen"}
    assert not list(run.glob("*.incoming"))


@pytest.mark.timeout(900)
def test_the_exported_file_reads_what_the_trained_network_reads(run: Path, tmp_path: Path) -> None:
    import torch

    from processors.ocr.training.batches import Batcher
    from processors.ocr.training.export import export
    from processors.ocr.training.model import Exported, load_network

    network = load_network(run / "averaged.pt")
    with torch.no_grad():  # an untrained head says blank everywhere; so that there is something to compare
        network.head.weight.normal_(std=0.3)
    export(network, tmp_path / "plain.onnx")
    session = open_session(tmp_path / "plain.onnx")
    for batch in Batcher(Alphabet(CHARSET), None).batches(lines(run)[:30]):
        with torch.no_grad():
            expected = Exported(network)(batch.pixels).numpy()
        (found,) = session.run(None, {"x": batch.pixels.numpy()})
        assert found.shape == (len(batch.texts), batch.pixels.shape[-1] // 2, CHARSET.columns)
        assert np.abs(found - expected).max() < 1e-2
        frames = batch.frames.tolist()
        assert [d.characters for d in decode(found, frames, CHARSET)] == [
            d.characters for d in decode(expected, frames, CHARSET)
        ]


@pytest.mark.timeout(900)
def test_the_shipped_file_is_a_recogniser_of_bounded_size(run: Path) -> None:
    model = run / "shipped" / "korline.q8.onnx"
    assert model.stat().st_size <= 6_000_000
    recogniser = TokstreamRecogniser(model, run / "shipped" / "charset.json")
    crop = np.full((40, 300, 3), 255, np.uint8)
    crop[10:30, 20:280:9] = 0
    (answer,) = recogniser.recognise([crop])
    assert len(answer.characters) == len(answer.text)


@pytest.mark.timeout(900)
def test_a_network_starts_from_a_file_as_what_it_was(run: Path, tmp_path: Path) -> None:
    """Norms are folded in the file; they are given back so that the network computes the same, and can be trained."""
    import torch

    from processors.ocr.training.batches import Batcher
    from processors.ocr.training.export import export
    from processors.ocr.training.model import Exported, LineNetwork, Shape, load_network
    from processors.ocr.training.warmstart import start_from

    network = load_network(run / "averaged.pt")
    with torch.no_grad():
        network.head.weight.normal_(std=0.3)
    export(network, tmp_path / "plain.onnx")
    batch = max(Batcher(Alphabet(CHARSET), None).batches(lines(run)), key=lambda each: len(each.texts))
    again = LineNetwork(CHARSET, Shape(blocks=(2, 4), dilations=(1, 1, 2, 2, 4, 4)))
    start_from(again, tmp_path / "plain.onnx", [batch.pixels])
    with torch.no_grad():
        expected, found = (Exported(each.eval())(batch.pixels) for each in (network, again))
    assert float((expected - found).abs().max()) < 1e-2


def test_a_file_of_other_widths_is_refused(run: Path, tmp_path: Path) -> None:
    import torch

    from processors.ocr.training.export import export
    from processors.ocr.training.model import LineNetwork, Shape
    from processors.ocr.training.warmstart import start_from

    export(LineNetwork(CHARSET, Shape(widths=(8, 16, 32, 64))), tmp_path / "other.onnx")
    with pytest.raises(ValueError, match="for a layer of shape"):
        start_from(LineNetwork(CHARSET), tmp_path / "other.onnx", [torch.zeros(1, 1, 32, 64)])
