"""Components are those that labelling the whole mask finds."""

import cv2
import numpy as np
import pytest

from processors.ocr.components import BEHIND_SHARE, Mask, components

LEAST = 6

Key = tuple[int, int, int, int, int, bytes]


def blotches(seed: int, share: float) -> Mask:
    """Areas of many sizes, nested and touching at corners."""
    random = np.random.default_rng(seed)
    coarse = (random.random((30, 24)) < share).astype(np.uint8) * 255
    mask = cv2.resize(coarse, (24 * 5, 30 * 5), interpolation=cv2.INTER_NEAREST)
    mask[random.random(mask.shape) < 0.05] ^= 255
    return np.asarray(mask, np.uint8)


def labelled(mask: Mask) -> set[Key]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    found = set()
    for label in range(1, count):
        left, top, wide, high, area = stats[label].tolist()
        if min(wide, high) >= LEAST or wide >= BEHIND_SHARE * mask.shape[1]:
            shape = labels[top : top + high, left : left + wide] == label
            found.add((left, top, left + wide, top + high, area, shape.tobytes()))
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [0.15, 0.4, 0.6, 0.9])
def test_the_components_are_those_of_a_labelling(seed: int, share: float) -> None:
    mask = blotches(seed, share)
    found = components(mask, LEAST)
    assert found
    assert {(*one.whole, one.area, one.shape().tobytes()) for one in found} == labelled(mask)
    assert len(found) == len(labelled(mask))


def test_a_chessboard_of_single_pixels_ends_and_holds_nothing_large() -> None:
    rows, columns = np.indices((60, 50))
    assert components(((rows + columns) % 2 * 255).astype(np.uint8), LEAST) == []


def test_an_area_within_a_hole_of_another_is_found_beside_it() -> None:
    mask = np.full((60, 50), 255, np.uint8)
    mask[10:50, 10:40] = 0
    mask[20:40, 15:35] = 255
    assert [tuple(one.whole) for one in components(mask, LEAST)] == [(0, 0, 50, 60), (15, 20, 35, 40)]
