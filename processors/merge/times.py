"""Times beside bubbles, which mean the same whether a messenger shows them (오후 3:05) or an export tells them
(ISO 8601)."""

import re

from contracts.resources import Bubble

_HALF = r"(?P<half>오전|오후|午前|午後|上午|下午|[AaPp]\.?\s?[Mm]\.?)"
_CLOCK = re.compile(_HALF + r"?\s*(?P<hour>\d{1,2})\s*[:시]\s*(?P<minute>\d{2})")
_CLOCK_AFTER = re.compile(r"(?P<hour>\d{1,2})\s*:\s*(?P<minute>\d{2})\s*(?P<half>[AaPp]\.?\s?[Mm])")
_AFTERNOON = ("오후", "午後", "下午")
_HALF_DAY = 12 * 60
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T(\d{2}):(\d{2})")


def minute_of_day(shown: str | None) -> int | None:
    """Minutes since midnight of a time as a messenger shows it (오후 3:05, 15:05, 3:05 PM), None where it is none."""
    if not shown:
        return None
    match = _CLOCK_AFTER.search(shown) or _CLOCK.search(shown)
    if match is None:
        return None
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["half"]
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON or half[0] in "pP" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def exported_minute(bubble: Bubble) -> str:
    """The minute that an export gives a message, with its date; empty where it gives none."""
    return (bubble.sent_at or "")[:16]


def clock_face(shown: str | None) -> int | None:
    """What the hands of a clock show, in minutes: some screenshots do not tell which half of the day it is, and readers
    misread it."""
    iso = _ISO.match(shown or "")
    minute = int(iso[1]) * 60 + int(iso[2]) if iso is not None else minute_of_day(shown)
    return None if minute is None else minute % _HALF_DAY
