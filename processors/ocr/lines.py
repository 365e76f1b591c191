"""Lines of text inside a bubble, found by projecting its ink onto the rows.

Screen text stands in straight rows, so a row without ink separates two lines; what remains is to join the pieces of one
line (the dots of an ellipsis, an underline), to split lines that touch, and to see that a short text ("!", "그.") may
fall into pieces although it is one line. Where geometry cannot tell, the recogniser decides between the readings.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Box, Image
from processors.ocr.ink import Ink, Mask, find_ink
from processors.ocr.tails import Span, Tail, extent, find_tail

MARGIN = 0.10
"""Blank around a line as a share of the line height; the recogniser was trained on margins about this."""
SINGLE_LINE_SHARE = 0.42
"""Ink that spans less of the bubble's height is one line: two lines with the tightest leading span half of it."""
WIDER, MOST_WIDER = 0.1, 6
"""How much larger than asked for a region is looked at, on each side: a share of its shorter side, at most pixels."""
LETTER_SHARE = 0.38
"""Height of a line of letters as a share of the height of a bubble that holds one line."""
VALLEY = 0.15
"""Share of a piece's ink a row below which two lines may touch."""
CUT_BURDEN, JOIN_BURDEN = 0.05, -0.05
"""Cutting what touches must read better; one line is preferred to its pieces as long as it does not read worse."""
PIECES_SPAN = 2.3
"""Ink taller than this many times its tallest row is more than one line."""


class Hypothesis(NamedTuple):
    """Lines from top to bottom, and what may be a stamp at their end.

    `burden` is how much more confidently than the likeliest hypothesis this one must read to be believed.
    """

    lines: tuple[Box, ...]
    tail: Tail | None = None
    burden: float = 0.0


class FoundLines(NamedTuple):
    """What the lines may be, the likeliest first, and the evidence.

    `line_height` in pixels. `height_spread` is the largest deviation of a row from it, as a share of it. `flat` is
    false where the region has no background of its own.
    """

    hypotheses: tuple[Hypothesis, ...]
    line_height: float
    height_spread: float
    flat: bool


NOTHING = FoundLines((), 0.0, 0.0, True)


class ProjectionFinder:
    """Finds lines by row projection: well under a millisecond a bubble, needs no model."""

    def find(self, image: Image, region: Box) -> Sequence[Box]:
        """The likeliest lines of `region`, boxes in pixels of `image`, without a stamp that is plain to see."""
        hypotheses = self.split(image, region).hypotheses
        if not hypotheses:
            return ()
        lines, tail, _ = hypotheses[0]
        if tail is None or not tail.sure:
            return lines
        return lines[:-1] if tail.text is None else (*lines[:-1], tail.text)

    def split(self, image: Image, region: Box) -> FoundLines:
        """What the lines of `region` may be. Parts of the region outside the image are ignored."""
        bounds = clip(region, image)
        if bounds.width < 2 or bounds.height < 2:
            return NOTHING
        ink = find_ink(image[bounds.top : bounds.bottom, bounds.left : bounds.right])
        if ink.cut:
            wider = widened(bounds, image)
            seen = find_ink(image[wider.top : wider.bottom, wider.left : wider.right])
            if seen.flat:
                ink, bounds = seen, wider
        return lines_of_ink(ink, bounds)


def widened(region: Box, image: Image) -> Box:
    """A region a little larger on every side, inside `image`: letters at its edge come in whole, and the shape of the
    bubble keeps its surroundings out."""
    more = min(MOST_WIDER, round(WIDER * min(region.width, region.height)) + 1)
    return clip(Box(region.left - more, region.top - more, region.right + more, region.bottom + more), image)


def clip(region: Box, image: Image) -> Box:
    """The part of `region` inside `image`."""
    height, width = image.shape[:2]
    return Box(max(0, region.left), max(0, region.top), min(width, region.right), min(height, region.bottom))


def lines_of_ink(ink: Ink, bounds: Box) -> FoundLines:
    """Lines of an ink mask whose top left corner is that of `bounds`."""
    profile = ink.mask.sum(axis=1, dtype=np.int64)
    pieces = runs_of(profile > 0)
    if not pieces:
        return NOTHING
    rows, usual = rows_of_pieces(pieces, profile)
    spread = max((abs(row.length - usual) / usual for row in rows), default=0.0)
    whole = Span(rows[0].start, rows[-1].end)
    if len(rows) > 1 and whole.length < SINGLE_LINE_SHARE * (ink.bottom - ink.top):
        return FoundLines((hypothesis(ink, [whole], float(whole.length), bounds),), usual, spread, ink.flat)
    hypotheses = [hypothesis(ink, rows, usual, bounds)]
    deeper, lower = rows_of_pieces(cut_at_valleys(pieces, profile), profile)
    if len(deeper) > len(rows):
        hypotheses.append(hypothesis(ink, deeper, lower, bounds, burden=CUT_BURDEN))
    if len(rows) > 1 and whole.length <= PIECES_SPAN * max(row.length for row in rows):
        hypotheses.append(hypothesis(ink, [whole], float(whole.length), bounds, burden=JOIN_BURDEN))
    return FoundLines(tuple(hypotheses), usual, spread, ink.flat)


