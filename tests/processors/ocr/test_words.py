"""Lines that are no messages, told by what they say."""

import pytest

from processors.ocr import words


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("오후 5:33", "오후 5:33"),
        ("Read 10:17 AM", "10:17 AM"),
        ("16:33", "16:33"),
        ("午後 3:05", "午後 3:05"),
        ("meeting at the station at 10:17 tomorrow", None),
        ("읽음", None),
    ],
)
def test_the_time_is_told_as_it_is_shown(text: str, time: str | None) -> None:
    assert words.time_in(text) == time


@pytest.mark.parametrize(
    "text", ["2025년 3월 21일 금요일", "3월 2일", "Today", "Thursday", "2025.09.22 월요일", "10:44"]
)
def test_dates_between_messages(text: str) -> None:
    assert words.is_date(text)


@pytest.mark.parametrize("text", ["오늘 뭐 해?", "3월에 만나자", "2025", "네"])
def test_messages_are_no_dates(text: str) -> None:
    assert not words.is_date(text)


@pytest.mark.parametrize("text", ["민수님이 들어왔습니다.", "Alex joined the group", "지은님이 나갔습니다."])
def test_notices_of_the_room(text: str) -> None:
    assert words.is_room_notice(text)


def test_deleted_messages_and_files() -> None:
    assert words.is_deleted("삭제된 메시지입니다.")
    assert words.is_deleted("This message was deleted")
    assert not words.is_deleted("사진 지웠어")
    assert words.is_file("보고서.pdf\n용량 158KB")
    assert not words.is_file("보고서.pdf 봤어?")


def test_marks_beside_a_bubble() -> None:
    assert all(words.is_mark(text) for text in ("1", "오전 10:00", "Read", "읽음"))
    assert not words.is_mark("응 1시")


@pytest.mark.parametrize(("text", "piece"), [(":10", True), ("후 8:35", True), ("8:35에 봐", False), ("10", False)])
def test_what_is_left_of_a_cut_time_is_told_from_a_message(text: str, piece: bool) -> None:
    assert words.is_piece_of_time(text) is piece


@pytest.mark.parametrize(
    ("text", "arrow"), [("✓", True), ("r>", True), ("v", True), ("네", False), ("?", False), ("", False)]
)
def test_signs_of_buttons_are_told_from_messages(text: str, arrow: bool) -> None:
    assert words.is_arrow(text) is arrow
