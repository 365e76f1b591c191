"""KakaoTalk's four kinds of export, with what people and the messenger write into them."""

from contracts.imports import BrokenLine
from contracts.resources import Kind
from processors.imports.parse import Export, parse_export

ANDROID = """민지 님과 카카오톡 대화
저장한 날짜 : 2026년 3월 4일 오후 3:05


2026년 3월 1일 오후 1:23
2026년 3월 1일 오후 1:23, 민지 : 안녕
잘 지내?

밥은?
2026년 3월 1일 오후 1:24, 지우 : 사진
2026년 3월 1일 오후 1:24, 지우 : 사진 3장
2026년 3월 1일 오후 1:24, 민지 : 이모티콘
2026년 3월 1일 오후 1:24, 민지 : (이모티콘) 귀엽지
2026년 3월 1일 오후 1:25, 민지 : 삭제된 메시지입니다.
2026년 3월 1일 오후 1:26, 민지 : 파일: 견적서 (최종).pdf
2026년 3월 1일 오후 1:27, 지우 : 보이스톡 3:05
2026년 3월 1일 오후 1:28, 지우 : 사진 좀 보내줘


2026년 3월 2일 오전 12:05
2026년 3월 2일 오전 12:05, 민지님이 나갔습니다.
"""


def said(export: Export) -> list[tuple[Kind, bool, str]]:
    return [(one.kind, one.own, one.text) for one in export.messages]


def test_android() -> None:
    export = parse_export(ANDROID.encode())
    assert export.format == "kakaotalk-mobile"
    assert export.me == "지우"
    assert export.participants == ("민지", "지우")
    assert export.broken_total == 0
    assert said(export) == [
        ("text", False, "안녕\n잘 지내?\n\n밥은?"),
        ("photo", True, ""),
        ("photo", True, "사진 3장"),
        ("sticker", False, ""),
        ("text", False, "귀엽지"),
        ("deleted", False, "삭제된 메시지입니다."),
        ("file", False, "견적서 (최종).pdf"),
        ("card", True, "보이스톡 3:05"),
        ("text", True, "사진 좀 보내줘"),
        ("system", False, "민지님이 나갔습니다."),
    ]
    assert export.messages[0].sent_at == "2026-03-01T13:23"
    assert export.messages[-1].sent_at == "2026-03-02T00:05"
    assert export.messages[-1].sender is None


def test_an_old_android_calls_the_own_side_so() -> None:
    text = """회의방 3 카카오톡 대화
저장한 날짜 : 2019년 3월 4일 오후 3:05

2019년 3월 1일 오후 1:23, 민지 : <사진 읽지 않음>
2019년 3월 1일 오후 1:24, 회원님 : 네
2019년 3월 1일 오후 1:24, 서준 : 넵
"""
    export = parse_export(text.encode())
    assert export.me == "회원님"
    assert said(export) == [("photo", False, ""), ("text", True, "네"), ("text", False, "넵")]


def test_ios_with_a_24_hour_clock_and_system_lines() -> None:
    text = """민지 님과 카카오톡 대화
저장한 날짜 : 2026. 3. 4. 오후 3:05



2026년 3월 1일 일요일
2026. 3. 1. 13:22: 지우님이 민지님과 서준 : 팀장님을 초대했습니다.
2026. 3. 1. 13:23, 민지 : 안녕

2026년 3월 2일 월요일
2026. 3. 2. 오전 1:05, 지우 : 2026년 3월 1일 일요일
2026년 3월 1일 일요일
그날이야
"""
    export = parse_export(text.encode())
    assert said(export) == [
        ("system", False, "지우님이 민지님과 서준 : 팀장님을 초대했습니다."),
        ("text", False, "안녕"),
        ("text", True, "2026년 3월 1일 일요일\n2026년 3월 1일 일요일\n그날이야"),
    ]
    assert [one.sent_at for one in export.messages] == ["2026-03-01T13:22", "2026-03-01T13:23", "2026-03-02T01:05"]


