"""Lines as screenshots show them: repeatable, with the text's ink in the crop, whatever the theme."""

import random
from pathlib import Path

import numpy as np
import pytest

from processors.ocr.training.faces import find_faces
from processors.ocr.training.fonts import FontsMissing, typeface
from processors.ocr.training.lettering import TextStyle, glyph_runs, has_glyph, text_width
from processors.ocr.training.rendering import LineRenderer, decode
from processors.ocr.training.shards import Line, ShardPool, Workshop, read_shard, render, shard_path, write_shard
from tests.processors.ocr.training.small import fonts_folder, sources


def test_the_same_seed_draws_the_same_line() -> None:
    faces = find_faces([fonts_folder()])

    def lines(seed: int) -> list[bytes | None]:
        renderer = LineRenderer(faces, seed)
        drawn = [renderer.render("안녕하세요 ㅋㅋ", renderer.look(), "다음 줄") for _ in range(12)]
        return [None if pixels is None else pixels.tobytes() for pixels in drawn]

    assert lines(5) == lines(5)
    assert lines(5) != lines(6)


def test_ink_is_bright_on_a_dark_ground_in_every_theme() -> None:
    """Light and dark themes, sizes and compression come out alike: ground at 0, letters up to 1."""
    renderer = LineRenderer(find_faces([fonts_folder()]), 1)
    drawn = [renderer.render("오늘 저녁에 뭐 먹지", renderer.look()) for _ in range(120)]
    planes = [decode(pixels) for pixels in drawn if pixels is not None]
    assert len(planes) > 110
    assert all(plane.shape[0] == 32 and plane.shape[1] > 60 for plane in planes)
    grounds = np.array([float((np.abs(plane) < 0.2).mean()) for plane in planes])
    inks = np.array([float(np.percentile(plane, 97)) for plane in planes])
    assert np.mean(grounds > 0.3) > 0.95
    assert np.mean(inks > 0.7) > 0.95


def test_what_a_typeface_lacks_is_drawn_by_another() -> None:
    face = typeface("Noto Sans CJK KR")
    assert has_glyph(face, "가")
    assert not has_glyph(face, "\U0001f9ff")
    style = TextStyle(face, 20, latin=typeface("Nanum Gothic"), spacing=0.1)
    runs = glyph_runs("가a나", style)
    assert [run.text for run in runs] == ["가", "a", "나"]
    assert text_width("가a나", style) == pytest.approx(sum(run.advance for run in runs))
    assert text_width("가나", style) == pytest.approx(text_width("가나", TextStyle(face, 20)) + 4)


def test_a_machine_without_typefaces_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("processors.ocr.training.faces.system_files", dict)
    with pytest.raises(FontsMissing):
        find_faces([tmp_path])


def test_shards_hold_what_was_drawn_and_are_drawn_once(tmp_path: Path) -> None:
    origin = sources(tmp_path)
    folder = tmp_path / "shards"
    paths = list(render(origin, folder, [7], 40, 1))
    assert paths == [shard_path(folder, 7)]
    expected = list(Workshop(origin).lines(7, 40))
    found = read_shard(paths[0])
    assert [line.text for line in found] == [line.text for line in expected]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(found, expected, strict=True))
    assert list(render(origin, folder, [7], 40, 1)) == []


def test_readers_share_the_shards_and_take_the_least_used_first(tmp_path: Path) -> None:
    draw = random.Random(1)
    for seed in range(4):
        pixels = np.full((32, 20), draw.randrange(256), np.uint8)
        write_shard(shard_path(tmp_path, seed), [Line(pixels, f"{seed}-{number}") for number in range(3)])
    pools = [ShardPool(tmp_path, 1, number, 2) for number in range(2)]
    taken = [{line.text[0] for _ in range(2) for line in pool.take(1)} for pool in pools]
    assert taken == [{"0", "2"}, {"1", "3"}]
    with pytest.raises(FileNotFoundError, match="render some first"):
        ShardPool(tmp_path / "none", 1).take(1)
