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
from processors.ocr.tails import Span, Tail, extent, find_tail, rows_within, strength

MARGIN = 0.10
"""Blank around a line as a share of the line height; the recogniser was trained on margins about this."""
WIDER, MOST_WIDER = 0.1, 6
"""How much larger than asked for a region is looked at, on each side: a share of its shorter side, at most pixels."""
LETTER_SHARE = 0.38
"""Height of a line of letters as a share of the height of a bubble that holds one line."""
VALLEY = 0.15
"""Share of a piece's ink a row below which two lines may touch."""
CUT_BURDEN, RASH_BURDEN = 0.3, 2.0
"""Worth by which cutting what touches must read better: rows as tall as several lines, and rows that are not."""
PIECES_BURDEN, LETTER_BURDEN = -0.5, -1.7
"""Worth by which one line may read worse than its pieces: where it is as low in its bubble as one line is, and where
its pieces also begin and end together and one takes up most of it, as those of ㅎ do."""
PIECES_SPAN, LETTER_SPAN = 2.3, 2.8
"""Ink taller than this many times its tallest row is more than one line; the second where it is as narrow as one
letter, which may fall into three pieces."""
LEADING, PADDING = 1.3, 1.1
"""Usual height of a line, and of the blank above and below all lines together, in units of the text size."""
ONE_LINE, ALIGNED = 1.25, 0.3
"""Ink of one line is at most so high in units of the text size; its pieces begin and end within this share of it."""
LETTER_WIDTH = 1.2
"""Width of one letter in units of its height at most."""
SPECK = 4
"""Pixels of ink that say nothing however small the letters."""
FULL_STOP = 0.7
"""Contrast of a full stop on a line of its own, as a share of that of the line above; fainter dots are dirt."""


class Hypothesis(NamedTuple):
    """Lines from top to bottom, and what may be a stamp at their end.

    `burden` is how much more than the likeliest hypothesis its reading must be worth to be believed; see
    `engines.regions.Reading.worth`.
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
    rows, usual = rows_of_pieces(pieces, profile, ink)
    spread = max((abs(row.length - usual) / usual for row in rows), default=0.0)
    likeliest = hypothesis(ink, rows, usual, bounds)
    hypotheses = [likeliest]
    deeper, lower = rows_of_pieces(cut_at_valleys(pieces, profile), profile, ink)
    if len(deeper) > len(rows):
        letters = [*rows[:-1], text_rows(likeliest, rows[-1], ink, bounds)]
        cut = [text for row, text in zip(rows, letters, strict=True) if row not in deeper]
        rash = ink.flat and all(low_as_one_line(text, len(rows), ink) for text in cut)
        hypotheses.append(hypothesis(ink, deeper, lower, bounds, burden=RASH_BURDEN if rash else CUT_BURDEN))
    if len(rows) > 1:
        whole = Span(rows[0].start, rows[-1].end)
        joined = hypothesis(ink, [whole], float(whole.length), bounds)
        text = text_rows(joined, whole, ink, bounds)
        width = (joined.tail.text if joined.tail and joined.tail.text else joined.lines[0]).width
        low = ink.flat and low_as_one_line(text, 1, ink)
        narrow = width <= LETTER_WIDTH * text.length + 2 * MARGIN * whole.length
        tallest = max(row.length for row in rows)
        if low or whole.length <= (LETTER_SPAN if narrow else PIECES_SPAN) * tallest:
            one = low and (narrow or text.length < 2 * tallest) and pieces_align(likeliest, ALIGNED * text.length)
            joined = joined._replace(burden=LETTER_BURDEN if one else PIECES_BURDEN if low else 0.0)
            hypotheses.insert(0 if low else len(hypotheses), joined)
    return FoundLines(tuple(hypotheses), usual, spread, ink.flat)


def low_as_one_line(row: Span, count: int, ink: Ink) -> bool:
    """Whether a row is no higher than one line, by the height of a bubble that holds `count` rows."""
    size = (ink.bottom - ink.top) / (LEADING * count + PADDING)
    return row.length <= ONE_LINE * size


def text_rows(found: Hypothesis, row: Span, ink: Ink, bounds: Box) -> Span:
    """The rows of the letters in the last row of a hypothesis: a stamp beside them stands lower."""
    text = found.tail.text if found.tail is not None else None
    if text is None:
        return row
    return rows_within(ink.mask, row, Span(text.left - bounds.left, text.right - bounds.left))


def pieces_align(pieces: Hypothesis, tolerance: float) -> bool:
    """Whether all rows begin and end together, a stamp apart; `tolerance` in pixels."""
    boxes = list(pieces.lines)
    if pieces.tail is not None and pieces.tail.text is not None:
        boxes[-1] = pieces.tail.text
    lefts, rights = [box.left for box in boxes], [box.right for box in boxes]
    return max(lefts) - min(lefts) <= tolerance and max(rights) - min(rights) <= tolerance


def rows_of_pieces(pieces: Sequence[Span], profile: NDArray[np.int64], ink: Ink) -> tuple[list[Span], float]:
    """Rows of text made of runs of inked rows, and the usual height of one."""
    heights = np.array([piece.length for piece in pieces])
    usual = float(np.median(heights[heights >= 0.55 * np.percentile(heights, 90)]))
    last = pieces[-1:] if has_stamp_beside(ink, pieces[-1], usual) else []
    rows = join_pieces([*split_touching(pieces[: len(pieces) - len(last)], profile, usual), *last], usual)
    heights = np.array([row.length for row in rows])
    usual = float(np.median(heights[heights >= 0.6 * heights.max()]))
    if len(rows) == 1:
        return rows, usual
    specks = [row for row in rows if speck(row, profile, usual)]
    return [row for row in rows if row not in specks or (row != rows[0] and ends_text(row, rows, usual, ink))], usual


def has_stamp_beside(ink: Ink, row: Span, usual: float) -> bool:
    """Whether a row higher than a line is text with a stamp further down beside it: parts far apart, neither of them
    higher than a line."""
    inked = np.flatnonzero(ink.mask[row.start : row.end].any(axis=0))
    gaps = np.diff(inked)
    if row.length <= usual or gaps.max(initial=0) < 2 * usual:
        return False
    widest = int(np.argmax(gaps))
    parts = (Span(int(inked[0]), int(inked[widest]) + 1), Span(int(inked[widest + 1]), int(inked[-1]) + 1))
    heights = [rows_within(ink.mask, row, part).length for part in parts]
    return row.length <= 2 * usual and max(heights) <= ONE_LINE * usual


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
    ink = int(profile[row.start : row.end].sum())
    return (row.length < 0.12 * usual and ink < 0.3 * usual) or (row.length < 0.3 * usual and ink <= SPECK)


def ends_text(row: Span, rows: Sequence[Span], usual: float, ink: Ink) -> bool:
    """Whether a speck is the full stop for which the line above had no room: below it on the left, of the same ink."""
    above = next((other for other in reversed(rows) if other.end <= row.start and other.length > 0.5 * usual), None)
    if above is None or not ink.mask[row.start : row.end].any():
        return False
    columns, text = extent(ink.mask, row), extent(ink.mask, above)
    left = abs(columns.start - text.start) < 0.5 * usual and columns.length < usual
    return left and strength(ink, row, columns) >= FULL_STOP * strength(ink, above, text)


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
