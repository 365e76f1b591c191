"""The time or read mark that some messengers set into the bubble, at the end of the last line or on a row of its own.

Geometry proposes it (fainter, smaller, to the right, after a gap); what it says decides.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Box
from processors.ocr.ink import Ink, Mask

HALF = r"(?:오[전후]|午[前後]|[AaPp]\.?\s?[Mm]\.?)"
DIGIT = r"[\dlIOo]"
TIME = re.compile(
    rf"(?:{HALF}\s*)?{DIGIT}{{1,2}}\s*[:.;]\s*{DIGIT}{{2}}(?:\s*{HALF})?"
    rf"|{HALF}\s*{DIGIT}{{3,4}}|{DIGIT}{{3,4}}\s*{HALF}"
)
"""A clock time as messengers write it, with what digits and colons are misread as."""
EDITED = re.compile(r"^(?:수정됨|편집됨|edited|읽음|Read)\s*")
TICKS = re.compile(r"[\s✓✔☑✅\ufe0f√vVwW/⬚⁄,.'\"`~^_\-〃」『』«»<>ァ-ヶ〆]*")
"""What read ticks are read as: no Korean or Western time has kana behind it; as an emoji too, which ends in a variation
selector."""


class Span(NamedTuple):
    """Half-open range of rows or columns."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


class Tail(NamedTuple):
    """A possible stamp and what is left of the last line without it; `text` is None where the row is all stamp.

    `sure` where it looks like nothing else: clearly fainter and smaller than the text before it.
    """

    text: Box | None
    stamp: Box
    sure: bool


Placer = Callable[[Span, Span], Box]
"""From rows and columns of ink to a box in the image."""


def find_tail(ink: Ink, rows: Sequence[Span], usual: float, place_text: Placer, place_stamp: Placer) -> Tail | None:
    """What may be a stamp at the end of the last of `rows`; `usual` is the height of a line."""
    row = rows[-1]
    inked = np.flatnonzero(ink.mask[row.start : row.end].any(axis=0))
    if len(rows) > 1 and row_of_its_own(ink, rows, usual, int(inked[0])):
        return Tail(None, place_stamp(row, Span(int(inked[0]), int(inked[-1]) + 1)), sure=False)
    gaps = np.diff(inked)
    wide = np.flatnonzero(gaps >= max(0.45 * usual, 0.6 * gaps.max(initial=0)))
    # The time itself may hold gaps ("오후 3:21"), and so does the text: the border is the leftmost of the wide ones
    # that has a stamp to its right.
    found = (tail_at(ink, row, usual, inked, int(gap), place_text, place_stamp) for gap in wide)
    return next((tail for tail in found if tail is not None), None)


def tail_at(
    ink: Ink, row: Span, usual: float, inked: NDArray[np.intp], gap: int, place_text: Placer, place_stamp: Placer
) -> Tail | None:
    """What may be a stamp right of the column `inked[gap]`; None where it is not smaller than the text, or no fainter.
    `inked` are the columns of a row with ink."""
    text_columns = Span(int(inked[0]), int(inked[gap]) + 1)
    stamp_columns = Span(int(inked[gap + 1]), int(inked[-1]) + 1)
    text_rows, stamp_rows = rows_within(ink.mask, row, text_columns), rows_within(ink.mask, row, stamp_columns)
    fainter = strength(ink, row, stamp_columns) / strength(ink, row, text_columns)
    smaller = stamp_rows.length <= 0.85 * usual
    if not smaller or (fainter > 0.95 and stamp_rows.length > 0.72 * usual):
        return None
    sure = fainter < 0.82 and int(inked[gap + 1] - inked[gap]) >= 0.9 * usual
    return Tail(place_text(text_rows, text_columns), place_stamp(stamp_rows, stamp_columns), sure)


def row_of_its_own(ink: Ink, rows: Sequence[Span], usual: float, left: int) -> bool:
    """Whether the last row may be a stamp below the text: smaller letters, in the right half of the bubble."""
    row, above = rows[-1], rows[-2]
    small = row.length <= 0.85 * max(usual, above.length)
    fainter = strength(ink, row, extent(ink.mask, row)) < 0.82 * strength(ink, above, extent(ink.mask, above))
    return (small or fainter) and left > (ink.left + ink.right) / 2


def says_time(text: str, *, sure: bool) -> bool:
    """Whether a tail that reads `text` is a stamp. A sure one may be misread, yet holds digits, marks or nothing."""
    rest = EDITED.sub("", text.strip())
    if match := TIME.match(rest):
        return TICKS.fullmatch(rest[match.end() :]) is not None
    if not sure:
        return False
    digits = sum(character.isdigit() for character in rest)
    return TICKS.fullmatch(rest) is not None or (digits >= 2 and len(rest) <= 8)


def extent(mask: Mask, row: Span) -> Span:
    """The columns from the first to the last ink of a row."""
    columns = np.flatnonzero(mask[row.start : row.end].any(axis=0))
    return Span(int(columns[0]), int(columns[-1]) + 1)


def rows_within(mask: Mask, row: Span, columns: Span) -> Span:
    """The rows of `row` that hold ink in the given columns."""
    rows = np.flatnonzero(mask[row.start : row.end, columns.start : columns.end].any(axis=1))
    return Span(row.start + int(rows[0]), row.start + int(rows[-1]) + 1)


def strength(ink: Ink, row: Span, columns: Span) -> float:
    """Contrast of the ink, 80th percentile: strokes thinner than a pixel are fainter than their colour."""
    window = np.s_[row.start : row.end, columns.start : columns.end]
    return float(np.percentile(ink.contrast[window][ink.mask[window] > 0], 80))
