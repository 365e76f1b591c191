"""Which pixels of a region are ink: what stands out from the bubble's own background, inside the bubble's own shape.

The region may be larger than the bubble (its corners, tail and the wall behind it come along) or smaller (letters and
edges are cut). So the bubble is the largest connected area of background with its holes filled, and ink is what differs
from the background inside.
"""

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.background import RIM_SHARE, Plane, contrast_of
from processors.ocr.engines.port import Image

Mask = NDArray[np.uint8]
Scalar = TypeVar("Scalar", bound=np.generic)

BACKGROUND_SHARE = 0.35
"""The filled background must cover this much of the region to count as the bubble; below, the region is a picture or a
pattern, and everything in it may be ink."""
FAINTEST = 18
"""Difference of a channel (0–255) below which nothing is ink: JPEG noise stays under it."""
SOFTEST_EDGE = 24.0
"""Difference of a channel that is never background, however strong the contrast of the rest."""
INK_SHARE, FAINT_SHARE = 0.3, 0.16
"""Share of the strongest ink's contrast from which a pixel is ink, and from which letters of another colour are: links,
quotations and times may be pale beside the text, and with the lower share all letters would grow into each other."""
FAINT_LETTER = 0.45
"""Height, as a share of the tallest letters', from which a pale part is a letter and no smear of compression."""
CLEAN_EDGE = 7.0
"""The same where the background has no noise at all."""
CORNER_SHARE = 0.2
"""Share of a side at either end that may be a rounded corner."""
OPEN_SIDE = (0.2, 0.985)
"""A side with this much bubble on it runs through letters too; with less it lies outside, with more between letters."""
RIM_DOT = 6
"""Pixels of a dot."""
BAR_SLIMNESS, BAR_HEIGHT, BAR_COMPANY = 5, 1.5, 6
"""A stroke so many times higher than wide, and than tall letters, of which there are so many, marks a quotation."""
RULE_SHARE, RULE_THICKNESS = 0.7, 4
"""A stroke across so much of the bubble and of at most so many pixels is a rule between two parts of it."""

PICTURE_COMPANY, PICTURE_HEIGHT = 6, 2.6
"""A part so many times higher and wider than letters, of which there are so many, is a picture: two lines whose letters
touch are lower."""
ICON_HEIGHT, ICON_FILL = 1.7, 0.6
"""The same for a part that fills so much of its box. Emoji are lower."""
LETTER_PLACE = 0.8
"""Parts that make up this share of all heights together, the lowest first, are no higher than letters."""
PICTURE_SLIMNESS = 3
"""What is longer in units of its shorter side is no picture: a link with its underline."""


class Ink(NamedTuple):
    """`mask` is 1 on ink; `contrast` is the largest difference of a channel from the background, 0–255; both have the
    region's shape. `top` and `bottom` are the rows of the bubble, half-open; `left` and `right` its columns. `flat`
    tells whether the region has a background of its own; where not, the bubble is taken to fill the region.
    `cut` tells whether the region seems to cut letters."""

    mask: Mask
    contrast: Plane
    left: int
    top: int
    right: int
    bottom: int
    flat: bool
    cut: bool


class Components(NamedTuple):
    """Connected parts of a mask: the label of each pixel, and of each part its box and area. Part 0 is no part."""

    labels: NDArray[np.int32]
    left: NDArray[np.int32]
    top: NDArray[np.int32]
    columns: NDArray[np.int32]
    rows: NDArray[np.int32]
    area: NDArray[np.int32]

    def without(self, parts: NDArray[np.bool_]) -> Mask:
        """The mask less the marked parts."""
        keep = (~parts).astype(np.uint8)
        keep[0] = 0
        return np.asarray(np.take(keep, self.labels), dtype=np.uint8)


