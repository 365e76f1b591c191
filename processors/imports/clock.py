"""Dates and times of day as messengers write them."""

import re
from datetime import date, datetime, time

SPACE = "[ \u00a0\u202f\u2009]"
"""Apple writes a narrow no-break space before AM and PM since iOS 17, Android since 2023."""

_BEFORE = "오전|오후|午前|午後|上午|下午|[AaPp][Mm]"
_AFTER = rf"[AaPp]\.?{SPACE}?[Mm]\.?"
TIME = rf"(?:(?:{_BEFORE}){SPACE}?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:{SPACE}?{_AFTER})?"
"""A time of day, with or without seconds and half of the day."""

_TIME = re.compile(
    rf"(?:(?P<before>{_BEFORE}){SPACE}?)?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?"
    rf"(?:{SPACE}?(?P<after>{_AFTER}))?"
)
_AFTERNOON = ("오후", "午後", "下午")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def time_of_day(text: str) -> time | None:
    """The time that `text` says, None where there is no such time (오후 13:70)."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour = int(match["hour"])
    half = match["before"] or match["after"]
    if half:
        if hour > 12:
            return None
        hour = hour % 12 + (12 if half in _AFTERNOON or half[0] in "pP" else 0)
    try:
        return time(hour, int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        return None


def has_seconds(text: str) -> bool:
    """Whether a time of day tells the second."""
    match = _TIME.fullmatch(text)
    return match is not None and match["second"] is not None


def calendar_day(year: int, month: int, day: int) -> date | None:
    """The day, None where the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_number(name: str) -> int:
    """1 to 12 of an English month, short or long; 0 where it is none."""
    start = name[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0


def moment_of(day: date | None, clock: time | None) -> datetime | None:
    return None if day is None or clock is None else datetime.combine(day, clock)
