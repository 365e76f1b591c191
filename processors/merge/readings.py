"""One message out of all its readings: the best one kept, halves joined, what only another shows filled in."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from contracts.resources import Bubble, Extraction, Message, Source, Speaker, TextLine
from processors.merge.settling import settle
from processors.merge.texts import normalised

EDGE = 6.0
"""Pixels between a cut bubble and the edge that cuts it, at most."""


class Seen(NamedTuple):
    """A bubble in its screenshot. Row y of the screenshot is row `offset + scale * y` of the chain of screenshots
    that image alignment joined; `frame` numbers those chains."""

    extraction: Extraction
    bubble: Bubble
    frame: int
    offset: float
    scale: float

    @property
    def height(self) -> float:
        """Pixels of the chain."""
        return self.bubble.position.height * self.scale

    @property
    def top(self) -> float:
        """Row of the chain."""
        return self.offset + self.scale * self.bubble.position.y

    def covers(self, other: "Seen") -> bool:
        """Whether two bubbles of one chain lie in the same rows: at least half of the lower one in the other."""
        shared = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return shared >= 0.5 * min(self.height, other.height)


def best_reading(seen: Sequence[Seen]) -> Seen:
    """The reading to believe: exported before read, whole before cut, sure before uncertain, agreed on before alone,
    complete before what a button hides the end of, then the most confident."""
    if len(seen) == 1:
        return seen[0]
    texts = [normalised(one.bubble.text) for one in seen]
    agreed = Counter(texts)
    return max(
        zip(seen, texts, strict=True),
        key=lambda pair: (
            pair[0].extraction.exported,
            *_soundness(pair[0], seen),
            agreed[pair[1]],
            _complete(pair[1], texts),
            pair[0].bubble.confidence,
        ),
    )[0]


def _soundness(one: Seen, seen: Sequence[Seen]) -> tuple[bool, bool, bool]:
    # A reader that split a bubble vouches for a piece as if it were whole; beside the whole one it is too low.
    tallest = max(other.height for other in seen if other.frame == one.frame)
    return not one.bubble.partial, one.height >= 0.7 * tallest, not one.bubble.uncertain


def _complete(text: str, texts: Sequence[str]) -> bool:
    """Whether no other reading has this text and more before or after it."""
    return not any(len(other) > len(text) and (other.startswith(text) or other.endswith(text)) for other in texts)


def message(seen: Sequence[Seen], number: int, group_id: int) -> Message:
    """The message that `seen`, at least one reading, are readings of. `number` counts from 1, `group_id` likewise."""
    best = best_reading(seen)
    bubble = best.bubble
    settled = settle(bubble, [one.bubble for one in seen])
    text, partial = (settled.text, False) if not bubble.partial else _joined(best, seen)
    return Message(
        message_id=f"msg-{number:03d}",
        text=text,
        speaker=_speaker(best, seen),
        confidence=round(settled.confidence, 4),
        position=bubble.position,
        group_id=group_id,
        sender=bubble.sender or _commonest([one.bubble.sender for one in seen]),
        sent_at=bubble.sent_at or _commonest([one.bubble.sent_at for one in seen]),
        kind=bubble.kind,
        screenshot_id=best.extraction.screenshot_id,
        order=number - 1,
        partial=partial,
        uncertain=settled.uncertain,
        sources=tuple(
            Source(screenshot_id=one.extraction.screenshot_id, position=one.bubble.position, order=one.bubble.order)
            for one in seen
        ),
    )


def _speaker(best: Seen, seen: Sequence[Seen]) -> Speaker:
    """The speaker that an export names; else the one that most sure readings name, of unsure ones where there is no
    other; the best one's where as many name either."""
    if best.extraction.exported:
        return best.bubble.speaker
    sure = [one for one in seen if not one.bubble.uncertain] or seen
    named = Counter(one.bubble.speaker for one in sure)
    (speaker, count), *others = named.most_common()
    if others and others[0][1] == count:
        return best.bubble.speaker
    return speaker


def _commonest(values: Sequence[str | None]) -> str | None:
    known = Counter(value for value in values if value)
    return known.most_common(1)[0][0] if known else None


def _joined(best: Seen, seen: Sequence[Seen]) -> tuple[str, bool]:
    """The text of a bubble that no screenshot shows whole, and whether some of it is still missing."""
    pieces = sorted((one for one in seen if one.frame == best.frame), key=lambda one: one.top)
    if len(pieces) == 1:
        return best.bubble.text, True
    lines: list[Line] = []
    bottom = pieces[0].top
    connected = True
    for piece in pieces:
        connected = connected and piece.top <= bottom + EDGE
        bottom = max(bottom, piece.top + piece.height)
        lines = join_lines(lines, _lines(piece))
    whole = connected and any(map(shows_start, pieces)) and any(map(shows_end, pieces))
    return "\n".join(line.text for line in lines if line.text), not whole


def shows_start(one: Seen) -> bool:
    """Whether a bubble begins inside its screenshot."""
    return not one.bubble.partial or one.bubble.position.y > one.extraction.top + EDGE


def shows_end(one: Seen) -> bool:
    """Whether a bubble ends inside its screenshot."""
    lower = one.bubble.position.y + one.bubble.position.height
    return not one.bubble.partial or lower < one.extraction.bottom - EDGE


class Line(NamedTuple):
    """A line of text in rows of the chain."""

    text: str
    top: float
    bottom: float
    confidence: float


def _lines(one: Seen) -> list[Line]:
    """Lines with rows of the chain; a bubble without line boxes is one of equal lines."""
    bubble = one.bubble
    if bubble.lines:
        return [_line(one, line) for line in bubble.lines]
    texts = bubble.text.split("\n")
    step = one.height / len(texts)
    start = one.offset + one.scale * bubble.position.y
    return [
        Line(text, start + index * step, start + (index + 1) * step, bubble.confidence)
        for index, text in enumerate(texts)
    ]


def _line(one: Seen, line: TextLine) -> Line:
    top = one.offset + one.scale * line.position.y
    return Line(line.text, top, top + one.scale * line.position.height, line.confidence)


def join_lines(upper: Sequence[Line], lower: Sequence[Line]) -> list[Line]:
    """Lines of two pieces of one bubble without those that both show, from top to bottom.

    Of a line in both the taller wins (the other is cut through), then the surer.
    """
    joined = list(upper)
    for line in lower:
        twin = next((index for index, other in enumerate(joined) if _same_rows(other, line)), None)
        if twin is None:
            joined.append(line)
        elif _line_worth(line, joined[twin]) > _line_worth(joined[twin], line):
            joined[twin] = line
    return sorted(joined, key=lambda line: line.top + line.bottom)


def _same_rows(one: Line, other: Line) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= 0.5 * max(1.0, min(one.bottom - one.top, other.bottom - other.top))


def _line_worth(line: Line, other: Line) -> tuple[bool, float]:
    return (line.bottom - line.top) >= 0.85 * (other.bottom - other.top), line.confidence
