"""KakaoTalk's text exports.

Android and iOS begin every message with its date; what has a date and no name is the messenger's own word, a date
alone the beginning of a day:

    2023년 5월 10일 오후 1:23, 민지 : 안녕          2023. 5. 10. 오후 1:23, 민지 : 안녕
    2023년 5월 10일 오후 1:24, 민지님이 나갔습니다.    2023. 5. 10. 오후 1:24: 민지님이 나갔습니다.

The PC writes the date once a day and the messenger's own word without anything:

    --------------- 2023년 5월 10일 수요일 ---------------
    [민지] [오후 1:23] 안녕
    민지님이 나갔습니다.

All begin with a title and the day of saving.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from processors.imports import kinds
from processors.imports.clock import SPACE, TIME, calendar_day, has_seconds, moment_of, month_number, time_of_day
from processors.imports.heads import Head, quoted, split_names, with_continuations
from processors.imports.transcript import Broken, Entry, Transcript

_TITLE = re.compile(
    r"(?P<other>.+?) ?님과 카카오톡 대화|(?P<room>.*)카카오톡 대화|KakaoTalk Chats? with (?P<with>.+)|Talk_.+"
)
_SAVED = re.compile(r"(?:저장한 날짜|Date Saved) ?: .*")
OLD_OWN_NAME = "회원님"
"""What older Androids call the own side."""
TITLE_LINES = 6

_YMD = r"(?P<year>\d{4})(?:년|\.|-) ?(?P<month>\d{1,2})(?:월|\.|-) ?(?P<day>\d{1,2})(?:일|\.)?"
_MDY = r"(?P<name>[A-Z][a-z]{2,8})\.? (?P<mday>\d{1,2}), (?P<myear>\d{4})"
_DATE = rf"(?:{_YMD}|{_MDY})"
_WEEKDAY = r"[월화수목금토일]요일|[A-Z][a-z]+day"
_DAY = re.compile(rf"(?:(?:{_WEEKDAY}), )?{_DATE}(?:,? ?\(?(?:{_WEEKDAY})\)?)?(?:{SPACE}(?:at )?{TIME})?")
_MOBILE = re.compile(
    rf"\ufeff?{_DATE},?{SPACE}(?:at )?(?P<time>{TIME})(?:, ?(?P<rest>.+)|: ?(?P<system>.+))", re.DOTALL
)
_PC = re.compile(rf"\[(?P<who>.+?)\] \[(?P<time>{TIME})\](?: (?P<text>.*))?", re.DOTALL)
_PC_DAY = re.compile(rf"-{{5,}} *(?P<date>{_DAY.pattern}) *-{{5,}}")
_WRONG_DATE = "names a day or time that does not exist"


def is_mobile_head(line: str) -> bool:
    return _MOBILE.fullmatch(line) is not None


def is_pc_head(line: str) -> bool:
    return _PC.fullmatch(line) is not None or _PC_DAY.fullmatch(line) is not None


def is_title(line: str) -> bool:
    """Whether a line is one of those at the top of the file."""
    return _TITLE.fullmatch(line.strip("\ufeff ")) is not None or _SAVED.fullmatch(line.strip("\ufeff ")) is not None


def _day_of(match: re.Match[str]) -> date | None:
    if match["year"]:
        return calendar_day(int(match["year"]), int(match["month"]), int(match["day"]))
    return calendar_day(int(match["myear"]), month_number(match["name"]), int(match["mday"]))


def _other(lines: Sequence[str]) -> str | None:
    """The name in the title; of a group it is the room's."""
    for line in lines[:TITLE_LINES]:
        match = _TITLE.fullmatch(line.strip("\ufeff "))
        if match is not None:
            return match["other"] or match["with"]
    return None


def _titles(lines: Sequence[str]) -> set[int]:
    """Numbers of the lines at the top, from 1."""
    return {number for number, line in enumerate(lines[:TITLE_LINES], 1) if is_title(line)}


def _own(entries: Sequence[Entry]) -> str | None:
    return OLD_OWN_NAME if any(entry.sender == OLD_OWN_NAME for entry in entries) else None


