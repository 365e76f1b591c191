"""The setting picks the reader, and what is missing is said with its remedy."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from processors.ocr.engines.auto import AutoReader, PaddleHelper
from processors.ocr.engines.paddle import ModelDirectories, join_rows
from processors.ocr.engines.port import Box
from processors.ocr.engines.regions import ProjectionReader
from processors.ocr.engines.select import describe, open_reader
from tests.processors.ocr.test_lines_projection import drawn


def test_auto_reads_with_ours_first() -> None:
    reader = open_reader("auto")
    assert isinstance(reader, AutoReader)
    assert reader.engine == "tokstream"


def test_tokstream_is_ours_alone() -> None:
    assert isinstance(open_reader("tokstream"), ProjectionReader)


def test_an_unknown_engine_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="auto, tokstream, paddle, tesseract"):
        open_reader("abbyy")  # type: ignore[arg-type]


def test_paddle_needs_a_model_directory(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="model directory"):
        open_reader("paddle")
    with pytest.raises(ValueError, match=r"inference\.onnx"):
        open_reader("paddle", paddle_models=tmp_path)


@pytest.mark.skipif(find_spec("tesserocr") is not None, reason="tesserocr is installed")
def test_tesseract_names_its_extra_where_it_is_missing() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"tokstream\[tesseract\]"):
        open_reader("tesseract")


def test_describe_says_what_runs_and_why_the_rest_does_not() -> None:
    engines = describe("auto")
    states = {state.name: state for state in engines.engines}
    assert engines.running.startswith("tokstream")
    assert states["tokstream"].available
    for state in states.values():
        assert state.available == (state.reason is None)
    assert "model directory" in (states["paddle"].reason or "")


def test_pieces_of_a_row_are_one_line() -> None:
    boxes = [Box(100, 11, 180, 31), Box(10, 50, 90, 70), Box(10, 10, 90, 30)]
    assert join_rows(boxes) == [Box(10, 10, 180, 31), Box(10, 50, 90, 70)]


@pytest.mark.slow
def test_paddleocr_finds_and_reads_lines_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a network connection was tried")

    monkeypatch.setattr("socket.socket.connect", refuse)
    image, region = drawn(["See you at the station", "Bring an umbrella"])
    helper = PaddleHelper()
    lines = helper.detector.find(image, region)
    assert len(lines) == 2
    answers = helper.recogniser.recognise([image[b.top : b.bottom, b.left : b.right] for b in lines])
    assert [answer.text.replace(" ", "") for answer in answers] == ["Seeyouatthestation", "Bringanumbrella"]
    assert all(answer.confidence > 0.8 and len(answer.characters) == len(answer.text) for answer in answers)
    assert helper.recogniser.recognise([np.zeros((0, 5, 3), np.uint8)])[0].text == ""


def test_model_directories_vanish_with_their_owner() -> None:
    models = ModelDirectories()
    assert (models.detection / "inference.onnx").is_file()
    assert (models.detection / "inference.yml").is_file()
    folder = models.detection.parent
    models.remove()
    assert not folder.exists()
