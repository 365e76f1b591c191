"""Where the title ends when it stands on the background of the conversation itself, with no band of its own."""

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.colours import apart_from
from processors.ocr.engines.port import Image
from processors.ocr.runs import runs

INK = 24
"""Least difference to the background, in a channel, of icons and letters."""

EDGE_SHARE = 0.13
"""A title row has icons within this share of the width from both edges: the way back, the menu."""

HIGHEST_SHARE = 0.36
"""Titles end above this share of the width (status bar included): 132 of 390 points on the tallest phones."""

LEAST_ICON = 0.012
MOST_ICON = 0.1
"""Height of icons as a share of the width."""


def title_end(image: Image, background: tuple[int, int, int]) -> int:
    """The row (px) below the title of a conversation `image` (reduced); 0 where there is none.

    Status bar and title have icons at both edges on one height, which messages never have: those stand one under
    another. A hairline below them is their end; bubbles may shine through.
    """
    height, width = image.shape[:2]
    limit = min(round(HIGHEST_SHARE * width), height // 3)
    if limit < 8:
        return 0
    apart = apart_from(cv2.split(image[:limit]), background)
    edge = round(EDGE_SHARE * width)
    left, right = icons(apart[:, 1:edge] > INK, width), icons(apart[:, width - edge : width - 1] > INK, width)
    pairs = [
        (min(a[0], b[0]), max(a[1], b[1]))
        for a in left
        for b in right
        if min(a[1], b[1]) - max(a[0], b[0]) >= 0.6 * min(a[1] - a[0], b[1] - b[0])
    ]
    ends = hairlines(apart)
    if left and ends and ends[-1] >= left[0][1]:
        return ends[-1]
    if not pairs:
        return 0
    first, last = max(pairs, key=lambda pair: pair[1])
    return last + round(0.5 * (last - first))


def hairlines(apart: NDArray[np.uint8]) -> list[int]:
    """The rows below thin lines across the whole width, from top to bottom."""
    across = (apart > 3).mean(axis=1)
    return [last for first, last in runs(across > 0.97, gap=1) if last - first <= 3 and last < len(across)]


def icons(ink: NDArray[np.bool_], width: int) -> list[tuple[int, int]]:
    """Runs of rows with ink that are as high as an icon."""
    found = runs(np.asarray(ink.any(axis=1)), gap=max(2, round(0.015 * width)))
    return [run for run in found if LEAST_ICON * width <= run[1] - run[0] <= MOST_ICON * width]
