"""What stands around a bubble: its name, its time, and nothing of the bubble itself."""

import msgspec
import numpy as np

from processors.ocr.engines.port import Box
from processors.ocr.layout import Layout, find_layout
from processors.ocr.planes import overlap
from processors.ocr.surroundings import find_surroundings, line_unit
from tests.processors.ocr.chats import Chat

GREY = (90, 80, 70)


def words_box(chat: Chat, x: float, y: float, width: float, high: float) -> Box:
    """Draw something like text and say about where it is."""
    chat.words(x, y, width, GREY, high=high)
    return Box(*(round(v * chat.scale) for v in (x, y - high, x + width, y)))


def trimmed(layout: Layout, pixels: int) -> Layout:
    """The layout with boxes that leave out a strip of each bubble on both sides, as those with tails do."""
    candidates = tuple(
        msgspec.structs.replace(c, box=Box(c.box.left + pixels, c.box.top, c.box.right - pixels, c.box.bottom))
        for c in layout.candidates
    )
    return msgspec.structs.replace(layout, candidates=candidates)


def test_the_rim_of_a_bubble_does_not_hide_its_time() -> None:
    chat = Chat()
    chat.bubble("left", 100)
    right = chat.bubble("right", 140)
    time = words_box(chat, 190, chat.row - 12, 40, 8)
    layout = trimmed(find_layout(chat.image), 9)
    (stamp,) = find_surroundings(chat.image, layout, 1, line_unit(layout)).stamps
    assert stamp.right < right.left
    assert overlap(stamp, time) > 0.5


def test_a_name_begins_beside_the_picture_of_its_sender() -> None:
    chat = Chat()
    chat.row = 130
    name = words_box(chat, 58, 122, 60, 9)
    chat.rectangle((10, 108, 50, 148), (180, 120, 60), 6)
    chat.bubble("left", 150)
    chat.bubble("right", 120)
    layout = find_layout(chat.image)
    found = find_surroundings(chat.image, layout, 0, line_unit(layout)).name
    assert found is not None
    assert found.left > 50 * chat.scale
    assert overlap(found, name) > 0.5


def test_a_line_is_as_high_in_a_chat_of_long_messages() -> None:
    short, long = Chat(), Chat()
    for side in ("left", "right", "left", "right"):
        short.bubble(side, 150)
        long.bubble(side, 200, lines=4)
    lines = [line_unit(find_layout(chat.image)) for chat in (short, long)]
    assert 0.7 <= lines[1] / lines[0] <= 1.4


def test_the_time_in_the_corner_of_a_photo_is_found() -> None:
    chat = Chat()
    chat.bubble("right", 150)
    left, top, right, bottom = 112, round(chat.row * chat.scale), 560, round((chat.row + 160) * chat.scale)
    chat.image[top:bottom, left:right] = np.random.default_rng(3).integers(0, 150, (bottom - top, right - left, 3))
    chat.rectangle((225, chat.row + 140, 274, chat.row + 155), (60, 60, 60), 6)
    chat.words(232, chat.row + 152, 36, (255, 255, 255), high=8)
    chat.row += 170
    chat.bubble("left", 120)
    layout = find_layout(chat.image)
    place = next(i for i, c in enumerate(layout.candidates) if c.kind == "photo")
    stamps = find_surroundings(chat.image, layout, place, line_unit(layout)).stamps
    assert any(stamp.left >= 455 and stamp.bottom <= bottom and stamp.top > bottom - 50 for stamp in stamps)
