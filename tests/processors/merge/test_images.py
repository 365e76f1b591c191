"""Two screenshots of one conversation tell how far apart they were taken, and others do not."""

import time

import cv2
import numpy as np
import pytest

from processors.merge.images import COLUMNS, ImageAlignment, Rows, RowSignature, align, fixed_footer, row_signature
from tests.processors.merge.pictures import (
    FOOTER,
    HEADER,
    HEIGHT,
    WIDTH,
    Picture,
    as_jpeg,
    draw_page,
    wallpaper,
    window,
)

VIEW = HEIGHT - HEADER - FOOTER


def scrolling(keyboard: int = 0) -> Rows:
    return Rows(HEADER, HEIGHT - FOOTER - keyboard)


def aligned(first: Picture, second: Picture, keyboards: tuple[int, int] = (0, 0)) -> ImageAlignment:
    one, two = (scrolling(keyboard) for keyboard in keyboards)
    return align(row_signature(first), row_signature(second), one, two)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shift", [60, 400, 900, VIEW - 150])
def test_the_shift_is_found(seed: int, shift: int) -> None:
    page = draw_page(seed)
    found = aligned(window(page, 700), window(page, 700 + shift))
    assert found.confident
    assert abs(found.shift - shift) <= 1


def test_the_shift_is_negative_where_the_second_is_further_up() -> None:
    page = draw_page(5)
    found = aligned(window(page, 1500), window(page, 900))
    assert found.confident
    assert found.shift == -600


def test_headers_and_footers_need_not_be_known() -> None:
    page = draw_page(6)
    found = align(row_signature(window(page, 300)), row_signature(window(page, 800, clock="9:43")))
    assert found.confident
    assert found.shift == 500


def test_a_keyboard_in_one_of_them_does_no_harm() -> None:
    page = draw_page(7)
    found = aligned(window(page, 300), window(page, 900, keyboard=460), (0, 460))
    assert found.confident
    assert found.shift == 600


@pytest.mark.parametrize("quality", [90, 60])
def test_jpeg_does_no_harm(quality: int) -> None:
    page = draw_page(8)
    found = aligned(as_jpeg(window(page, 300), quality), as_jpeg(window(page, 857), quality))
    assert found.confident
    assert abs(found.shift - 557) <= 1


def test_a_wallpaper_that_stays_is_not_taken_for_the_conversation() -> None:
    page, behind = draw_page(9), wallpaper(1)
    found = aligned(window(page, 300, behind=behind), window(page, 900, behind=behind))
    assert found.confident
    assert found.shift == 600


def test_different_conversations_on_one_wallpaper_do_not_align() -> None:
    behind = wallpaper(2)
    found = aligned(window(draw_page(10), 300, behind=behind), window(draw_page(11), 300, behind=behind))
    assert not found.confident


@pytest.mark.parametrize("seed", range(6))
def test_neither_do_different_stretches_of_one_conversation(seed: int) -> None:
    page = draw_page(20 + seed)
    assert not aligned(window(page, 100), window(page, 100 + VIEW + 300)).confident


def test_equal_messages_in_a_row_prove_no_shift() -> None:
    page = draw_page(1, words=3)
    assert not aligned(window(page, 700), window(page, 940)).confident


def test_a_screenshot_agrees_with_itself_in_place() -> None:
    picture = window(draw_page(12), 400)
    found = aligned(picture, as_jpeg(picture, 80))
    assert found.confident
    assert found.shift == 0


def test_a_picture_made_smaller_aligns_with_the_original() -> None:
    page = draw_page(13)
    small = cv2.resize(window(page, 900), (WIDTH * 3 // 4, HEIGHT * 3 // 4), interpolation=cv2.INTER_AREA)
    rows = Rows(HEADER * 3 // 4, (HEIGHT - FOOTER) * 3 // 4)
    signature = row_signature(np.asarray(small, np.uint8))
    found = align(row_signature(window(page, 300)), signature, scrolling(), rows)
    assert found.confident
    assert abs(found.shift - 600) <= 3


def test_both_shrunk_by_a_fraction_still_align() -> None:
    page = draw_page(14)
    first, second = (
        np.asarray(cv2.resize(window(page, at), (611, 1188), interpolation=cv2.INTER_AREA), np.uint8)
        for at in (300, 811)
    )
    found = align(row_signature(first), row_signature(second))
    assert found.confident
    assert abs(found.shift - 511 * 611 / WIDTH) <= 3


def test_blank_pictures_prove_nothing() -> None:
    blank = row_signature(np.full((HEIGHT, WIDTH, 3), 255, np.uint8))
    assert not align(blank, blank).confident


def test_pictures_of_very_different_size_are_not_compared() -> None:
    large = row_signature(np.zeros((400, 900, 3), np.uint8))
    small = row_signature(np.zeros((400, 200, 3), np.uint8))
    assert align(large, small).confidence == 0.0


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 3, 3), (3, 2000, 3), (2000, 3, 3), (30, 40)])
def test_any_shape_of_picture_has_a_signature(shape: tuple[int, ...]) -> None:
    signature = row_signature(np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8))
    assert signature.array().shape == (shape[0], COLUMNS)
    assert align(signature, signature).shift == 0


def test_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="needed"):
        row_signature(np.zeros((0, 5, 3), np.uint8))


def test_a_signature_survives_storage() -> None:
    signature = row_signature(window(draw_page(15), 400))
    stored = signature.to_bytes()
    assert len(stored) < 30_000
    assert RowSignature.from_bytes(stored) == signature


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:8],
        lambda data: data[:-5],
        lambda data: b"PNG!" + data[4:],
        lambda data: data[:12] + b"garbage" + data[12:],
        lambda data: data[:8] + (7).to_bytes(4, "little") + data[12:],
        lambda data: data[:8] + (0).to_bytes(4, "little") + data[12:],
    ],
)
def test_damaged_signatures_are_refused(change: object) -> None:
    stored = row_signature(window(draw_page(15), 400)).to_bytes()
    with pytest.raises(ValueError, match="signature"):
        RowSignature.from_bytes(change(stored))  # type: ignore[operator]


def test_a_pair_takes_no_longer_than_twenty_milliseconds() -> None:
    page = draw_page(16)
    first, second = (
        row_signature(np.asarray(cv2.resize(window(page, at), (1080, 2340)), np.uint8)) for at in (200, 900)
    )
    spent = []
    for _ in range(5):
        before = time.process_time()
        align(first, second)
        spent.append(time.process_time() - before)
    assert min(spent) < 0.020


@pytest.mark.parametrize("keyboard", [0, 320])
def test_what_stands_still_at_the_end_of_both_is_a_footer(keyboard: int) -> None:
    page = draw_page(3)
    signatures = [row_signature(window(page, offset, keyboard=keyboard)) for offset in (500, 900)]
    found = fixed_footer(*signatures)
    assert found is not None
    assert -12 <= found - (HEIGHT - FOOTER - keyboard) <= FOOTER


def test_a_conversation_that_reaches_the_end_has_no_footer() -> None:
    page = draw_page(4)
    signatures = [row_signature(np.ascontiguousarray(page.picture[start : start + HEIGHT])) for start in (300, 800)]
    assert fixed_footer(*signatures) is None
    assert fixed_footer(signatures[0], row_signature(page.picture[: HEIGHT - 100])) is None