def rows_of_pieces(pieces: Sequence[Span], profile: NDArray[np.int64]) -> tuple[list[Span], float]:
    """Rows of text made of runs of inked rows, and the usual height of one."""
    heights = np.array([piece.length for piece in pieces])
    usual = float(np.median(heights[heights >= 0.55 * np.percentile(heights, 90)]))
    rows = join_pieces(split_touching(pieces, profile, usual), usual)
    heights = np.array([row.length for row in rows])
    usual = float(np.median(heights[heights >= 0.6 * heights.max()]))
    return [row for row in rows if len(rows) == 1 or not speck(row, profile, usual)], usual


def cut_at_valleys(pieces: Sequence[Span], profile: NDArray[np.int64]) -> list[Span]:
    """Cut pieces where little ink crosses from one row to the next: lines so tightly set that their letters touch."""
    result: list[Span] = []
    for piece in pieces:
        inked = profile[piece.start : piece.end]
        cores = [core for core in runs_of(inked > VALLEY * float(np.percentile(inked, 90))) if core.length > 2]
        if len(cores) < 2:
            result.append(piece)
            continue
        valleys = [above.end + int(np.argmin(inked[above.end : below.start])) for above, below in pairwise(cores)]
        borders = [0, *valleys, piece.length]
        result += [Span(piece.start + start, piece.start + end) for start, end in pairwise(borders)]
    return result


def hypothesis(ink: Ink, rows: Sequence[Span], usual: float, bounds: Box, *, burden: float = 0.0) -> Hypothesis:
    """Boxes of rows in the image, with the tail of the last row."""
    bubble = ink.bottom - ink.top
    low = len(rows) == 1 and ink.flat and usual < LETTER_SHARE * bubble
    if low:
        # The letters of one short line may all be low ("-", "..."), so their height says nothing; the bubble's does.
        usual = LETTER_SHARE * bubble

    def place(row: Span, columns: Span) -> Box:
        grown = grow(row, usual, ink) if low else grow(row, usual)
        return box_of(grown, columns, usual, bounds)

    lines = tuple(place(row, extent(ink.mask, row)) for row in rows)
    return Hypothesis(
        lines,
        find_tail(ink, rows, usual, place, lambda row, columns: box_of(row, columns, row.length, bounds)),
        burden,
    )


def runs_of(marked: NDArray[np.bool_]) -> list[Span]:
    """Ranges of consecutive true entries."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False])).astype(np.int8)))
    return [Span(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def split_touching(pieces: Sequence[Span], profile: NDArray[np.int64], usual: float) -> list[Span]:
    """Cut pieces that hold several lines at the emptiest row near each expected border."""
    result: list[Span] = []
    for piece in pieces:
        count = round(piece.length / (1.25 * usual)) if piece.length > 1.75 * usual else 1
        borders = [piece.start]
        for number in range(1, count):
            middle = piece.start + piece.length * number / count
            low, high = int(middle - 0.3 * usual), int(middle + 0.3 * usual) + 1
            borders.append(low + int(np.argmin(profile[low:high])))
        borders.append(piece.end)
        result += [Span(start, end) for start, end in pairwise(borders)]
    return result


def join_pieces(pieces: Sequence[Span], usual: float) -> list[Span]:
    """Join pieces so near to each other that together they are no taller than a line."""
    rows = [pieces[0]]
    for piece in pieces[1:]:
        last = rows[-1]
        if piece.end - last.start <= 1.28 * usual and piece.start - last.end <= 0.42 * usual:
            rows[-1] = Span(last.start, piece.end)
        else:
            rows.append(piece)
    return rows


def speck(row: Span, profile: NDArray[np.int64], usual: float) -> bool:
    """Whether a row is too thin and holds too little ink to be text."""
    return row.length < 0.12 * usual and int(profile[row.start : row.end].sum()) < 0.3 * usual


def grow(row: Span, usual: float, ink: Ink | None = None) -> Span:
    """Grow a row of low letters ("...", "ㅡ") to the usual height: about its own middle, or, given the ink of a bubble
    with one line, about the middle of the bubble, which says whether a dot is high or low."""
    if row.length >= 0.85 * usual:
        return row
    middle = (row.start + row.end) / 2 if ink is None else (ink.top + ink.bottom) / 2
    return Span(
        min(row.start, round(middle - 0.46 * usual)),
        max(row.end, round(middle + 0.46 * usual)),
    )


def box_of(row: Span, columns: Span, usual: float, bounds: Box) -> Box:
    """The box of a line in the image, with its margin, inside `bounds`."""
    margin = MARGIN * usual
    return Box(
        round(bounds.left + max(0.0, columns.start - margin)),
        round(bounds.top + max(0.0, row.start - margin)),
        round(bounds.left + min(float(bounds.width), columns.end + margin)),
        round(bounds.top + min(float(bounds.height), row.end + margin)),
    )


__all__ = ["FoundLines", "Hypothesis", "Mask", "ProjectionFinder", "clip", "lines_of_ink"]
