"""What holds for every export: encodings, whose words, which days, and what is no export."""

from datetime import date

import pytest

from contracts.errors import (
    BAD_REQUEST,
    EXPORT_SIDES_UNKNOWN,
    EXPORT_TOO_LONG,
    UNKNOWN_EXPORT,
    ErrorKind,
    TokstreamError,
)
from processors.imports.parse import parse_export

KAKAO = """민지 님과 카카오톡 대화
저장한 날짜 : 2026년 3월 4일 오후 3:05

2026년 3월 1일 오후 1:23, 민지 : 점심 먹었어?
2026년 3월 2일 오후 1:24, 지우 : 아직
2026년 3월 3일 오후 1:24, 민지 : 나도
"""
GROUP = KAKAO + "2026년 3월 3일 오후 1:25, 서준 : 저도요\n"


def refusal(data: bytes, **options: object) -> TokstreamError:
    with pytest.raises(TokstreamError) as caught:
        parse_export(data, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949"])
def test_encodings(encoding: str) -> None:
    export = parse_export(KAKAO.encode(encoding))
    assert [one.text for one in export.messages] == ["점심 먹었어?", "아직", "나도"]
    assert export.broken_total == 0


def test_a_control_character_makes_no_other_encoding() -> None:
    export = parse_export(KAKAO.replace("아직", "아\0직").encode())
    assert [one.text for one in export.messages] == ["점심 먹었어?", "아\0직", "나도"]


def test_a_byte_that_is_wrong_costs_a_character_and_is_told() -> None:
    data = KAKAO.encode().replace("아직".encode(), "아".encode() + b"\xff")
    export = parse_export(data)
    assert export.messages[1].text == "아\ufffd"
    assert [(one.line, one.reason) for one in export.broken_lines] == [
        (5, "has bytes that are not of the file's encoding")
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends(ending: str) -> None:
    assert len(parse_export(KAKAO.replace("\n", ending).encode()).messages) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        "안녕하세요\n이것은 대화가 아닙니다.\n".encode(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        bytes(range(256)) * 20,
        b"Date,User,Message\n",
        b"name,age\nanna,3\n",
        b'{"messages": []}',
        b"2026-03-01 14:00:00 INFO started\n2026-03-01 14:00:01 WARN slow : 3 s\n",
        b"2026-03-01 14:00:00,17,3\n2026-03-01 14:01:00,18,2\n",
        ("서문\n" * 50 + KAKAO).encode(),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(data: bytes) -> None:
    error = refusal(data)
    assert error.kind is UNKNOWN_EXPORT
    assert "KakaoTalk" in error.detail
    assert "WhatsApp" in error.detail


def test_the_title_tells_the_own_side_of_two() -> None:
    assert parse_export(KAKAO.encode()).me == "지우"


def test_a_name_is_recognised_however_it_is_spelt() -> None:
    assert parse_export(KAKAO.replace("지우", "Ji  Woo").encode(), me="ji woo").me == "Ji  Woo"


def test_of_two_names_that_differ_in_their_case_the_exact_one_is_meant() -> None:
    lines = "2026년 3월 1일 오후 1:23, Kim : 하나\n2026년 3월 1일 오후 1:24, KIM : 둘\n"
    for me, said in (("Kim", "하나"), ("KIM", "둘")):
        assert [one.text for one in parse_export(lines.encode(), me=me).messages if one.own] == [said]


def test_a_group_needs_to_be_told() -> None:
    error = refusal(GROUP.encode())
    assert error.kind is EXPORT_SIDES_UNKNOWN
    assert error.field == "me"
    for name in ("민지", "지우", "서준"):
        assert name in error.detail
    assert parse_export(GROUP.encode(), "서준").me == "서준"


def test_nobody_of_that_name_is_refused_with_the_names() -> None:
    error = refusal(KAKAO.encode(), me="누구")
    assert error.kind is EXPORT_SIDES_UNKNOWN
    assert "민지, 지우" in error.detail


def test_where_only_the_other_side_writes_nobody_is_needed() -> None:
    export = parse_export(KAKAO.replace("지우", "민지").encode())
    assert export.me is None
    assert not any(one.own for one in export.messages)


@pytest.mark.parametrize(
    "filename", ["WhatsApp Chat with 민지.txt", "WhatsApp Chat - 민지.txt", "WhatsApp Chat with 민지 (1).txt"]
)
def test_the_name_of_the_file_tells_the_own_side_too(filename: str) -> None:
    data = "1/3/2026, 13:20 - 민지: 안녕\n1/3/2026, 13:21 - 지우: 응\n".encode()
    assert refusal(data).kind is EXPORT_SIDES_UNKNOWN
    assert parse_export(data, filename=filename).me == "지우"


@pytest.mark.parametrize(
    ("since", "until", "texts"),
    [
        (date(2026, 3, 2), None, ["아직", "나도"]),
        (None, date(2026, 3, 2), ["점심 먹었어?", "아직"]),
        (date(2026, 3, 2), date(2026, 3, 2), ["아직"]),
    ],
)
def test_only_the_days_asked_for_are_taken(since: date | None, until: date | None, texts: list[str]) -> None:
    export = parse_export(KAKAO.encode(), since=since, until=until)
    assert [one.text for one in export.messages] == texts
    assert export.me == "지우"


@pytest.mark.parametrize(
    ("options", "kind"),
    [({"since": date(2027, 1, 1)}, BAD_REQUEST), ({"limit": 2}, EXPORT_TOO_LONG)],
)
def test_days_without_messages_and_too_many_messages_are_refused_with_the_days_there_are(
    options: dict[str, object], kind: ErrorKind
) -> None:
    error = refusal(KAKAO.encode(), **options)
    assert error.kind is kind
    assert "2026-03-01 to 2026-03-03" in error.detail


def test_the_limit_counts_what_is_taken() -> None:
    assert len(parse_export(KAKAO.encode(), since=date(2026, 3, 2), limit=2).messages) == 2
