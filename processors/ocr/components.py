"""Connected areas of a mask, found without labelling every pixel of it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Box

Mask = NDArray[np.uint8]
Lengths = int | NDArray[np.integer | np.floating]

BEHIND_SHARE = 0.9
"""What is this much of the width is background."""

FILLED_SHARE = 0.3
MOST_FILLED = 4
"""Components whose bounding box is a larger share of the image are filled, so many at most; the rest are labelled."""

NO_MASK: Mask = np.zeros((0, 0), np.uint8)


class Component(NamedTuple):
    """A 4-connected area: where `labels`, which cover the image from `origin` (column, row) on, are `label`; of `area`
    pixels with the bounding box `whole`."""

    labels: NDArray[np.integer]
    origin: tuple[int, int]
    label: int
    whole: Box
    area: int

    def shape(self) -> NDArray[np.bool_]:
        """Its pixels within `whole`."""
        left, top = self.origin
        whole = self.whole
        own = self.labels[whole.top - top : whole.bottom - top, whole.left - left : whole.right - left] == self.label
        return np.asarray(own, np.bool_)


def components(mask: Mask, least: int) -> list[Component]:
    """The 4-connected areas of `mask` (0 or 255) that are `least` px high and wide, or background.

    Labelling costs by the pixel of the image, following outlines and filling from a seed do not: so the background is
    filled, and of the rest only what the large outer contours enclose is labelled. Contours follow 8-connected areas,
    so nothing 4-connected reaches beyond one.
    """
    found: list[Component] = []
    for _ in range(MOST_FILLED):
        contours = large_contours(mask, least)
        seeds = [contour[0, 0] for contour, box in contours if box.width * box.height > FILLED_SHARE * mask.size]
        if not seeds:
            break
        left = mask.copy()
        _, _, _, (x, y, wide, high) = cv2.floodFill(left, NO_MASK, seeds[0].tolist(), (0,), flags=4)
        whole = Box(x, y, x + wide, y + high)
        own = mask[y : y + high, x : x + wide] ^ left[y : y + high, x : x + wide]
        if counts(wide, high, mask, least):
            found.append(Component(own, (x, y), 255, whole, cv2.countNonZero(own)))
        mask = left
    else:
        contours = large_contours(mask, least)
    for contour, box in contours:
        enclosed = np.zeros((box.height, box.width), np.uint8)
        cv2.drawContours(enclosed, [contour], -1, (255,), cv2.FILLED, offset=(-box.left, -box.top))
        part = cv2.bitwise_and(mask[box.top : box.bottom, box.left : box.right], enclosed)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=4)
        # Grain has thousands of parts, nearly all of them too small.
        for label in np.flatnonzero(counts(stats[1:, 2], stats[1:, 3], mask, least)) + 1:
            x, y, wide, high, area = stats[label].tolist()
            whole = Box(box.left + x, box.top + y, box.left + x + wide, box.top + y + high)
            found.append(Component(np.asarray(labels, np.int32), (box.left, box.top), int(label), whole, area))
    return sorted(found, key=lambda one: (one.whole.top, one.whole.left))


def large_contours(mask: Mask, least: int) -> list[tuple[cv2.typing.MatLike, Box]]:
    """The outer contours that may enclose something that `counts`, with their bounding boxes. Masks are wider than
    `least`."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for contour in contours:
        # A chain around `least` px goes there and back; most are letters.
        if len(contour) < 2 * (least - 1):
            continue
        left, top, wide, high = cv2.boundingRect(contour)
        box = Box(left, top, left + wide, top + high)
        if counts(wide, high, mask, least):
            found.append((contour, box))
    return found


def counts(wide: Lengths, high: Lengths, mask: Mask, least: int) -> NDArray[np.bool_]:
    """Whether components of these widths and heights are as large as a bubble, or as wide as the background (whatever
    their height)."""
    return np.asarray(((wide >= least) & (high >= least)) | (wide >= BEHIND_SHARE * mask.shape[1]))


def is_behind(box: Box, mask: Mask) -> bool:
    """Whether a component is background."""
    return bool(box.width >= BEHIND_SHARE * mask.shape[1])