def _settle(entries: Sequence[Entry]) -> None:
    """Gives every message its kind, now that its text is whole."""
    for entry in entries:
        if entry.sender is None:
            entry.kind = "system"
        else:
            entry.kind, entry.text = kinds.kakao(entry.text)


# ── Android and iOS ────────────────────────────────────────────────────────────────────────────────────────────────


def parse_mobile(lines: Sequence[str]) -> Transcript:
    """The export of Android or iOS."""
    heads = _mobile_heads(lines)
    outside = quoted([head.moment for head in heads], timedelta(0))
    heads = [head for index, head in enumerate(heads) if index not in outside]
    broken = Broken()
    named = split_names([head.rest for head in heads], " : ")
    starts: list[tuple[Entry | None, int]] = []
    for head, pair in zip(heads, named, strict=True):
        if head.wrong is not None:
            broken.add(head.line, head.wrong)
            starts.append((None, head.line))
            continue
        sender, text = pair if pair is not None and not head.nameless else (None, head.rest)
        starts.append((Entry(head.line, sender, text, "text", head.moment, head.day, head.to_the_second), head.line))
    passed = _titles(lines) | _day_lines(lines, heads)
    entries = with_continuations(lines, starts, frozenset(passed), broken)
    _settle(entries)
    return Transcript("kakaotalk-mobile", entries, broken, _other(lines), _own(entries))


def _mobile_heads(lines: Sequence[str]) -> list[Head]:
    heads = []
    for number, line in enumerate(lines, 1):
        match = _MOBILE.fullmatch(line)
        if match is None:
            continue
        day, clock = _day_of(match), time_of_day(match["time"])
        rest = match["rest"] or match["system"]
        wrong = None if day is not None and clock is not None else _WRONG_DATE
        heads.append(
            Head(number, rest, moment_of(day, clock), day, has_seconds(match["time"]), wrong, not match["rest"])
        )
    return heads


def _day_lines(lines: Sequence[str], heads: Sequence[Head]) -> set[int]:
    """Numbers of the lines that begin a day: a date alone, before the first message of that date or at the end. Any
    other is a part of a message."""
    found: set[int] = set()
    days = {head.line: head.day for head in heads}
    following: int | None = None
    for number in range(len(lines), 0, -1):
        line = lines[number - 1].strip("\ufeff ")
        if not line:
            continue
        match = _DAY.fullmatch(line)
        if match is not None and (following is None or _day_of(match) == days.get(following)):
            found.add(number)
        else:
            following = number
    return found


# ── PC ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse_pc(lines: Sequence[str]) -> Transcript:
    """The export of the PC."""
    broken = Broken()
    days: set[int] = set()
    heads: list[Head] = []
    texts: dict[int, tuple[str, str]] = {}
    day: date | None = None
    for number, line in enumerate(lines, 1):
        if (match := _PC_DAY.fullmatch(line.strip("\ufeff "))) is not None:
            day = _day_of(match)
            days.add(number)
            if day is None:
                broken.add(number, _WRONG_DATE)
        elif (match := _PC.fullmatch(line)) is not None:
            clock = time_of_day(match["time"])
            heads.append(Head(number, "", moment_of(day, clock), day, wrong=None if clock else _WRONG_DATE))
            texts[number] = (match["who"].strip(), match["text"] or "")
        elif kinds.kakao_system(line):
            heads.append(Head(number, line.strip(), None, day))
    outside = quoted([head.moment for head in heads], timedelta(0))
    starts: list[tuple[Entry | None, int]] = []
    for index, head in enumerate(heads):
        if index in outside:
            continue
        if head.wrong is not None:
            broken.add(head.line, head.wrong)
            starts.append((None, head.line))
            continue
        sender, text = texts.get(head.line, (None, head.rest))
        starts.append((Entry(head.line, sender, text, "text", head.moment, head.day), head.line))
    entries = with_continuations(lines, starts, frozenset(_titles(lines) | days), broken)
    _settle(entries)
    return Transcript("kakaotalk-pc", entries, broken, _other(lines), _own(entries))
