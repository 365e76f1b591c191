"""What every parser makes of its file: entries in order, and the lines that nobody could make anything of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from contracts.imports import BrokenLine, ExportFormat
from contracts.resources import Kind

MOST_BROKEN = 100
"""Broken lines that are listed one by one; of all others only the number is told."""


@dataclass(slots=True)
class Entry:
    """One message or system line. `moment` is when it was sent in the local time of the export, `day` alone is known
    of lines that have no time of their own. `sender` is None for what the messenger itself says."""

    line: int
    sender: str | None
    text: str
    kind: Kind = "text"
    moment: datetime | None = None
    day: date | None = None
    to_the_second: bool = False

    @property
    def sent_at(self) -> str | None:
        """ISO 8601, as exact as the export is."""
        if self.moment is None:
            return None
        return self.moment.isoformat(timespec="seconds" if self.to_the_second else "minutes")


class Broken:
    """Collects the broken lines of a file."""

    def __init__(self) -> None:
        self.lines: list[BrokenLine] = []
        self.total = 0

    def add(self, line: int, reason: str) -> None:
        self.total += 1
        if len(self.lines) < MOST_BROKEN:
            self.lines.append(BrokenLine(line=line, reason=reason))


@dataclass(slots=True)
class Transcript:
    """`other` is the other side's name where a title tells it, `own` the own one where the lines do."""

    format: ExportFormat
    entries: Sequence[Entry]
    broken: Broken = field(default_factory=Broken)
    other: str | None = None
    own: str | None = None
