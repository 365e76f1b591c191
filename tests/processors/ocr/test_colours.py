"""Colours are counted as numpy would count them pixel by pixel."""

import numpy as np
import pytest
from numpy.typing import NDArray

from processors.ocr.colours import CELLS, ColourCounts, cells_of, neighbourhoods


def noise(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Pixels of a few crowded cells, and a mask."""
    random = np.random.default_rng(seed)
    image = (random.integers(0, 3, (40, 31, 3)) * 80 + random.normal(20, 5, (40, 31, 3))).astype(np.uint8)
    return image, random.random((40, 31)) < 0.7


@pytest.mark.parametrize("seed", range(5))
def test_medians_and_shares_are_those_of_the_masked_pixels(seed: int) -> None:
    image, mask = noise(seed)
    pixels = image[mask]
    cells = cells_of(image)[mask]
    steps = pixels.astype(int) >> 3
    assert (cells == steps[:, 0] << 10 | steps[:, 1] << 5 | steps[:, 2]).all()
    counted = ColourCounts(image, mask)
    assert counted.total == len(pixels)
    assert (counted.counts == np.bincount(cells, minlength=CELLS)).all()
    crowded = np.argsort(-counted.counts)[:9].tolist()
    for number, cell in counted.refine(crowded).items():
        members = pixels[cells == number]
        middle = np.median(members, axis=0)
        assert cell.median() == tuple(middle)
        near = (np.abs(members - middle).max(axis=1) <= 1).mean()
        assert cell.share_near(cell.median(), 1) == pytest.approx(near)


def test_a_neighbourhood_is_the_27_cells_around_and_does_not_wrap() -> None:
    counts = np.zeros(CELLS, np.int64)
    corner, inner = 0, 5 << 10 | 6 << 5 | 31
    counts[[corner, inner]] = 3, 4
    sums = neighbourhoods(counts)
    assert (sums[[corner, 1 << 10 | 1 << 5 | 1]] == 3).all()
    assert sums[2] == 0
    assert np.count_nonzero(sums == 3) == 8
    assert np.count_nonzero(sums == 4) == 18
    assert sums[6 << 10 | 7 << 5 | 0] == 0
