"""The strip with a new message over the last rows is no message; a bubble in its place is one."""

import cv2
import numpy as np
import pytest

from processors.ocr.layout import find_layout
from processors.ocr.planes import overlap
from tests.processors.ocr.chats import DARK, KAKAO, Chat, Theme


def chat_with(theme: Theme) -> Chat:
    chat = Chat(theme)
    chat.frame()
    for _ in range(3):
        chat.bubble("right", 200, 2)
        chat.avatar()
        chat.bubble("left", 150, 2)
    return chat


@pytest.mark.parametrize("theme", [KAKAO, DARK], ids=["kakao", "dark"])
def test_a_strip_with_a_new_message_is_no_message(theme: Theme) -> None:
    chat = chat_with(theme)
    before = chat.image.copy()
    chat.rectangle((13, 590, 357, 626), theme.other, 17)
    chat.words(30, 613, 120)
    chat.words(330, 613, 14)
    chat.image = np.asarray(cv2.addWeighted(chat.image, 0.94, before, 0.06, 0), np.uint8)
    found = [c.box for c in find_layout(chat.image).candidates]
    assert len(found) == len(chat.bubbles)
    assert all(overlap(box, truth) > 0.7 for box, (truth, _) in zip(found, chat.bubbles, strict=True))


def test_the_last_bubble_stays_a_message() -> None:
    chat = chat_with(KAKAO)
    chat.row = 588
    chat.bubble("left", 270)
    found = [c.box for c in find_layout(chat.image).candidates]
    assert overlap(found[-1], chat.bubbles[-1][0]) > 0.7
