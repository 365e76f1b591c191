"""WhatsApp's text exports, on Android and on iOS:

    10/05/2023, 13:23 - Anna: hi                [10.05.23, 13:23:45] Anna: hi
    5/10/23, 1:23 PM - Anna: hi                 [2023. 5. 10. 오후 1:23:45] Anna: hi

Dates follow the language and region of the phone, which the file does not name: their order is told by what the file's
dates can be, and in what order they make time go forward.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from contracts.imports import ExportFormat
from processors.imports import kinds
from processors.imports.clock import SPACE, TIME, calendar_day, has_seconds, moment_of, time_of_day
from processors.imports.heads import Head, quoted, split_names, with_continuations
from processors.imports.kinds import MARKS
from processors.imports.transcript import Broken, Entry, Transcript

_DATE = (
    rf"(?P<first>\d{{1,4}})(?:[./-]|년){SPACE}?(?P<second>\d{{1,2}})(?:[./-]|월){SPACE}?(?P<third>\d{{1,4}})(?:\.|일)?"
)
_MARKS = f"[{MARKS}]*"
_WORD = rf"(?:(?:klo|um|at|às|kl\.|a las){SPACE})?"
"""What some languages put between date and time."""
_ANDROID = re.compile(rf"{_MARKS}{_DATE},?{SPACE}{_WORD}(?P<time>{TIME}){SPACE}[-–—]{SPACE}(?P<rest>.+)", re.DOTALL)
_IOS = re.compile(rf"{_MARKS}\[{_MARKS}{_DATE},?{SPACE}{_WORD}(?P<time>{TIME})\]{SPACE}?(?P<rest>.+)", re.DOTALL)
_FORMS: tuple[tuple[ExportFormat, re.Pattern[str]], ...] = (("whatsapp-android", _ANDROID), ("whatsapp-ios", _IOS))

OUT_OF_ORDER = timedelta(days=1)
"""A message that was written without a connection stands where it arrived, with the time of its writing."""

LOOKED_AT = 100
"""Dates whose writing is looked at."""

Triple = tuple[int, int, int]
Order = Literal["day first", "month first", "year first"]
_PLACES: dict[Order, tuple[int, int, int]] = {
    "day first": (2, 1, 0),
    "month first": (2, 0, 1),
    "year first": (0, 1, 2),
}
"""Where year, month and day stand."""


def is_android_head(line: str) -> bool:
    return _ANDROID.fullmatch(line) is not None


def is_ios_head(line: str) -> bool:
    return _IOS.fullmatch(line) is not None


def parse_whatsapp(lines: Sequence[str], form: ExportFormat) -> Transcript:
    """The export of Android or iOS, as `form` says."""
    heads = _heads(lines, dict(_FORMS)[form])
    outside = quoted([head.moment for head in heads], OUT_OF_ORDER)
    heads = [head for index, head in enumerate(heads) if index not in outside]
    broken = Broken()
    named = split_names([head.rest for head in heads], ": ")
    starts: list[tuple[Entry | None, int]] = []
    for head, pair in zip(heads, named, strict=True):
        if head.wrong is not None:
            broken.add(head.line, head.wrong)
            starts.append((None, head.line))
            continue
        starts.append((_entry(head, pair), head.line))
    entries = with_continuations(lines, starts, frozenset(), broken)
    own = None
    for entry in entries:
        if entry.kind == "system":
            continue
        if kinds.deleted_by_me(entry.text):
            own = entry.sender
        entry.kind, entry.text = kinds.whatsapp(entry.text)
    return Transcript(form, entries, broken, None, own)


def _entry(head: Head, pair: tuple[str, str] | None) -> Entry:
    sender, text = (None, head.rest) if pair is None else (_bare_name(pair[0]), pair[1])
    # What WhatsApp itself says has no name on Android, where a colon in it may look like one; on iOS it has the name of
    # somebody or of the group, and a mark before the text.
    says_itself = sender is None or kinds.whatsapp_system(pair[0] if pair else "")
    if not says_itself and text[:1] == "\u200e" and kinds.whatsapp_system(text):
        says_itself, head.rest = True, text
    if says_itself:
        return Entry(head.line, None, head.rest.strip(MARKS + " "), "system", head.moment, head.day, head.to_the_second)
    return Entry(head.line, sender, text, "text", head.moment, head.day, head.to_the_second)


def _bare_name(name: str) -> str:
    """Without marks, and without the ~ before the name that somebody not in the contacts gave themselves."""
    return re.sub(rf"^~{SPACE}?", "", name.strip(MARKS + " ")).strip(MARKS + " ")


def _heads(lines: Sequence[str], form: re.Pattern[str]) -> list[Head]:
    matches = [(number, match) for number, line in enumerate(lines, 1) if (match := form.fullmatch(line)) is not None]
    triples = [(int(match["first"]), int(match["second"]), int(match["third"])) for _, match in matches]
    clocks = [time_of_day(match["time"]) for _, match in matches]
    days = days_of(triples, _likely_order([match for _, match in matches[:LOOKED_AT]]))
    heads = []
    for (number, match), day, clock in zip(matches, days, clocks, strict=True):
        wrong = None if day is not None and clock is not None else "names a day or time that does not exist"
        rest = match["rest"].strip("\u202a\u202c\ufeff")
        heads.append(Head(number, rest, moment_of(day, clock), day, has_seconds(match["time"]), wrong))
    return heads


def _likely_order(matches: Sequence[re.Match[str]]) -> Order:
    """What the writing suggests: 2026. 3. 1. is Korean, PM is mostly American, all others begin with the day."""
    if any(re.search(rf"\.{SPACE}\d", match.string[: match.start("time")]) for match in matches):
        return "year first"
    return "month first" if any(re.search("[AaPp]", match["time"]) for match in matches) else "day first"


def days_of(triples: Sequence[Triple], likely: Order) -> list[date | None]:
    """The days that the numbers of dates mean, all in one order: the one in which fewest are no days, then the one in
    which time runs backwards least often, then the one that spans least time, then the likeliest."""
    if not triples:
        return []

    def rank(order: Order) -> tuple[int, int, int, bool]:
        days = [_day(triple, _PLACES[order]) for triple in triples]
        known = [day for day in days if day is not None]
        backwards = sum(later < earlier for earlier, later in pairwise(known))
        span = (max(known) - min(known)).days if known else 0
        return len(days) - len(known), backwards, span, order != likely

    places = _PLACES[min(_PLACES, key=rank)]
    return [_day(triple, places) for triple in triples]


def _day(triple: Triple, places: tuple[int, int, int]) -> date | None:
    year, month, day = (triple[place] for place in places)
    if 100 <= year < 1970 or month > 12 or day > 31:
        return None
    return calendar_day(year + 2000 if year < 100 else year, month, day)
