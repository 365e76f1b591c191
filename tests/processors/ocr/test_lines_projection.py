"""Lines inside drawn bubbles: how many, where, and what is not one of them."""

import cv2
import numpy as np
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
