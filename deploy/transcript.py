"""The conversation of a session on a terminal: who said what, how it was judged, and what could be said next."""

import re
from collections.abc import Sequence
from statistics import fmean

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from contracts.conversations import Suggestion
from contracts.resources import MergeInfo, Message
from deploy.terminal import clean, console
from gateway.transcripts import gaps

INDENT = 10
"""Columns before a judgement, which stands under the message at the right."""
EXCERPT = 24
"""Columns of a message in the summary."""
_ISO_T = re.compile(r"(?<=\d)T(?=\d)")


def show_transcript(messages: Sequence[Message], merge_info: MergeInfo | None, engine: str | None) -> None:
    """Prints the merged conversation, own messages on the right with their judgements, and a summary."""
    out = console()
    missing = gaps(tuple(messages), merge_info)
    for place, message in enumerate(messages):
        if place in missing:
            out.print(Text("… something may be missing here …", style="dim"), justify="center")
        _show_message(out, message)
        _show_judgement(out, message)
    out.print()
    marked = sum(message.uncertain for message in messages)
    out.print(f"{len(messages)} messages" + (f", {marked} uncertain (?)" if marked else ""))
    _show_block(out, Text(_summary(messages, engine)), 0)


def show_suggestions(suggestions: Sequence[Suggestion]) -> None:
    """Prints what could be said next."""
    out = console()
    out.print("\nWhat you could say next:")
    for suggestion in suggestions:
        head = Text(f"{clean(suggestion.style)} ", style="bold").append_text(_impact(suggestion.expected_impact))
        _show_block(out, head.append(f"  {clean(suggestion.text)}", style="not bold"), 2)
        _show_block(out, Text(clean(suggestion.explanation), style="dim"), 6)


def _show_message(out: Console, message: Message) -> None:
    who = "me" if message.speaker == "user" else message.sender or "them"
    kind = "" if message.kind == "text" else f"[{message.kind}] "
    text = (kind + message.text).strip() or f"({message.kind})"
    mark = " ?" if message.uncertain else ""
    # Exports have ISO 8601, screenshots what stands beside the bubble.
    moment = f"  ({_ISO_T.sub(' ', message.sent_at)})" if message.sent_at else ""
    out.print(Text(clean(f"{who}: {text}{mark}{moment}")), justify="right" if message.speaker == "user" else None)


def _show_judgement(out: Console, message: Message) -> None:
    if message.score is None:
        return
    head = Text(f"{message.score:g}", style="bold")
    if message.emotional_tone:
        head.append(f" · {clean(message.emotional_tone)}", style="not bold")
    if message.impact_score is not None:
        head.append(" · ", style="not bold").append_text(_impact(message.impact_score))
    out.print(head, justify="right")
    if message.ai_message:
        _show_block(out, Text(clean(message.ai_message), style="dim"), INDENT)
    if message.suggested_alternative:
        _show_block(out, Text(clean(f"→ {message.suggested_alternative}"), style="dim"), INDENT)


def _show_block(out: Console, text: Text, indent: int) -> None:
    for line in text.wrap(out, out.width - indent):
        line.rstrip()
        out.print(Text(" " * indent).append_text(line))


def _impact(value: float) -> Text:
    style = "green" if value > 0 else "red" if value < 0 else "dim"
    return Text(f"{value:+g}" if value else "±0", style=f"not bold {style}")


def _summary(messages: Sequence[Message], engine: str | None) -> str:
    own = sum(message.speaker == "user" and message.kind == "text" for message in messages)
    judged = [(message.score, message) for message in messages if message.score is not None]
    if not judged:
        return f"none of {own} own messages is judged"
    (best_score, best), (worst_score, worst) = (choose(judged, key=lambda pair: pair[0]) for choose in (max, min))
    mean = fmean(score for score, _ in judged)
    by = f" by {engine}" if engine else ""
    return (
        f"{len(judged)} of {own} own messages judged{by}: mean {mean:.0f}, "
        f"best {best_score:g} ({_excerpt(best.text)}), worst {worst_score:g} ({_excerpt(worst.text)})"
    )


def _excerpt(text: str) -> str:
    line = " ".join(clean(text).split())
    if cell_len(line) <= EXCERPT:
        return line
    while cell_len(line) >= EXCERPT:
        line = line[:-1]
    return line + "…"
