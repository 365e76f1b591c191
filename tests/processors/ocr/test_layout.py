"""What is found where, on drawn chats: bubbles with their sides, and nothing of the interface."""

import cv2
import numpy as np
import pytest

from processors.ocr.engines.port import Image
from processors.ocr.layout import Layout, find_layout
from processors.ocr.planes import MOST_PLANES, find_planes, overlap
from tests.processors.ocr.chats import DARK, KAKAO, MESSAGES, Chat, Theme


def talk(theme: Theme = KAKAO, scale: float = 2.0) -> Chat:
    chat = Chat(theme, scale)
    chat.frame()
    chat.bubble("right", 150)
    chat.avatar()
    chat.bubble("left", 240, 3, gap=3)
    chat.bubble("left", 60)
    chat.bubble("right", 36)
    chat.bubble("right", 260, 2)
    chat.avatar()
    chat.bubble("left", 90)
    return chat


def assert_found(chat: Chat, layout: Layout) -> None:
    found = [(c.box, c.side) for c in layout.candidates]
    assert len(found) == len(chat.bubbles), found
    for (box, side), (truth, true_side) in zip(found, chat.bubbles, strict=True):
        assert overlap(box, truth) > 0.7
        assert side == true_side


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("theme", [KAKAO, DARK, MESSAGES], ids=["kakao", "dark", "messages"])
def test_bubbles_and_sides_are_found_in_every_theme_and_scale(theme: Theme, scale: float) -> None:
    chat = talk(theme, scale)
    layout = find_layout(chat.image)
    assert_found(chat, layout)
    assert abs(layout.bottom - 640 * scale) <= 3 * scale
    assert 60 * scale <= layout.top <= 90 * scale


@pytest.mark.parametrize("quality", [50, 80])
def test_jpeg_noise_changes_nothing(quality: int) -> None:
    chat = talk()
    _, data = cv2.imencode(".jpg", chat.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert_found(chat, find_layout(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)))


def test_sides_hold_when_both_have_one_colour() -> None:
    theme = Theme(own=(255, 255, 255))
    chat = talk(theme)
    assert [c.side for c in find_layout(chat.image).candidates] == [side for _, side in chat.bubbles]


def test_quick_replies_are_no_messages() -> None:
    chat = talk()
    for left in (20, 130, 240):
        chat.rectangle((left, 590, left + 100, 626), (255, 255, 255), 18)
        chat.words(left + 20, 614, 60)
    layout = find_layout(chat.image)
    assert_found(chat, layout)
    assert layout.bottom <= 592 * chat.scale


def test_a_floating_button_is_no_message() -> None:
    chat = talk()
    chat.rectangle((334, 560, 374, 600), (255, 255, 255), 20)
    chat.words(346, 588, 16, high=16)
    assert_found(chat, find_layout(chat.image))


def test_a_banner_is_no_message() -> None:
    chat = talk()
    chat.rectangle((10, 580, 380, 624), (255, 255, 255), 10)
    chat.words(30, 608, 200)
    assert_found(chat, find_layout(chat.image))


def test_a_bubble_cut_by_an_input_box_of_its_own_colour_ends_there() -> None:
    chat = Chat()
    chat.bubble("right", 150)
    chat.row = 600
    chat.bubble("left", 240, 4)
    chat.frame()
    cut = find_layout(chat.image).candidates[-1]
    assert abs(cut.box.bottom - 640 * chat.scale) <= 3
    assert cut.cut == "bottom"


def test_buttons_make_a_card() -> None:
    chat = talk()
    chat.row = 400
    box = chat.rectangle((56, 440, 290, 560), (255, 255, 255), 14)
    chat.words(70, 466, 150)
    for top in (480, 520):
        chat.rectangle((70, top, 276, top + 32), (240, 240, 240), 6)
        chat.words(130, top + 22, 80)
    card = next(c for c in find_layout(chat.image).candidates if overlap(c.box, box) > 0.8)
    assert card.kind == "card"
    assert len(card.buttons) == 2


def test_a_card_swiped_in_from_the_right_is_of_the_sender_of_the_first() -> None:
    chat = Chat()
    chat.bubble("right", 150)
    for left, right in ((56, 290), (298, 390)):
        chat.rectangle((left, 200, right, 330), (255, 255, 255), 0)
        chat.words(left + 12, 226, right - left - 30)
    assert [c.side for c in find_layout(chat.image).candidates] == ["right", "left", "left"]


def test_a_date_in_the_middle_has_no_side() -> None:
    chat = talk()
    box = chat.rectangle((135, 560, 255, 584), (190, 170, 150), 12)
    chat.words(150, 578, 90, (255, 255, 255), high=10)
    pill = next(c for c in find_layout(chat.image).candidates if overlap(c.box, box) > 0.7)
    assert pill.side == "centre"


def noise() -> Image:
    rng = np.random.default_rng(7)
    small = rng.integers(0, 255, (40, 30, 3), dtype=np.uint8)
    photo = cv2.resize(small, (900, 1200), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(photo.astype(np.int16) + rng.integers(-12, 12, photo.shape), 0, 255), np.uint8)


@pytest.mark.parametrize(
    "image",
    [noise(), np.full((800, 400, 3), 200, np.uint8), np.zeros((1, 1, 3), np.uint8), np.zeros((3, 900, 3), np.uint8)],
    ids=["photo", "blank", "one pixel", "strip"],
)
def test_what_shows_no_chat_has_no_candidates(image: Image) -> None:
    assert find_layout(image).candidates == ()


def test_a_picture_pinned_to_a_corner_is_no_cut() -> None:
    chat = talk()
    box, _ = chat.bubbles[2]
    chat.image[box.top - 6 : box.top + 24, box.left - 6 : box.left + 24] = (120, 60, 200)
    assert all(c.cut == "none" for c in find_layout(chat.image).candidates)


@pytest.mark.parametrize("height", [325, 820])
def test_a_conversation_has_rows_however_the_title_and_the_buttons_lie(height: int) -> None:
    """In a low, wide crop whatever stands at both edges of its upper third looks like a title."""
    image = np.full((height, 2000, 3), 255, np.uint8)
    image[:112, 60:90] = image[:112, -90:-60] = 120
    for left in (300, 900, 1500):
        image[140:190, left : left + 300] = (60, 220, 250)
        image[158:172, left + 30 : left + 120 : 3] = 0
    layout = find_layout(image)
    assert layout.bottom - layout.top >= 24


def test_of_a_texture_only_the_largest_planes_are_looked_at() -> None:
    rows, columns = np.mgrid[:720, :1280] // 20
    board = np.where((rows + columns)[..., None] % 2, np.uint8(200), np.uint8(30)).repeat(3, axis=2)
    assert len(find_planes(board)) == MOST_PLANES
