"""Conversations without bubbles: avatars at the left, and right of them headings and lines for everybody alike."""

import numpy as np

from processors.ocr.engines.port import Box
from processors.ocr.layout import find_layout
from processors.ocr.rows import avatar_column, with_rows
from tests.processors.ocr.chats import MESSAGES, Chat, Theme

PLAIN = Theme((255, 255, 255))


class RowChat(Chat):
    """A chat in rows; `said` collects the boxes of lines that are messages."""

    def turn(self, *widths: float) -> list[Box]:
        """An avatar, a heading and lines of these widths, and where the lines are."""
        self.rectangle((16, self.row, 56, self.row + 40), (180, 120, 60), 20)
        self.words(72, self.row + 14, 80)
        self.words(170, self.row + 14, 50, (130, 130, 130), high=9)
        boxes = []
        for place, width in enumerate(widths):
            base = self.row + 36 + 22 * place
            self.words(72, base, width)
            boxes.append(Box(*(round(v * self.scale) for v in (72, base - 12, 72 + width, base))))
        self.row += 36 + 22 * len(widths) + 16
        return boxes


def test_messages_of_rows_are_found_below_their_headings() -> None:
    chat = RowChat(PLAIN)
    said = [*chat.turn(120), *chat.turn(200), *chat.turn(90)]
    found = with_rows(chat.image, find_layout(chat.image)).candidates
    assert len(found) == 3
    for candidate, box in zip(found, said, strict=True):
        assert candidate.unsided
        assert candidate.heading is not None
        assert candidate.heading.bottom <= candidate.box.top + 4
        assert candidate.box.top <= box.top < box.bottom <= candidate.box.bottom


def test_a_line_goes_on_where_its_first_word_had_no_room() -> None:
    chat = RowChat(PLAIN)
    chat.turn(300, 300, 60)
    chat.turn(70, 80)
    found = with_rows(chat.image, find_layout(chat.image)).candidates
    heights = [candidate.box.height for candidate in found]
    assert [candidate.heading is not None for candidate in found] == [True, True, False]
    assert heights[0] > 2.5 * heights[1]


def test_bubbles_beside_avatars_are_no_rows() -> None:
    chat = Chat(MESSAGES)
    chat.frame()
    for _ in range(3):
        chat.avatar()
        chat.bubble("left", 200)
    layout = find_layout(chat.image)
    assert with_rows(chat.image, layout) == layout


def test_avatars_are_found_left_of_a_texture_of_squares() -> None:
    ink = np.zeros((4000, 1080), np.bool_)
    for row in (40, 400):
        ink[row : row + 60, 20:80] = True
    texture = ink[:, 120:]
    texture.reshape(100, 40, 30, 32)[:, 8:, :, 8:] = True
    assert avatar_column(ink) == [Box(20, 40, 80, 100), Box(20, 400, 80, 460)]
