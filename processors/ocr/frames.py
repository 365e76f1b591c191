"""Rectangles that straight edges draw, whatever is inside or around them: photos and painted bubbles on a picture.

Planes need a flat colour and blobs a flat background. Where a photo stands on a wallpaper there is neither, but its
four sides are still straight.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Box, Image
from processors.ocr.planes import Mask, inside, overlap
from processors.ocr.runs import runs

EDGE = 9
"""Least difference (of 255) across an edge."""

LEAST_RUN = 16
"""Working pixels: shorter straight runs are letters and drawings."""

LEAST_HEIGHT = 36
LEAST_WIDTH = 44

MOST_RADIUS = 25
"""Working pixels: corners are rounded by up to 18 points."""

SUPPORT = 0.8
MEAN_SUPPORT = 0.88
"""Share of a side, without its corners, that must be an edge; and the same for all four together."""

LEAST_GAP = 2
MOST_GAP = 5
"""Rows without an edge on either side: two bubbles of one width, one under the other, are no rectangle. Few rows count
only between level edges."""

MOST_RUNS = 160
MOST_PAIRS = 4000
"""So many straight runs a direction, and so many pairs of them, are looked at, the longest and largest first."""

MOST_LEVELS = 8
"""Level edges that are tried for the top and for the bottom, the nearest first."""

MOST_RECTANGLES = 24_000
"""So many rectangles are tried in all. The busiest of 46 screenshots needs 20 000; spreadsheets and textures, where any
two lines cross, would take seconds."""

WIDEST = 0.985

BEYOND = 12
MOST_CONTINUED = 1
"""How many of the eight ends of the sides may go on for `BEYOND` px: the free space between bubbles has their edges for
its sides, and those go on."""
GOES_ON = 0.7
"""Share of what lies beyond that is an edge."""

HOLLOW = 6
"""Largest difference of a channel between the inside and the outside of a mere line."""

PAINT_TOLERANCE = 16
PAINTED_RIM = 0.85
PAINTED_INSIDE = 0.5
"""Shares of the rim and of the inside of a painted bubble that are near its colour."""


class Run(NamedTuple):
    """A straight edge: its place across, and where it starts and stops along."""

    place: int
    start: int
    stop: int


class Frame(NamedTuple):
    """A rectangle and the share of its sides that are edges."""

    box: Box
    support: float


def edge_masks(image: Image) -> tuple[Mask, Mask]:
    """1 where neighbours to the left and right differ, as a line one or two pixels wide, and the same for neighbours
    above and below; each of shape (height, width)."""
    upright, flat = np.zeros((2, *image.shape[:2]), np.uint8)
    for level in cv2.split(image):
        cv2.max(upright[:, 1:-1], cv2.absdiff(level[:, 2:], level[:, :-2]), dst=upright[:, 1:-1])
        cv2.max(flat[1:-1], cv2.absdiff(level[2:], level[:-2]), dst=flat[1:-1])
    return crests(upright, (1, 3)), crests(flat, (3, 1))


def crests(step: Mask, window: tuple[int, int]) -> Mask:
    """1 where a step is an edge and the largest of the window (rows, columns) around it."""
    largest = cv2.dilate(step, np.ones(window, np.uint8))
    return np.asarray((step >= EDGE) & (step == largest)).view(np.uint8)


def straight_runs(mask: Mask) -> list[Run]:
    """The straight vertical edges in a mask of edges, the longest first."""
    wide = cv2.dilate(mask, np.ones((1, 3), np.uint8))
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((5, 1), np.uint8))
    lines = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((LEAST_RUN, 1), np.uint8))
    found = []
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(lines, np.uint8), connectivity=4)
    for left, top, wide_px, high, _ in stats[1:].tolist():
        if wide_px <= 3:
            found.append(Run(left + wide_px // 2, top, top + high))
        else:
            # Texture: several edges side by side; each column that carries one along is an edge of its own.
            part = lines[top : top + high, left : left + wide_px].sum(axis=0)
            for column in np.flatnonzero(part >= max(LEAST_RUN, 0.6 * part.max()))[:4]:
                found.append(Run(left + int(column), top, top + high))
    return sorted(found, key=lambda run: run.start - run.stop)[:MOST_RUNS]


class Bounds(NamedTuple):
    """Many pairs of upright edges: the places of both, and from where to where they go together; each of shape (n,)."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    top: NDArray[np.int32]
    bottom: NDArray[np.int32]


