"""Frames of log-probabilities to text: the best path of connectionist temporal classification (CTC)."""

import math
from itertools import product
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
from processors.ocr.engines.port import Alternative

NARROW = frozenset("il|.,:;'`!Ij1()[]ㅣ·\"/tfr")
NARROW_DISTANCE, USUAL_DISTANCE, SYLLABLE_DISTANCE = 2, 3, 5
"""Frames (2 px at 32 px line height) from one peak to the next of the same character, at least. A peak nearer than
this is the same character seen twice: a syllable is never narrower than 10 px there, an 'l' may be 4."""
SYLLABLE_CODES = 1 << 16
"""Classes from here on are syllables, so that one integer array holds both kinds."""
CLOSE, MOST_ALTERNATIVES = 0.05, 3
"""Probability from which another character is kept beside the one that was read, and how many are."""


class Decoded(NamedTuple):
    """Characters in reading order, the natural logarithm of the probability of each, and its peak frame.
    `alternatives`, `surprise` and `omitted` as `Recognition` has them."""

    characters: list[str]
    log_probabilities: list[float]
    frames: list[int]
    alternatives: tuple[tuple[Alternative, ...], ...] = ()
    surprise: float = 0.0
    omitted: float = 0.0


def decode(frames: NDArray[np.float32], lengths: list[int], charset: Charset) -> list[Decoded]:
    """Read `frames` of shape (lines, time, columns), of which the first `lengths[i]` frames belong to line i."""
    head = frames[..., : charset.head_width].copy()
    initials, medials, finals = np.split(frames[..., charset.head_width :], [INITIALS, INITIALS + MEDIALS], axis=-1)
    syllable_score = head[..., HANGUL] + initials.max(-1) + medials.max(-1) + finals.max(-1)
    parts = (initials.argmax(-1) * MEDIALS + medials.argmax(-1)) * FINALS + finals.argmax(-1)
    head[..., HANGUL] = -np.inf
    classes, scores = likelier(head, syllable_score, parts)
    blanks = [BLANK, *(FIRST_OTHER + place for place, other in enumerate(charset.others) if other == " ")]
    head[..., blanks] = -np.inf
    letters, letter_scores = likelier(head, syllable_score, parts)
    # Past the end of a line, and where a character was read, none is left out.
    inside = np.arange(classes.shape[1]) < np.array(lengths)[:, None]
    letter_scores[~(np.isin(classes, blanks) & inside)] = -np.inf
    read = [
        collapse(classes[line, :length].tolist(), scores[line, :length].tolist(), charset)
        for line, length in enumerate(lengths)
    ]
    return [
        decoded._replace(
            alternatives=close_characters(decoded, frames[line], charset),
            surprise=-float(scores[line, : lengths[line]].sum()),
            omitted=omitted(decoded, letters[line], letter_scores[line], charset),
        )
        for line, decoded in enumerate(read)
    ]


def likelier(
    head: NDArray[np.float32], syllable_score: NDArray[np.float32], parts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The class of each frame and its log-probability: the best of `head`, or the best syllable."""
    other_score = head.max(-1)
    classes = np.where(syllable_score > other_score, SYLLABLE_CODES + parts, head.argmax(-1))
    return classes, np.maximum(syllable_score, other_score)


def character_of(code: int, charset: Charset) -> str:
    """The character of a class that is none of the two without one."""
    return chr(FIRST_SYLLABLE + code - SYLLABLE_CODES) if code >= SYLLABLE_CODES else charset.others[code - FIRST_OTHER]


def omitted(decoded: Decoded, letters: NDArray[np.int64], scores: NDArray[np.float32], charset: Charset) -> float:
    """The probability of the likeliest character that was nearly read where a blank was, given for each frame the best
    class but for blanks and its log-probability. The slopes of those that were read are none of them."""
    left_out = -math.inf
    for time in np.flatnonzero(scores > math.log(CLOSE)).tolist():
        character = character_of(int(letters[time]), charset)
        if not any(
            character == read and abs(time - peak) <= twin_distance(character)
            for read, peak in zip(decoded.characters, decoded.frames, strict=True)
        ):
            left_out = max(left_out, float(scores[time]))
    return math.exp(left_out)


def collapse(classes: list[int], scores: list[float], charset: Charset) -> Decoded:
    """Join the frames of one line: repeats, and peaks too near to their twin, become one character."""
    characters: list[str] = []
    log_probabilities: list[float] = []
    frames: list[int] = []
    peak = 0
    previous = BLANK
    for time, (code, score) in enumerate(zip(classes, scores, strict=True)):
        if code != BLANK:
            character = character_of(code, charset)
            repeated = code == previous
            if repeated or (characters and characters[-1] == character and time - peak < twin_distance(character)):
                if score > log_probabilities[-1]:
                    log_probabilities[-1] = score
                    frames[-1] = time
                    if repeated:
                        peak = time
            else:
                characters.append(character)
                log_probabilities.append(score)
                frames.append(time)
                peak = time
        previous = code
    return Decoded(characters, log_probabilities, frames)


def close_characters(
    decoded: Decoded, frames: NDArray[np.float32], charset: Charset
) -> tuple[tuple[Alternative, ...], ...]:
    """For each character what else it may be, told at its peak; empty where no character has an alternative."""
    doubtful = [math.exp(score) <= 1 - CLOSE for score in decoded.log_probabilities]
    found = tuple(
        close_to(character, frames[time], charset) if doubt else ()
        for character, time, doubt in zip(decoded.characters, decoded.frames, doubtful, strict=True)
    )
    return found if any(found) else ()


def close_to(character: str, frame: NDArray[np.float32], charset: Charset) -> tuple[Alternative, ...]:
    """What else than `character` one frame of shape (columns,) may show, the likeliest first. Blanks are left out."""
    floor = math.log(CLOSE)
    found = [
        (charset.others[code - FIRST_OTHER], float(frame[code]))
        for code in np.flatnonzero(frame[: charset.head_width] >= floor)
        if code >= FIRST_OTHER
    ]
    if frame[HANGUL] >= floor:
        heads = np.split(frame[charset.head_width :], [INITIALS, INITIALS + MEDIALS])
        # A syllable is no likelier than the least likely of its parts.
        parts = [np.flatnonzero(head >= floor) for head in heads]
        for initial, medial, final in product(*parts):
            score = frame[HANGUL] + heads[0][initial] + heads[1][medial] + heads[2][final]
            found.append((chr(FIRST_SYLLABLE + int((initial * MEDIALS + medial) * FINALS + final)), float(score)))
    close = sorted(
        (
            Alternative(other, round(math.exp(score), 3))
            for other, score in found
            if score >= floor and other != character and not other.isspace()
        ),
        key=lambda alternative: -alternative.probability,
    )
    return tuple(close[:MOST_ALTERNATIVES])


def twin_distance(character: str) -> int:
    """Frames that must lie between two peaks for them to be two characters."""
    if "가" <= character <= "힣":
        return SYLLABLE_DISTANCE
    return NARROW_DISTANCE if character in NARROW else USUAL_DISTANCE
