"""A screenshot between two borders reads as the screenshot alone."""

import cv2
import numpy as np
import pytest

from processors.ocr.borders import screen_columns
from processors.ocr.engines.port import Box, Image
from processors.ocr.layout import find_layout
from processors.ocr.planes import overlap
from tests.processors.ocr.chats import KAKAO, Chat, Theme, small_talk

BLACK = Theme(background=(0, 0, 0), own=(255, 132, 10), other=(41, 38, 38), ink=(250, 250, 250), bar=(30, 28, 28))


def bordered(image: Image, border: int) -> Image:
    return np.asarray(cv2.copyMakeBorder(image, 0, 0, border, border, cv2.BORDER_CONSTANT, value=(0, 0, 0)), np.uint8)


@pytest.mark.parametrize("theme", [KAKAO, BLACK], ids=["light", "as black as the border"])
@pytest.mark.parametrize("share", [0.25, 0.9])
@pytest.mark.parametrize("quality", [None, 50], ids=["clean", "jpeg"])
def test_messages_between_borders_keep_place_and_side(theme: Theme, share: float, quality: int | None) -> None:
    chat = small_talk(theme)
    border = round(share * chat.image.shape[1])
    image = bordered(chat.image, border)
    if quality is not None:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    layout = find_layout(image)
    assert layout.width == image.shape[1]
    assert abs(layout.left - border) <= 3
    assert abs(layout.right - (image.shape[1] - border)) <= 3
    assert [c.side for c in layout.candidates] == [side for _, side in chat.bubbles]
    for candidate, (box, _) in zip(layout.candidates, chat.bubbles, strict=True):
        assert overlap(candidate.box, Box(box.left + border, box.top, box.right + border, box.bottom)) > 0.7


def test_buttons_of_a_card_between_borders_stay_in_it() -> None:
    chat = small_talk(KAKAO)
    chat.bubble("left", 240, 5)
    box = chat.bubbles[-1][0]
    left, bottom = box.left / chat.scale, box.bottom / chat.scale
    chat.rectangle((left + 12, bottom - 48, left + 228, bottom - 12), (225, 225, 225), 6)
    alone, beside = find_layout(chat.image), find_layout(bordered(chat.image, 300))
    assert [c.kind for c in beside.candidates].count("card") == 1
    expected = [tuple(Box(b.left + 300, b.top, b.right + 300, b.bottom) for b in c.buttons) for c in alone.candidates]
    assert [c.buttons for c in beside.candidates] == expected


def test_the_margins_of_a_conversation_are_no_border() -> None:
    chat = Chat(KAKAO)
    chat.bubble("right", 366, 4)
    chat.bubble("right", 366, 4)
    assert screen_columns(chat.image) == (0, chat.image.shape[1])


def test_a_picture_of_one_colour_has_no_border() -> None:
    assert screen_columns(np.full((400, 300, 3), 0, np.uint8)) == (0, 300)
