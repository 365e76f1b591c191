"""Cards without a border: a photo, text on the bare background and buttons are one message."""

import numpy as np
import pytest

from processors.ocr.engines.port import Box
from processors.ocr.layout import find_layout
from processors.ocr.planes import overlap
from tests.processors.ocr.chats import MESSAGES, Chat


def photo(chat: Chat, box: tuple[int, int, int, int]) -> None:
    """A photo of coarse noise; `box` in points."""
    left, top, right, bottom = (round(v * chat.scale) for v in box)
    noise = np.random.default_rng(7).integers(0, 160, (bottom - top, right - left, 3))
    chat.image[top:bottom, left:right] = noise


@pytest.mark.parametrize("count", [1, 2, 3])
def test_buttons_under_a_photo_are_one_card_with_it(count: int) -> None:
    chat = Chat(MESSAGES)
    chat.frame()
    chat.bubble("right", 150)
    top = chat.row
    photo(chat, (56, top, 276, top + 110))
    chat.words(66, top + 134, 150)
    chat.words(66, top + 154, 110)
    for place in range(count):
        row = top + 168 + 44 * place
        chat.rectangle((68, row, 264, row + 36), MESSAGES.other, 4)
        chat.words(130, row + 24, 60)
    end = top + 168 + 44 * count + 4
    chat.row = end + 16
    chat.bubble("left", 120)
    cards = [c for c in find_layout(chat.image).candidates if c.kind == "card"]
    assert len(cards) == 1
    truth = Box(*(round(v * chat.scale) for v in (56, top, 276, end)))
    assert overlap(cards[0].box, truth) > 0.9
    assert len(cards[0].buttons) == count
    assert cards[0].side == "left"
    assert len(find_layout(chat.image).candidates) == 3


def test_bubbles_that_share_one_edge_with_a_photo_stay_messages() -> None:
    chat = Chat(MESSAGES)
    chat.frame()
    chat.bubble("right", 150)
    top = chat.row
    photo(chat, (56, top, 276, top + 110))
    chat.row = top + 118
    chat.bubble("left", 190)
    chat.bubble("left", 190)
    kinds = [c.kind for c in find_layout(chat.image).candidates]
    assert kinds == ["text", "photo", "text", "text"]


def test_a_rule_across_a_card_does_not_divide_it() -> None:
    chat = Chat()
    chat.frame()
    chat.bubble("right", 150)
    top = chat.row
    card = chat.rectangle((56, top, 256, top + 150), (255, 255, 255), 2)
    chat.words(68, top + 28, 140)
    chat.words(68, top + 90, 150)
    chat.words(68, top + 120, 110)
    row = top + 50
    chat.rectangle((56, row, 256, row + 1), (238, 238, 238))
    chat.row = top + 160
    chat.bubble("left", 120)
    found = find_layout(chat.image).candidates
    assert [c.kind for c in found] == ["text", "card", "text"]
    assert overlap(found[1].box, card) > 0.95


def test_a_small_picture_on_a_card_is_no_message_of_its_own() -> None:
    chat = Chat()
    chat.frame()
    chat.bubble("right", 150)
    top = chat.row
    card = chat.rectangle((56, top, 276, top + 140), (255, 255, 255), 6)
    for row in (top + 12, top + 76):
        chat.words(68, row + 20, 110)
        chat.words(68, row + 42, 80)
        photo(chat, (216, row, 268, row + 52))
    chat.row = top + 150
    chat.bubble("left", 120)
    found = find_layout(chat.image).candidates
    assert len(found) == 3
    assert overlap(found[1].box, card) > 0.95
