"""Which pixels of a region are ink: what stands out from the bubble's own background, inside the bubble's own shape.

The region may be larger than the bubble (its corners, tail and the wall behind it come along) or smaller (letters and
edges are cut). So the background is the commonest colour of the centre, the bubble is the largest connected area of it
with its holes filled, and ink is what differs from it inside.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image

Mask = NDArray[np.uint8]
Scalar = TypeVar("Scalar", bound=np.generic)

BACKGROUND_SHARE = 0.35
"""The filled background must cover this much of the region to count as the bubble; below, the region is a picture,
a gradient or pattern, and everything in it may be ink."""
RIM_SHARE = 0.2
"""Share of height and width on each side that does not vote for the background."""
SEEDS = 5
GENTLEST_EDGE = 4
"""Difference of a channel between neighbours that ends the growth of a gradient."""
PLANE_SAMPLES = 4000
SLOPE, UNEVEN = 8.0, 10.0
"""A channel must change by more than SLOPE over the bubble to be a gradient, and stay within UNEVEN of a plane."""
SOFTEST_EDGE = 24.0
"""Difference of a channel that is never background, however strong the contrast of the rest."""
RIM_DOT = 6
"""Pixels of a dot."""
FAINTEST = 18.0
"""Difference of a channel (0–255) below which nothing is ink: JPEG noise stays under it."""


class Ink(NamedTuple):
    """`mask` is 1 on ink; `contrast` is the largest difference of a channel from the background, 0–255; both have the
    region's shape. `top` and `bottom` are the rows of the bubble, half-open; `left` and `right` its columns. `flat`
    tells whether the region has one background colour; where not, the bubble is taken to fill the region.
    `open_border` is the share of the region's border that is bubble: near 0 where the region holds all of it."""

    mask: Mask
    contrast: NDArray[np.float32]
    left: int
    top: int
    right: int
    bottom: int
    flat: bool
    open_border: float


def find_ink(crop: Image) -> Ink:
    """Ink of a BGR crop of at least one pixel."""
    colour, seeds = background_colour(crop)
    background = sloping_background(crop, seeds)
    contrast = np.abs(crop.astype(np.float32) - (colour if background is None else background)).max(axis=2)
    inside = bubble_shape(contrast)
    if inside is None:
        height, width = contrast.shape
        return Ink(ink_of_picture(contrast), contrast, 0, 0, width, height, flat=False, open_border=0.0)
    standing_out = contrast[(inside > 0) & (contrast > FAINTEST)]
    strongest = float(np.percentile(standing_out, 80)) if standing_out.size else 0.0
    mask = ((contrast > max(FAINTEST, 0.3 * strongest)) & (inside > 0)).astype(np.uint8)
    whole = without_edges(mask)
    # Where nothing would be left, the region cuts into its only letters: read what can be seen of them.
    kept = without_rim(whole if whole.any() else mask, inside)
    left, top, width, height = cv2.boundingRect(inside)
    # The rim was taken off the shape, so its border is a pixel further in.
    border = float(np.concatenate((inside[1], inside[-2], inside[:, 1], inside[:, -2])).mean())
    return Ink(kept, contrast, left, top, left + width, top + height, flat=True, open_border=border)


def centre(plane: NDArray[Scalar]) -> NDArray[Scalar]:
    """The middle of an array of shape (rows, columns, …): whatever was cut too large, this is inside the bubble."""
    rows, columns = (int(RIM_SHARE * length) for length in plane.shape[:2])
    return plane[rows : plane.shape[0] - rows, columns : plane.shape[1] - columns]


