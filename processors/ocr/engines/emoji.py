"""Names emoji: a small network that sees colours looks where the line recogniser found that an emoji stands.

Weights and figures: weights/EMOJI_CARD.md.
"""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.charset import UNKNOWN_EMOJI
from processors.ocr.engines.port import Box, Image
from processors.ocr.engines.sessions import open_session

WEIGHTS = "processors.ocr.engines.weights"
MODEL, LABELS = "emoji.q8.onnx", "emoji.json"
NAME = "emoji"
"""The engine, for lines that are read by nothing else."""
SIDE = 32
"""Rows and columns of what the network sees."""


class EmojiFile(msgspec.Struct, frozen=True):
    """emoji.json as the training code writes it: the emoji by class (the class after the last is "another one"), and
    the probability below which a name is not believed."""

    labels: list[str]
    threshold: float


class Named(NamedTuple):
    """An emoji as text, or the placeholder, and the probability (0–1) that it is this one."""

    text: str
    probability: float


class EmojiNamer:
    """Names crops of one emoji each, on one thread. One object may be used by one thread at a time."""

    def __init__(self, model: Path | None = None, labels: Path | None = None) -> None:
        """Load the committed weights, or `model` with its `labels`.

        Raises `FileNotFoundError` where a file is missing and `ValueError` where the two do not belong together.
        """
        weights = files(WEIGHTS)
        with as_file(weights / MODEL) as own_model, as_file(weights / LABELS) as own_labels:
            self.file = msgspec.json.decode((labels or own_labels).read_bytes(), type=EmojiFile)
            path = model or own_model
            if not path.is_file():
                raise FileNotFoundError(f"no emoji weights at {path}")
            self.session = open_session(path)
        self.input_name: str = self.session.get_inputs()[0].name
        classes = self.session.get_outputs()[0].shape[-1]
        if classes != len(self.file.labels) + 1:
            raise ValueError(
                f"{path.name} has {classes} classes, its labels {len(self.file.labels)} and one for others"
            )

    def name(self, crops: Sequence[Image]) -> list[Named]:
        """One answer a crop, in the same order. A crop is about square and shows one emoji, any size from 4 px."""
        if not crops:
            return []
        logits: NDArray[np.float32] = self.session.run(None, {self.input_name: network_input(crops)})[0]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        return [self.answer(row) for row in probabilities]

    def answer(self, probabilities: NDArray[np.float32]) -> Named:
        """The emoji of the most probable class, if it is probable enough to be believed."""
        best = int(probabilities.argmax())
        if best < len(self.file.labels) and probabilities[best] >= self.file.threshold:
            return Named(self.file.labels[best], float(probabilities[best]))
        return Named(UNKNOWN_EMOJI, 1.0)


def squared(image: Image, box: Box, background: tuple[int, int, int]) -> Image:
    """A square around the middle of a box, a little larger; what lies outside the image is background."""
    half = max(2.0, 0.53 * max(box.width, box.height))
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    left, top, right, bottom = round(x - half), round(y - half), round(x + half), round(y + half)
    height, width = image.shape[:2]
    part = image[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    padded = cv2.copyMakeBorder(
        part,
        max(0, -top),
        max(0, bottom - height),
        max(0, -left),
        max(0, right - width),
        cv2.BORDER_CONSTANT,
        value=background,
    )
    return np.asarray(padded, np.uint8)


def network_input(crops: Sequence[Image]) -> NDArray[np.float32]:
    """Crops as the network sees them: float32 of shape (crops, 3, 32, 32), blue, green, red from -1 to 1."""
    batch = np.stack([scaled(crop) for crop in crops]).astype(np.float32)
    return np.ascontiguousarray(batch.transpose(0, 3, 1, 2)) / 127.5 - 1.0


def scaled(crop: Image) -> Image:
    """A crop of any size at 32 × 32 px."""
    larger = max(crop.shape[:2]) > SIDE
    size = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA if larger else cv2.INTER_LINEAR)
    return np.asarray(size, dtype=np.uint8)
