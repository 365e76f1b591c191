"""Emoji by themselves, large and without a bubble, as chat apps show up to three of them.

Nothing bounds them, so three things must agree: coloured squares in a row on a flat wallpaper, an edge shared with the
bubbles of one side, and that each of them is named.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import msgspec
import numpy as np

from processors.ocr.colours import apart_from
from processors.ocr.engines.charset import UNKNOWN_EMOJI
from processors.ocr.engines.confidence import line_confidence, tidy
from processors.ocr.engines.emoji import NAME, EmojiNamer, squared
from processors.ocr.engines.port import Box, Image, Recognition, RegionLine, RegionText
from processors.ocr.furniture import USUAL_LINE
from processors.ocr.layout import Candidate, Layout
from processors.ocr.speakers import Side
from processors.ocr.surroundings import TALLEST_LINE, line_unit

LEAST_CONTRAST = 24
LEAST, MOST = 0.5, 1.6
"""Side of a large emoji, in heights of a one-line bubble."""
WHOLE = 0.8
"""A bubble that fills so much of a shape is that shape, and read as any other; a smaller one is a flat part of it."""
SQUARE = (0.6, 1.6)
NEXT = 0.5
"""Gap between two emoji of a row at most, in units of their height."""
ALIGNED = 0.3
"""Distance from the edge that the bubbles of a side share, in heights of a one-line bubble."""
MOST_IN_ROW = 3
MOST_SQUARES = 400
"""More coloured squares than that are a texture."""
RIM = 0.12
"""Wallpaper around a row, in units of its height."""


class BareRow(NamedTuple):
    """What may be large emoji: the candidate, and the square of each from left to right."""

    candidate: Candidate
    squares: tuple[Box, ...]


def bare_rows(image: Image, layout: Layout) -> list[BareRow]:
    """Rows of what may be large emoji, from top to bottom. Where the wallpaper is a picture nothing can be told."""
    if layout.background is None:
        return []
    unit = max(USUAL_LINE * min(layout.right - layout.left, layout.height), line_unit(layout) / TALLEST_LINE)
    window = image[layout.top : layout.bottom, layout.left : layout.right]
    apart = apart_from(cv2.split(window), layout.background)
    _, mask = cv2.threshold(apart, LEAST_CONTRAST, 1, cv2.THRESH_BINARY)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((max(1, round(0.08 * unit)),) * 2, np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    squares = [
        Box(left + layout.left, top + layout.top, left + width + layout.left, top + height + layout.top)
        for left, top, width, height, _ in stats[1:].tolist()
        if LEAST * unit <= height <= MOST * unit and SQUARE[0] <= width / height <= SQUARE[1]
    ]
    if len(squares) > MOST_SQUARES:
        return []
    bubbles = [one.box for one in layout.candidates if not one.round]
    squares = [square for square in squares if not any(fills(box, square) for box in bubbles)]
    rows = []
    for row in in_rows(squares):
        box = around(row, layout)
        side = side_of(box, layout, unit)
        if side is not None and len(row) <= MOST_IN_ROW:
            one = Candidate(box=box, kind="text", side=side, side_certainty=1.0, colour=layout.background, clear=False)
            rows.append(BareRow(one, tuple(row)))
    return rows


def around(row: Sequence[Box], layout: Layout) -> Box:
    """The box of a row with some wallpaper around it: readers learn the background from the rim."""
    top, bottom = min(square.top for square in row), max(square.bottom for square in row)
    rim = round(RIM * (bottom - top))
    return Box(
        max(layout.left, row[0].left - rim),
        max(layout.top, top - rim),
        min(layout.right, row[-1].right + rim),
        min(layout.bottom, bottom + rim),
    )


def fills(box: Box, square: Box) -> bool:
    """Whether a bubble covers most of a shape."""
    width = min(box.right, square.right) - max(box.left, square.left)
    height = min(box.bottom, square.bottom) - max(box.top, square.top)
    return width > 0 and height > 0 and width * height >= WHOLE * square.width * square.height


def in_rows(squares: Sequence[Box]) -> list[list[Box]]:
    """Squares that stand side by side, from left to right; rows from top to bottom."""
    rows: list[list[Box]] = []
    for square in sorted(squares):
        for row in rows:
            last = row[-1]
            level = abs(square.top + square.bottom - last.top - last.bottom) <= 0.4 * last.height
            if level and square.left - last.right <= NEXT * last.height:
                row.append(square)
                break
        else:
            rows.append([square])
    return sorted(rows, key=lambda row: row[0].top)


def side_of(box: Box, layout: Layout, unit: float) -> Side | None:
    """The side whose bubbles begin, or end, where this box does; None for pictures of senders and the like."""
    left = [one.box.left for one in layout.candidates if one.side == "left"]
    right = [one.box.right for one in layout.candidates if one.side == "right"]
    if left and abs(box.left - min(left)) <= ALIGNED * unit:
        return "left"
    if right and abs(box.right - max(right)) <= ALIGNED * unit:
        return "right"
    return None


def read_row(image: Image, row: BareRow, namer: EmojiNamer) -> RegionText | None:
    """What a row says; None where one of its squares is no emoji that can be named."""
    named = namer.name([squared(image, box, row.candidate.colour) for box in row.squares])
    if any(one.text == UNKNOWN_EMOJI for one in named):
        return None
    text, probabilities = tidy([one.text for one in named], [one.probability for one in named])
    read = Recognition(text, line_confidence(probabilities), probabilities, NAME)
    return RegionText((RegionLine(row.candidate.box, read),), None)


def with_bare(layout: Layout, found: Sequence[Candidate]) -> Layout:
    """The layout with further candidates in their places, and without those that were parts of them."""
    kept = [one for one in layout.candidates if not any(fills(new.box, one.box) for new in found)]
    ordered = sorted([*kept, *found], key=lambda one: (one.box.top, one.box.left))
    return msgspec.structs.replace(layout, candidates=tuple(ordered))
