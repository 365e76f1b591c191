"""Short trainings that differ in one thing, and what they are made of."""

import json
import math
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from processors.ocr.engines.charset import FINALS, HANGUL, INITIALS, MEDIALS
from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.faces import find_faces
from processors.ocr.training.rendering import LineRenderer, Rendering, decode
from processors.ocr.training.screens import subpixels
from processors.ocr.training.shards import Line
from tests.processors.ocr.training.small import fonts_folder, write_corpora

CHARSET = charset()


@pytest.mark.timeout(600)
def test_a_study_trains_each_variant_once_and_goes_on_where_it_stopped(
    pytorch: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from processors.ocr.training import ablations

    out = tmp_path / "study"
    words = ["--corpora", str(write_corpora(tmp_path)), "--npm", str(fonts_folder()), "--out", str(out)]
    words += ["--looks", "40", "--rendered", "40", "--processes", "1", "--variants"]
    names = ["as it is", "weights not averaged", "taught by the one half as wide again"]

    def study(*variants: str) -> dict[str, dict[str, float]]:
        monkeypatch.setattr(sys, "argv", ["ablations", *words, *variants])
        ablations.main()
        found: dict[str, dict[str, float]] = json.loads((out / ablations.RESULTS).read_text())
        return found

    # The teacher is trained without being named, and told of when it is.
    assert set(study(names[2], *names[1:2])) == set(names[1:])
    results = study("half as wide again", *names)
    assert set(results) == {"half as wide again", *names}
    assert all(set(errors) == {"natural", "mixture"} for errors in results.values())
    assert all(0 < each < math.inf for errors in results.values() for each in errors.values())
    assert not (out / "weights-not-averaged").exists()
    trained = (out / "as-it-is" / "checkpoint.pt").stat().st_mtime_ns
    capsys.readouterr()
    assert study(*names) == results
    assert (out / "as-it-is" / "checkpoint.pt").stat().st_mtime_ns == trained
    printed = capsys.readouterr().out
    assert all(name in printed for name in names)


def test_a_variant_that_is_none_is_refused(
    pytorch: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from processors.ocr.training import ablations

    monkeypatch.setattr(
        sys, "argv", ["ablations", "--corpora", "none", "--out", str(tmp_path), "--variants", "of another kind"]
    )
    with pytest.raises(SystemExit):
        ablations.main()
    assert "no variant 'of another kind'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_divergence_of_frames_is_that_over_the_whole_alphabet(pytorch: None) -> None:
    import torch
    from torch import Tensor

    from processors.ocr.training.distilling import frame_divergence
    from processors.ocr.training.model import log_probabilities

    def everything(scores: Tensor) -> Tensor:
        """Log-probabilities of every character, syllables included."""
        head, initial, medial, final = log_probabilities(scores, CHARSET)
        parts = initial[..., :, None, None] + medial[..., None, :, None] + final[..., None, None, :]
        assert parts.shape[2:] == (INITIALS, MEDIALS, FINALS)
        syllables = head[..., HANGUL, None] + parts.flatten(2)
        return torch.cat([head[..., :HANGUL], head[..., HANGUL + 1 :], syllables], -1)

    torch.manual_seed(3)
    ours, theirs = (torch.randn(2, 5, CHARSET.columns, dtype=torch.float64) for _ in range(2))
    whole, taught = everything(ours), everything(theirs)
    expected = (taught.exp() * (taught - whole)).sum(-1)
    found = frame_divergence(ours, theirs, torch.tensor([5, 3]), CHARSET)
    assert torch.allclose(found, torch.stack([expected[0].sum(), expected[1, :3].sum()]))
    assert torch.allclose(frame_divergence(ours, ours, torch.tensor([5, 3]), CHARSET), torch.zeros(2).double())


def test_whole_syllables_are_classes_of_their_own() -> None:
    whole = charset(whole_syllables=True)
    assert whole.head_width == CHARSET.head_width + INITIALS * MEDIALS * FINALS
    parts = Alphabet(whole).classes("뷁a").parts
    assert HANGUL not in parts[:, 0]
    assert [whole.others[number - 2] for number in parts[:, 0]] == ["뷁", "a"]
    assert not parts[:, 1:].any()
    assert Alphabet(CHARSET).classes("뷁a").parts[0, 0] == HANGUL


def test_lines_that_are_not_stirred_are_the_same_at_every_look(pytorch: None) -> None:
    import torch

    from processors.ocr.training.batches import Batcher

    pixels = np.random.default_rng(1).integers(0, 255, (32, 90), dtype=np.uint8)
    lines = [Line(pixels, str(number)) for number in range(20)]

    def looks(*, stirred: bool) -> list[torch.Tensor]:
        batcher = Batcher(Alphabet(CHARSET), random.Random(1), stirred=stirred)
        return [batch.pixels for batch in (*batcher.batches(lines), *batcher.batches(lines))]

    first, second = looks(stirred=False)
    assert torch.equal(first[:1].expand_as(first), first)
    assert torch.equal(first, second)
    assert len({float(each.sum()) for batch in looks(stirred=True) for each in batch}) > 30


def test_lines_can_be_drawn_undegraded_large_and_with_their_grey_levels() -> None:
    faces = find_faces([fonts_folder()])
    plain = LineRenderer(faces, 1, Rendering(degraded=False, smallest=16.0))
    looks = [plain.look() for _ in range(200)]
    assert all(look.scale == pytest.approx(1, abs=0.04) and not look.striped for look in looks)
    assert min(look.style.size * look.scale for look in looks) >= 16
    renderer = LineRenderer(faces, 1)
    usual = [renderer.look() for _ in range(200)]
    assert any(look.striped for look in usual)
    assert min(look.style.size * look.scale for look in usual) < 12
    grey = LineRenderer(faces, 1, Rendering(flattened=False))
    grounds = []
    for _ in range(60):
        pixels = grey.render("가나다라", grey.look())
        if pixels is not None:
            grounds.append(float(np.median(decode(pixels))))
    assert all(-0.01 <= ground <= 1.01 for ground in grounds)
    assert min(grounds) < 0.3
    assert max(grounds) > 0.9


def test_stripes_move_red_and_blue_to_either_side_and_keep_the_sum() -> None:
    plane = np.zeros((8, 40, 3), np.uint8)
    plane[:, 18:24] = 240
    shown = subpixels(plane, 3).astype(np.float64)
    middles = [(shown[4, :, channel] @ np.arange(40)) / shown[4, :, channel].sum() for channel in range(3)]
    assert middles[0] - middles[1] == pytest.approx(1, abs=0.05)
    assert middles[1] - middles[2] == pytest.approx(1, abs=0.05)
    assert shown[4].sum(0) == pytest.approx(plane[4].astype(float).sum(0), rel=0.02)