def background_colour(crop: Image) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """The commonest colour of the centre (in steps of 8 a channel), refined to the median of the pixels in its step.

    Returns the colour and a few points (column, row) of the crop that have it.
    """
    middle = centre(crop)
    steps = middle.reshape(-1, 3).astype(np.int32) >> 3
    keys = (steps[:, 0] << 10) | (steps[:, 1] << 5) | steps[:, 2]
    alike = np.flatnonzero(keys == np.bincount(keys).argmax())
    colour = np.asarray(np.median(middle.reshape(-1, 3)[alike], axis=0), dtype=np.float32)
    top, left = ((whole - part) // 2 for whole, part in zip(crop.shape[:2], middle.shape[:2], strict=True))
    points = alike[np.linspace(0, alike.size - 1, SEEDS).astype(np.intp)]
    return colour, [(left + int(point) % middle.shape[1], top + int(point) // middle.shape[1]) for point in points]


def sloping_background(crop: Image, seeds: Sequence[tuple[int, int]]) -> NDArray[np.float32] | None:
    """The background of a bubble with a colour gradient, as a plane a channel; None where it is flat or torn.

    The area is grown from a seed over steps too small to be an edge.
    """
    height, width = crop.shape[:2]
    step = (GENTLEST_EDGE,) * 3
    filled = np.zeros((height + 2, width + 2), np.uint8)
    area = 0
    for number, seed in enumerate(seeds, start=1):
        if filled[seed[1] + 1, seed[0] + 1]:
            continue
        grown, *_ = cv2.floodFill(
            crop.copy(), filled, seed, (0,), step, step, 4 | cv2.FLOODFILL_MASK_ONLY | number << 8
        )
        if grown > area:
            area, largest = grown, number
    rows, columns = np.nonzero(filled[1:-1, 1:-1] == largest)
    if area < BACKGROUND_SHARE * height * width / 2:
        return None
    chosen = np.s_[:: max(1, area // PLANE_SAMPLES)]
    points = np.column_stack((np.ones(rows[chosen].size), columns[chosen], rows[chosen]))
    values = crop[rows[chosen], columns[chosen]].astype(np.float64)
    plane, *_ = np.linalg.lstsq(points, values, rcond=None)
    fitted = points @ plane
    if np.ptp(fitted, axis=0).max() < SLOPE or np.percentile(np.abs(fitted - values).max(axis=1), 95) > UNEVEN:
        return None
    across = plane[1] * np.arange(width)[None, :, None] + plane[2] * np.arange(height)[:, None, None]
    return np.asarray(plane[0] + across, dtype=np.float32)


def bubble_shape(contrast: NDArray[np.float32]) -> Mask | None:
    """The largest connected area of background, holes filled, a pixel off its rim; None where it is too small."""
    height, width = contrast.shape
    alike = (contrast <= min(max(10.0, 0.2 * float(np.percentile(contrast, 98))), SOFTEST_EDGE)).astype(np.uint8)
    count, labels = cv2.connectedComponents(alike, connectivity=4)
    areas = np.bincount(centre(labels).ravel(), minlength=count)[1:]
    if areas.size == 0 or not areas.any():
        return None
    largest = 1 + int(areas.argmax())
    framed = cv2.copyMakeBorder((labels == largest).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    contours, _ = cv2.findContours(framed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    shape = np.zeros((height + 2, width + 2), np.uint8)
    cv2.drawContours(shape, contours, -1, (1.0,), -1)
    shape = cv2.erode(shape, np.ones((3, 3), np.uint8))[1:-1, 1:-1]
    return np.asarray(shape, dtype=np.uint8) if shape.mean() > BACKGROUND_SHARE else None


def without_edges(mask: Mask) -> Mask:
    """Remove what is the bubble's edge rather than a letter: corners, and slivers along a side."""
    height, width = mask.shape
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = np.ones(count, np.uint8)
    keep[0] = 0
    for label in range(1, count):
        left, top, columns, rows, _ = (int(value) for value in statistics[label])
        at_side = left <= 1 or left + columns >= width - 1
        at_end = top <= 1 or top + rows >= height - 1
        side_rim = at_side and (columns <= 2 or (rows > 0.5 * height and height > 60))
        if (at_side and at_end) or side_rim or (at_end and rows <= 2):
            keep[label] = 0
    return np.asarray(keep[labels], dtype=np.uint8)


def without_rim(mask: Mask, inside: Mask) -> Mask:
    """Remove dots on the rim of the bubble, where its edge is smoothed into the wall."""
    rim = inside - cv2.erode(inside, np.ones((3, 3), np.uint8))
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    on_rim = np.unique(labels[(rim > 0) & (mask > 0)])
    keep = np.ones(len(statistics), np.uint8)
    keep[on_rim[statistics[on_rim, cv2.CC_STAT_AREA] <= RIM_DOT]] = 0
    keep[0] = 0
    return np.asarray(keep[labels], dtype=np.uint8)


def ink_of_picture(contrast: NDArray[np.float32]) -> Mask:
    """Ink where no flat background was found: a threshold, less all that touches the border like a frame or a stain."""
    height, width = contrast.shape
    mask = (contrast > max(22.0, 0.28 * float(np.percentile(contrast, 99)))).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = np.ones(count, np.uint8)
    keep[0] = 0
    for label in range(1, count):
        left, top, columns, rows, _ = (int(value) for value in statistics[label])
        at_left, at_right = left <= 0, left + columns >= width
        at_top, at_bottom = top <= 0, top + rows >= height
        at_side, at_end = at_left or at_right, at_top or at_bottom
        if (
            (at_side and at_end)
            or (at_left and at_right)
            or (at_top and at_bottom)
            or ((at_side or at_end) and (rows > 0.35 * height or columns > 0.5 * width))
            or (at_side and columns <= 3)
            or (at_end and rows <= 2)
        ):
            keep[label] = 0
    return np.asarray(keep[labels], dtype=np.uint8)
