"""KakaoTalk's tables, as the Mac and newer PCs write them: `Date,User,Message`, quoted as RFC 4180 says.

    2023-05-10 13:23:45,"민지","안녕
    잘 지내?"

A quote that nobody closes would swallow the rest of the file; it costs its own record only.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from processors.imports import kinds
from processors.imports.transcript import Broken, Entry, Transcript

_HEADER = re.compile(r"\ufeff?\"?date\"?,\"?user\"?,\"?message\"?", re.IGNORECASE)
_RECORD = re.compile(r"\"?\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}(?::\d{2})?\"?,")
LONGEST_RECORD = 1000
"""Lines that one message may have; KakaoTalk's own limit of characters comes first."""


def is_header(line: str) -> bool:
    return _HEADER.fullmatch(line.strip()) is not None


def parse_csv(lines: Sequence[str]) -> Transcript:
    """The table; its first line that is not blank is the header."""
    broken = Broken()
    start = next(number for number, line in enumerate(lines, 1) if line.strip())
    entries = []
    for number, record in _records(lines, start, broken):
        entry = _entry(number, record)
        if entry is None:
            broken.add(number, "is no record of date, user and message")
        else:
            entries.append(entry)
    return Transcript("kakaotalk-csv", entries, broken)


def _records(lines: Sequence[str], header: int, broken: Broken) -> Iterator[tuple[int, str]]:
    """(number of the first line, text) of each record: lines up to the one where the quotes are even."""
    place = header
    while place < len(lines):
        if not lines[place].strip():
            place += 1
            continue
        stop, quotes = place, 0
        while stop < min(len(lines), place + LONGEST_RECORD):
            quotes += lines[stop].count('"')
            stop += 1
            if quotes % 2 == 0:
                break
        record = "\n".join(lines[place:stop])
        # Where the quotes come out even with records inside, one that is not closed met the next that is not.
        swallowed = any(_RECORD.match(line) for line in lines[place + 1 : stop]) and _entry(0, record) is None
        if quotes % 2 == 0 and not swallowed:
            yield place + 1, record
            place = stop
            continue
        broken.add(place + 1, "has a quotation mark that is not closed")
        place += 1
        while place < len(lines) and not _RECORD.match(lines[place]):
            if lines[place].strip():
                broken.add(place + 1, "goes on from a broken line")
            place += 1


def _entry(number: int, record: str) -> Entry | None:
    try:
        rows = list(csv.reader(io.StringIO(record, newline=""), strict=True))
    except csv.Error:
        return None
    if len(rows) != 1 or len(rows[0]) != 3:
        return None
    sent, user, text = rows[0]
    try:
        moment = datetime.fromisoformat(sent.strip())
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return None
    user = user.strip()
    to_the_second = sent.count(":") == 2
    if not user or (user in text and kinds.kakao_system(text)):
        return Entry(number, None, text.strip(), "system", moment, moment.date(), to_the_second)
    kind, text = kinds.kakao(text)
    return Entry(number, user, text, kind, moment, moment.date(), to_the_second)
