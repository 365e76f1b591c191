"""Lines inside drawn bubbles: how many, where, and what is not one of them."""

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from processors.ocr.engines.port import Box, Image
from processors.ocr.lines import ProjectionFinder


def bubble(
    texts: list[str],
    *,
    background: tuple[int, int, int] = (255, 255, 255),
    ink: tuple[int, int, int] = (30, 30, 30),
    pitch: int = 40,
) -> Image:
    """A bubble 400 px wide with one line of Latin text each `pitch` px."""
    image = np.full((pitch * len(texts) + 30, 400, 3), background, np.uint8)
    for index, text in enumerate(texts):
        cv2.putText(image, text, (20, 40 + pitch * index), cv2.FONT_HERSHEY_SIMPLEX, 0.9, ink, 2, cv2.LINE_AA)
    return image


def drawn(
    lines: list[str],
    *,
    size: int = 28,
    pitch: int = 38,
    fill: tuple[int, int, int] = (255, 255, 255),
    margin: int = 40,
    stamp: str | None = None,
) -> tuple[Image, Box]:
    """A rounded bubble on a grey wall, text in the font of Pillow; `stamp` small and pale in its lower right corner."""
    font, small = PIL.ImageFont.load_default(size=size), PIL.ImageFont.load_default(size=round(0.68 * size))
    width = round(max(font.getlength(text) for text in lines) + 2 * size + (small.getlength(stamp) if stamp else 0))
    height = pitch * len(lines) + size
    canvas = PIL.Image.new("RGB", (width + 2 * margin, height + 2 * margin), (150, 160, 170))
    pen = PIL.ImageDraw.Draw(canvas)
    pen.rounded_rectangle((margin, margin, margin + width - 1, margin + height - 1), radius=size // 2, fill=fill)
    for index, text in enumerate(lines):
        pen.text((margin + size // 2, margin + size // 2 + pitch * index), text, fill=(20, 20, 20), font=font)
    if stamp:
        left = margin + width - size // 3 - small.getlength(stamp)
        pen.text((left, margin + height - 1.1 * size), stamp, fill=(140, 140, 140), font=small)
    image = np.asarray(canvas)[:, :, ::-1].copy()
    return image, Box(margin, margin, margin + width, margin + height)


def grown(region: Box, pixels: int) -> Box:
    return Box(region.left - pixels, region.top - pixels, region.right + pixels, region.bottom + pixels)


def whole(image: Image, pad: int = 0) -> Box:
    return Box(-pad, -pad, image.shape[1] + pad, image.shape[0] + pad)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("background", "ink"),
    [((255, 255, 255), (30, 30, 30)), ((40, 40, 40), (230, 230, 230)), ((0, 229, 254), (0, 0, 0))],
)
def test_finds_each_row_of_text_in_any_theme(
    count: int, background: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    image = bubble(["Hello World"] * count, background=background, ink=ink)
    lines = ProjectionFinder().find(image, whole(image))
    assert len(lines) == count
    assert [line.top for line in lines] == sorted(line.top for line in lines)
    for index, line in enumerate(lines):
        assert line.top < 30 + 40 * index < line.bottom


def test_an_empty_bubble_has_no_lines() -> None:
    assert ProjectionFinder().find(np.full((50, 80, 3), 255, np.uint8), Box(0, 0, 80, 50)) == ()


@pytest.mark.parametrize("region", [Box(10, 10, 10, 40), Box(500, 500, 600, 600), Box(30, 30, 20, 20)])
def test_a_region_without_pixels_has_no_lines(region: Box) -> None:
    assert ProjectionFinder().find(np.full((50, 80, 3), 255, np.uint8), region) == ()


def test_low_letters_get_the_height_of_a_line() -> None:
    image = bubble(["Hello", "....", "Hello"])
    lines = ProjectionFinder().find(image, whole(image))
    assert len(lines) == 3
    assert lines[1].height > 0.7 * lines[0].height


@pytest.mark.parametrize("pixels", [-6, -3, 0, 6, 12])
def test_a_region_cut_too_tight_or_too_wide_gives_the_same_lines(pixels: int) -> None:
    image, region = drawn(["Are you there", "Yes", "See you soon"])
    exact = ProjectionFinder().find(image, region)
    lines = ProjectionFinder().find(image, grown(region, pixels))
    assert len(lines) == 3
    for line, expected in zip(lines, exact, strict=True):
        assert max(abs(a - b) for a, b in zip(line, expected, strict=True)) <= 3


@pytest.mark.parametrize("text", ["!", "i", "...", "-", ":)", "No!", "-_-"])
def test_a_short_text_in_pieces_is_offered_as_one_line(text: str) -> None:
    image, region = drawn([text])
    found = ProjectionFinder().split(image, region)
    assert any(len(hypothesis.lines) == 1 for hypothesis in found.hypotheses)


def test_low_letters_alone_get_a_line_about_the_middle_of_the_bubble() -> None:
    image, region = drawn(["..."], size=40, pitch=50)
    (line,) = ProjectionFinder().find(image, region)
    assert line.height > 25
    assert line.top < (region.top + region.bottom) / 2 < line.bottom


@pytest.mark.parametrize("slope", [20, 60])
def test_a_gradient_is_background(slope: int) -> None:
    image, region = drawn(["White on blue", "second line"], fill=(60, 120, 200))
    rows = np.linspace(-slope / 2, slope / 2, region.height)[:, None, None]
    inside = image[region.top : region.bottom, region.left : region.right]
    bubble = (inside == (200, 120, 60)).all(axis=2, keepdims=True)
    inside[:] = np.clip(inside + rows * bubble, 0, 255).astype(np.uint8)
    found = ProjectionFinder().split(image, region)
    assert found.flat
    assert len(found.hypotheses[0].lines) == 2


def test_lines_so_tight_that_they_touch_are_offered_apart() -> None:
    image, region = drawn(["Happy going", "jumping by"], size=28, pitch=25)
    found = ProjectionFinder().split(image, region)
    assert any(len(hypothesis.lines) == 2 for hypothesis in found.hypotheses)


@pytest.mark.parametrize("pixels", [0, 6, 12])
def test_a_time_in_the_corner_is_not_part_of_the_last_line(pixels: int) -> None:
    image, region = drawn(["See you", "tomorrow"], stamp="14:05")
    with_stamp = ProjectionFinder().split(image, grown(region, pixels)).hypotheses[0]
    assert with_stamp.tail is not None
    assert with_stamp.tail.stamp.left > with_stamp.lines[0].right - 40
    last = ProjectionFinder().find(image, grown(region, pixels))[-1]
    assert last.right <= with_stamp.tail.stamp.left


def test_text_without_a_time_has_no_tail() -> None:
    image, region = drawn(["Meet me at 14:05", "at the station"])
    tail = ProjectionFinder().split(image, region).hypotheses[0].tail
    assert tail is None or not tail.sure


def test_pictures_beside_the_text_are_no_ink() -> None:
    image = bubble(["report-final.xlsx", "size 700 KB"])
    image[14:84, 320:390] = (200, 130, 60)
    lines = ProjectionFinder().find(image, whole(image))
    assert len(lines) == 2
    assert all(line.right < 320 for line in lines)


def test_an_icon_without_text_beside_it_is_all_there_is_to_read() -> None:
    image = bubble(["ok"])
    image[10:60, 200:250] = (200, 130, 60)
    assert ProjectionFinder().find(image, whole(image))[0].right >= 250


def test_a_stamp_far_right_of_a_low_last_line_is_apart_from_it() -> None:
    image, region = drawn(["Nothing is as it seems to be", "m"], stamp="07:14")
    tail = ProjectionFinder().split(image, region).hypotheses[0].tail
    assert tail is not None
    assert tail.text is not None
    assert tail.text.right < tail.stamp.left