def find_ink(crop: Image) -> Ink:
    """Ink of a BGR crop of at least two rows and columns."""
    contrast = contrast_of(crop)
    inside = bubble_shape(contrast)
    if inside is None:
        height, width = contrast.shape
        return Ink(ink_of_picture(contrast), contrast, 0, 0, width, height, flat=False, cut=False)
    standing_out = contrast[(inside > 0) & (contrast > FAINTEST)]
    strongest = float(np.percentile(standing_out, 80)) if standing_out.size else 0.0
    mask = with_pale_letters(contrast, inside, strongest)
    whole = without_edges(mask)
    # Where nothing would be left, the region cuts into its only letters: read what can be seen of them.
    kept = letters_of(whole if whole.any() else mask, inside)
    left, top, width, height = cv2.boundingRect(inside)
    return Ink(kept, contrast, left, top, left + width, top + height, flat=True, cut=letters_cut(inside))


def with_pale_letters(contrast: Plane, inside: Mask, strongest: float) -> Mask:
    """Ink by its contrast, with the letters that are paler than the text and apart from it."""
    level, pale = (max(FAINTEST, share * strongest) for share in (INK_SHARE, FAINT_SHARE))
    mask = ((contrast > level) & (inside > 0)).astype(np.uint8)
    if pale >= level:
        return mask
    more = ((contrast > pale) & (inside > 0)).astype(np.uint8)
    apart = (more > 0) & (cv2.dilate(mask, np.ones((5, 5), np.uint8)) == 0)
    if np.count_nonzero(apart) <= RIM_DOT:
        return mask
    parts = components(more)
    no_letters = np.zeros(parts.area.size, np.bool_)
    no_letters[np.unique(parts.labels[mask > 0])] = True
    no_letters[0] = True
    # Letters stand clear of the bubble's edge; a shade of its ground, or its rim, does not.
    no_letters[np.unique(parts.labels[(rim_of(inside) > 0) & (more > 0)])] = True
    tallest = float(np.percentile(parts.rows[1:], 90))
    letters = ~no_letters & (parts.rows >= FAINT_LETTER * tallest)
    return np.asarray(mask | parts.without(~letters), dtype=np.uint8)


def letters_cut(inside: Mask) -> bool:
    """Whether a side of the region runs through the bubble and something on it, corners apart."""
    # The rim was taken off the shape, so its border is a pixel further in.
    for side in (inside[1], inside[-2], inside[:, 1], inside[:, -2]):
        corner = int(CORNER_SHARE * side.size)
        share = float(side[corner : side.size - corner].mean())
        if OPEN_SIDE[0] < share < OPEN_SIDE[1]:
            return True
    return False


def centre(plane: NDArray[Scalar]) -> NDArray[Scalar]:
    """The middle of an array of shape (rows, columns)."""
    rows, columns = (int(RIM_SHARE * length) for length in plane.shape)
    return plane[rows : plane.shape[0] - rows, columns : plane.shape[1] - columns]


def bubble_shape(contrast: Plane) -> Mask | None:
    """The largest connected area of background, holes filled, a pixel off its rim; None where it is too small."""
    height, width = contrast.shape
    alike = (contrast <= evenness(contrast)).astype(np.uint8)
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


def evenness(contrast: Plane) -> float:
    """How far background may be from its colour: little where it is clean, so that a wall of nearly the same colour, or
    the shadow that the bubble throws on it, stays out."""
    softest = min(max(10.0, 0.2 * float(np.percentile(contrast, 98))), SOFTEST_EDGE)
    middle = centre(contrast)
    near = middle[middle <= softest]
    noise = float(np.percentile(near, 95)) if near.size else 0.0
    return min(softest, CLEAN_EDGE + 2 * noise)


def components(mask: Mask) -> Components:
    """The connected parts of a mask, diagonal neighbours included."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, columns, rows, area = statistics.T
    return Components(np.asarray(labels, np.int32), left, top, columns, rows, area)


def without_edges(mask: Mask) -> Mask:
    """Remove what is the bubble's edge rather than a letter: corners, and slivers along a side."""
    height, width = mask.shape
    parts = components(mask)
    at_side = (parts.left <= 1) | (parts.left + parts.columns >= width - 1)
    at_end = (parts.top <= 1) | (parts.top + parts.rows >= height - 1)
    side_rim = at_side & ((parts.columns <= 2) | ((parts.rows > 0.5 * height) & (height > 60)))
    return parts.without((at_side & at_end) | side_rim | (at_end & (parts.rows <= 2)))


