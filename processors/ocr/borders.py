"""The screen inside a picture of it: viewers and editors pad a screenshot left and right with a flat colour."""

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image

SAMPLES = 400
"""Rows that are looked at, about."""

SAME = 10
"""Largest difference in a channel within a border: JPEG lets the screen ring into it."""

FLAT_SHARE = 0.98
"""Share of a column's rows that have the colour of the border."""

LEAST_BORDER = 0.03
"""Narrower borders, as a share of the width, are the margins of a conversation."""

SPREAD = 3
"""Pixels over which a scaled edge is spread."""

END_SHARE = 0.02
"""Share of the rows at an end in which bars reach the border; bubbles leave their ends free."""


def screen_columns(image: Image) -> tuple[int, int]:
    """The first column of the screen in an image of shape (height, width, 3), and the one after its last.

    All columns, unless borders of one colour and about one width stand on both sides over the whole height.
    """
    height, width = image.shape[:2]
    rows = image[:: max(1, height // SAMPLES)]
    colour = np.median(rows[:, 0], axis=0)
    if not (is_flat(rows[:, 0], colour) and is_flat(rows[:, -1], colour)):
        return 0, width
    other = np.abs(rows.astype(np.int16) - colour.astype(np.int16)).max(axis=2) > SAME
    inner = np.flatnonzero(other.mean(axis=0) > 1 - FLAT_SHARE)
    if not inner.size:
        return 0, width
    left, right = int(inner[0]), int(inner[-1]) + 1
    narrow, wide = sorted((left, width - right))
    if narrow < LEAST_BORDER * width or narrow < 0.9 * wide - SPREAD or right - left <= 2 * SPREAD:
        return 0, width
    ends = max(1, round(END_SHARE * len(other)))
    reached = other[:, left + SPREAD] & other[:, right - 1 - SPREAD]
    # A dark conversation may have the colour of the border; its title or its input box has not.
    if max(reached[:ends].mean(), reached[-ends:].mean()) <= 0.5:
        return 0, width
    return left, right


def is_flat(column: NDArray[np.uint8], colour: NDArray[np.float64]) -> bool:
    """Whether a column, shape (height, 3), has the colour all over."""
    return bool((np.abs(column - colour).max(axis=1) <= SAME).mean() >= FLAT_SHARE)
