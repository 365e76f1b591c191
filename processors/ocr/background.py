"""The background of a region, a colour or a gradient, and how far each pixel stands out from it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image

Plane = NDArray[np.uint8]

RIM_SHARE = 0.2
"""Share of height and width on each side that does not vote: however large the region was cut, the rest is bubble."""
VOTERS = 20_000
"""Pixels that vote on the commonest colour; more change nothing."""
FLAT_SHARE = 0.5
"""Share of the votes for one colour from which the background is flat. Text covers a quarter of a bubble at most."""
SEEDS = 5
GENTLEST_EDGE = 4
"""Difference of a channel between neighbours that ends the growth of a gradient."""
LEAST_AREA = 0.18
"""Share of the region that a gradient must cover, letters and surroundings apart."""
PLANE_SAMPLES = 4000
SLOPE, UNEVEN = 8.0, 10.0
"""A channel must change by more than SLOPE over the bubble to be a gradient, and stay within UNEVEN of a plane."""


class Votes(NamedTuple):
    """The commonest colour of a region's centre, its share of the votes, and a few points (column, row): of it, and
    where the share is small of the next colours."""

    colour: NDArray[np.uint8]
    share: float
    points: tuple[tuple[int, int], ...]


def contrast_of(crop: Image) -> Plane:
    """The largest difference of a channel from the background, 0–255, for each pixel of a BGR crop."""
    votes = vote(crop)
    background = None if votes.share > FLAT_SHARE else sloping_background(crop, votes)
    if background is None:
        background = np.broadcast_to(votes.colour, crop.shape)
    blue, green, red = cv2.split(cv2.absdiff(crop, np.ascontiguousarray(background)))
    return np.asarray(cv2.max(cv2.max(blue, green), red), dtype=np.uint8)


def vote(crop: Image) -> Votes:
    """The commonest colour of the centre in steps of 8 a channel, refined to the median of the pixels in its step."""
    height, width = crop.shape[:2]
    top, left = int(RIM_SHARE * height), int(RIM_SHARE * width)
    stride = max(1, int((height * width / VOTERS) ** 0.5))
    middle = crop[top : height - top : stride, left : width - left : stride]
    pixels = middle.reshape(-1, 3)
    steps = pixels.astype(np.int32) >> 3
    keys = (steps[:, 0] << 10) | (steps[:, 1] << 5) | steps[:, 2]
    counts = np.bincount(keys)
    alike = np.flatnonzero(keys == counts.argmax())
    colour = np.median(pixels[alike], axis=0).astype(np.uint8)
    columns = middle.shape[1]
    chosen = alike[np.linspace(0, alike.size - 1, SEEDS).astype(np.intp)].tolist()
    if alike.size <= FLAT_SHARE * keys.size:
        # On a steep gradient the commonest colour may be that of the letters: the next ones are the background's.
        common = np.argsort(counts)[::-1][1 : SEEDS + 1]
        chosen += [int(np.flatnonzero(keys == key)[0]) for key in common if counts[key]]
    points = tuple((left + stride * (point % columns), top + stride * (point // columns)) for point in chosen)
    return Votes(colour, alike.size / keys.size, points)


def sloping_background(crop: Image, votes: Votes) -> Image | None:
    """The background of a bubble with a colour gradient, as a plane a channel; None where it is flat or torn.

    The area is grown from the points of the commonest colours over steps too small to be an edge.
    """
    height, width = crop.shape[:2]
    step = (GENTLEST_EDGE,) * 3
    filled = np.zeros((height + 2, width + 2), np.uint8)
    area, largest = 0, 0
    for number, point in enumerate(votes.points, start=1):
        if filled[point[1] + 1, point[0] + 1]:
            continue
        flags = 4 | cv2.FLOODFILL_MASK_ONLY | number << 8
        grown, *_ = cv2.floodFill(np.ascontiguousarray(crop), filled, point, (0,), step, step, flags)
        if grown > area:
            area, largest = grown, number
    if area < LEAST_AREA * height * width:
        return None
    rows, columns = np.nonzero(filled[1:-1, 1:-1] == largest)
    chosen = np.s_[:: max(1, area // PLANE_SAMPLES)]
    points = np.column_stack((np.ones(rows[chosen].size), columns[chosen], rows[chosen]))
    values = crop[rows[chosen], columns[chosen]].astype(np.float64)
    plane, *_ = np.linalg.lstsq(points, values, rcond=None)
    fitted = points @ plane
    if np.ptp(fitted, axis=0).max() < SLOPE or np.percentile(np.abs(fitted - values).max(axis=1), 95) > UNEVEN:
        return None
    across = plane[1] * np.arange(width)[None, :, None] + plane[2] * np.arange(height)[:, None, None]
    return np.asarray(np.clip(np.rint(plane[0] + across), 0, 255), dtype=np.uint8)