def test_english_phones() -> None:
    text = """KakaoTalk Chats with Minji
Date Saved : Mar 4, 2026 3:05 PM

Sunday, March 1, 2026
Mar 1, 2026 at 1:23 PM, Minji : Photo
Mar 2, 2026 at 12:05\u202fAM, Jiwoo : hi
Mar 2, 2026 at 1:24 PM, Minji left this chatroom.
"""
    export = parse_export(text.encode())
    assert export.me == "Jiwoo"
    assert [(one.kind, one.sent_at) for one in export.messages] == [
        ("photo", "2026-03-01T13:23"),
        ("text", "2026-03-02T00:05"),
        ("system", "2026-03-02T13:24"),
    ]


PC = """\ufeff우리 팀 님과 카카오톡 대화
저장한 날짜 : 2026-03-04 15:05:33

--------------- 2026년 3월 1일 일요일 ---------------
지우님이 민지님, 서준님을 초대했습니다.
[민지] [오후 1:23] 안녕
[[영업] 서준] [오후 1:24] [회의] [오후 3시]
[공지]
 들여쓴 줄
민지님이 나갔습니다.
--------------- Monday, March 2, 2026 ---------------
[지우] [1:24 AM] 동영상
[서준 😀] [오후 2:00] [민지] [오후 1:00] 내가 그랬잖아
[민지] [오후 1:01] 늦는다고
[지우] [오후 2:01] 그러게
"""


def test_pc() -> None:
    export = parse_export(PC.replace("\n", "\r\n").encode(), me="지우")
    assert export.format == "kakaotalk-pc"
    assert export.participants == ("민지", "[영업] 서준", "지우", "서준 😀")
    assert said(export) == [
        ("system", False, "지우님이 민지님, 서준님을 초대했습니다."),
        ("text", False, "안녕"),
        ("text", False, "[회의] [오후 3시]\n[공지]\n 들여쓴 줄"),
        ("system", False, "민지님이 나갔습니다."),
        ("photo", True, ""),
        ("text", False, "[민지] [오후 1:00] 내가 그랬잖아\n[민지] [오후 1:01] 늦는다고"),
        ("text", True, "그러게"),
    ]
    assert export.messages[0].sent_at is None
    assert export.messages[4].sent_at == "2026-03-02T01:24"


CSV = '''Date,User,Message
2026-03-01 13:23:45,"민지","안녕, ""친구""
둘째 줄

넷째 줄"
2026-03-01 13:23:46,"지우","지우님이 민지님을 초대했습니다."
2026-03-01 13:23:47,"지우","사진"
2026-03-01 13:23:48,"지우","민지님이 나갔습니다."
2026-03-01 13:23:49,"민지","2026-03-01 13:23:49,""누구"",""가짜"""
'''


def test_csv() -> None:
    export = parse_export(CSV.replace("\n", "\r\n").encode("utf-8-sig"), me="지우")
    assert export.format == "kakaotalk-csv"
    assert said(export) == [
        ("text", False, '안녕, "친구"\n둘째 줄\n\n넷째 줄'),
        ("system", False, "지우님이 민지님을 초대했습니다."),
        ("photo", True, ""),
        ("text", True, "민지님이 나갔습니다."),
        ("text", False, '2026-03-01 13:23:49,"누구","가짜"'),
    ]
    assert export.messages[0].sent_at == "2026-03-01T13:23:45"


def test_a_table_that_went_through_a_spreadsheet() -> None:
    text = "Date,User,Message\n2026-03-01 13:23,민지,안녕\n2026-03-01 13:24,지우,네\n"
    assert [one.sent_at for one in parse_export(text.encode(), me="지우").messages] == [
        "2026-03-01T13:23",
        "2026-03-01T13:24",
    ]


