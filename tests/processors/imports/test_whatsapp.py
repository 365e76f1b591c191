"""WhatsApp's exports: dates of many countries, marks, and what stands for media."""

from datetime import date

import pytest

from processors.imports.parse import parse_export
from processors.imports.whatsapp import days_of

ANDROID = """01/03/2026, 13:20 - Messages and calls are end-to-end encrypted. Only people in this chat can read them.
01/03/2026, 13:21 - Anna created group "Trip: Seoul"
01/03/2026, 13:22 - You added Ben
01/03/2026, 13:23 - Anna: hi: there

second paragraph
01/03/2026, 13:24 - Ben K.: <Media omitted>
01/03/2026, 13:25 - Ben K.: You deleted this message
01/03/2026, 13:26 - Anna: This message was deleted
01/03/2026, 13:27 - Anna: IMG-20260301-WA0001.jpg (file attached)
look at this
01/03/2026, 13:28 - Anna: STK-20260301-WA0002.webp (file attached)
01/03/2026, 13:29 - Anna: 계약서.pdf (file attached)
01/03/2026, 13:30 - Anna: Ben.vcf (file attached)
31/03/2026, 09:00 - Anna: Ben left the keys (again)
31/03/2026, 09:01 - Anna changed the group name from "a: b" to "c: d"
"""


def test_android() -> None:
    export = parse_export(ANDROID.encode())
    assert export.format == "whatsapp-android"
    assert export.me == "Ben K."  # only he can have deleted it
    assert [(one.kind, one.sender, one.text) for one in export.messages[3:]] == [
        ("text", "Anna", "hi: there\n\nsecond paragraph"),
        ("photo", "Ben K.", ""),
        ("deleted", "Ben K.", "You deleted this message"),
        ("deleted", "Anna", "This message was deleted"),
        ("photo", "Anna", "look at this"),
        ("sticker", "Anna", ""),
        ("file", "Anna", "계약서.pdf"),
        ("card", "Anna", "Ben.vcf"),
        ("text", "Anna", "Ben left the keys (again)"),
        ("system", None, 'Anna changed the group name from "a: b" to "c: d"'),
    ]
    assert {one.kind for one in export.messages[:3]} == {"system"}
    assert export.messages[-1].sent_at == "2026-03-31T09:01"


IOS = """[3/1/26, 1:23:45\u202fPM] Anna: \u200eMessages and calls are end-to-end encrypted.
[3/1/26, 1:23:45\u202fPM] \u202a+82 10\u20111234\u20115678\u202c: hi
\u200e[3/1/26, 1:23:46\u202fPM] Anna: \u200eimage omitted
\u200e[3/1/26, 1:23:47\u202fPM] Anna: report.pdf • \u200e3 pages \u200edocument omitted
\u200e[3/1/26, 1:23:48\u202fPM] ~\u202fBen: \u200esticker omitted
\u200e[3/1/26, 1:23:49\u202fPM] Anna: \u200e<attached: 00000012-PHOTO-2026-03-01-13-23-49.jpg>
[3/1/26, 1:23:50\u202fPM] Anna: fixed \u200e<This message was edited>
[3/31/26, 12:00:00\u202fAM] Anna: video omitted is what it says
\u200e[3/31/26, 12:00:01\u202fAM] Anna: \u200eAnna added Ben
"""


def test_ios_with_marks_and_narrow_spaces() -> None:
    export = parse_export(IOS.replace("\n", "\r\n").encode(), me="anna")
    assert export.format == "whatsapp-ios"
    assert export.me == "Anna"
    assert [(one.kind, one.sender, one.text) for one in export.messages] == [
        ("system", None, "Messages and calls are end-to-end encrypted."),
        ("text", "+82 10\u20111234\u20115678", "hi"),
        ("photo", "Anna", ""),
        ("file", "Anna", "report.pdf"),
        ("sticker", "Ben", ""),
        ("photo", "Anna", ""),
        ("text", "Anna", "fixed"),
        ("text", "Anna", "video omitted is what it says"),
        ("system", None, "Anna added Ben"),
    ]
    assert export.messages[1].sent_at == "2026-03-01T13:23:45"
    assert export.messages[-1].sent_at == "2026-03-31T00:00:01"


@pytest.mark.parametrize(
    ("line", "sent_at"),
    [
        ("31.03.26, 13:05 - 지우: 안녕", "2026-03-31T13:05"),
        ("2026-03-31, 13:05 - 지우: 안녕", "2026-03-31T13:05"),
        ("2026. 3. 31. 오후 1:05 - 지우: 안녕", "2026-03-31T13:05"),
        ("2026년 3월 31일 오후 1:05 - 지우: 안녕", "2026-03-31T13:05"),
        ("26. 3. 31. 오전 12:05 - 지우: 안녕", "2026-03-31T00:05"),
        ("31/3/26 1:05 p. m. - 지우: 안녕", "2026-03-31T13:05"),
        ("3/31/26, 1:05 pm - 지우: 안녕", "2026-03-31T13:05"),
        ("31.3.2026 klo 13.05 - 지우: 안녕", "2026-03-31T13:05"),
        ("[31.03.26, 13:05:09] 지우: 안녕", "2026-03-31T13:05:09"),
        ("[2026. 3. 31. 오후 1:05:09] 지우: 안녕", "2026-03-31T13:05:09"),
        ("[2026/3/31 下午1:05:09] 지우: 안녕", "2026-03-31T13:05:09"),
        ("[2026-03-31, 13:05:09] 지우: 안녕", "2026-03-31T13:05:09"),
    ],
)
def test_dates_of_many_countries(line: str, sent_at: str) -> None:
    (message,) = parse_export(line.encode(), me="지우").messages
    assert (message.sent_at, message.text, message.own) == (sent_at, "안녕", True)


def test_dates_that_fit_two_orders_are_read_so_that_time_goes_forward() -> None:
    assert days_of([(1, 2, 26), (2, 2, 26), (1, 3, 26)], "month first")[-1] == date(2026, 3, 1)
    assert days_of([(1, 2, 26), (1, 3, 26), (2, 1, 26)], "day first")[-1] == date(2026, 2, 1)


def test_dates_that_fit_any_order_are_read_as_is_likely() -> None:
    assert days_of([(1, 2, 26)], "month first") == [date(2026, 1, 2)]
    assert days_of([(1, 2, 26)], "day first") == [date(2026, 2, 1)]


def test_a_name_may_hold_the_separator() -> None:
    text = "".join(
        f"0{n}/03/2026, 13:2{n} - Team: Alpha: nr {n}\n0{n}/03/2026, 13:2{n} - Anna: ok\n" for n in range(1, 5)
    )
    assert parse_export(text.encode(), me="Anna").participants == ("Team: Alpha", "Anna")


def test_a_message_that_arrived_late_is_a_message() -> None:
    text = "01/03/2026, 13:20 - Anna: a\n01/03/2026, 13:02 - Ben: b\n01/03/2026, 13:21 - Anna: c\n"
    assert [one.text for one in parse_export(text.encode(), me="Ben").messages] == ["a", "b", "c"]
