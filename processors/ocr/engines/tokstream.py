"""Our own recogniser: a 2 M-parameter convolutional network for lines of Korean and plain Latin screen text.

Weights and figures: weights/MODEL_CARD.md. It has no Han, kana or accented Latin; what it answers there is noise.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.charset import Charset, load_charset
from processors.ocr.engines.confidence import line_confidence, tidy_places
from processors.ocr.engines.confusables import settle
from processors.ocr.engines.crops import Plane, Prepared, prepare
from processors.ocr.engines.decoding import Decoded, decode
from processors.ocr.engines.emoji import EmojiNamer
from processors.ocr.engines.emoji_places import find_places, with_names
from processors.ocr.engines.port import Alternative, Image, Recognition
from processors.ocr.engines.sessions import open_session

WEIGHTS = "processors.ocr.engines.weights"
MODEL, CHARSET = "korline.q8.onnx", "charset.json"
BATCH_PIXELS = 4096
"""Columns of one batch, padding included: bounds the memory of a run, and wider batches are no faster on one thread."""


class TokstreamRecogniser:
    """Reads line crops on one thread. One object may be used by one thread at a time; loading takes some 30 ms."""

    name = "tokstream"

    def __init__(self, model: Path | None = None, charset: Path | None = None) -> None:
        """Load the committed weights, or `model` with its `charset`.

        Raises `FileNotFoundError` where a file is missing and `ValueError` where the two do not belong together.
        """
        weights = files(WEIGHTS)
        with as_file(weights / MODEL) as own_model, as_file(weights / CHARSET) as own_charset:
            self.charset: Charset = load_charset(charset or own_charset)
            path = model or own_model
            if not path.is_file():
                raise FileNotFoundError(f"no recogniser weights at {path}")
            self.session = open_session(path)
        self.input_name: str = self.session.get_inputs()[0].name
        columns = self.session.get_outputs()[0].shape[-1]
        if columns != self.charset.columns:
            raise ValueError(f"{path.name} has {columns} columns a frame, its charset {self.charset.columns}")

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        """Read crops of one line each, any size and theme. Crops without a pixel or without text give an empty text."""
        prepared = {
            index: seen
            for index, line in enumerate(lines)
            if (seen := prepare(line, self.charset.height, self.charset.stretch)) is not None
        }
        read: dict[int, Decoded] = {}
        for batch in self.batches({index: self.padded_width(seen.ink) for index, seen in prepared.items()}):
            read.update(zip(batch, self.run([prepared[index].ink for index in batch]), strict=True))
        named = self.name_emoji(lines, prepared, read)
        return [
            recognition(named[index], self.name) if index in named else Recognition("", 0.0, (), self.name)
            for index in range(len(lines))
        ]

    @cached_property
    def namer(self) -> EmojiNamer:
        """What names emoji, loaded with the first of them."""
        return EmojiNamer()

    def name_emoji(
        self, lines: Sequence[Image], prepared: Mapping[int, Prepared], read: Mapping[int, Decoded]
    ) -> dict[int, Decoded]:
        """The lines with their emoji named, all in one batch."""
        found = {
            index: find_places(lines[index], decoded, self.crop_columns(decoded, prepared[index]))
            for index, decoded in read.items()
        }
        squares = [place.square for places in found.values() for place in places]
        if not squares:
            return dict(read)
        names = iter(self.namer.name(squares))
        return {
            index: with_names(read[index], places, [next(names) for _ in places]) for index, places in found.items()
        }

    @cached_property
    def lag(self) -> float:
        """How many columns of its input after the middle of a square character the network says what it is. Training
        leaves it free to choose, so it is measured: on a line of squares."""
        line = np.zeros((self.charset.height, 3 * self.charset.height), np.float32)
        middles = [round((0.6 + 0.9 * number) * self.charset.height) for number in range(3)]
        for middle in middles:
            line[6:27, middle - 10 : middle + 11] = 1.0
            line[8:25, middle - 8 : middle + 9] = 0.0
        (decoded,) = self.run([line])
        peaks = self.input_columns(decoded)
        if len(peaks) != len(middles):
            return 0.0
        return float(np.median(np.subtract(peaks, middles)))

    def input_columns(self, decoded: Decoded) -> list[float]:
        """The columns of the plane at which the characters have their peaks."""
        return [(frame + 0.5) / self.charset.frames_per_pixel - self.charset.pad for frame in decoded.frames]

    def crop_columns(self, decoded: Decoded, seen: Prepared) -> list[float]:
        """Where in the crop (px) the middle of each character is, about."""
        last = len(seen.columns) - 1
        return [
            float(seen.columns[min(max(round(column - self.lag), 0), last)]) for column in self.input_columns(decoded)
        ]

    def run(self, planes: Sequence[Plane]) -> Iterator[Decoded]:
        """One batch through the network. Planes have shape (height, any width)."""
        width = max(self.padded_width(plane) for plane in planes)
        batch = np.zeros((len(planes), 1, self.charset.height, width), np.float32)
        lengths: list[int] = []
        for row, plane in enumerate(planes):
            end = self.charset.pad + plane.shape[1]
            batch[row, 0, :, self.charset.pad : end] = plane
            lengths.append(round(-(-(end + self.charset.pad) // 4) * 4 * self.charset.frames_per_pixel))
        frames: NDArray[np.float32] = self.session.run(None, {self.input_name: batch})[0]
        yield from decode(frames, lengths, self.charset)

    def padded_width(self, plane: Plane) -> int:
        """Columns that a plane takes in a batch of its own."""
        multiple = self.charset.width_multiple
        needed = int(plane.shape[1]) + 2 * self.charset.pad
        return -(-needed // multiple) * multiple

    @staticmethod
    def batches(widths: dict[int, int]) -> Iterator[list[int]]:
        """Group indices by padded width, so that no line pays for a much longer neighbour."""
        batch: list[int] = []
        for index in sorted(widths, key=lambda index: widths[index]):
            wide = batch and widths[index] > 1.2 * widths[batch[0]] + 16
            if batch and (wide or (len(batch) + 1) * widths[index] > BATCH_PIXELS):
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch


def recognition(decoded: Decoded, engine: str) -> Recognition:
    """The line as its text says it: tidied, look-alikes settled, probabilities and alternatives beside their
    characters."""
    text, places = tidy_places(decoded.characters)
    text = settle(text)
    probabilities = tuple(math.exp(decoded.log_probabilities[place]) for place in places)
    alternatives: tuple[tuple[Alternative, ...], ...] = ()
    if decoded.alternatives:
        alternatives = tuple(
            tuple(other for other in decoded.alternatives[place] if other.character != character)
            for character, place in zip(text, places, strict=True)
        )
    confidence = line_confidence(probabilities)
    return Recognition(text, confidence, probabilities, engine, alternatives, decoded.surprise, decoded.omitted)
