"""Where emoji stand in a line, by colour and by what the line recogniser read, and what the line says once they are
named.

Text is drawn in one colour: every pixel of it lies between that colour and the background's. What lies aside of the
two is part of a picture.
"""

import functools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.charset import UNKNOWN_EMOJI
from processors.ocr.engines.decoding import Decoded
from processors.ocr.engines.emoji import Named, squared
from processors.ocr.engines.port import Box, Image
from processors.ocr.runs import runs

SYMBOLS = frozenset("♡♥★☆✔✓✨❤☎●")
"""Characters with a colour picture of their own."""
INKED = 24
"""Levels from the background from which a pixel is ink."""
ASIDE = 36
"""Levels from the straight line between background and text colour from which a pixel is part of a picture."""
PICTURE_SHARE = 0.15
"""Share of its pixels that lie aside, from which something is a picture whatever was read there."""
LEAST_HEIGHT = 0.5
"""Of the line's ink; lower coloured things are accents, marks and halves of letters."""
NARROWEST, WIDEST = 0.55, 1.5
"""Width of one emoji in units of its height."""
FARTHEST = 0.7
"""From a character's place to the middle of its picture, in units of the picture's width."""
INNER = 0.55
"""A character that stands nearer than this to the middle was read from the picture, not from its neighbour."""
SURE_OF_TEXT = 0.9
"""Mean probability from which characters count as read surely."""
ASKED, ASKED_OF_TEXT = 0.7, 0.85
"""Probability from which a picture is believed where the line recogniser saw none; against what it read surely."""


class Place(NamedTuple):
    """An emoji that may stand in a line: `square` cut out of it, instead of the characters from `start` to `end` of
    what was read. It is one for sure unless `asked` is above 0: then only if it is named with that probability."""

    start: int
    end: int
    square: Image
    asked: float


class Shades(NamedTuple):
    """A crop sorted by colour: booleans of shape (rows, columns) of what is ink, and of what is part of a picture."""

    ink: NDArray[np.bool_]
    picture: NDArray[np.bool_]
    background: tuple[int, int, int]


def shades(crop: Image) -> Shades:
    """The ink of a crop and its pictures. The background is the commonest colour of the rim, the text's that of the
    pixels that are brightest or darkest against it."""
    rim = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    codes = (rim.astype(np.int32) >> 4) @ np.array([256, 16, 1])
    background = np.median(rim[codes == np.bincount(codes).argmax()], axis=0)
    apart = crop.astype(np.float32) - background.astype(np.float32)
    ink = largest(np.abs(apart[:, :, channel]) for channel in range(3)) > INKED
    picture = np.zeros_like(ink)
    if ink.any():
        contrast = np.abs(apart @ np.array([0.114, 0.587, 0.299], np.float32))
        text = np.median(apart[contrast >= np.percentile(contrast[ink], 90)], axis=0)
        # Means of neighbours keep to the straight line as well, and undo the colour that JPEG spreads.
        mean = cv2.blur(apart, (reach_of(crop), reach_of(crop)))
        along = np.clip(mean @ text / max(1.0, float(text @ text)), 0, 1)
        picture = largest(np.abs(mean[:, :, channel] - along * text[channel]) for channel in range(3)) > ASIDE
    blue, green, red = (int(level) for level in background)
    return Shades(ink, picture, (blue, green, red))


