"""Lines to batches of one padded width, with the small changes that make each look at a line another one."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from processors.ocr.training.alphabet import Alphabet
from processors.ocr.training.rendering import decode
from processors.ocr.training.shards import Line

BATCH_COLUMNS = 10_000
"""Columns of one batch, padding included: some 55 lines of the usual length."""
MOST_LINES = 96
STEADY_COLUMNS = 96_000
STEADY_WIDTHS = 64
"""A GPU learns from larger batches, all those of one width of one number of lines: it sets itself up for each shape."""
CHUNK = 2048
"""Lines that are sorted by width together: batches of like widths, yet of mixed texts and looks."""


class Batch(NamedTuple):
    """What `line_losses` needs, and the texts. `pixels` has shape (lines, 1, 32, width)."""

    pixels: Tensor
    parts: Tensor
    symbols: Tensor
    frames: Tensor
    lengths: Tensor
    texts: tuple[str, ...]

    def pinned(self) -> "Batch":
        """The same where a GPU fetches it from without waiting."""
        return self._replace(
            pixels=self.pixels.pin_memory(), parts=self.parts.pin_memory(), symbols=self.symbols.pin_memory()
        )


class _Look(NamedTuple):
    """A line as it is seen once: its pixels, the columns of the batch they take, its text."""

    plane: NDArray[np.float32]
    start: int
    end: int
    text: str


class Batcher:
    """Makes batches. Lines are changed a little each time unless they are not `stirred`; without `rng`, for measuring,
    they also keep their order."""

    def __init__(self, alphabet: Alphabet, rng: random.Random | None, *, stirred: bool = True) -> None:
        self.alphabet = alphabet
        self.charset = alphabet.charset
        self._order = rng
        self._random = rng if stirred else None

    def batches(self, lines: Sequence[Line]) -> Iterator[Batch]:
        """All lines once."""
        groups = [
            group
            for start in range(0, len(lines), CHUNK)
            for group in self._groups(sorted(lines[start : start + CHUNK], key=lambda line: line.pixels.shape[1]))
        ]
        if self._order is not None:
            self._order.shuffle(groups)
        for group in groups:
            yield self._joined([self._look(line) for line in group], self.charset.width_multiple)

    def steady(self, lines: Iterable[Line], columns: int = STEADY_COLUMNS) -> Iterator[Batch]:
        """The lines in batches of few shapes, of so many columns, each as soon as it is full; what fills none is left
        out. Pixels are float16: they travel between processes and to the GPU."""
        waiting: dict[int, list[_Look]] = defaultdict(list)
        for line in lines:
            look = self._look(line)
            width = -(-(look.end + self.charset.pad) // STEADY_WIDTHS) * STEADY_WIDTHS
            waiting[width].append(look)
            if len(waiting[width]) >= columns // width:
                batch = self._joined(waiting.pop(width), STEADY_WIDTHS)
                yield batch._replace(pixels=batch.pixels.half())

    def _groups(self, ordered: Sequence[Line]) -> Iterator[list[Line]]:
        group: list[Line] = []
        for line in ordered:
            width = line.pixels.shape[1] * self.charset.stretch + 16
            if group and (len(group) == MOST_LINES or (len(group) + 1) * width > BATCH_COLUMNS):
                yield group
                group = []
            group.append(line)
        if group:
            yield group

    def _look(self, line: Line) -> _Look:
        plane = self._plane(line)
        start = self.charset.pad if self._random is None else self._random.randint(1, 7)
        return _Look(plane, start, start + plane.shape[1], line.text)

    def _joined(self, looks: Sequence[_Look], multiple: int) -> Batch:
        """Of a width that is a multiple of so many columns."""
        width = -(-(max(look.end for look in looks) + self.charset.pad) // multiple) * multiple
        pixels = np.zeros((len(looks), 1, self.charset.height, width), np.float32)
        for row, look in enumerate(looks):
            pixels[row, 0, :, look.start : look.end] = look.plane
        classes = [self.alphabet.classes(look.text) for look in looks]
        longest = max(len(each.text) for each in classes)
        parts = np.zeros((len(looks), longest, 4), np.int64)
        symbols = np.zeros((len(looks), longest), np.int64)
        for row, each in enumerate(classes):
            parts[row, : len(each.text)] = each.parts
            first = {character: index for index, character in reversed(list(enumerate(each.text, 1)))}
            symbols[row, : len(each.text)] = [first[character] for character in each.text]
        frames = [round(-(-(each.end + self.charset.pad) // 4) * 4 * self.charset.frames_per_pixel) for each in looks]
        return Batch(
            torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last),
            torch.from_numpy(parts),
            torch.from_numpy(symbols),
            torch.tensor(frames),
            torch.tensor([len(each.text) for each in classes]),
            tuple(each.text for each in classes),
        )

    def _plane(self, line: Line) -> NDArray[np.float32]:
        """The line as `crops.prepare` would give it; in training a little narrower or wider, higher or lower, fainter
        or stronger."""
        draw = self._random
        ink = decode(line.pixels)
        stretch = self.charset.stretch * (1 if draw is None else draw.uniform(0.86, 1.12))
        width = max(8, round(ink.shape[1] * stretch))
        interpolation = cv2.INTER_AREA if width < ink.shape[1] else cv2.INTER_LINEAR
        ink = cv2.resize(ink, (width, self.charset.height), interpolation=interpolation).astype(np.float32)
        if draw is not None:
            if draw.random() < 0.3:
                ink = self._moved(ink)
            if draw.random() < 0.5:
                ink *= draw.uniform(0.85, 1.15)
            if draw.random() < 0.1:
                ink += np.random.default_rng(draw.randrange(2**32)).normal(0, 0.04, ink.shape).astype(np.float32)
        return np.asarray(ink, np.float32)

    def _moved(self, ink: NDArray[np.float32]) -> NDArray[np.float32]:
        """Moved and scaled by a pixel or two in height: line finders cut a little above or below."""
        if self._random is None:
            return ink
        scale, middle = self._random.uniform(0.94, 1.05), ink.shape[0] / 2
        shift = self._random.uniform(-1.2, 1.2)
        matrix = np.array([[1, 0, 0], [0, scale, middle * (1 - scale) + shift]], np.float32)
        size = (ink.shape[1], ink.shape[0])
        moved = cv2.warpAffine(ink, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)
