"""A few messages cut out of a screenshot are read as they were on it: no title, notice or banner is looked for."""

import numpy as np
import pytest

from processors.ocr.bare import bare_rows
from processors.ocr.engines.port import Box, Image
from processors.ocr.layout import find_layout
from processors.ocr.planes import overlap
from processors.ocr.surroundings import find_surroundings, line_unit
from tests.processors.ocr.chats import DARK, KAKAO, Chat, Theme


def cut_out(chat: Chat, left: int, top: int, right: int, bottom: int) -> Image:
    return np.ascontiguousarray(chat.image[top:bottom, left:right])


@pytest.mark.parametrize("theme", [KAKAO, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("lines", [1, 2, 4])
@pytest.mark.parametrize("margin", [12, 24, 40])
def test_a_message_cut_out_closely_is_found(theme: Theme, lines: int, margin: int) -> None:
    chat = Chat(theme, scale=3.0)
    box = chat.bubble("left", 240, lines)
    image = cut_out(chat, box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
    (found,) = find_layout(image).candidates
    assert overlap(found.box, Box(margin, margin, margin + box.width, margin + box.height)) > 0.7
    assert found.kind == "text"


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("width", [36, 90, 240])
def test_a_row_cut_out_of_a_screen_keeps_side_and_time(side: str, width: int) -> None:
    chat = Chat(KAKAO, scale=3.0)
    box = chat.bubble(side, width)
    begin = box.right / chat.scale + 6 if side == "left" else box.left / chat.scale - 44
    chat.words(begin, box.bottom / chat.scale - 3, 38, (110, 100, 90), high=8)
    layout = find_layout(cut_out(chat, 0, box.top - 24, chat.image.shape[1], box.bottom + 24))
    (found,) = layout.candidates
    assert found.side == side
    (stamp,) = find_surroundings(chat.image[box.top - 24 : box.bottom + 24], layout, 0, line_unit(layout)).stamps
    assert abs(stamp.left - begin * chat.scale) <= 8


def test_lines_are_as_high_in_the_lower_half_of_a_phone() -> None:
    chat = Chat(KAKAO, height=200)
    chat.row = 12
    for side in ("left", "right", "left"):
        chat.bubble(side, 150, gap=20)
    assert line_unit(find_layout(chat.image)) == pytest.approx(72, abs=4)


def test_a_letter_of_a_name_is_no_large_emoji_in_a_low_picture() -> None:
    chat = Chat(KAKAO, height=200)
    chat.row = 40
    chat.rectangle((57, 22, 69, 34), (120, 90, 200))
    chat.bubble("left", 150)
    chat.bubble("right", 150)
    chat.bubble("left", 120)
    layout = find_layout(chat.image)
    assert len(layout.candidates) == 3
    assert bare_rows(chat.image, layout) == []
