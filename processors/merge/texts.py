"""How much of one screenshot's conversation another one repeats, told by the texts alone.

Two bubbles that are one message read the same up to errors of the reader; two different messages may read the same
as well,
ㅋㅋㅋ and 네 often do. So each pair of bubbles is given evidence, the natural logarithm of how much likelier the two
readings
are if they are one message than if they are two: long texts prove much, short ones little, errors and another
speaker speak
against. A semi-global alignment (either list may hang over at either end, bubbles may be missing on either side)
adds it up,
and the sum over all alignments tells how sure the best one is: where a list of equal messages fits in several
ways, none of them is sure.
"""

import math
import unicodedata
from collections.abc import Sequence
from operator import eq
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist, cpdist

from contracts.resources import Bubble

CONFIDENT = 0.9
"""Probability from which an alignment is taken for true."""

FIRST_CHARACTER = 3.0
"""Evidence (nats) of one agreeing character: one short message in twenty is this very one."""

NEXT_CHARACTER = 1.2
"""Evidence of each further character, about the entropy of a syllable in a chat."""

REPEATED_CHARACTER = 0.25
"""Evidence of a character that repeats its neighbour, as in ㅋㅋㅋㅋ."""

MOST_EVIDENCE = 24.0
"""No text proves more than this: somebody may have pasted it twice."""

WRONG_CHARACTER = 2.5
"""Evidence against, for each edit between two readings."""

OTHER_SPEAKER = 5.0
OTHER_TIME = 4.0
SAME_TIME = 0.7
OTHER_KIND = 3.0
SAME_PICTURE = 1.5
"""Evidence of two bubbles without text that are of one kind; as much again where their sizes agree."""

MISSED = 4.0
"""Evidence against, for a bubble that the reader must have missed or invented."""

MISSED_AT_EDGE = 1.0
"""The same for a bubble cut by the edge of the screen, which readers often drop."""

CUT_AND_DIFFERENT = 1.5
"""Evidence against, at most, for a bubble cut by the edge whose rest reads differently."""

UNLIKELY = -12.0
"""Floor of the evidence of a pair."""

Evidence = NDArray[np.float32]


class TextOverlap(msgspec.Struct, frozen=True):
    """What two bubble lists share: `pairs` of indexes in order, `evidence` in nats, `confidence` 0–1 that it is so."""

    pairs: tuple[tuple[int, int], ...]
    evidence: float
    confidence: float

    @property
    def proven(self) -> int:
        """How many messages agree."""
        return len(self.pairs)


NO_OVERLAP = TextOverlap((), 0.0, 0.0)


class Reading(NamedTuple):
    """A bubble ready for comparison. `head_cut` and `tail_cut`: text may be missing at the start or the end."""

    text: str
    bubble: Bubble
    head_cut: bool
    tail_cut: bool


def normalised(text: str) -> str:
    """NFC without white space: where lines break and how wide blanks are says nothing about a message."""
    return "".join(unicodedata.normalize("NFC", text).split())


def readings(bubbles: Sequence[Bubble]) -> tuple[Reading, ...]:
    """Bubbles of one screenshot, from top to bottom, ready for comparison."""
    last = len(bubbles) - 1
    return tuple(
        Reading(
            text=normalised(bubble.text),
            bubble=bubble,
            head_cut=bubble.partial and (index == 0 or index < last),
            tail_cut=bubble.partial and (index == last or index > 0),
        )
        for index, bubble in enumerate(bubbles)
    )


def weight(text: str) -> float:
    """Evidence, in nats, of two readings that both say `text`."""
    if not text:
        return 0.0
    repeats: int = sum(map(eq, text, text[1:]))
    others = len(text) - 1 - repeats
    return min(FIRST_CHARACTER + NEXT_CHARACTER * others + REPEATED_CHARACTER * repeats, MOST_EVIDENCE)