def largest(planes: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The largest value of each pixel. `max` over the last axis of a picture takes five times as long."""
    return functools.reduce(np.maximum, planes)


def reach_of(crop: Image) -> int:
    """Pixels over which colours are averaged: odd, about a stroke."""
    return max(3, int(crop.shape[0]) // 8 | 1)


def find_places(crop: Image, decoded: Decoded, columns: Sequence[float]) -> list[Place]:
    """The emoji of a line, from left to right. `columns` says where in the crop (px) each character has its peak."""
    found = shades(crop)
    coloured = pictures(found)
    signs = [at for at, one in enumerate(decoded.characters) if one == UNKNOWN_EMOJI or one in SYMBOLS]
    paired = pairs(signs, coloured, columns)
    places: list[Place] = []
    for at in signs:
        if at in paired:
            box = coloured[paired[at]]
            start, end = with_scraps(at, box, decoded, columns)
            places.append(Place(start, end, squared(crop, box, found.background), 0.0))
        elif decoded.characters[at] == UNKNOWN_EMOJI:
            box = box_around(found, columns[at], bounds(columns, at, crop.shape[1]))
            places.append(Place(at, at + 1, squared(crop, box, found.background), 0.0))
    for box in (box for i, box in enumerate(coloured) if i not in paired.values()):
        start, end = span_of(box, columns)
        if not any(place.start < end and start < place.end for place in places):
            asked = ASKED_OF_TEXT if surely_read(decoded, start, end) else ASKED
            places.append(Place(start, end, squared(crop, box, found.background), asked))
    return sorted(places, key=lambda place: (place.start, place.end))


def pairs(signs: Sequence[int], boxes: Sequence[Box], columns: Sequence[float]) -> dict[int, int]:
    """Which character stands for which picture: the nearest first, each once, none farther than it is wide."""
    apart = sorted(
        (abs(columns[at] - (box.left + box.right) / 2) / box.width, at, number)
        for at in signs
        for number, box in enumerate(boxes)
    )
    found: dict[int, int] = {}
    for distance, at, number in apart:
        if distance < FARTHEST and at not in found and number not in found.values():
            found[at] = number
    return found


def bounds(columns: Sequence[float], at: int, width: int) -> tuple[float, float]:
    """The columns that are nearer to this character's peak than to its neighbours'."""
    left = (columns[at - 1] + columns[at]) / 2 if at else 0.0
    right = (columns[at] + columns[at + 1]) / 2 if at + 1 < len(columns) else float(width)
    return left, right


def pictures(found: Shades) -> list[Box]:
    """Boxes of what has the colours and the shape of emoji, from left to right; rows of emoji are parted."""
    rows = np.flatnonzero(found.ink.any(axis=1))
    if rows.size == 0:
        return []
    height = int(rows[-1] - rows[0]) + 1
    boxes: list[Box] = []
    for left, right in runs(found.picture.sum(axis=0) >= max(2, round(0.1 * height)), 1 + max(1, height // 10)):
        box = inked_box(found, left, right)
        if box is None or box.height < LEAST_HEIGHT * height:
            continue
        count = max(1, round(box.width / (1.12 * box.height)))
        for part in range(count):
            start = box.left + box.width * part // count
            one = inked_box(found, start, box.left + box.width * (part + 1) // count)
            if one is not None and NARROWEST <= one.width / one.height <= WIDEST:
                share = found.picture[one.top : one.bottom, one.left : one.right].mean()
                if share >= PICTURE_SHARE:
                    boxes.append(one)
    return boxes


def inked_box(found: Shades, left: int, right: int) -> Box | None:
    """The box around the ink of these columns; ink that goes on to either side without a gap belongs to it, up to a
    tenth of its height."""
    rows = np.flatnonzero(found.ink[:, left:right].any(axis=1))
    if rows.size == 0:
        return None
    inked = np.asarray(found.ink.any(axis=0))
    reach = max(1, round((rows[-1] - rows[0] + 1) / 10))
    for _ in range(reach):
        if left > 0 and inked[left - 1]:
            left -= 1
        if right < inked.size and inked[right]:
            right += 1
    return Box(left, int(rows[0]), right, int(rows[-1]) + 1)


def box_around(found: Shades, x: float, within: tuple[float, float]) -> Box:
    """The box of an emoji without colours of its own: the ink around its peak, between its neighbours."""
    low, high = max(0, int(within[0])), min(found.ink.shape[1], int(np.ceil(within[1])))
    height = found.ink.shape[0]
    parts = runs(np.asarray(found.ink[:, low:high].any(axis=0)), 1 + max(1, height // 12))
    if not parts:
        return Box(low, 0, max(low + 2, high), height)
    left, right = min(parts, key=lambda part: max(part[0] + low - x, x - part[1] - low, 0.0))
    rows = np.flatnonzero(found.ink[:, low + left : low + right].any(axis=1))
    return Box(low + left, int(rows[0]), low + right, int(rows[-1]) + 1)


def span_of(box: Box, columns: Sequence[float]) -> tuple[int, int]:
    """The characters that were read from a picture, as a half-open range; an empty one where it belongs if none was."""
    middle = (box.left + box.right) / 2
    inside = [at for at, x in enumerate(columns) if abs(x - middle) <= INNER * box.width]
    if not inside:
        at = sum(x < middle for x in columns)
        return at, at
    return inside[0], inside[-1] + 1


def with_scraps(at: int, box: Box, decoded: Decoded, columns: Sequence[float]) -> tuple[int, int]:
    """The character that stands for a picture and the doubtful ones beside it that were read from the same picture."""
    start, end = span_of(box, columns)

    def is_scrap(other: int) -> bool:
        if not start <= other < end or decoded.characters[other] == UNKNOWN_EMOJI:
            return False
        return not decoded.characters[other].isspace() and not surely_read(decoded, other, other + 1)

    first, last = at, at
    while is_scrap(first - 1):
        first -= 1
    while is_scrap(last + 1):
        last += 1
    return first, last + 1


def surely_read(decoded: Decoded, start: int, end: int) -> bool:
    """Whether a stretch of a line holds characters that the line recogniser is sure of."""
    letters = [at for at in range(start, end) if not decoded.characters[at].isspace()]
    return (
        bool(letters) and math.exp(sum(decoded.log_probabilities[at] for at in letters) / len(letters)) >= SURE_OF_TEXT
    )


def with_names(decoded: Decoded, places: Sequence[Place], names: Sequence[Named]) -> Decoded:
    """The line with its emoji named. `names` are the answers to the squares of `places`."""
    characters, scores, frames = list(decoded.characters), list(decoded.log_probabilities), list(decoded.frames)
    others = list(decoded.alternatives)
    for place, named in reversed(list(zip(places, names, strict=True))):
        span = slice(place.start, place.end)
        if named.text == UNKNOWN_EMOJI or named.probability < place.asked:
            continue
        seen = 0.0 if place.asked else max(scores[span])
        score = seen + math.log(named.probability)
        frame = frames[min(place.start, len(frames) - 1)] if frames else 0
        characters[span], scores[span], frames[span] = [named.text], [score], [frame]
        if others:
            others[span] = [()]
    return decoded._replace(characters=characters, log_probabilities=scores, frames=frames, alternatives=tuple(others))
