"""How long a reply took, from the times that messengers show.

Times come as shown (오후 3:24, 15:24, 3:24 PM), as exports write them (2024-05-01T15:24:00+09:00, 2024년 5월 1일 오후
3:24), or not at all; dates stand in system lines between the messages. What cannot be known is None.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from contracts.resources import Message

DAY = 24 * 60
_LONGEST_NIGHT = 12 * 60
"""Minutes: a clock that went back by more than this is of an unknown day, not of the next."""
_HALF = r"(?P<half>오전|오후|午前|午後|上午|下午|[AaPp]\.?\s?[Mm]\b\.?)"
_CLOCK = re.compile(rf"(?:{_HALF}\s*)?(?P<hour>\d{{1,2}})\s*(?::|：|시)\s*(?P<minute>\d{{2}})(?:[:：]\d{{2}})?")
_CLOCK_BEFORE = re.compile(rf"(?P<hour>\d{{1,2}})\s*[:：]\s*(?P<minute>\d{{2}})(?:[:：]\d{{2}})?\s*{_HALF}")
_DATE = re.compile(
    r"(?P<year>\d{4})\s*(?:[-./]|년)\s*(?P<month>\d{1,2})\s*(?:[-./]|월)\s*(?P<day>\d{1,2})(?:\s*일|\.|(?!\d))"
)


class Moment(NamedTuple):
    """`day` is the ordinal of the date, None where no date is known; `minute` counts from midnight."""

    day: int | None
    minute: int


def moment(shown: str | None, day: int | None = None) -> Moment | None:
    """The time that a text shows, on `day` where it names no date itself; None where it shows none."""
    if not shown:
        return None
    shown = shown.strip()
    if "T" in shown:
        try:
            exact = datetime.fromisoformat(shown)
        except ValueError:
            pass
        else:
            return Moment(exact.date().toordinal(), exact.hour * 60 + exact.minute)
    day = day_in(shown) or day
    shown = _DATE.sub(" ", shown)
    match = _CLOCK_BEFORE.search(shown) or _CLOCK.search(shown)
    if match is None:
        return None
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["half"]
    if half:
        if hour > 12:
            return Moment(day, hour * 60 + minute) if hour < 24 and minute < 60 else None
        hour = hour % 12 + (12 if half in ("오후", "午後", "下午") or half[0] in "pP" else 0)
    return Moment(day, hour * 60 + minute) if hour < 24 and minute < 60 else None


def day_in(text: str) -> int | None:
    """The ordinal of the date that a text names with its year; None where it names none that exists."""
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])).toordinal()
    except ValueError:
        return None


def moments(messages: Sequence[Message]) -> list[Moment | None]:
    """When each message was sent. A messenger shows one time for a run of one side within a minute, under its last
    bubble: the others of the run have that time too."""
    found: list[Moment | None] = []
    day: int | None = None
    for message in messages:
        if message.kind == "system":
            day = day_in(message.text) or day
        found.append(moment(message.sent_at, day))
    for place in range(len(messages) - 2, -1, -1):
        same = messages[place].speaker == messages[place + 1].speaker
        if found[place] is None and same and messages[place].group_id == messages[place + 1].group_id:
            found[place] = found[place + 1]
    return found


def minutes_between(earlier: Moment | None, later: Moment | None) -> int | None:
    """Minutes from one moment to a later one; None where a time is missing or the days cannot be told."""
    if earlier is None or later is None:
        return None
    if earlier.day is not None and later.day is not None:
        gone = (later.day - earlier.day) * DAY + later.minute - earlier.minute
        return gone if gone >= 0 else None
    gone = later.minute - earlier.minute
    if gone < 0:
        gone += DAY
        return gone if gone <= _LONGEST_NIGHT else None
    return gone


def overnight(earlier: Moment, waited: int) -> bool:
    """Whether a wait of so many minutes is explained by sleep: asked after nine in the evening or before seven,
    answered before ten."""
    late = earlier.minute >= 21 * 60 or earlier.minute < 7 * 60
    until = (earlier.minute + waited) % DAY
    return late and waited <= 13 * 60 and until < 10 * 60
