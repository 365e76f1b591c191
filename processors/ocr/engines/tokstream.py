"""Our own recogniser: a 2 M-parameter convolutional network for lines of Korean and plain Latin screen text.

Weights and figures: weights/MODEL_CARD.md. It has no Han, kana or accented Latin; what it answers there is noise.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.charset import Charset, load_charset
from processors.ocr.engines.confidence import line_confidence, tidy
from processors.ocr.engines.confusables import settle
from processors.ocr.engines.crops import Plane, prepare
from processors.ocr.engines.decoding import decode
from processors.ocr.engines.port import Image, Recognition
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
        prepared = (prepare(line, self.charset.height, self.charset.stretch) for line in lines)
        planes = {index: plane for index, plane in enumerate(prepared) if plane is not None}
        answers = [Recognition("", 0.0, (), self.name) for _ in lines]
        for batch in self.batches({index: self.padded_width(plane) for index, plane in planes.items()}):
            for index, answer in zip(batch, self.run([planes[index] for index in batch]), strict=True):
                answers[index] = answer
        return answers

    def run(self, planes: Sequence[Plane]) -> Iterator[Recognition]:
        """One batch through the network. Planes have shape (height, any width)."""
        width = max(self.padded_width(plane) for plane in planes)
        batch = np.zeros((len(planes), 1, self.charset.height, width), np.float32)
        lengths: list[int] = []
        for row, plane in enumerate(planes):
            end = self.charset.pad + plane.shape[1]
            batch[row, 0, :, self.charset.pad : end] = plane
            lengths.append(round(-(-(end + self.charset.pad) // 4) * 4 * self.charset.frames_per_pixel))
        frames: NDArray[np.float32] = self.session.run(None, {self.input_name: batch})[0]
        for decoded in decode(frames, lengths, self.charset):
            text, probabilities = tidy(decoded.characters, np.exp(decoded.log_probabilities).tolist())
            yield Recognition(settle(text), line_confidence(probabilities), probabilities, self.name)

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
