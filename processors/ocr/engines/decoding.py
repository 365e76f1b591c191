"""Frames of log-probabilities to text: the best path of connectionist temporal classification (CTC)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.charset import (
    BLANK,
    FINALS,
    FIRST_OTHER,
    FIRST_SYLLABLE,
    HANGUL,
    INITIALS,
    MEDIALS,
    Charset,
)

NARROW = frozenset("il|.,:;'`!Ij1()[]ㅣ·\"")
NARROW_DISTANCE, USUAL_DISTANCE, SYLLABLE_DISTANCE = 2, 3, 5
"""Frames (2 px at 32 px line height) from one peak to the next of the same character, at least. A peak nearer than
this is the same character seen twice: a syllable is never narrower than 10 px there, an 'l' may be 4."""
SYLLABLE_CODES = 1 << 16
"""Classes from here on are syllables, so that one integer array holds both kinds."""


class Decoded(NamedTuple):
    """Characters in reading order and the natural logarithm of the probability of each."""

    characters: list[str]
    log_probabilities: list[float]


def decode(frames: NDArray[np.float32], lengths: list[int], charset: Charset) -> list[Decoded]:
    """Read `frames` of shape (lines, time, columns), of which the first `lengths[i]` frames belong to line i."""
    head = frames[..., : charset.head_width].copy()
    initials, medials, finals = np.split(frames[..., charset.head_width :], [INITIALS, INITIALS + MEDIALS], axis=-1)
    syllable_score = head[..., HANGUL] + initials.max(-1) + medials.max(-1) + finals.max(-1)
    parts = (initials.argmax(-1) * MEDIALS + medials.argmax(-1)) * FINALS + finals.argmax(-1)
    head[..., HANGUL] = -np.inf
    other_score = head.max(-1)
    classes = np.where(syllable_score > other_score, SYLLABLE_CODES + parts, head.argmax(-1))
    scores = np.maximum(syllable_score, other_score)
    return [
        collapse(classes[line, :length].tolist(), scores[line, :length].tolist(), charset)
        for line, length in enumerate(lengths)
    ]


def collapse(classes: list[int], scores: list[float], charset: Charset) -> Decoded:
    """Join the frames of one line: repeats, and peaks too near to their twin, become one character."""
    characters: list[str] = []
    log_probabilities: list[float] = []
    peak = 0
    previous = BLANK
    for time, (code, score) in enumerate(zip(classes, scores, strict=True)):
        if code != BLANK:
            character = (
                chr(FIRST_SYLLABLE + code - SYLLABLE_CODES)
                if code >= SYLLABLE_CODES
                else charset.others[code - FIRST_OTHER]
            )
            repeated = code == previous
            if repeated or (characters and characters[-1] == character and time - peak < twin_distance(character)):
                if score > log_probabilities[-1]:
                    log_probabilities[-1] = score
                    if repeated:
                        peak = time
            else:
                characters.append(character)
                log_probabilities.append(score)
                peak = time
        previous = code
    return Decoded(characters, log_probabilities)


def twin_distance(character: str) -> int:
    """Frames that must lie between two peaks for them to be two characters."""
    if "가" <= character <= "힣":
        return SYLLABLE_DISTANCE
    return NARROW_DISTANCE if character in NARROW else USUAL_DISTANCE
