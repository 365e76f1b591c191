"""What stands around a bubble on the bare background: the sender's name above it, the time and read count beside it.

Only places are found here, by looking for ink next to the bubble; what it says decides whether it is a name or a time.
"""

import math
from itertools import pairwise
from statistics import median
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.base import Record
from processors.ocr.colours import apart_from, medians
from processors.ocr.engines.port import Box, Image
from processors.ocr.furniture import USUAL_LINE
from processors.ocr.layout import Candidate, Layout
from processors.ocr.runs import runs
from processors.ocr.scale import is_piece

WindowSide = Literal["left", "top", "right", "bottom"]
SIDES: tuple[WindowSide, ...] = ("left", "top", "right", "bottom")

INK_CONTRAST = 24
"""Least difference to the background, in a channel, that counts as ink: names and times are drawn in pale grey."""

INDENT = 0.8
PICTURE_INDENT = 0.55
"""A name starts this many lines right of its window's edge at most: iMessage sets it in by the padding of the bubble.
On a picture what stands further in is mostly a drawing."""

TALLEST_LINE = 1.25
"""From so many heights of a one-line bubble on it holds two lines or more."""

ALIKE = 0.04
"""Bubbles of one line differ by so little in height."""

CHIP, WHITE = (3.0, 0.9), 200
"""The time of a photo stands within this distance of its lower right corner (across and up, in lines), in letters of at
least this brightness."""

MOST_INK = 0.5
"""A window with more ink than this shows a picture, not text on a background."""


class Surroundings(Record, frozen=True):
    """Boxes (px of the screenshot) of what may be the name above a bubble and the time beside or below it."""

    name: Box | None = None
    stamps: tuple[Box, ...] = ()


def line_unit(layout: Layout) -> float:
    """Height in px of a one-line bubble of the shot, as far as its lowest bubbles tell."""
    whole = [c for c in layout.candidates if c.kind == "text" and c.cut == "none" and not c.round]
    # The first and the last may be cut by what floats over the conversation.
    inner = [c.box.height for c in whole[1:-1]]
    low = inner if len(inner) > 2 else [c.box.height for c in whole]
    wide = layout.right - layout.left
    # Text does not grow with a window, but with the screen of a phone that a low piece is cut from.
    usual = USUAL_LINE * (wide if is_piece(layout.width, layout.height) else min(wide, max(400, layout.height)))
    if not low:
        return usual
    # What is far lower than the rest, and than a line, is no line of text.
    lowest = min(h for h in low if h >= 0.5 * min(median(low), usual))
    if sum(abs(h - lowest) <= ALIKE * lowest for h in low) > 1:
        # Several of one height have one line each: this is a piece too, if a higher one.
        usual = USUAL_LINE * wide
    return float(lowest if lowest <= TALLEST_LINE * usual else usual)


def find_surroundings(image: Image, layout: Layout, index: int, unit: float) -> Surroundings:
    """What stands around the candidate `index` of the layout; `unit` as `line_unit` gives it."""
    one = layout.candidates[index]
    if one.side == "centre" or one.unsided:
        return Surroundings()
    name = find_name(image, layout, one, unit) if one.side == "left" and one.cut not in ("top", "both") else None
    return Surroundings(name=name, stamps=find_stamps(image, layout, one, unit))


def find_name(image: Image, layout: Layout, one: Candidate, unit: float) -> Box | None:
    """The line just above a bubble that starts at its left edge."""
    box = one.box
    top = max(layout.top, round(box.top - 1.25 * unit), *(below(c, box) for c in layout.candidates if c is not one))
    left = max(layout.left, round(box.left - 0.25 * unit))
    right = min(layout.right, box.left + round(0.62 * (layout.right - layout.left)))
    ink = ink_of(image, Box(left, top, right, box.top - max(1, round(0.04 * unit))), layout.background)
    if ink is None:
        return None
    ink = without_edge(without_edge(ink, "bottom", round(0.25 * unit)), "left")
    rows = runs(np.asarray(ink.any(axis=1)), gap=max(1, round(0.06 * unit)))
    rows = [row for row in rows if row[1] - row[0] >= 0.16 * unit]
    if not rows:
        return None
    first, last = rows[-1]
    indent = INDENT if layout.background is not None else PICTURE_INDENT
    columns = np.flatnonzero(np.asarray(ink[first:last].any(axis=0)))
    height = last - first
    if height > 0.85 * unit or columns[0] > indent * unit or len(columns) < 0.3 * height:
        return None
    end = runs(np.asarray(ink[first:last].any(axis=0)), round(1.6 * height))[0][1]
    return padded(Box(left + int(columns[0]), top + first, left + end, top + last), 2, image)


def below(other: Candidate, box: Box) -> int:
    """The lower edge of a candidate above `box`, 0 where it is not above it."""
    return other.box.bottom if other.box.bottom <= box.top + 2 and other.box.right > box.left - 2 else 0


