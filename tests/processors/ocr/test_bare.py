"""Large emoji without a bubble are told from textures."""

import cv2
import numpy as np
import pytest

from processors.ocr.bare import MOST_SQUARES, bare_rows
from processors.ocr.engines.port import Box, Image
from processors.ocr.layout import Candidate, Layout

WHITE = (255, 255, 255)


def wall(squares: int) -> tuple[Image, Layout]:
    """A conversation with one bubble at the left, and below it so many red squares, one under another, at its edge."""
    height = 200 + 50 * squares
    image = np.full((height, 360, 3), 255, np.uint8)
    cv2.rectangle(image, (40, 20), (240, 60), (220, 220, 220), -1)
    for number in range(squares):
        cv2.rectangle(image, (42, 120 + 50 * number), (72, 150 + 50 * number), (40, 40, 230), -1)
    bubble = Candidate(box=Box(40, 20, 240, 60), kind="text", side="left", side_certainty=1.0, colour=(220, 220, 220))
    layout = Layout(
        width=360, height=height, top=0, bottom=height, left=0, right=360, background=WHITE, candidates=(bubble,)
    )
    return image, layout


@pytest.mark.parametrize(("squares", "rows"), [(3, 3), (MOST_SQUARES + 1, 0)])
def test_more_squares_than_anybody_sends_are_a_texture(squares: int, rows: int) -> None:
    assert len(bare_rows(*wall(squares))) == rows
