"""What the import of a chat export is asked for, and what it answers."""

from typing import Literal

from contracts.base import Record

ExportFormat = Literal["kakaotalk-mobile", "kakaotalk-pc", "kakaotalk-csv", "whatsapp-android", "whatsapp-ios"]


class ImportRequest(Record, frozen=True):
    """How an export is to be read. `me` names the own side, null where the file must tell. `since` and `until` are the
    first and the last day taken, YYYY-MM-DD, null for no bound. `filename` is what the client called the file; some
    messengers put the other side's name there."""

    me: str | None = None
    since: str | None = None
    until: str | None = None
    filename: str = ""


class BrokenLine(Record, frozen=True):
    """A line of an export that could not be understood. `line` counts from 1."""

    line: int
    reason: str


class ImportResult(Record, frozen=True):
    """An export that is part of its session now.

    `participants` are all who wrote, in the order of their first message, `me` the one who is the user (null where the
    user wrote nothing). `first_sent_at` and `last_sent_at` are ISO 8601 in the local time of the export, null where it
    tells none. `broken_lines` lists at most 100 of the `broken_total` lines that were left out or mended.
    """

    session_id: str
    screenshot_id: str
    upload_order: int
    format: ExportFormat
    messages: int
    participants: tuple[str, ...]
    me: str | None
    first_sent_at: str | None
    last_sent_at: str | None
    broken_lines: tuple[BrokenLine, ...] = ()
    broken_total: int = 0
