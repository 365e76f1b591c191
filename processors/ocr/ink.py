"""Which pixels of a region are ink: what stands out from the bubble's own background, inside the bubble's own shape.

The region may be larger than the bubble (its corners, tail and the wall behind it come along) or smaller (letters and
edges are cut). So the background is the commonest colour of the centre, the bubble is the largest connected area of it with its
holes filled, and ink is what differs from it inside.
"""

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
FAINTEST = 18.0
"""Difference of a channel (0–255) below which nothing is ink: JPEG noise stays under it."""


class Ink(NamedTuple):
    """`mask` is 1 on ink; `contrast` is the largest difference of a channel from the background, 0–255; both have the
    region's shape. `flat` tells whether the region has one background colour."""

    mask: Mask
    contrast: NDArray[np.float32]
    flat: bool


def find_ink(crop: Image) -> Ink:
    """Ink of a BGR crop of at least one pixel."""
    contrast = np.abs(crop.astype(np.float32) - background_colour(crop)).max(axis=2)
    inside = bubble_shape(contrast)
    if inside is None:
        return Ink(ink_of_picture(contrast), contrast, flat=False)
    strongest = float(np.percentile(contrast[inside > 0], 98.5))
    mask = ((contrast > max(FAINTEST, 0.3 * strongest)) & (inside > 0)).astype(np.uint8)
    return Ink(without_edges(mask), contrast, flat=True)


def centre(plane: NDArray[Scalar]) -> NDArray[Scalar]:
    """The middle of an array of shape (rows, columns, …): whatever was cut too large, this is inside the bubble."""
    rows, columns = (int(RIM_SHARE * length) for length in plane.shape[:2])
    return plane[rows : plane.shape[0] - rows, columns : plane.shape[1] - columns]


def background_colour(crop: Image) -> NDArray[np.float32]:
    """The commonest colour of the centre (in steps of 8 a channel), refined to the median of the pixels in its step."""
    middle = centre(crop)
    steps = middle.reshape(-1, 3).astype(np.int32) >> 3
    keys = (steps[:, 0] << 10) | (steps[:, 1] << 5) | steps[:, 2]
    commonest = np.bincount(keys).argmax()
    return np.asarray(np.median(middle.reshape(-1, 3)[keys == commonest], axis=0), dtype=np.float32)


def bubble_shape(contrast: NDArray[np.float32]) -> Mask | None:
    """The largest connected area of background, holes filled, a pixel off its rim; None where it is too small."""
    height, width = contrast.shape
    alike = (contrast <= max(10.0, 0.2 * float(np.percentile(contrast, 98)))).astype(np.uint8)
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
