"""Flat colours of a screenshot and the planes they fill.

Chat interfaces paint bubbles in flat colours, whatever the theme: so the colours are taken from the image itself, and
every connected area of one colour whose outline is box-like is a possible bubble. Everything here runs on a reduced
copy of the screenshot (see `scale`); `Plane` boxes are pixels of that copy.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.colours import ColourCounts, medians, neighbourhoods
from processors.ocr.components import Component, components, is_behind
from processors.ocr.engines.port import Box, Image

Mask = NDArray[np.uint8]

LEAST_TOLERANCE = 8
MOST_TOLERANCE = 20
"""Bounds of the largest difference in a channel (of 255) within one flat colour. JPEG makes saturated bubbles vary by
20
levels, a light bubble differs from its background by 20: so the tolerance of a colour is a share of its distance from
the more frequent colours."""

TOLERANCE_SHARE = 0.42

CLEAN_SHARE = 0.85
"""Where so many of its pixels are equal, a colour has no noise and needs no tolerance for it."""

LEAST_SHARP = 0.8
WHOLE_SHARP = 0.97
"""From here on a plane is complete; below, it may be one step of a gradient."""

EDGE_STEP = 5
"""Least difference between neighbouring pixels at the edge of a bubble; shades of a wallpaper flow into each other."""

MOST_COLOURS = 20
LEAST_SHARE = 0.0009
"""A colour counts from this share of the image: a bubble of one character has about four times as much."""

MOST_PLANES = 600
"""The largest so many are compared with each other; the fullest of 46 screenshots has 170, a texture thousands."""

FLAT = 0.985
"""A plane of which so much has its colour holds nothing."""

LEAST_SIDE = 13
"""Working pixels: the height of a one-line bubble in the smallest windows seen (274 px wide) is 20."""

SMOOTH_STEP = 3
"""Difference to the next pixel up to which a gradient counts as smooth."""

CALM_STEP = 7
"""The same for the count of colours; JPEG noise passes, the edges of letters do not."""


class FlatColour(NamedTuple):
    """A flat colour (blue, green, red) and how far its pixels may be from it in any channel."""

    value: tuple[int, int, int]
    tolerance: int


class Plane(NamedTuple):
    """One connected area of a flat colour, with its holes filled.

    `box` leaves out tails; `whole` includes them. `fill` is the filled share of `box`. `solid` is the share of the
    filled area that has the colour itself (the rest is text and pictures). `outside` is the share of the ring around it
    that has the same colour: near 1 for a mere outline; `around` is the ring's median colour, None outside the image.
    `sharp` is the share of its outline that is a visible edge. `corners` are the filled shares of the corner patches:
    top left, top right, bottom left, bottom right.
    """

    box: Box
    whole: Box
    colour: tuple[int, int, int]
    fill: float
    solid: float
    outside: float
    around: tuple[int, int, int] | None
    sharp: float
    corners: tuple[float, float, float, float]

    @property
    def contrast(self) -> int:
        """Difference to what is around it, 0 to 255."""
        return 255 if self.around is None else difference(self.colour, self.around)


def steps(image: Image) -> Mask:
    """Largest difference of each pixel to its right and lower neighbours, over the channels."""
    result = np.zeros(image.shape[:2], np.uint8)
    for channel in range(3):
        level = np.ascontiguousarray(image[:, :, channel])
        cv2.max(result[:, :-1], cv2.absdiff(level[:, 1:], level[:, :-1]), dst=result[:, :-1])
        cv2.max(result[:-1], cv2.absdiff(level[1:], level[:-1]), dst=result[:-1])
    return result


def flat_colours(image: Image, step: Mask) -> list[FlatColour]:
    """The flat colours, the most frequent first. Only pixels without a visible step are counted, so photos add few."""
    calm = step <= CALM_STEP
    least = max(40, int(LEAST_SHARE * calm.size))
    pixels = ColourCounts(image, calm)
    if pixels.total < least:
        return []
    # Counted once on 32 levels a channel; each peak is then refined to the median of its pixels.
    strong = np.flatnonzero(pixels.counts >= least // 8)
    together = neighbourhoods(np.where(pixels.counts >= least // 8, pixels.counts, 0))
    centres = np.stack([(strong >> 10) & 31, (strong >> 5) & 31, strong & 31], axis=1) * 8 + 4
    ranked = np.argsort(-pixels.counts[strong])
    ranked = ranked[together[strong[ranked]] >= least]
    cells = pixels.refine(strong[ranked].tolist())
    found: list[FlatColour] = []
    used = np.zeros(len(strong), bool)
    for place in ranked.tolist():
        if len(found) >= MOST_COLOURS:
            break
        if used[place]:
            continue
        cell = cells[int(strong[place])]
        blue, green, red = cell.median()
        value = (int(blue), int(green), int(red))
        distance = min((difference(value, other.value) for other in found), default=255)
        if distance <= 4:
            used[place] = True
            continue
        tolerance = int(min(MOST_TOLERANCE, max(LEAST_TOLERANCE, TOLERANCE_SHARE * distance)))
        if cell.share_near((blue, green, red), 1) > CLEAN_SHARE:
            tolerance = LEAST_TOLERANCE
        found.append(FlatColour(value, tolerance))
        used |= np.abs(centres - np.array(value)).max(axis=1) <= 5
    return found


def difference(a: tuple[int, int, int], b: tuple[int, int, int]) -> int:
    """Largest difference of two colours over the channels."""
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]), abs(a[2] - b[2]))


def near_colour(image: Image, colour: tuple[int, int, int], tolerance: int) -> Mask:
    """255 where every channel is within `tolerance` of `colour`."""
    return near_levels(cv2.split(image), colour, tolerance)


def near_levels(channels: Sequence[cv2.typing.MatLike], colour: tuple[int, int, int], tolerance: int) -> Mask:
    """The same for an image split into channels: three times as fast as `cv2.inRange` of all together."""
    result: Mask | None = None
    for channel, level in zip(channels, colour, strict=True):
        low, high = np.array([[max(0, level - tolerance)], [min(255, level + tolerance)]])
        near = cv2.inRange(channel, low, high)
        result = np.asarray(near if result is None else cv2.bitwise_and(result, near, dst=near), np.uint8)
    if result is None:
        raise ValueError("an image has channels")
    return result


def planes_of(image: Image, edges: Mask, mask: Mask, colour: FlatColour | None) -> list[Plane]:
    """The box-like connected areas of `mask`. Where `colour` is None, each plane gets its own median colour. `edges` is
    the map of `steps`, each pixel the largest of its neighbourhood."""
    width = mask.shape[1]
    all_components = components(mask, LEAST_SIDE)
    # Bubbles of one colour stand 2 px apart: what is around one must not count the other, only the background.
    taken = mask
    for one in all_components:
        if is_behind(one.whole, mask):
            taken = mask.copy() if taken is mask else taken
            taken[one.whole.top : one.whole.bottom, one.whole.left : one.whole.right][one.shape()] = 0
    found: list[Plane] = []
    for one in all_components:
        whole = one.whole
        if min(whole.width, whole.height) < LEAST_SIDE or one.area < 0.25 * whole.width * whole.height:
            continue
        if whole.left <= 0.01 * width and whole.right >= 0.99 * width:
            continue
        plane = measure(image, edges, taken, one, colour)
        if plane is not None:
            found.append(plane)
    return found


def measure(image: Image, edges: Mask, taken: Mask, one: Component, colour: FlatColour | None) -> Plane | None:
    """The plane of a component; None where it is not box-like. `taken` tells what is in any component that is not
    background."""
    rim = 4
    whole = one.whole
    own = one.shape()
    filled = np.zeros((whole.height + 2 * rim, whole.width + 2 * rim), np.uint8)
    filled[rim:-rim, rim:-rim] = own
    contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(filled, contours, -1, (1,), thickness=cv2.FILLED)
    inner = filled[rim:-rim, rim:-rim]
    columns = np.flatnonzero(inner.sum(axis=0, dtype=np.uint32) >= 0.5 * whole.height)
    rows = np.flatnonzero(inner.sum(axis=1, dtype=np.uint32) >= 0.5 * whole.width)
    if len(columns) < LEAST_SIDE or len(rows) < LEAST_SIDE:
        return None
    x0, x1, y0, y1 = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    body = inner[y0:y1, x0:x1]
    fill = share_of(body)
    if fill < 0.74:
        return None
    if colour is None:
        value = middle_colour(image[whole.top : whole.bottom, whole.left : whole.right][own])
        colour = FlatColour(value or (0, 0, 0), LEAST_TOLERANCE)
    patch = max(2, min(8, round(0.2 * min(x1 - x0, y1 - y0))))
    corners = (
        share_of(body[:patch, :patch]),
        share_of(body[:patch, -patch:]),
        share_of(body[-patch:, :patch]),
        share_of(body[-patch:, -patch:]),
    )
    around = ring_around(image, taken, filled, whole, rim)
    return Plane(
        box=Box(whole.left + x0, whole.top + y0, whole.left + x1, whole.top + y1),
        whole=whole,
        colour=colour.value,
        fill=fill,
        solid=one.area / max(1, cv2.countNonZero(filled)),
        outside=share_near(around, colour),
        around=middle_colour(around),
        sharp=sharpness(edges, contours, whole, rim),
        corners=corners,
    )


def share_of(mask: Mask) -> float:
    """The share of a mask that is not 0."""
    return np.count_nonzero(mask) / mask.size


def ring_around(image: Image, taken: Mask, filled: Mask, whole: Box, rim: int) -> Image:
    """The pixels 3 to 4 px outside the filled shape, shape (n, 3); those outside the image, or in another component,
    are left out."""
    wide = cv2.dilate(filled, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    ring = cv2.subtract(wide, cv2.dilate(filled, np.ones((2 * rim - 1, 2 * rim - 1), np.uint8)))
    height, width = image.shape[:2]
    top, left = whole.top - rim, whole.left - rim
    y0, y1 = max(0, top), min(height, whole.bottom + rim)
    x0, x1 = max(0, left), min(width, whole.right + rim)
    used = (ring[y0 - top : y1 - top, x0 - left : x1 - left] > 0) & (taken[y0:y1, x0:x1] == 0)
    return np.asarray(image[y0:y1, x0:x1][used], np.uint8)


def sharpness(edges: Mask, contours: Sequence[cv2.typing.MatLike], whole: Box, rim: int) -> float:
    """Share of the outline, except where it runs along the edge of the image, that lies on a visible edge."""
    points = np.concatenate([contour.reshape(-1, 2) for contour in contours])
    height, width = edges.shape
    x, y = points[:, 0] + whole.left - rim, points[:, 1] + whole.top - rim
    free = (x > 0) & (y > 0) & (x < width - 1) & (y < height - 1)
    if not free.any():
        return 1.0
    return share_of(edges[y[free], x[free]] >= EDGE_STEP)


def share_near(pixels: Image, colour: FlatColour) -> float:
    """Share of `pixels` (n, 3) of the colour; 0 where there are none."""
    if len(pixels) == 0:
        return 0.0
    return share_of(near_colour(pixels[:, None], colour.value, colour.tolerance))


def middle_colour(pixels: Image) -> tuple[int, int, int] | None:
    """Median of `pixels` (n, 3); None where there are none."""
    if len(pixels) == 0:
        return None
    blue, green, red = medians(tuple(pixels.T))
    return int(blue), int(green), int(red)


def find_planes(image: Image) -> list[Plane]:
    """All box-like planes of a (reduced) image, nested ones too."""
    step = steps(image)
    edges = np.asarray(cv2.dilate(step, np.ones((3, 3), np.uint8)), np.uint8)
    found: list[Plane] = []
    channels = cv2.split(image)
    for colour in flat_colours(image, step):
        mask = near_levels(channels, colour.value, colour.tolerance)
        found.extend(planes_of(image, edges, mask, colour))
    found = [plane for plane in found if plane.sharp >= LEAST_SHARP]
    # Bubbles painted with a gradient have no flat colour; they are smooth, and their edges are not.
    rest = np.where(step <= SMOOTH_STEP, np.uint8(255), np.uint8(0))
    for plane in (p for p in found if p.sharp >= WHOLE_SHARP):
        rest[plane.whole.top : plane.whole.bottom, plane.whole.left : plane.whole.right] = 0
    gradients = planes_of(image, edges, rest, None)
    found.extend(plane for plane in gradients if plane.sharp >= LEAST_SHARP)
    return without_twins(found)


def without_twins(planes: list[Plane]) -> list[Plane]:
    """One plane an area: neighbouring colours find the same bubble twice; the larger is kept."""
    kept: list[Plane] = []
    for plane in largest(planes):
        if all(overlap(plane.box, other.box) < 0.8 for other in kept):
            kept.append(plane)
    return kept


def stands_out(plane: Plane) -> bool:
    """Whether a plane is set off from what is around it, and holds something."""
    return plane.outside < 0.5 and plane.contrast > 8 and plane.solid < FLAT


def largest(planes: list[Plane]) -> list[Plane]:
    """The planes that show most of their colour, the largest first, `MOST_PLANES` at most."""
    return sorted(planes, key=lambda p: -p.box.width * p.box.height * p.solid)[:MOST_PLANES]


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    wide = min(a.right, b.right) - max(a.left, b.left)
    high = min(a.bottom, b.bottom) - max(a.top, b.top)
    if wide <= 0 or high <= 0:
        return 0.0
    common = wide * high
    return common / (a.width * a.height + b.width * b.height - common)


def inside(a: Box, b: Box) -> float:
    """Share of `a` that lies in `b`."""
    wide = min(a.right, b.right) - max(a.left, b.left)
    high = min(a.bottom, b.bottom) - max(a.top, b.top)
    return wide * high / max(1, a.width * a.height) if wide > 0 and high > 0 else 0.0