def test_a_quote_that_is_not_closed_costs_its_own_record_only() -> None:
    text = """Date,User,Message
2026-03-01 13:23:45,"민지","열린
2026-03-01 13:23:46,"지우","둘"
2026-03-01 13:23:47,"민지","또 열린
그리고 더
2026-03-01 13:23:48,"지우","넷"
2026-13-01 13:23:49,"지우","다섯"
"""
    export = parse_export(text.encode(), me="지우")
    assert [one.text for one in export.messages] == ["둘", "넷"]
    assert export.broken_lines == (
        BrokenLine(line=2, reason="has a quotation mark that is not closed"),
        BrokenLine(line=4, reason="has a quotation mark that is not closed"),
        BrokenLine(line=5, reason="goes on from a broken line"),
        BrokenLine(line=7, reason="is no record of date, user and message"),
    )


def test_broken_lines_are_told_by_number_and_the_rest_is_kept() -> None:
    text = """민지 님과 카카오톡 대화
저장한 날짜 : 2026년 3월 4일 오후 3:05
무슨 줄
2026년 3월 1일 오후 1:23, 민지 : 안녕
2026년 13월 1일 오후 1:23, 민지 : 없는 달
이어지는 줄
2026년 3월 1일 오후 13:23, 지우 : 없는 시각
2026년 3월 1일 오후 1:24, 지우 : 응
"""
    export = parse_export(text.encode())
    assert said(export) == [("text", False, "안녕"), ("text", True, "응")]
    assert [(one.line, one.reason) for one in export.broken_lines] == [
        (3, "stands before the first message"),
        (5, "names a day or time that does not exist"),
        (6, "goes on from a broken line"),
        (7, "names a day or time that does not exist"),
    ]


def test_of_very_many_broken_lines_the_first_hundred_are_listed() -> None:
    broken = "2026년 13월 1일 오후 1:23, 민지 : 없는 달\n" * 250
    export = parse_export((ANDROID + broken).encode())
    assert export.broken_total == 250
    assert len(export.broken_lines) == 100


def test_a_pasted_chat_stays_in_the_message_that_it_was_pasted_into() -> None:
    text = """2026년 3월 1일 오후 1:23, 민지 : 지난달 대화 봐봐
2026년 2월 1일 오후 9:00, 지우 : 미안
2026년 2월 1일 오후 9:01, 서준 : 아니야
2026년 3월 1일 오후 1:24, 지우 : 그러네
"""
    export = parse_export(text.encode(), me="지우")
    assert len(export.messages) == 2
    assert export.participants == ("민지", "지우")
    assert export.messages[0].text.endswith("서준 : 아니야")


def test_a_pasted_chat_of_a_later_hour_leaves_what_follows_to_those_who_said_it() -> None:
    text = """--------------- 2026년 3월 1일 일요일 ---------------
[지우] [오후 11:20] 잘 자
--------------- 2026년 3월 2일 월요일 ---------------
[서준] [오전 9:00] 어제 이러더라
[민지] [오후 11:23] 너 싫어
[지우] [오전 9:01] 헐
[서준] [오전 9:02] 그치
--------------- 2026년 3월 3일 화요일 ---------------
[지우] [오전 8:00] 안녕
"""
    export = parse_export(text.encode(), me="지우")
    assert [message.sender for message in export.messages] == ["지우", "서준", "지우", "서준", "지우"]
    assert export.messages[1].text == "어제 이러더라\n[민지] [오후 11:23] 너 싫어"


def test_a_pasted_chat_stays_where_it_is_in_a_room_that_was_silent_for_long() -> None:
    text = """2026년 1월 1일 오후 1:00, 지우 : 새해 복 많이 받아
2026년 3월 1일 오후 1:23, 민지 : 지난달 대화 봐봐
2026년 2월 1일 오후 9:00, 지우 : 미안
2026년 2월 1일 오후 9:01, 서준 : 아니야
2026년 3월 1일 오후 1:24, 지우 : 그러네
"""
    export = parse_export(text.encode(), me="지우")
    assert [message.sender for message in export.messages] == ["지우", "민지", "지우"]


def test_two_exports_one_after_the_other_are_all_messages() -> None:
    later, earlier = ANDROID, ANDROID.replace("2026년", "2025년")
    assert len(parse_export((later + earlier).encode()).messages) == 20
