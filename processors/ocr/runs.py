"""Runs of ink in a profile."""

import numpy as np
from numpy.typing import NDArray


def runs(used: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Half-open runs of True, runs less than `gap` apart joined."""
    places = np.flatnonzero(used)
    if len(places) == 0:
        return []
    cuts = np.flatnonzero(np.diff(places) > gap)
    starts = [0, *(int(c) + 1 for c in cuts)]
    ends = [*(int(c) for c in cuts), len(places) - 1]
    return [(int(places[a]), int(places[b]) + 1) for a, b in zip(starts, ends, strict=True)]