def find_stamps(image: Image, layout: Layout, one: Candidate, unit: float) -> tuple[Box, ...]:
    """What stands beside the lower end of a bubble, on the side of the middle; else what stands just below it."""
    box = one.box
    others = [c.box for c in layout.candidates if c is not one]
    reach, rim = round(4.2 * unit), max(3, round(0.06 * unit))
    top = max(layout.top, box.top - round(0.15 * unit), box.bottom - round(1.5 * unit))
    bottom = min(layout.bottom, box.bottom + round(0.12 * unit))
    if one.side == "left":
        beside = Box(box.right + rim, top, min(layout.right, box.right + reach), bottom)
    else:
        beside = Box(max(layout.left, box.left - reach), top, box.left - rim, bottom)
    found = lines_in(image, beside, layout, unit, at_left=one.side == "left")
    if found or one.kind == "text":
        return found
    lower = min([layout.bottom, box.bottom + round(0.8 * unit), *(b.top for b in others if b.top >= box.bottom)])
    found = lines_in(image, Box(box.left, box.bottom + rim, box.right, lower), layout, unit, at_left=None)
    return (*found, *find_chip(image, box, unit)) if one.kind == "photo" else found


def find_chip(image: Image, box: Box, unit: float) -> tuple[Box, ...]:
    """The white letters in the lower right corner of a photo, where WhatsApp and Telegram write its time."""
    window = Box(
        max(box.left, box.right - round(CHIP[0] * unit)), max(box.top, box.bottom - round(CHIP[1] * unit)), *box[2:]
    )
    if window.width < 4 or window.height < 4:
        return ()
    ink = image[window.top : window.bottom, window.left : window.right].min(axis=2) >= WHITE
    for side in SIDES:
        ink = without_edge(ink, side)
    rows = runs(np.asarray(ink.any(axis=1)), gap=1)
    if not rows:
        return ()
    first, last = max(rows, key=lambda row: row[1] - row[0])
    columns = np.flatnonzero(ink[first:last].any(axis=0))
    if not 0.12 * unit <= last - first <= 0.6 * unit or columns[-1] - columns[0] < 2 * (last - first):
        return ()
    left, top = window.left + int(columns[0]), window.top + first
    return (padded(Box(left, top, window.left + int(columns[-1]) + 1, window.top + last), 2, image),)


def lines_in(image: Image, window: Box, layout: Layout, unit: float, *, at_left: bool | None) -> tuple[Box, ...]:
    """Up to two lines of ink in a window. `at_left`: they must start near its left edge (True) or end near its right
    edge (False)."""
    ink = ink_of(image, window, layout.background)
    if ink is None:
        return ()
    if at_left is not None:
        # On one side the bubble, on the other a button that floats there.
        ink = without_edge(without_edge(ink, "left"), "right")
    found = []
    for first, last in runs(np.asarray(ink.any(axis=1)), gap=max(1, round(0.03 * unit))):
        height = last - first
        if not 0.12 * unit <= height <= 0.6 * unit:
            continue
        pieces = runs(np.asarray(ink[first:last].any(axis=0)), gap=max(2, round(0.9 * height)))
        if not pieces:
            continue
        if at_left is None:
            chosen = max(pieces, key=lambda piece: piece[1] - piece[0])
        else:
            chosen = pieces[0] if at_left else pieces[-1]
            distance = chosen[0] if at_left else window.width - chosen[1]
            if distance > 0.9 * unit:
                continue
        if chosen[1] - chosen[0] <= 0.25 * height:
            continue
        found.append(
            padded(
                Box(window.left + chosen[0], window.top + first, window.left + chosen[1], window.top + last), 2, image
            )
        )
    return tuple(found[-2:])


def ink_of(image: Image, window: Box, background: tuple[int, int, int] | None) -> NDArray[np.bool_] | None:
    """Where the window differs from its background; None where it is empty or shows a picture."""
    if window.width < 4 or window.height < 4:
        return None
    channels = cv2.split(image[window.top : window.bottom, window.left : window.right])
    behind = medians(channels)
    if background is not None and max(abs(a - b) for a, b in zip(behind, background, strict=True)) > 30:
        behind = background
    apart = apart_from(channels, behind)
    strongest = float(np.percentile(apart, 99.5))
    if strongest < INK_CONTRAST:
        return None
    ink = apart > max(INK_CONTRAST, 0.4 * strongest)
    return ink if ink.mean() <= MOST_INK else None


def without_edge(ink: NDArray[np.bool_], side: WindowSide, highest: float = math.inf) -> NDArray[np.bool_]:
    """The ink without what touches a side of its window and is lower than `highest` px: the edge, the tail or the
    shadow of the bubble that stands there, or the sender's picture."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8))
    left, top, wide, high, _ = stats.T
    height, width = ink.shape
    at = {"left": left == 0, "top": top == 0, "right": left + wide == width, "bottom": top + high == height}
    touching = at[side]
    kept = ~touching | (high >= highest)
    kept[0] = False
    return np.asarray(kept[labels])


def padded(box: Box, margin: int, image: Image) -> Box:
    """The box with `margin` px more on each side, inside the image."""
    height, width = image.shape[:2]
    return Box(
        max(0, box.left - margin),
        max(0, box.top - margin),
        min(width, box.right + margin),
        min(height, box.bottom + margin),
    )


def usual_pitch(tops: list[int]) -> float:
    """Median distance of the tops of consecutive lines; 0 for fewer than two."""
    return median(b - a for a, b in pairwise(tops)) if len(tops) > 1 else 0.0
