"""Connected areas that differ from a flat background, whatever is inside them: photos, cards, bubbles of any colour."""

from typing import NamedTuple

import cv2
import numpy as np

from processors.ocr.components import components
from processors.ocr.engines.port import Box, Image
from processors.ocr.planes import Mask, near_colour
from processors.ocr.runs import runs

BACKGROUND_TOLERANCE = 12

PANEL_SHARE = 0.93
"""What is this much of the width of the conversation is a panel of the window, not a bubble."""

JOINED_SHARE = 0.12
"""Rows of a blob with less than this share of its widest row join nothing."""


class Blob(NamedTuple):
    """A connected area that differs from the background, holes filled. `fill` is its share of `box`."""

    box: Box
    fill: float


def blobs(image: Image, background: tuple[int, int, int], least: int) -> list[Blob]:
    """Blobs of at least `least` px in both directions."""
    mask: Mask = np.uint8(255) - near_colour(image, background, BACKGROUND_TOLERANCE)
    width = mask.shape[1]
    found = []
    for one in components(mask, least):
        box = one.whole
        if min(box.width, box.height) < least or box.width >= PANEL_SHARE * width:
            continue
        if one.area < 0.1 * box.width * box.height:
            continue
        own = one.shape().astype(np.uint8)
        for first, last in apart(own, least):
            found.append(blob_of(own[first:last], box.left, box.top + first, least))
    return found


def apart(own: Mask, least: int) -> list[tuple[int, int]]:
    """The rows of a blob's mask, cut where next to nothing joins what is above and below."""
    wide = own.sum(axis=1)
    parts = [run for run in runs(wide >= JOINED_SHARE * wide.max(), gap=1) if run[1] - run[0] >= least]
    if len(parts) < 2:
        return [(0, len(own))]
    # Rows inside a bubble are never that empty: letters do not make the holes that a component has.
    return parts if sum(last - first for first, last in parts) >= 0.75 * len(own) else [(0, len(own))]


def blob_of(own: Mask, left: int, top: int, least: int) -> Blob:
    """The blob of a mask whose corner is at `left`, `top`; its box leaves out tails."""
    used = np.flatnonzero(own.any(axis=0))
    left, filled = left + int(used[0]), own[:, used[0] : used[-1] + 1].copy()
    high, wide = filled.shape
    contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, (1,), thickness=cv2.FILLED)
    columns = np.flatnonzero(filled.sum(axis=0) >= 0.5 * high)
    rows = np.flatnonzero(filled.sum(axis=1) >= 0.5 * wide)
    if len(columns) < least or len(rows) < least:
        return Blob(Box(left, top, left + wide, top + high), float(filled.mean()))
    x0, x1, y0, y1 = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    return Blob(Box(left + x0, top + y0, left + x1, top + y1), float(filled[y0:y1, x0:x1].mean()))
