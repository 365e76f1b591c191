"""The pane of a window that shows the conversation: messengers in a browser put lists of rooms beside it.

Panes meet in an edge over the whole height of the window, which nothing inside a conversation has.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image
from processors.ocr.planes import Plane, find_planes, stands_out
from processors.ocr.runs import runs

WINDOW_SHAPE = 0.75
"""Screens narrower than this share of their height have one pane."""

LEAST_HEIGHT = 360
"""Working pixels: lower pictures are cut out of a conversation, and a bubble may be as high as they are."""

LEAST_STEP = 2
"""Difference in a channel across the edge; dark themes set panes off by a few levels."""

EDGE_SHARE = 0.93
"""Share of the rows that the edge crosses; photos and wallpapers have the same colour on both sides in the others."""

LEAST_PANE = 0.2
"""Narrower parts, as a share of the width, are scroll bars and strips of icons."""

LEAST_BUBBLE = 0.02
MOST_BUBBLE = 0.9
"""Shares of the width of a pane between which bubbles are wide: avatars are narrower, chosen rooms as wide."""


def conversation_pane(image: Image) -> tuple[int, int]:
    """The first column of the conversation's pane and the one after its last, of a (reduced) image."""
    height, width = image.shape[:2]
    if width < WINDOW_SHAPE * height or height < LEAST_HEIGHT:
        return 0, width
    panes = list(pairwise([0, *dividers(image), width]))
    found = [pane for pane in panes if pane[1] - pane[0] >= LEAST_PANE * width]
    # A strip alone may be the margin beside bubbles.
    if not found or len(panes) == 2 > len(found):
        return 0, width
    return max(found, key=lambda pane: (bubble_area(image[:, pane[0] : pane[1]]), pane[1] - pane[0]))


def dividers(image: Image) -> list[int]:
    """The columns at which a pane begins, in ascending order, without 0."""
    step = np.zeros((image.shape[0], image.shape[1] - 1), np.uint8)
    for level in cv2.split(image):
        cv2.max(step, cv2.absdiff(level[:, 1:], level[:, :-1]), dst=step)
    crossed: NDArray[np.float64] = (step > LEAST_STEP).mean(axis=0)
    # A reduced edge may be spread over two columns, each crossed where the other is not.
    return [stop for start, stop in runs(np.asarray(crossed >= EDGE_SHARE), gap=2) if stop - start <= 4]


def bubble_area(pane: Image) -> int:
    """The area of what may be bubbles, in pixels."""
    width = pane.shape[1]
    return sum(plane.box.width * plane.box.height for plane in find_planes(pane) if may_be_bubble(plane, width))


def may_be_bubble(plane: Plane, width: int) -> bool:
    """Whether a plane stands out, holds something, and is wider than an avatar and narrower than the pane."""
    box = plane.box
    return stands_out(plane) and LEAST_BUBBLE * width < box.width < MOST_BUBBLE * width and box.width > 1.5 * box.height
