"""Lists of rooms beside a conversation, and input boxes on its own background, hold no messages."""

import cv2
import numpy as np
import pytest

from processors.ocr.engines.port import Box, Image
from processors.ocr.layout import find_layout
from processors.ocr.planes import overlap
from tests.processors.ocr.chats import DARK, KAKAO, Chat, Theme, small_talk


def rooms(theme: Theme, width: int, height: int) -> Image:
    """A list of rooms, one of them chosen, with avatars and two lines each."""
    panel = Chat(Theme(theme.bar, ink=theme.ink), width=width // 2, height=height // 2)
    panel.rectangle((0, 130, width / 2, 190), theme.other if theme is DARK else (240, 240, 240))
    for top in range(70, height // 2 - 60, 60):
        panel.rectangle((12, top + 8, 52, top + 48), (150, 90, 200), 20)
        panel.words(64, top + 26, 90)
        panel.words(64, top + 46, 120, (120, 120, 120))
    return panel.image


@pytest.mark.parametrize("theme", [KAKAO, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_list_of_rooms_beside_a_conversation_is_left_out(theme: Theme, side: str) -> None:
    chat = small_talk(theme)
    list_width = 440
    panel = rooms(theme, list_width, len(chat.image))
    panel[:, -2 if side == "left" else 0] = (190, 190, 190) if theme is KAKAO else (70, 68, 68)
    image = np.hstack([panel, chat.image] if side == "left" else [chat.image, panel])
    shift = list_width if side == "left" else 0
    layout = find_layout(image)
    assert abs(layout.left - shift) <= 3
    assert [c.side for c in layout.candidates] == [true for _, true in chat.bubbles]
    for candidate, (box, _) in zip(layout.candidates, chat.bubbles, strict=True):
        assert overlap(candidate.box, Box(box.left + shift, box.top, box.right + shift, box.bottom)) > 0.7


def test_a_phone_has_one_pane_whatever_it_shows() -> None:
    chat = small_talk(KAKAO)
    cv2.line(chat.image, (200, 0), (200, len(chat.image)), (0, 0, 0), 2)
    assert find_layout(chat.image).left == 0


def test_an_input_box_with_a_round_button_on_the_wallpaper_ends_the_conversation() -> None:
    chat = Chat(KAKAO)
    chat.bubble("right", 150)
    chat.bubble("left", 240, 3)
    chat.bubble("right", 200)
    field = chat.rectangle((12, 640, 320, 680), chat.theme.other, 20)
    chat.words(50, 666, 60, (150, 150, 150))
    chat.rectangle((334, 640, 374, 680), (90, 160, 30), 20)
    chat.words(348, 666, 14, (255, 255, 255))
    layout = find_layout(chat.image)
    assert [c.side for c in layout.candidates] == ["right", "left", "right"]
    assert layout.bottom <= field.top + 4


def test_a_wide_bubble_with_a_tail_and_a_time_is_no_input_box() -> None:
    chat = Chat(KAKAO)
    chat.bubble("left", 120)
    chat.bubble("left", 60)
    chat.row = 400
    box = chat.bubble("right", 230)
    top = chat.row - 44
    chat.words(60, top + 26, 60, (90, 90, 90), high=9)
    cv2.fillPoly(
        chat.image,
        [np.array([(box.right, box.top + 30), (box.right + 14, box.top + 36), (box.right, box.top + 44)])],
        chat.theme.own,
    )
    assert [c.side for c in find_layout(chat.image).candidates] == ["left", "left", "right"]
