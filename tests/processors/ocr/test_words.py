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
    "text",
    [
        "2025년 3월 21일 금요일",
        "3월 2일",
        "Today",
        "Thursday",
        "2025.09.22 월요일",
        "10:44",
        "25 ottobre 2025",
        "Ieri",
        "2025年11月2日(日)",
    ],
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


@pytest.mark.parametrize(
    ("text", "name", "time"),
    [
        ("Jack Turner Today at 3:22 PM", "Jack Turner", "3:22 PM"),
        ("Liam 9:29 AM", "Liam", "9:29 AM"),
        ("남솔 오늘 오후 5:11", "남솔", "오후 5:11"),
        ("haneul.k APP 2025-03-01 14:05", "haneul.k", "14:05"),
        ("Chiara B. — ieri alle 08:30", "Chiara B.", "08:30"),
    ],
)
def test_a_heading_states_who_wrote_and_when(text: str, name: str, time: str) -> None:
    assert words.name_and_time(text) == (name, time)


def test_a_line_without_a_time_is_no_heading_with_one() -> None:
    assert words.name_and_time("Jack Turner") is None


@pytest.mark.parametrize(
    ("text", "counts"), [("👍 2", True), ("😂3 ❤️ 11", True), ("+1", False), ("2", False), ("👍", False)]
)
def test_counted_reactions_are_told_from_messages(text: str, counts: bool) -> None:
    assert words.are_reactions(text) is counts


@pytest.mark.parametrize(
    ("text", "empty"),
    [("iMessage↓", True), ("☺ 메시지⬚ 📷", True), ("Aa", True), ("메시지 봤어?", False), ("Message me later", False)],
)
def test_what_an_empty_input_box_says(text: str, empty: bool) -> None:
    assert words.is_prompt(text) is empty


@pytest.mark.parametrize(
    ("text", "misread"), [("2025후3♬26E(zk)", True), ("2025 will be fine", False), ("20,000원 2개", False)]
)
def test_the_numbers_of_a_misread_date(text: str, misread: bool) -> None:
    assert words.resembles_date(text) is misread