def evidence_matrix(items: Sequence[Reading]) -> Evidence:
    """Evidence, in nats, that each two readings are of one message, (len(items), len(items)), symmetric."""
    texts = [item.text for item in items]
    lengths = np.array([len(text) for text in texts], np.float32)
    weights = np.array([weight(text) for text in texts], np.float32)
    table = cdist(texts, texts, scorer=Levenshtein.distance, dtype=np.int32).astype(np.float32)
    evidence = _agreement(weights[:, None], weights[None, :], lengths[:, None], lengths[None, :], table)
    _set_cut(evidence, items)
    _set_wordless(evidence, items)

    user = np.array([item.bubble.speaker == "user" for item in items])
    unsure = np.array([item.bubble.uncertain for item in items])
    kinds = _codes([item.bubble.kind for item in items])
    times = _codes([item.bubble.sent_at or "" for item in items])
    timed = np.array([bool(item.bubble.sent_at) for item in items])
    doubtful = unsure[:, None] | unsure[None, :]
    evidence -= np.where(user[:, None] != user[None, :], np.where(doubtful, OTHER_SPEAKER / 4, OTHER_SPEAKER), 0.0)
    evidence -= np.where(kinds[:, None] != kinds[None, :], OTHER_KIND, 0.0)
    both_timed = timed[:, None] & timed[None, :]
    evidence += np.where(both_timed, np.where(times[:, None] == times[None, :], SAME_TIME, -OTHER_TIME), 0.0)
    return np.maximum(evidence, UNLIKELY).astype(np.float32)


def _codes(values: Sequence[str]) -> NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)


def _agreement(
    one_weight: NDArray[np.float32],
    other_weight: NDArray[np.float32],
    one_length: NDArray[np.float32],
    other_length: NDArray[np.float32],
    distance: NDArray[np.float32],
) -> Evidence:
    longer = np.maximum(np.maximum(one_length, other_length), 1.0)
    # What the wrong characters would have proven is lost, and each is an error that the reader must have made.
    kept = np.maximum(one_weight, other_weight) * (1.0 - distance / longer)
    return np.asarray(kept - WRONG_CHARACTER * distance, np.float32)


def _set_cut(evidence: Evidence, items: Sequence[Reading]) -> None:
    """Where a text may be missing at an edge, what is left must be the start or the end of the other."""
    rows: list[int] = []
    columns: list[int] = []
    ones: list[str] = []
    others: list[str] = []
    for row, item in enumerate(items):
        if not (item.head_cut or item.tail_cut) or not item.text:
            continue
        for column, other in enumerate(items):
            length = min(len(item.text), len(other.text))
            if column == row or length == 0:
                continue
            if item.tail_cut:
                rows.append(row)
                columns.append(column)
                ones.append(item.text[:length])
                others.append(other.text[:length])
            if item.head_cut:
                rows.append(row)
                columns.append(column)
                ones.append(item.text[-length:])
                others.append(other.text[-length:])
    if not rows:
        return
    distance = cpdist(ones, others, scorer=Levenshtein.distance, dtype=np.int32).astype(np.float32)
    weights = np.array([weight(text) for text in ones], np.float32)
    lengths = np.array([len(text) for text in ones], np.float32)
    # A line that the edge cuts through is read wrongly more often than not, so no mismatch of it says much.
    found = np.maximum(_agreement(weights, weights, lengths, lengths, distance), -CUT_AND_DIFFERENT)
    np.maximum.at(evidence, (rows, columns), found)
    np.maximum.at(evidence, (columns, rows), found)


def _set_wordless(evidence: Evidence, items: Sequence[Reading]) -> None:
    """Photos and stickers have no text to compare, but a kind and a size."""
    for row, item in enumerate(items):
        if item.text:
            continue
        for column, other in enumerate(items):
            if not other.text:
                found = _same_picture(item.bubble, other.bubble)
            else:
                found = -CUT_AND_DIFFERENT if item.bubble.partial or other.bubble.partial else -MISSED
            evidence[row, column] = evidence[column, row] = found


