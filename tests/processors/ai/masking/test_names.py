"""Whose names are found."""

import unicodedata

import pytest

from processors.ai.masking.morphemes import proper_names
from processors.ai.masking.names import marked_names, merged, person


@pytest.mark.parametrize(
    ("sender", "forms"),
    [
        ("김민수", ("민수", "김민수")),
        ("김 민수", ("민수", "김민수")),
        ("민수🔥", ("민수",)),
        ("박지영 팀장님", ("지영", "박지영")),
        ("박팀장님", ("박",)),
        ("지영쌤", ("지영",)),
        ("민지 엄마", ("민지",)),
        ("남궁민수", ("민수", "남궁민수")),
        ("John Smith", ("John", "Smith", "John Smith")),
        (unicodedata.normalize("NFD", "최서연"), ("서연", "최서연")),
        ("田中", ("田中",)),
        ("엄마", ()),
        ("아저씨", ()),
        ("(알 수 없음)", ()),
        ("010-1234-5678", ()),
        ("❤️", ()),
        ("", ()),
    ],
)
def test_a_sender_is_a_person_without_titles_and_decoration(sender: str, forms: tuple[str, ...]) -> None:
    assert person(sender) == forms


def test_the_same_person_is_found_once() -> None:
    assert merged([("민수",), (), ("민수", "김민수"), ("지영",), ("민수",)]) == (("민수", "김민수"), ("지영",))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("김민수 씨가 그러던데요", ["김민수"]),
        ("최서연님이 보냈어요", ["최서연"]),
        ("곽두팔 대리가 또 그래", ["곽두팔"]),
        ("홍길동아, 미안", ["홍길동"]),
        ("김현 씨 와요", ["김현"]),
        ("서준 씨가 뭐래", ["서준"]),
        ("사과 씨를 뱉어", []),
        ("오늘이야 내일이야", []),
        ("이거진짜야", []),
        ("고객님 안녕하세요", []),
        ("선생님 감사합니다", []),
        ("이번주 대리운전 불렀어", []),
        ("지하철 기사님", []),
        ("우리 형이 그랬어", []),
        ("날씨 좋다", []),
    ],
)
def test_names_are_found_where_something_marks_them(text: str, names: list[str]) -> None:
    assert marked_names([text]) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("민수야 뭐해?", ["민수"]),
        ("카톡으로 보내줘 은지야", ["은지"]),
        ("민준이랑 밥 먹었어", ["민준"]),
        ("현우 형이 그랬어", ["현우"]),
        ("그만하자 다은아.하은아 너도 와", ["다은", "하은"]),
        ("이것들아 고객님아 이놈아", []),
        ("서울 갔다 왔어", []),
        ("제주도 이마트 갔다가 스타벅스야", []),
        ("친구야 보고싶다", []),
        ("하나야 밥 먹자", []),
    ],
)
def test_morphemes_find_given_names_that_are_called(text: str, names: list[str]) -> None:
    assert proper_names([text]) == names
