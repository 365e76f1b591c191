"""Where the title ends when it stands on the background of the conversation itself, with no band of its own."""

import numpy as np

from processors.ocr.elements import Element
from processors.ocr.engines.port import Image
from processors.ocr.runs import runs

INK = 24
"""Least difference to the background, in a channel, of icons and letters."""

EDGE_SHARE = 0.15
"""A title row has icons within this share of the width from both edges: the way back, the menu."""

HIGHEST_SHARE = 0.34
"""Titles end above this share of the width (status bar included): 132 of 390 points on the tallest phones."""


def title_end(image: Image, elements: list[Element], background: tuple[int, int, int]) -> int:
    """The row (px) below the title of a conversation `image` (reduced); 0 where there is none.

    Title and status bar are rows of ink that reach to both edges and hold no bubble. A hairline below them is their end.
    """
    height, width = image.shape[:2]
    limit = min(round(HIGHEST_SHARE * width), height // 3)
    if limit < 8:
        return 0
    part = image[:limit].astype(np.int16)
    apart = np.abs(part - np.array(background, np.int16)).max(axis=2)
    line = np.flatnonzero((apart > 3).mean(axis=1) > 0.97)
    ink = apart > INK
    end = 0
    for first, last in runs(ink.any(axis=1), gap=max(2, round(0.012 * width))):
        if last >= limit or last - first > 0.2 * width:
            break
        columns = np.flatnonzero(ink[first:last].any(axis=0))
        if columns[0] > EDGE_SHARE * width or columns[-1] < (1 - EDGE_SHARE) * width:
            break
        if any(e.box.top < last and e.box.bottom > first and e.box.width > 0.22 * width for e in elements):
            break
        end = last + round(0.4 * (last - first))
        end = next((int(row) + 1 for row in line if last <= row <= last + (last - first)), end)
    return end
