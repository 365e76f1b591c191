"""Lines in hard company: bars, rules, pale letters, shadows, gradients, full stops."""

import cv2
import numpy as np
import pytest

from processors.ocr.engines.port import Box, Image
from processors.ocr.lines import ProjectionFinder
from tests.processors.ocr.test_lines_projection import drawn, grown


def paint(image: Image, box: Box, colour: tuple[int, int, int]) -> None:
    """Fill a box."""
    image[box.top : box.bottom, box.left : box.right] = colour


@pytest.mark.parametrize("size", [16, 28])
def test_the_bar_beside_a_quotation_joins_no_lines(size: int) -> None:
    image, region = drawn(["Anna answered", "See you there", "Fine with me"], size=size, pitch=round(1.35 * size))
    bar = Box(region.left + 4, region.top + size // 2, region.left + 6, region.top + round(3.1 * size))
    paint(image, bar, (200, 90, 30))
    lines = ProjectionFinder().find(image, region)
    assert len(lines) == 3
    assert all(line.left > bar.right for line in lines)


def test_a_rule_between_two_parts_of_a_bubble_is_no_line() -> None:
    image, region = drawn(["Anna answered", "Fine with me"], pitch=60)
    middle = region.top + 14 + 47
    paint(image, Box(region.left + 8, middle, region.right - 8, middle + 2), (120, 120, 120))
    assert len(ProjectionFinder().find(image, region)) == 2


def test_a_pale_line_is_seen_beside_dark_ones() -> None:
    image, region = drawn(["Look at this", "example.com/a"], size=28, pitch=38)
    second = image[region.top + 14 + 38 : region.bottom - 4, region.left + 8 : region.right - 8]
    second[:] = 255 - (255 - second.astype(np.int16)) * 50 // 235
    lines = ProjectionFinder().find(image, region)
    assert len(lines) == 2
    assert lines[1].width > 0.8 * lines[0].width


@pytest.mark.parametrize("pixels", [0, 6, 12])
def test_a_shadow_on_a_wall_of_nearly_the_same_colour_is_no_line(pixels: int) -> None:
    image, region = drawn(["Are you there", "Yes"], fill=(168, 178, 188))
    shadow = np.full(image.shape[:2], 255, np.uint8)
    shadow[region.top + 4 : region.bottom + 4, region.left : region.right] = 195
    soft = cv2.GaussianBlur(shadow, (0, 0), 3)[:, :, None].astype(np.float32) / 255
    bubble = np.zeros(image.shape[:2], np.bool_)
    bubble[region.top : region.bottom, region.left : region.right] = True
    image[~bubble] = (image * soft)[~bubble].astype(np.uint8)
    found = ProjectionFinder().split(image, grown(region, pixels))
    assert len(found.hypotheses[0].lines) == 2


@pytest.mark.parametrize("upright", [True, False])
def test_a_gradient_so_steep_that_the_letters_have_the_commonest_colour_is_background(upright: bool) -> None:
    image, region = drawn(["White on a", "steep slope", "of colours"], fill=(20, 60, 90))
    text = (image != np.array((90, 60, 20))).any(axis=2)
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    along = rows / image.shape[0] if upright else columns / image.shape[1]
    inside = np.zeros_like(text)
    inside[region.top : region.bottom, region.left : region.right] = True
    image[inside & text] = 255
    sloping = np.stack([60 + 120 * along, 40 + 110 * along, 150 - 120 * along], axis=2).astype(np.uint8)
    image[inside & ~text] = sloping[inside & ~text]
    found = ProjectionFinder().split(image, region)
    assert found.flat
    assert len(found.hypotheses[0].lines) == 3


@pytest.mark.parametrize(("grey", "count"), [(20, 4), (215, 3)])
def test_a_full_stop_on_a_line_of_its_own_is_a_line_and_a_pale_speck_is_none(grey: int, count: int) -> None:
    image, region = drawn(["Well then", "this is the end", "of what I said", " "], size=40, pitch=54)
    paint(image, Box(region.left + 22, region.bottom - 34, region.left + 25, region.bottom - 31), (grey, grey, grey))
    assert len(ProjectionFinder().find(image, region)) == count


def test_a_letter_in_three_pieces_is_offered_as_one_line() -> None:
    image, region = drawn(["m"], size=40, pitch=54)
    paint(image, Box(region.left + 10, region.top + 12, region.right - 10, region.bottom - 12), (255, 255, 255))
    left, top = region.left + 18, region.top + 28
    for row in (0, 14, 28):
        paint(image, Box(left, top + row, left + 34, top + row + 8), (20, 20, 20))
    found = ProjectionFinder().split(image, region)
    assert any(len(hypothesis.lines) == 1 for hypothesis in found.hypotheses)
