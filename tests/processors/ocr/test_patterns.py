"""A motif that repeats on a wallpaper is no message; equal messages of one sender are."""

from processors.ocr.layout import find_layout
from tests.processors.ocr.chats import KAKAO, Chat


def test_equal_shapes_scattered_over_a_wallpaper_are_no_messages() -> None:
    chat = Chat(KAKAO)
    chat.frame()
    for _ in range(3):
        chat.bubble("right", 150)
        chat.bubble("left", 120)
    for left, top in ((70, 505), (220, 550), (140, 590)):
        chat.rectangle((left, top, left + 50, top + 34), (190, 168, 145), 4)
        chat.words(left + 8, top + 24, 32, (120, 100, 80))
    found = find_layout(chat.image).candidates
    assert [c.side for c in found] == [side for _, side in chat.bubbles]


def test_equal_short_messages_in_a_row_stay() -> None:
    chat = Chat(KAKAO)
    chat.frame()
    for side in ("right", "right", "left", "left", "right", "left"):
        chat.bubble(side, 44)
    assert [c.side for c in find_layout(chat.image).candidates] == [side for _, side in chat.bubbles]


def test_small_shapes_beside_both_sides_are_no_messages() -> None:
    chat = Chat(KAKAO)
    chat.frame()
    for _ in range(3):
        chat.bubble("right", 150)
        chat.bubble("left", 120)
    chat.rectangle((100, 505, 130, 523), (190, 168, 145), 3)
    chat.rectangle((210, 560, 250, 576), (200, 178, 150), 3)
    found = find_layout(chat.image).candidates
    assert [c.side for c in found] == [side for _, side in chat.bubbles]
