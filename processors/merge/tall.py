"""The alignment of a long list with a short one: a chat export of thousands of messages and a screenshot.

The same semi-global alignments as in `alignment`, best and summed, but column by column over the whole long list at
once: a running maximum (or sum) that loses as much with each row as skipping a row costs. Rows are messages of an
export, which no edge cuts, so they all cost the same.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from processors.merge.alignment import LEAST_EVIDENCE, NO_OVERLAP, Pairs, TextOverlap, skip_costs
from processors.merge.texts import MISSED, UNLIKELY, Evidence, Reading

Column = NDArray[np.float64]

_FORGOTTEN = 10
"""Skipped rows after which what is left of a likelihood, exp(-MISSED) of it each time, is below what a float holds."""
_SAME = 1e-6
"""Difference in nats below which two ways count as equal."""


def align_tall(evidence: Evidence, columns: Sequence[Reading]) -> TextOverlap:
    """`alignment.align_readings` of an export and a screenshot: `evidence` of each pair is (export, screenshot), and
    `columns` are the readings of the screenshot."""
    table = evidence.astype(np.float64)
    skips = skip_costs(columns)
    best, pairs = _best(table, skips)
    if not pairs or best <= LEAST_EVIDENCE:
        return NO_OVERLAP
    for i, j in pairs:
        table[i, j] = UNLIKELY
    return TextOverlap(pairs, best, _all(table, skips))


def _best(table: Column, skips: Sequence[float]) -> tuple[float, Pairs]:
    rows = len(table)
    fall = MISSED * np.arange(rows + 1)
    values = [np.zeros(rows + 1)]
    for column, skip in enumerate(skips):
        before = values[-1]
        entered = np.zeros(rows + 1)
        entered[1:] = np.maximum(before[:-1] + table[:, column], before[1:] - skip)
        values.append(np.maximum.accumulate(entered + fall) - fall)
    last = len(skips)
    i, j = max(
        [(int(values[last].argmax()), last), *((rows, column) for column in range(1, last))],
        key=lambda end: float(values[end[1]][end[0]]),
    )
    most = float(values[j][i])
    pairs: list[tuple[int, int]] = []
    while i > 0 and j > 0:
        value = values[j][i] - _SAME
        if values[j - 1][i - 1] + table[i - 1, j - 1] >= value:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif values[j][i - 1] - MISSED >= value:
            i -= 1
        else:
            j -= 1
    pairs.reverse()
    return most, tuple(pairs)


def _all(table: Column, skips: Sequence[float]) -> float:
    rows, last = len(table), len(skips)
    before = np.ones(rows + 1)
    total = 0.0
    with np.errstate(over="ignore"):  # a stretch that comes word for word again is infinitely good a rival
        likelihood = np.exp(table)
        for column, skip in enumerate(skips):
            entered = np.ones(rows + 1)
            entered[1:] = before[:-1] * likelihood[:, column] + before[1:] * np.exp(-skip)
            before = entered.copy()
            for skipped in range(1, min(_FORGOTTEN, rows) + 1):
                before[skipped:] += entered[:-skipped] * np.exp(-MISSED * skipped)
            if column + 1 < last:
                total += float(before[rows])
        total += float(before[1:].sum())
    return float(np.log(total))