class Edges:
    """The edges of an image in both directions, for asking how much of a side is one."""

    def __init__(self, image: Image) -> None:
        self.upright, self.flat = edge_masks(image)
        near = cv2.dilate(self.upright, np.ones((1, 5), np.uint8))
        self.beside = np.asarray(near, np.uint8)
        self.above = np.asarray(cv2.dilate(self.flat, np.ones((5, 1), np.uint8)), np.uint8)
        # Thousands of sides are asked for: sums make an answer of four look-ups.
        self._beside_sums = np.asarray(cv2.integral(self.beside), np.int32)
        self._above_sums = np.asarray(cv2.integral(self.above), np.int32)
        self._upright_sums = np.asarray(cv2.integral(cv2.dilate(self.upright, np.ones((1, 3), np.uint8))), np.int32)
        self._flat_sums = np.asarray(cv2.integral(cv2.dilate(self.flat, np.ones((3, 1), np.uint8))), np.int32)
        self.height = len(self.upright)

    def sides(self, box: Box) -> tuple[float, ...]:
        """Share of the left, top, right and bottom side, without the corners, that is an edge. Sides along the border
        of the image are left out: what is cut has no edge there."""
        height, width = self.upright.shape
        rows, columns = straight_parts(box)
        found = []
        if box.left > 1:
            found.append(share(self._beside_sums, rows, slice(box.left, box.left + 1)))
        if box.top > 1:
            found.append(self.level_share(box.top, columns))
        if box.right < width - 1:
            found.append(share(self._beside_sums, rows, slice(box.right - 1, box.right)))
        if box.bottom < height - 1:
            found.append(self.level_share(box.bottom - 1, columns))
        return tuple(found)

    def closable(self, pairs: Bounds, level: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of many pairs of upright edges, which have a drawn level edge near both ends: as `closed_by` asks of one,
        and all at once. `level` has a row (place, start, stop) for each level edge."""
        places, starts, stops = level.T
        wide = pairs.right - pairs.left
        radius = np.minimum(MOST_RADIUS, (wide + 1) // 4)
        left, right = pairs.left + radius, pairs.right + 1 - radius
        sums = (self._above_sums[places + 1] - self._above_sums[places]).T
        drawn = (sums[right] - sums[left]) / (right - left)[:, None] >= SUPPORT
        common = np.minimum(stops, pairs.right[:, None]) - np.maximum(starts, pairs.left[:, None])
        across = common >= 0.5 * wide[:, None]
        above, below = places - pairs.top[:, None], places - pairs.bottom[:, None]
        tops = (above >= -MOST_RADIUS - 3) & (above <= MOST_RADIUS) & (drawn | (places <= 1)) & across
        bottoms = (below >= -MOST_RADIUS) & (below <= MOST_RADIUS + 3) & (drawn | (places >= self.height - 2)) & across
        return np.asarray(tops.any(axis=1) & bottoms.any(axis=1))

    def level_share(self, row: int, columns: slice) -> float:
        """Share of these columns that is a level edge at `row`."""
        return share(self._above_sums, slice(row, row + 1), columns)

    def drawn(self, box: Box) -> float:
        """Mean of the shares of its sides that are edges; 0 for what the border cuts on all sides."""
        found = self.sides(box)
        return sum(found) / len(found) if found else 0.0

    def is_whole(self, box: Box) -> bool:
        """Whether a box is one rectangle: its sides are edges without a break."""
        return self.drawn(box) >= MEAN_SUPPORT and not self.broken(box)

    def broken(self, box: Box) -> bool:
        """Whether both upright sides are interrupted at one height, for long or between level edges: two bubbles."""
        rows, columns = straight_parts(box)
        used = self.beside[rows, box.left] | self.beside[rows, box.right - 1]
        for start, stop in runs(used == 0, gap=1):
            if stop - start > MOST_GAP:
                return True
            if stop - start >= LEAST_GAP:
                first, last = rows.start + start, rows.start + stop
                before = self.above[max(0, first - MOST_RADIUS // 2) : first + 2, columns].mean(axis=1).max()
                after = self.above[last - 2 : last + MOST_RADIUS // 2, columns].mean(axis=1).max()
                if min(before, after) >= SUPPORT:
                    return True
        return False

    def continued(self, box: Box) -> int:
        """How many of the eight ends of the sides go on beyond the corners."""
        height, width = self.upright.shape
        count = 0
        for rows in beyond(box.top, box.bottom, height):
            count += sum(share(self._upright_sums, rows, slice(x, x + 1)) > GOES_ON for x in (box.left, box.right - 1))
        for columns in beyond(box.left, box.right, width):
            count += sum(share(self._flat_sums, slice(y, y + 1), columns) > GOES_ON for y in (box.top, box.bottom - 1))
        return count


def beyond(start: int, stop: int, size: int) -> list[slice]:
    """What lies just before and just after a side, as far as the image (of this size) shows half of it."""
    ends = [(max(0, start - 3 - BEYOND), start - 3), (stop + 3, min(size, stop + 3 + BEYOND))]
    return [slice(first, last) for first, last in ends if last - first >= BEYOND // 2]


def share(sums: NDArray[np.int32], rows: slice, columns: slice) -> float:
    """The mean of a part of a mask of 0 and 1, from its summed-area table."""
    top, bottom, left, right = rows.start, rows.stop, columns.start, columns.stop
    total = sums.item(bottom, right) - sums.item(top, right) - sums.item(bottom, left) + sums.item(top, left)
    return float(total / max(1, (bottom - top) * (right - left)))


def straight_parts(box: Box) -> tuple[slice, slice]:
    """The rows and columns of a box between its rounded corners."""
    radius_y, radius_x = min(MOST_RADIUS, box.height // 4), min(MOST_RADIUS, box.width // 4)
    return slice(box.top + radius_y, box.bottom - radius_y), slice(box.left + radius_x, box.right - radius_x)


def find_frames(edges: Edges) -> list[Frame]:
    """The rectangles of a (reduced) image that lie in no other, the largest first; boxes half open."""
    upright = straight_runs(edges.upright)
    level = sorted(straight_runs(np.ascontiguousarray(edges.flat.T)))
    found: list[Frame] = []
    tried = 0
    for first, second in pairs(edges, upright, level):
        # What lies in a rectangle is a picture's own affair.
        middle = (max(first.start, second.start) + min(first.stop, second.stop)) // 2
        if any(
            f.box.left - 2 <= first.place and second.place <= f.box.right + 2 and f.box.top < middle < f.box.bottom
            for f in found
        ):
            continue
        tops, bottoms = ends(edges, level, first, second)
        tried += len(tops) * len(bottoms)
        if tried > MOST_RECTANGLES:
            break
        frame = closed_by(edges, first, second, tops, bottoms)
        if frame is not None:
            found.append(frame)
    return outermost(found)


def pairs(edges: Edges, upright: list[Run], level: list[Run]) -> list[tuple[Run, Run]]:
    """Left and right sides that may belong together, those of the largest rectangles first."""
    if len(upright) < 2 or not level:
        return []
    width = edges.upright.shape[1]
    places, starts, stops = np.array(upright, np.int32).T
    apart = places[None, :] - places[:, None]
    common = np.minimum(stops[None, :], stops[:, None]) - np.maximum(starts[None, :], starts[:, None])
    union = np.maximum(stops[None, :], stops[:, None]) - np.minimum(starts[None, :], starts[:, None])
    length = stops - starts
    fits = (apart >= LEAST_WIDTH) & (apart <= WIDEST * width)
    fits &= common >= 0.5 * np.minimum(length[None, :], length[:, None])
    left, right = np.nonzero(fits)
    area = (apart * union)[left, right]
    order = np.argsort(-area)[:MOST_PAIRS]
    left, right = left[order], right[order]
    bounds = Bounds(
        places[left], places[right], np.minimum(starts[left], starts[right]), np.maximum(stops[left], stops[right])
    )
    closable = edges.closable(bounds, np.array(level, np.int32))
    return [(upright[i], upright[j]) for i, j in zip(left[closable], right[closable], strict=True)]


def crossing(level: list[Run], first: Run, second: Run, start: int, stop: int) -> list[int]:
    """The places from `start` to `stop` of level edges (ascending) that span half of the way between two upright
    ones."""
    least = 0.5 * (second.place - first.place)
    chosen = level[bisect_left(level, start, key=place_of) : bisect_right(level, stop, key=place_of)]
    return sorted({r.place for r in chosen if min(r.stop, second.place) - max(r.start, first.place) >= least})


def place_of(run: Run) -> int:
    """The key that level edges are sorted by."""
    return run.place


def ends(edges: Edges, level: list[Run], first: Run, second: Run) -> tuple[list[int], list[int]]:
    """The rows of drawn level edges next to the upper and the lower ends of two upright ones, the likeliest first;
    `level` in ascending order."""
    start, stop = min(first.start, second.start), max(first.stop, second.stop)
    # Most pairs of upright edges have no drawn level one at an end: that is told before any rectangle is tried.
    _, columns = straight_parts(Box(first.place, start, second.place + 1, stop))
    tops = crossing(level, first, second, start - MOST_RADIUS - 3, start + MOST_RADIUS)
    # The level edge just beyond the end of the upright ones is theirs; further out begins the next bubble.
    tops = sorted(tops, key=lambda p: (p > start + 2, abs(p - start)))[:MOST_LEVELS]
    tops = [p for p in tops if p <= 1 or edges.level_share(p, columns) >= SUPPORT]
    if not tops:
        return [], []
    bottoms = crossing(level, first, second, stop - MOST_RADIUS, stop + MOST_RADIUS + 3)
    bottoms = sorted(bottoms, key=lambda p: (p < stop - 2, abs(p - stop)))[:MOST_LEVELS]
    return tops, [p for p in bottoms if p >= edges.height - 2 or edges.level_share(p, columns) >= SUPPORT]


def closed_by(edges: Edges, first: Run, second: Run, tops: list[int], bottoms: list[int]) -> Frame | None:
    """The rectangle that two upright edges make with the level edges at these rows."""
    best: Frame | None = None
    for top in tops:
        for bottom in bottoms:
            box = Box(first.place, top, second.place + 1, bottom + 1)
            if box.height < LEAST_HEIGHT:
                continue
            support = edges.sides(box)
            mean = sum(support) / max(1, len(support))
            if not support or min(support) < SUPPORT or mean < MEAN_SUPPORT:
                continue
            if best is not None and mean <= best.support + 0.02:
                continue
            if not edges.broken(box) and edges.continued(box) <= MOST_CONTINUED:
                best = Frame(box, mean)
    return best


def outermost(frames: list[Frame]) -> list[Frame]:
    """The frames that lie in no other; of those that are nearly the same, the best."""
    kept: list[Frame] = []
    for frame in sorted(frames, key=lambda f: -f.box.width * f.box.height):
        twin = next((i for i, other in enumerate(kept) if overlap(frame.box, other.box) >= 0.85), None)
        if twin is not None:
            if frame.support > kept[twin].support + 0.02:
                kept[twin] = frame
        elif all(inside(frame.box, other.box) < 0.8 for other in kept):
            kept.append(frame)
    return kept


def is_painted(image: Image, box: Box) -> bool:
    """Whether a rectangle is a bubble painted with a colour that changes slowly, rather than a photo: one plane in
    each channel fits what lies along its sides, and most of its inside."""
    part = image[box.top : box.bottom, box.left : box.right].astype(np.float32)
    height, width = part.shape[:2]
    inset = 6
    radius = min(MOST_RADIUS, height // 4)
    rows, columns = np.arange(radius, height - radius), np.arange(radius, width - radius)
    y = np.concatenate([rows, rows, np.full(len(columns), inset), np.full(len(columns), height - 1 - inset)])
    x = np.concatenate([np.full(len(rows), inset), np.full(len(rows), width - 1 - inset), columns, columns])
    values = part[y, x]
    points = np.column_stack([np.ones(len(y)), x, y]).astype(np.float32)
    plane, *_ = np.linalg.lstsq(points, values, rcond=None)
    # Letters that reach the rim pull the plane; without them it fits again.
    apart = np.abs(values - points @ plane).max(axis=1)
    calm = apart <= max(PAINT_TOLERANCE, float(np.median(apart)))
    plane, *_ = np.linalg.lstsq(points[calm], values[calm], rcond=None)
    if (np.abs(values - points @ plane).max(axis=1) <= PAINT_TOLERANCE).mean() < PAINTED_RIM:
        return False
    fitted = plane[0] + np.arange(width)[None, :, None] * plane[1] + np.arange(height)[:, None, None] * plane[2]
    return bool((np.abs(part - fitted).max(axis=2) <= PAINT_TOLERANCE).mean() >= PAINTED_INSIDE)


def is_hollow(image: Image, box: Box) -> bool:
    """Whether a rectangle is a mere line: what is within its sides has the colour of what is around them."""
    height, width = image.shape[:2]
    rows, columns = straight_parts(box)
    pieces = []
    for offset in (-6, 6):
        places_x = [x for x in (box.left + offset, box.right - 1 - offset) if 0 <= x < width]
        places_y = [y for y in (box.top + offset, box.bottom - 1 - offset) if 0 <= y < height]
        lines = [image[rows, x] for x in places_x] + [image[y, columns] for y in places_y]
        if not lines:
            return False
        pieces.append(np.median(np.concatenate(lines), axis=0))
    return bool(np.abs(pieces[0] - pieces[1]).max() <= HOLLOW)
