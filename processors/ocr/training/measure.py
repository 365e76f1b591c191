"""How well a network reads lines whose text is known."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from processors.ocr.engines.charset import EMOJI_CLASS, UNKNOWN_EMOJI, Charset
from processors.ocr.engines.decoding import decode
from processors.ocr.training.batches import Batch

Run = Callable[[Batch], NDArray[np.float32]]
"""From a batch to log-probabilities of shape (lines, time, columns)."""


class Score(NamedTuple):
    """Errors of characters and lines, blanks apart."""

    distance: int
    characters: int
    wrong: int
    lines: int

    @property
    def character_errors(self) -> float:
        """Levenshtein distance a character of the truth."""
        return self.distance / max(1, self.characters)

    def __add__(self, other: "Score") -> "Score":  # type: ignore[override]
        return Score(*(a + b for a, b in zip(self, other, strict=True)))


def score(run: Run, batches: Iterable[Batch], charset: Charset) -> Score:
    """Reads all batches and compares."""
    total = Score(0, 0, 0, 0)
    for batch in batches:
        for decoded, text in zip(decode(run(batch), batch.frames.tolist(), charset), batch.texts, strict=True):
            total += compare("".join(decoded.characters), text)
    return total


def compare(read: str, text: str) -> Score:
    """One line. Every emoji is one character."""
    read, text = ("".join(each.replace(EMOJI_CLASS, UNKNOWN_EMOJI).split()) for each in (read, text))
    distance = Levenshtein.distance(read, text)
    return Score(distance, len(text), int(distance > 0), 1)
