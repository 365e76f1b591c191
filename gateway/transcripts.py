"""The merged conversation as a file to take along: text, Markdown, or a table."""

import csv
import io
import re
from collections.abc import Iterator, Mapping

from contracts.resources import MergeInfo, Message, MessageList

MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "md": "text/markdown; charset=utf-8",
}
CSV_COLUMNS = (
    "order",
    "speaker",
    "sender",
    "sent_at",
    "kind",
    "text",
    "confidence",
    "partial",
    "uncertain",
    "gap_before",
    "score",
    "emotional_tone",
    "impact_score",
    "ai_message",
    "suggested_alternative",
)
GAP = "messages may be missing here"
_FORMULA = re.compile(r"^[\s\x00]*[=+\-@|%\t\r＝＋－＠]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")


def gaps(messages: tuple[Message, ...], merge_info: MergeInfo | None) -> frozenset[int]:
    """The places in `messages` before which the merge could not prove that nothing is missing."""
    after_gap = {step.right_screenshot_id for step in merge_info.merge_history if step.gap} if merge_info else set()
    places = set()
    for place, message in enumerate(messages):
        if message.screenshot_id in after_gap:
            after_gap.discard(message.screenshot_id)
            if place:
                places.add(place)
    return frozenset(places)


def as_text(conversation: MessageList, gap_places: frozenset[int]) -> str:
    """`[time] name: text`, further lines of a message indented; gaps and what the messenger itself says stand alone."""
    return "".join(_text_lines(conversation, gap_places))


def _text_lines(conversation: MessageList, gap_places: frozenset[int]) -> Iterator[str]:
    for place, message in enumerate(conversation.messages):
        if place in gap_places:
            yield f"--- {GAP} ---\n"
        time = f"[{message.sent_at}] " if message.sent_at else ""
        body = "\n    ".join(_content(message).splitlines())
        yield f"{time}{body}\n" if message.kind == "system" else f"{time}{_name(message)}: {body}\n"


def as_markdown(conversation: MessageList, gap_places: frozenset[int]) -> str:
    """A heading and one paragraph a message, with its judgement where it has one; markup in what was said is
    escaped."""
    # Exports count as screenshots do, and one is no plural.
    counts = f"Messages: {conversation.total_messages} · Sources: {conversation.total_screenshots}"
    parts = [f"# Transcript\n\n{counts}\n"]
    for place, message in enumerate(conversation.messages):
        if place in gap_places:
            parts.append(f"\n---\n*{GAP}*\n")
        body = "  \n".join(_escaped(line) for line in _content(message).splitlines())
        if message.kind == "system":
            parts.append(f"\n*{body}*\n")
            continue
        time = f" · {_escaped(message.sent_at)}" if message.sent_at else ""
        parts.append(f"\n**{_escaped(_name(message))}**{time}  \n{body}\n{_judgement(message)}")
    return "".join(parts)


def _judgement(message: Message) -> str:
    """A quotation under the message; nothing where it was not judged."""
    if message.score is None:
        return ""
    said = [_number(message.score), message.emotional_tone]
    said += [None if message.impact_score is None else f"{message.impact_score:+g}", message.ai_message]
    lines = [" · ".join(_escaped(" ".join(part.split())) for part in said if part)]
    if message.suggested_alternative:
        lines.append(f"→ {_escaped(' '.join(message.suggested_alternative.split()))}")
    return "".join(f"\n> {line}  " for line in lines).rstrip() + "\n"


def as_csv(conversation: MessageList, gap_places: frozenset[int]) -> str:
    """RFC 4180, with a byte order mark because spreadsheets guess Korean wrongly without one.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
    """
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(CSV_COLUMNS)
    for place, message in enumerate(conversation.messages):
        writer.writerow(
            (
                message.order,
                message.speaker,
                _cell(message.sender or ""),
                _cell(message.sent_at or ""),
                message.kind,
                _cell(message.text),
                f"{message.confidence:.3f}",
                str(message.partial).lower(),
                str(message.uncertain).lower(),
                str(place in gap_places).lower(),
                _number(message.score),
                _cell(message.emotional_tone or ""),
                _number(message.impact_score),
                _cell(message.ai_message or ""),
                _cell(message.suggested_alternative or ""),
            )
        )
    return buffer.getvalue()


def _name(message: Message) -> str:
    return message.sender or ("me" if message.speaker == "user" else "other")


def _content(message: Message) -> str:
    if message.kind in ("text", "system"):
        return message.text
    return f"({message.kind}) {message.text}".rstrip()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _cell(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _escaped(text: str) -> str:
    # A number or dash at the start would begin a list; four spaces a block of code.
    escaped = _MARKDOWN.sub(r"\\\1", text.strip())
    return re.sub(r"^(\d+)\.", r"\1\\.", escaped)
