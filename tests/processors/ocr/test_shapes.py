"""Frames that messages cross, and elements too low to hold a line."""

import numpy as np

from processors.ocr.belief import is_message
from processors.ocr.elements import Element
from processors.ocr.engines.port import Box
from processors.ocr.furniture import without_specks
from processors.ocr.layout import find_layout
from processors.ocr.shapes import uncrossed
from tests.processors.ocr.chats import Chat

CARD = Box(40, 200, 300, 420)
WHITE = (255, 255, 255)


def test_a_frame_that_closes_inside_a_card_is_the_picture_above_its_text() -> None:
    frame = Box(38, 60, 301, 340)
    assert uncrossed(frame, [CARD]) == Box(40, 60, 300, 200)
    assert uncrossed(Box(38, 60, 301, 198), [CARD]) == Box(38, 60, 301, 198)


def test_a_frame_across_two_bubbles_is_none() -> None:
    assert uncrossed(Box(80, 60, 340, 340), [CARD]) is None
    assert uncrossed(Box(38, 198, 301, 240), [Box(40, 200, 300, 420)]) == Box(38, 198, 301, 240)


def test_one_line_beside_bubbles_of_two_is_no_speck() -> None:
    """As in the narrow window of a PC, where a line is lower than a phone's."""
    two = [Element(Box(57, top, 213, top + 46), "bubble", WHITE) for top in (100, 200, 300)]
    one, speck = Element(Box(57, 400, 91, 430), "bubble", WHITE), Element(Box(57, 450, 77, 470), "bubble", WHITE)
    assert without_specks([*two, one, speck], 418, 666) == [*two, one]


def test_grain_of_a_photo_read_as_letters_is_no_message() -> None:
    chat = Chat()
    chat.frame()
    for _ in range(3):
        chat.bubble("left", 150)
    layout = find_layout(chat.image)
    candidate, read = layout.candidates[0], "ㅇㄴ 88"
    assert is_message(chat.image, candidate, "text", read, 0.4, layout)
    box = candidate.box
    rows, columns = np.mgrid[box.top : box.bottom, box.left : box.right]
    spot = (rows - (box.top + box.bottom) / 2) ** 2 + (columns - (box.left + box.right) / 2) ** 2 < (
        box.height / 3
    ) ** 2
    painted = chat.image.copy()
    painted[box.top : box.bottom, box.left : box.right][spot] = (200, 60, 60)
    assert not is_message(painted, candidate, "text", read, 0.4, layout)
    assert is_message(painted, candidate, "text", read, 0.9, layout)