def _same_picture(left: Bubble, right: Bubble) -> float:
    if left.kind != right.kind:
        return 0.0
    if left.partial or right.partial:
        return SAME_PICTURE
    one, other = left.position, right.position
    alike = abs(one.width - other.width) <= 0.02 * one.width + 2
    alike = alike and abs(one.height - other.height) <= 0.02 * one.height + 2
    return 2 * SAME_PICTURE if alike else -SAME_PICTURE


def overlap(left: Sequence[Bubble], right: Sequence[Bubble], prior: float = -4.0) -> TextOverlap:
    """Where two bubble lists show the same part of a conversation, whichever of them is further down.

    `prior` is the evidence, in nats, that they overlap at all before any text is compared.
    """
    one, other = readings(left), readings(right)
    if not one or not other:
        return NO_OVERLAP
    matrix = evidence_matrix(one + other)
    return align_readings(one, other, matrix[: len(one), len(one) :], prior)


def align_readings(left: Sequence[Reading], right: Sequence[Reading], evidence: Evidence, prior: float) -> TextOverlap:
    """`overlap` where the evidence of each pair, (len(left), len(right)), is known already."""
    if float(np.maximum(evidence.max(axis=1), 0.0).sum()) + prior <= 0.0:
        return NO_OVERLAP
    best, pairs, total = _semi_global(_skip_costs(left), _skip_costs(right), evidence.tolist())
    if not pairs or best <= 0.0:
        return NO_OVERLAP
    # All that the two lists could share is in `total`; the odds against sharing anything are `prior`.
    confidence = math.exp(best - _log_add(total, -prior))
    return TextOverlap(pairs, best, confidence)


def _skip_costs(items: Sequence[Reading]) -> list[float]:
    return [MISSED_AT_EDGE if item.bubble.partial else MISSED for item in items]


def _log_add(one: float, other: float) -> float:
    if one < other:
        one, other = other, one
    difference = other - one
    return one if difference < -30.0 else one + math.log1p(math.exp(difference))


def _semi_global(
    skip_left: Sequence[float], skip_right: Sequence[float], evidence: Sequence[Sequence[float]]
) -> tuple[float, tuple[tuple[int, int], ...], float]:
    """Best evidence, its pairs, and the logarithm of the sum over all alignments.

    An alignment enters and leaves the table at its border for nothing; inside, each bubble is paired or skipped at
    its cost.
    """
    rows, columns = len(skip_left), len(skip_right)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    summed = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    came = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(1, rows + 1):
        row, cost = evidence[i - 1], skip_left[i - 1]
        for j in range(1, columns + 1):
            pair = row[j - 1]
            choices = (
                best[i - 1][j - 1] + pair,
                best[i - 1][j] - cost if j < columns else -math.inf,
                best[i][j - 1] - skip_right[j - 1] if i < rows else -math.inf,
            )
            top = max(choices)
            best[i][j] = top
            came[i][j] = choices.index(top)
            summed[i][j] = summed[i - 1][j - 1] + pair
            if j < columns:
                summed[i][j] = _log_add(summed[i][j], summed[i - 1][j] - cost)
            if i < rows:
                summed[i][j] = _log_add(summed[i][j], summed[i][j - 1] - skip_right[j - 1])
    ends = [(i, columns) for i in range(1, rows + 1)] + [(rows, j) for j in range(1, columns)]
    end = max(ends, key=lambda cell: best[cell[0]][cell[1]])
    total = -math.inf
    for i, j in ends:
        total = summed[i][j] if total == -math.inf else _log_add(total, summed[i][j])
    pairs: list[tuple[int, int]] = []
    i, j = end
    while i > 0 and j > 0:
        step = came[i][j]
        if step == 0:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif step == 1:
            i -= 1
        else:
            j -= 1
    pairs.reverse()
    return best[end[0]][end[1]], tuple(pairs), total
