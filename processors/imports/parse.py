"""Chat exports as the messengers write them, into messages: which kind of file it is, what it says, whose words."""

from collections.abc import Callable, Sequence
from datetime import date

from contracts.base import Record
from contracts.errors import BAD_REQUEST, EXPORT_TOO_LONG, UNKNOWN_EXPORT, TokstreamError
from contracts.imports import BrokenLine, ExportFormat
from contracts.resources import Kind
from processors.imports import kakao, kakao_csv, whatsapp
from processors.imports.decoding import REPLACEMENT, decode_lines
from processors.imports.sides import own_side, participants_of
from processors.imports.transcript import Broken, Entry, Transcript

MOST_MESSAGES = 20_000
"""Messages of one import: what merging and analysing still do in seconds, and what fits one document."""

LOOKED_AT = 12
"""Lines that are not blank among which the first message of an export is found."""

EXPECTED = (
    "Expected is the chat export of KakaoTalk (.txt of Android, iOS or PC, .csv of Mac or PC) or of WhatsApp (.txt of "
    "Android or iOS), in UTF-8, UTF-16 or CP949."
)
_UNREADABLE = "has bytes that are not of the file's encoding"


class ExportedMessage(Record, frozen=True):
    """One message. `own` is whether the user wrote it; `sender` is null for what the messenger itself says. `sent_at`
    is ISO 8601 in the local time of the export, without an offset, null where it tells none."""

    text: str
    kind: Kind
    own: bool
    sender: str | None
    sent_at: str | None


class Export(Record, frozen=True):
    """What an export says, from its first to its last message. `me` is the user's name, null where the user wrote
    nothing. `broken_lines` lists up to 100 of `broken_total`, in the order of the file."""

    format: ExportFormat
    messages: tuple[ExportedMessage, ...]
    participants: tuple[str, ...]
    me: str | None
    broken_lines: tuple[BrokenLine, ...] = ()
    broken_total: int = 0


def parse_export(
    data: bytes,
    me: str | None = None,
    *,
    filename: str = "",
    since: date | None = None,
    until: date | None = None,
    limit: int = MOST_MESSAGES,
) -> Export:
    """Reads an export. `me` names the user where the file does not tell; `filename` may tell as well. Only messages
    from the day `since` to the day `until`, both included, are taken.

    Raises TokstreamError: UNKNOWN_EXPORT where `data` is no export that is known, EXPORT_SIDES_UNKNOWN where the user
    is not told or not there, BAD_REQUEST where no message lies in the days asked for, EXPORT_TOO_LONG where more than
    `limit` do.
    """
    lines = decode_lines(data)
    if lines is None:
        raise TokstreamError(UNKNOWN_EXPORT, f"The file is no text. {EXPECTED}", field="file")
    transcript = _parse(lines)
    if all(entry.sender is None for entry in transcript.entries):
        # Without a title a log file, or a table that begins with times, reads like lines of the messenger's own.
        raise TokstreamError(UNKNOWN_EXPORT, f"No message was found in the file. {EXPECTED}", field="file")
    _note_unreadable(lines, transcript.broken)
    own = own_side(transcript, participants_of(transcript), me, filename)
    taken = [entry for entry in transcript.entries if _within(entry, since, until)]
    if not taken:
        raise TokstreamError(BAD_REQUEST, f"No message lies in these days; {_days(transcript.entries)}.", field="since")
    if len(taken) > limit:
        detail = (
            f"The export has {len(taken)} messages here, and {limit} may be imported at once; {_days(taken)}. Choose "
            "fewer days with `since` and `until`."
        )
        raise TokstreamError(EXPORT_TOO_LONG, detail, field="since")
    messages = tuple(
        ExportedMessage(
            text=entry.text,
            kind=entry.kind,
            own=entry.sender is not None and entry.sender == own,
            sender=entry.sender,
            sent_at=entry.sent_at,
        )
        for entry in taken
    )
    return Export(
        format=transcript.format,
        messages=messages,
        participants=tuple(dict.fromkeys(one.sender for one in messages if one.sender is not None)),
        me=own,
        broken_lines=tuple(sorted(transcript.broken.lines, key=lambda broken: broken.line)),
        broken_total=transcript.broken.total,
    )


def _parse(lines: Sequence[str]) -> Transcript:
    first = [line for line in lines if line.strip()][:LOOKED_AT]
    if first and kakao_csv.is_header(first[0]):
        return kakao_csv.parse_csv(lines)
    known: tuple[tuple[Callable[[str], bool], Callable[[Sequence[str]], Transcript]], ...] = (
        (kakao.is_mobile_head, kakao.parse_mobile),
        (kakao.is_pc_head, kakao.parse_pc),
        (whatsapp.is_android_head, lambda lines: whatsapp.parse_whatsapp(lines, "whatsapp-android")),
        (whatsapp.is_ios_head, lambda lines: whatsapp.parse_whatsapp(lines, "whatsapp-ios")),
    )
    # The first line that is a head of any form decides: a message may quote one of another.
    for line in first:
        for is_head, parse in known:
            if is_head(line):
                return parse(lines)
    raise TokstreamError(UNKNOWN_EXPORT, f"The file begins like no chat export that is known. {EXPECTED}", field="file")


def _note_unreadable(lines: Sequence[str], broken: Broken) -> None:
    for number, line in enumerate(lines, 1):
        if REPLACEMENT in line:
            broken.add(number, _UNREADABLE)


def _within(entry: Entry, since: date | None, until: date | None) -> bool:
    if since is None and until is None:
        return True
    if entry.day is None:
        return False
    return (since is None or entry.day >= since) and (until is None or entry.day <= until)


def _days(entries: Sequence[Entry]) -> str:
    days = [entry.day for entry in entries if entry.day is not None]
    return f"they are of {min(days)} to {max(days)}" if days else "they name no days"
