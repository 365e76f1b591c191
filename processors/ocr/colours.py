"""How often each colour occurs in an image.

Counted once on a grid of 32 levels a channel; the few cells of the grid that matter are then counted by every level.
All further questions (medians, shares) are answered from the counts, so their price does not grow with the image.
"""

import functools
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import Image

CELLS = 1 << 15
LEVELS = 8
"""Levels of a channel in one cell of the grid."""


class ColourCounts:
    """The pixels of `image` (height, width, 3) where `mask` is true, counted by colour.

    A cell is numbered blue << 10 | green << 5 | red, each channel without its three lowest bits. `counts` has one
    number a cell, `total` is their sum.
    """

    def __init__(self, image: Image, mask: NDArray[np.bool_]) -> None:
        self._image = image
        # What the mask leaves out is counted in a cell of its own: cheaper than taking the other pixels out.
        self._cells = np.where(mask, cells_of(image), np.uint16(CELLS))
        self.counts = np.bincount(self._cells.ravel(), minlength=CELLS + 1)[:CELLS]
        self.total = int(self.counts.sum())

    def refine(self, cells: Iterable[int]) -> dict[int, "Cell"]:
        """The given cells by every level."""
        wanted = list(cells)
        place = np.full(CELLS + 1, len(wanted), np.int32)
        place[wanted] = np.arange(len(wanted), dtype=np.int32)
        index = np.take(place, self._cells)
        index <<= 9
        index |= offsets_of(self._image)
        counts = np.bincount(index.ravel(), minlength=(len(wanted) + 1) << 9).reshape(-1, LEVELS, LEVELS, LEVELS)
        return {cell: Cell(origin(cell), counts[number]) for number, cell in enumerate(wanted)}


class Cell:
    """One cell of the grid: `counts` of shape (8, 8, 8) for the levels of blue, green and red from `corner` on."""

    def __init__(self, corner: tuple[int, int, int], counts: NDArray[np.int64]) -> None:
        self.corner = corner
        self.counts = counts
        self.total = int(counts.sum())

    def median(self) -> tuple[float, float, float]:
        """The median of each channel; the mean of the two middle values where their number is even."""
        blue, green, red = (
            first + middle(self.counts.sum(axis=others))
            for first, others in zip(self.corner, ((1, 2), (0, 2), (0, 1)), strict=True)
        )
        return blue, green, red

    def share_near(self, value: tuple[float, float, float], tolerance: float) -> float:
        """Share of the pixels whose every channel is within `tolerance` of `value`."""
        levels = np.arange(LEVELS)
        near = [
            np.flatnonzero(np.abs(first + levels - level) <= tolerance)
            for first, level in zip(self.corner, value, strict=True)
        ]
        return float(self.counts[np.ix_(*near)].sum() / self.total)


def cells_of(image: Image) -> NDArray[np.uint16]:
    """The cell of each pixel, shape (height, width)."""
    # As if red came first: OpenCV packs the channels the other way round.
    packed = cv2.cvtColor(image, cv2.COLOR_RGB2BGR555)
    return np.asarray(packed).view(np.uint16).reshape(image.shape[:2])


def offsets_of(image: Image) -> NDArray[np.uint16]:
    """The place of each pixel within its cell: three bits each of blue, green and red; shape (height, width)."""
    low = image & np.uint8(LEVELS - 1)
    index = low[:, :, 0].astype(np.uint16)
    for channel in (1, 2):
        index <<= 3
        index |= low[:, :, channel]
    return index


def origin(cell: int) -> tuple[int, int, int]:
    """The lowest levels (blue, green, red) of a cell."""
    return (cell >> 10) * LEVELS, (cell >> 5 & 31) * LEVELS, (cell & 31) * LEVELS


def middle(histogram: NDArray[np.int64]) -> float:
    """The median of values 0, 1, 2 … that occur so often."""
    running = np.cumsum(histogram)
    count = int(running[-1])
    below, above = np.searchsorted(running, [(count - 1) // 2, count // 2], side="right")
    return (int(below) + int(above)) / 2


def medians(channels: Sequence[cv2.typing.MatLike]) -> tuple[float, ...]:
    """The median of each channel (uint8, any shape, at least one pixel)."""
    return tuple(middle(np.bincount(np.ravel(channel), minlength=256)) for channel in channels)


def apart_from(channels: Sequence[cv2.typing.MatLike], colour: Sequence[float]) -> NDArray[np.uint8]:
    """The largest difference of each pixel from `colour` (cut to whole levels) over the channels, each of shape
    (height, width)."""
    levels = np.arange(256)
    tables = [np.abs(levels - int(level)).astype(np.uint8) for level in colour]
    differences = [cv2.LUT(channel, table) for channel, table in zip(channels, tables, strict=True)]
    return np.asarray(functools.reduce(cv2.max, differences), np.uint8)


def neighbourhoods(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each cell of the grid the sum of `counts` over it and the 26 cells that touch it; shape as `counts`."""
    sums = counts.reshape(32, 32, 32)
    for axis in range(3):
        moved = np.moveaxis(sums, axis, 0)
        wider = moved.copy()
        wider[1:] += moved[:-1]
        wider[:-1] += moved[1:]
        sums = np.moveaxis(wider, 0, axis)
    return sums.reshape(-1)
