"""What counts as a stamp once it has been read."""

import pytest

from processors.ocr.tails import says_time


@pytest.mark.parametrize(
    "text",
    [
        "14:05",
        "9:41 PM",
        "오전 9:12",
        "오후 11:48",
        "午後 3:21",
        "16:33 ✓",
        "16:33 ✔\ufe0f/",
        "16:33 //",
        "16:33 グ",
        "edited 9:05",
        "수정됨 14:05",
        "941 PM",
        "오후 8:56✔️",
    ],
)
def test_times_and_ticks_are_stamps(text: str) -> None:
    assert says_time(text, sure=False)


@pytest.mark.parametrize("text", ["1633", "✓✓", "", "16.33 w"])
def test_a_misread_stamp_counts_where_it_looks_like_one(text: str) -> None:
    assert says_time(text, sure=True)


@pytest.mark.parametrize("text", ["1633", "✓✓", "", "5,000"])
def test_and_only_there(text: str) -> None:
    assert not says_time(text, sure=False)


@pytest.mark.parametrize("text", ["보기", "see more", "14:05에 만나", "전화번호 010-1234", "안녕"])
@pytest.mark.parametrize("sure", [False, True])
def test_words_are_text_however_pale(text: str, sure: bool) -> None:
    assert not says_time(text, sure=sure)
