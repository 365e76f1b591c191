"""How two lists of messages lie beside each other, by the evidence that each two are the same (`texts`).

A semi-global alignment (either list may hang over at either end, bubbles may be missing on either side) adds the
evidence up, and the sum over all alignments tells how sure the best one is: where a list of equal messages fits in
several ways, none of them is sure.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from contracts.resources import Bubble
from processors.merge.texts import (
    MISSED,
    MISSED_AT_EDGE,
    UNLIKELY,
    Evidence,
    Reading,
    evidence_matrix,
    readings,
)

CONFIDENT = 0.9
"""Probability from which an alignment is taken for true."""

LEAST_EVIDENCE = 2.0
"""Evidence (nats) below which an alignment is not looked at."""

Pairs = tuple[tuple[int, int], ...]


class TextOverlap(msgspec.Struct, frozen=True):
    """What two bubble lists share: `pairs` of indexes in order and their `evidence` in nats; `rivals` is the summed
    evidence of all alignments that share no pair with this one."""

    pairs: Pairs
    evidence: float
    rivals: float

    def confidence(self, prior: float) -> float:
        """Probability, 0–1, that this is so; `prior` is the evidence, in nats, of any overlap before texts are
        compared."""
        if not self.pairs:
            return 0.0
        return 1.0 / (1.0 + math.exp(min(50.0, _log_add(self.rivals, -prior) - self.evidence)))


NO_OVERLAP = TextOverlap((), 0.0, 0.0)


def most_evidence(matrix: Evidence, starts: Sequence[int]) -> Evidence:
    """For each two screenshots a bound of the evidence that any alignment of theirs can have.

    The bubbles of screenshot n are `starts[n]` up to `starts[n + 1]` of `matrix`.
    """
    count = len(starts) - 1
    bound = np.zeros((count, count), np.float32)
    filled = [index for index in range(count) if starts[index] < starts[index + 1]]
    if filled:
        first = [starts[index] for index in filled]
        best = np.maximum.reduceat(matrix, first, axis=1)
        bound[np.ix_(filled, filled)] = np.add.reduceat(np.maximum(best, 0.0), first, axis=0)
    return bound


def overlap(left: Sequence[Bubble], right: Sequence[Bubble]) -> TextOverlap:
    """Where two bubble lists show the same part of a conversation, whichever of them is further down."""
    one, other = readings(left), readings(right)
    if not one or not other:
        return NO_OVERLAP
    matrix = evidence_matrix(one + other)
    return align_readings(one, other, matrix[: len(one), len(one) :])


def align_readings(left: Sequence[Reading], right: Sequence[Reading], evidence: Evidence) -> TextOverlap:
    """`overlap` of two lists, neither empty, where the evidence of each pair, (len(left), len(right)), is known
    already."""
    table = evidence.tolist()
    skip_left, skip_right = skip_costs(left), skip_costs(right)
    best, pairs = _best_alignment(skip_left, skip_right, table)
    if not pairs or best <= LEAST_EVIDENCE:
        return NO_OVERLAP
    for i, j in pairs:
        table[i][j] = UNLIKELY
    return TextOverlap(pairs, best, _all_alignments(skip_left, skip_right, table))


def skip_costs(items: Sequence[Reading]) -> list[float]:
    """What it costs, in nats, to leave each reading of a list out of an alignment."""
    return [MISSED_AT_EDGE if item.bubble.partial else MISSED for item in items]


def _best_alignment(
    skip_left: Sequence[float], skip_right: Sequence[float], evidence: Sequence[Sequence[float]]
) -> tuple[float, Pairs]:
    """The semi-global alignment with the most evidence, and its pairs.

    It enters and leaves the table at the border for nothing; inside, each bubble is paired or skipped at its cost.
    """
    rows, columns = len(skip_left), len(skip_right)
    above = [0.0] * (columns + 1)
    came: list[list[int]] = []
    end, most = (0, 0), 0.0
    for i, (scores, cost) in enumerate(zip(evidence, skip_left, strict=True), 1):
        current = [0.0]
        steps = [0]
        before = 0.0
        for j, pair in enumerate(scores, 1):
            value, step = above[j - 1] + pair, 0
            if above[j] - cost > value:
                value, step = above[j] - cost, 1
            if before - skip_right[j - 1] > value:
                value, step = before - skip_right[j - 1], 2
            current.append(value)
            steps.append(step)
            before = value
            if value > most and (i == rows or j == columns):
                end, most = (i, j), value
        came.append(steps)
        above = current
    pairs: list[tuple[int, int]] = []
    i, j = end
    while i > 0 and j > 0:
        step = came[i - 1][j]
        if step == 0:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif step == 1:
            i -= 1
        else:
            j -= 1
    pairs.reverse()
    return most, tuple(pairs)


def _all_alignments(
    skip_left: Sequence[float], skip_right: Sequence[float], evidence: Sequence[Sequence[float]]
) -> float:
    """Logarithm of the summed likelihood of all semi-global alignments."""
    columns = len(skip_right)
    left = [math.exp(-cost) for cost in skip_left]
    right = [math.exp(-cost) for cost in skip_right]
    above = [1.0] * (columns + 1)
    total = 0.0
    for scores, cost in zip(evidence, left, strict=True):
        current = [1.0]
        before = 1.0
        for j, pair in enumerate(scores, 1):
            before = above[j - 1] * math.exp(pair) + above[j] * cost + before * right[j - 1]
            current.append(before)
        total += current[columns]
        above = current
    return math.log(total + sum(above[1:columns]))


def _log_add(one: float, other: float) -> float:
    return max(one, other) + math.log1p(math.exp(-abs(one - other)))