def rim_of(inside: Mask) -> Mask:
    """The two outermost pixels of a shape."""
    return np.asarray(inside - cv2.erode(inside, np.ones((5, 5), np.uint8)), dtype=np.uint8)


def letters_of(mask: Mask, inside: Mask) -> Mask:
    """Remove strokes and pictures, and dots on the rim of the bubble, where its edge is smoothed into the wall."""
    parts = components(mask)
    on_rim = np.zeros(parts.area.size, np.bool_)
    on_rim[np.unique(parts.labels[(rim_of(inside) > 0) & (mask > 0)])] = True
    dots = on_rim & (parts.area <= RIM_DOT)
    strokes = strokes_among(parts) | pictures_among(parts)
    return parts.without(dots if (dots | strokes)[1:].all() else dots | strokes)


def strokes_among(parts: Components) -> NDArray[np.bool_]:
    """Which parts are the upright bar beside a quotation or a rule across the bubble: they would join lines, or be
    one."""
    strokes = np.zeros(parts.area.size, np.bool_)
    if parts.area.size <= 2:
        return strokes
    columns, rows = parts.columns[1:], parts.rows[1:]
    slim = rows >= BAR_SLIMNESS * columns
    if np.count_nonzero(~slim) >= BAR_COMPANY:
        strokes[1:] = slim & (rows > BAR_HEIGHT * float(np.percentile(rows[~slim], 95)))
    width = int((parts.left[1:] + columns).max() - parts.left[1:].min())
    strokes[1:] |= (columns >= RULE_SHARE * width) & (rows <= RULE_THICKNESS) & (columns > 12 * rows)
    return strokes


def pictures_among(parts: Components) -> NDArray[np.bool_]:
    """Which parts are pictures beside the text (the thumbnails of a list, the icon of a file), or lie in one."""
    pictures = np.zeros(parts.area.size, np.bool_)
    if parts.area.size <= PICTURE_COMPANY:
        return pictures
    left, top, columns, rows, area = (values[1:] for values in parts[1:])
    sides = np.minimum(rows, columns)
    # Weighted by height, since the specks of JPEG outnumber the letters.
    heights = np.sort(rows)
    letter = float(heights[np.searchsorted(np.cumsum(heights), LETTER_PLACE * heights.sum())])
    large = sides > PICTURE_HEIGHT * letter
    large |= (sides > ICON_HEIGHT * letter) & (area >= ICON_FILL * columns * rows)
    large &= np.maximum(rows, columns) <= PICTURE_SLIMNESS * sides
    for place in np.flatnonzero(large):
        across = (left >= left[place]) & (left + columns <= left[place] + columns[place])
        down = (top >= top[place]) & (top + rows <= top[place] + rows[place])
        pictures[1:] |= across & down
    if np.count_nonzero(~pictures[1:] & (rows >= 0.5 * letter)) < PICTURE_COMPANY:
        pictures[:] = False
    return pictures


def ink_of_picture(contrast: Plane) -> Mask:
    """Ink where no background was found: a threshold, less all that touches the border like a frame or a stain."""
    height, width = contrast.shape
    mask = (contrast > max(22.0, 0.28 * float(np.percentile(contrast, 99)))).astype(np.uint8)
    parts = components(mask)
    at_left, at_right = parts.left <= 0, parts.left + parts.columns >= width
    at_top, at_bottom = parts.top <= 0, parts.top + parts.rows >= height
    at_side, at_end = at_left | at_right, at_top | at_bottom
    large = (parts.rows > 0.35 * height) | (parts.columns > 0.5 * width)
    sliver = (at_side & (parts.columns <= 3)) | (at_end & (parts.rows <= 2))
    across = (at_left & at_right) | (at_top & at_bottom)
    return parts.without((at_side & at_end) | across | ((at_side | at_end) & large) | sliver)
