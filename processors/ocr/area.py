"""Where the conversation is: the rows and columns in which it scrolls.

Status bar, title, input box, keyboard and side lists are bands over the whole width (or height) of the window.
Between two
bands the colour of both margins changes in the same row, which bubbles never do: they leave the margins free.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image

Profile = NDArray[np.float32]

LEAST_STEP = 2.0
"""A margin changes where the colours above and below differ by more than this in a channel; dark themes set the input
box off by three levels. Noise raises it, see `NOISE_SHARE`."""

NOISE_SHARE = 4.0
"""The change must be this many times what the margin varies on either side."""

CHANGED_SHARE = 0.3
"""At least this share of a row changes with the margins; a bubble of the colour of the input box may hide the rest."""

SMALL_STEP = 8.0
FLAT_SHARE = 0.5

REACH = 3
"""Rows that are compared above and below at first."""

LASTING = 9
"""Rows on either side over which the change must last: lines drawn on a wallpaper are thinner."""

SAME_COLOUR = 2.0
"""Bands whose margins differ by no more show the same background: less than what sets an input box off."""

PICTURE_BAND = 0.25
PICTURE_WEIGHT = 0.4
"""A band of at least this share of the window, with this share of the bubbles of the main band, is conversation too."""


class Band(NamedTuple):
    """Rows `top` to `bottom` (half open) between two breaks. `colour` is the median colour of its margins, `flat` the
    share of its rows whose margins have it."""

    top: int
    bottom: int
    colour: tuple[float, float, float]
    flat: float


def margins(image: Image) -> tuple[Profile, Profile, Profile]:
    """Colour of every row at the left margin, at the right margin, and left of a scroll bar; each of shape (height,
    3)."""
    width = image.shape[1]
    strip = max(2, round(0.012 * width))
    inner = max(strip, round(0.955 * width) - strip)
    return (
        image[:, 1 : 1 + strip].mean(axis=1, dtype=np.float32),
        image[:, width - 1 - strip : width - 1].mean(axis=1, dtype=np.float32),
        image[:, inner : inner + strip].mean(axis=1, dtype=np.float32),
    )


def change(profile: Profile) -> NDArray[np.float32]:
    """How much the colour differs between the `REACH` rows above each row and those from it on; shape (height,)."""
    height = len(profile)
    result = np.zeros(height, np.float32)
    if height <= 2 * REACH:
        return result
    sums = np.concatenate([np.zeros((1, 3), np.float32), np.cumsum(profile, axis=0, dtype=np.float64)])
    means = (sums[REACH:] - sums[:-REACH]) / REACH
    result[REACH : height - REACH + 1] = np.abs(means[REACH:] - means[:-REACH]).max(axis=1)
    return result


def breaks(image: Image, changed_share: float = CHANGED_SHARE) -> list[int]:
    """Rows at which a new band starts, in ascending order, without 0. `changed_share` of the row must change there."""
    if image.shape[0] < 4 * REACH or image.shape[1] < 16:
        return []
    left, right, inner = margins(image)
    both = np.minimum(change(left), np.maximum(change(right), change(inner)))
    found: list[int] = []
    for row in np.flatnonzero(both > LEAST_STEP):
        window = both[max(0, row - REACH) : row + REACH + 1]
        if both[row] < window.max() or (found and row - found[-1] <= REACH):
            continue
        if not lasts(left, int(row)) or not (lasts(right, int(row)) or lasts(inner, int(row))):
            continue
        if not crosses(image, int(row), float(both[row]), changed_share):
            continue
        if not (calm_from(left, right, inner, int(row), 1) or calm_from(left, right, inner, int(row), -1)):
            continue
        found.append(int(row))
    return found


def crosses(image: Image, row: int, step: float, changed_share: float) -> bool:
    """Whether the change at `row` goes across: enough of the row changes, a small step everywhere alike, next to
    a row of the colour of its margin: drawings on a wallpaper make small steps too."""
    above = image[max(0, row - REACH) : row].mean(axis=0)
    below = image[row : row + REACH].mean(axis=0)
    strip = max(2, round(0.012 * image.shape[1]))
    margin_above, margin_below = above[1 : 1 + strip].mean(axis=0), below[1 : 1 + strip].mean(axis=0)
    if (np.abs(above - below).max(axis=1) > 0.6 * step).mean() < changed_share:
        return False
    if step < SMALL_STEP:
        alike = np.abs((below - above) - (margin_below - margin_above)).max(axis=1) <= max(1.5, 0.3 * step)
        if alike.mean() < changed_share:
            return False
        return any(
            (np.abs(side - margin).max(axis=1) <= 6).mean() >= FLAT_SHARE
            for side, margin in ((above, margin_above), (below, margin_below))
        )
    return True


def lasts(profile: Profile, row: int) -> bool:
    """Whether the colour of a margin is another one for a while below `row`, by more than it varies on either side."""
    above, below = profile[max(0, row - LASTING) : row - 1], profile[row + 1 : row + LASTING]
    if len(above) < 2 or len(below) < 2:
        return True
    middle_above, middle_below = np.median(above, axis=0), np.median(below, axis=0)
    spread = max(
        float(np.median(np.abs(above - middle_above).max(axis=1))),
        float(np.median(np.abs(below - middle_below).max(axis=1))),
    )
    return float(np.abs(middle_above - middle_below).max()) > max(LEAST_STEP, NOISE_SHARE * spread)


def calm_from(left: Profile, right: Profile, inner: Profile, row: int, direction: int) -> bool:
    """Whether the rows on one side of `row` have one colour in both margins, as title bars and input boxes do."""
    start, stop = (row + 1, row + 11) if direction > 0 else (row - 11, row - 1)
    start, stop = max(0, start), min(len(left), stop)
    if stop - start < 4:
        return True
    a = left[start:stop]
    spread = np.abs(a - np.median(a, axis=0)).max(axis=1)
    if np.median(spread) > 3:
        return False
    return any(np.abs(np.median(a, axis=0) - np.median(b[start:stop], axis=0)).max() <= 10 for b in (right, inner))


def bands(image: Image, rows: list[int]) -> list[Band]:
    """The bands that the breaks `rows` make, from top to bottom."""
    left, _, _ = margins(image)
    edges = [0, *rows, image.shape[0]]
    result = []
    for top, bottom in pairwise(edges):
        part = left[top:bottom]
        middle = np.median(part, axis=0)
        flat = float((np.abs(part - middle).max(axis=1) <= 8).mean())
        result.append(Band(top, bottom, (float(middle[0]), float(middle[1]), float(middle[2])), flat))
    return result


def join(found: list[Band], weights: list[float]) -> tuple[int, int]:
    """First and last row of the conversation: the band with the most weight (area of possible bubbles), and what
    belongs to it on both sides: bands of its colour, also beyond a thin one (a bar that says what is unread)."""
    if not found:
        return 0, 0
    best = max(range(len(found)), key=lambda i: (weights[i], found[i].bottom - found[i].top))
    total = found[-1].bottom
    first = last = best
    for direction in (-1, 1):
        place = best
        while 0 <= place + direction < len(found):
            here, there = found[place], found[place + direction]
            if belongs(found[best], there) and (weights[place + direction] > 0 or here is not found[best]):
                place += direction
            elif (
                there.bottom - there.top >= PICTURE_BAND * total
                and weights[place + direction] >= PICTURE_WEIGHT * weights[best]
            ):
                # No panel is that high and full of bubbles: a picture behind them changes there.
                place += direction
            elif (
                0 <= place + 2 * direction < len(found)
                and there.bottom - there.top < 0.06 * total
                and belongs(found[best], found[place + 2 * direction])
                and weights[place + 2 * direction] > 0
            ):
                place += 2 * direction
            else:
                break
        if direction < 0:
            first = place
        else:
            last = place
    return found[first].top, found[last].bottom


def belongs(main: Band, other: Band) -> bool:
    """Whether two bands show the same background: the same colour, or a picture in both."""
    if main.flat < 0.6:
        return other.flat < 0.6
    return max(abs(a - b) for a, b in zip(main.colour, other.colour, strict=True)) <= SAME_COLOUR
