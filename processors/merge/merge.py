"""Many screenshots into one conversation.

Pairs of screenshots are linked (links), the links give an order (order), and along that order each screenshot's bubbles
are laid over what is there already: a bubble that is known adds a reading to its message, a new one a message in its
place. Only then each message is worded out of its readings (readings). Where no link leads on, the next screenshot is
appended behind an explicit gap; nothing is joined on a guess.
"""

from collections.abc import Iterator, Sequence

import msgspec

from contracts.base import Record
from contracts.resources import MergeInfo, MergeStep, Message
from processors.merge.links import Link, find_links
from processors.merge.order import Arrangement, arrange, shown_times
from processors.merge.readings import Seen, best_reading, message
from processors.merge.shots import Shot
from processors.merge.texts import evidence_matrix, readings

__all__ = ["Merged", "Shot", "merge"]

SAME_AFTER_ALL = 3.0
"""Evidence (nats) from which a bubble between two shared ones is a message that the neighbouring screenshot missed."""


class Merged(Record, frozen=True):
    """The conversation of a session's screenshots in its `revision`, and how it came about."""

    session_id: str
    revision: int
    messages: tuple[Message, ...]
    info: MergeInfo


class _Entry:
    """A message in the making: its readings, and whether a gap lies before it."""

    __slots__ = ("after_gap", "seen")

    def __init__(self, seen: Seen, after_gap: bool) -> None:
        self.seen = [seen]
        self.after_gap = after_gap


def merge(shots: Sequence[Shot], *, session_id: str, revision: int) -> Merged:
    """One conversation out of screenshots in upload order, which may be shuffled, repeated and full of holes.

    The result depends on nothing but the arguments: messages are numbered msg-001 … in the order of the conversation.
    Raises ValueError where a screenshot belongs to another session or comes twice.
    """
    identities = [shot.extraction.screenshot_id for shot in shots]
    if len(set(identities)) != len(identities):
        raise ValueError("a screenshot was given twice")
    if any(shot.extraction.session_id != session_id for shot in shots):
        raise ValueError("a screenshot belongs to another session")
    links = find_links(shots)
    arrangement = arrange(len(shots), links, [shown_times(shot.extraction.bubbles) for shot in shots])
    conversation = _Conversation(shots)
    steps: list[MergeStep] = []
    order: list[int] = []
    for chain in arrangement.chains:
        for index in chain:
            if not order or index == chain[0]:
                conversation.append(index)
                if order:
                    steps.append(_gap(shots[order[-1]], shots[index]))
            else:
                link = arrangement.successors[order[-1]]
                conversation.join(link)
                steps.append(_step(shots, link))
            order.append(index)
            for guest in _guests_of(index, arrangement):
                conversation.join(guest)
                steps.append(_step(shots, guest))
    messages = conversation.messages()
    numbered = tuple(msgspec.structs.replace(step, step=number) for number, step in enumerate(steps, 1))
    info = MergeInfo(
        merge_history=numbered,
        total_merged=len(messages),
        order=tuple(identities[index] for index in order),
        duplicates=tuple(identities[index] for index in sorted(arrangement.guests)),
    )
    return Merged(session_id=session_id, revision=revision, messages=messages, info=info)


def _guests_of(host: int, arrangement: Arrangement) -> Iterator[Link]:
    """Links to the screenshots that `host` contains, and to those that they contain, nearest first."""
    for guest, link in sorted(arrangement.guests.items()):
        if link.left == host:
            yield link
            yield from _guests_of(guest, arrangement)


def _step(shots: Sequence[Shot], link: Link) -> MergeStep:
    return MergeStep(
        step=0,
        overlap_found=True,
        overlap_length=len({i for i, _ in link.pairs}),
        method=link.method,
        confidence=round(link.confidence, 4),
        gap=False,
        left_screenshot_id=shots[link.left].extraction.screenshot_id,
        right_screenshot_id=shots[link.right].extraction.screenshot_id,
    )


def _gap(left: Shot, right: Shot) -> MergeStep:
    return MergeStep(
        step=0,
        overlap_found=False,
        overlap_length=0,
        method="none",
        confidence=0.0,
        gap=True,
        left_screenshot_id=left.extraction.screenshot_id,
        right_screenshot_id=right.extraction.screenshot_id,
    )


class _Frame(msgspec.Struct, frozen=True):
    """Where a screenshot lies: row y is row `offset + scale * y` of chain number `number`."""

    number: int
    offset: float
    scale: float


class _Conversation:
    """The messages so far, in order."""

    def __init__(self, shots: Sequence[Shot]) -> None:
        self._shots = shots
        self._entries: list[_Entry] = []
        self._places: dict[tuple[int, int], _Entry] = {}
        self._frames: dict[int, _Frame] = {}

    def append(self, index: int) -> None:
        """Adds a screenshot that nothing joins to those before it."""
        self._frames[index] = _Frame(index, 0.0, 1.0)
        for bubble in range(len(self._shots[index].extraction.bubbles)):
            entry = _Entry(self._seen(index, bubble), after_gap=bubble == 0 and bool(self._entries))
            self._entries.append(entry)
            self._places[index, bubble] = entry

    def join(self, link: Link) -> None:
        """Lays screenshot `link.right` over `link.left`, which is there already."""
        frame = self._frames[link.left]
        if link.shift is None:
            self._frames[link.right] = _Frame(link.right, 0.0, 1.0)
        else:
            offset = frame.offset + frame.scale * link.shift
            self._frames[link.right] = _Frame(frame.number, offset, frame.scale * link.scale)
        partners = {right: self._places[link.left, left] for left, right in link.pairs}
        index = link.right
        count = len(self._shots[index].extraction.bubbles)
        position = {id(entry): place for place, entry in enumerate(self._entries)}
        anchors = [(bubble, position[id(entry)]) for bubble, entry in sorted(partners.items())]
        for bubble, entry in partners.items():
            entry.seen.append(self._seen(index, bubble))
            self._places[index, bubble] = entry
        # From the end, so that places before an insertion stay what they are.
        ends = [*anchors, (count, len(self._entries))]
        starts = [(-1, self._first_place(link, anchors) - 1), *anchors]
        for (bubble_before, place_before), (bubble_after, place_after) in reversed(
            list(zip(starts, ends, strict=True))
        ):
            self._fill(
                index, range(bubble_before + 1, bubble_after), place_before + 1, max(place_before + 1, place_after)
            )

    def _first_place(self, link: Link, anchors: Sequence[tuple[int, int]]) -> int:
        """From where on the unshared bubbles at the start of the right screenshot may belong."""
        if anchors:
            left_start = self._place_of_first(link.left)
            return min(left_start, anchors[0][1])
        return len(self._entries)

    def _place_of_first(self, index: int) -> int:
        entry = self._places[index, 0]
        return self._entries.index(entry)

    def _fill(self, index: int, bubbles: range, start: int, stop: int) -> None:
        """Places bubbles that no shared one pairs among entries start … stop: another reading, or a new message."""
        if not bubbles:
            return
        items = readings(self._shots[index].extraction.bubbles)
        candidates = self._entries[start:stop]
        best = [best_reading(entry.seen).bubble for entry in candidates]
        known = readings(best)
        matrix = evidence_matrix([items[bubble] for bubble in bubbles] + list(known))[: len(bubbles), len(bubbles) :]
        place = start
        for row, bubble in enumerate(bubbles):
            offset = place - start
            found = next(
                (column for column in range(offset, len(candidates)) if matrix[row, column] >= SAME_AFTER_ALL), None
            )
            if found is None and items[bubble].bubble.partial and offset < len(candidates):
                found = offset if matrix[row, offset] > -2.0 else None
            if found is not None:
                self._add(index, bubble, candidates[found])
                place = start + found + 1
        self._insert_missing(index, bubbles, stop)

    def _add(self, index: int, bubble: int, entry: _Entry) -> None:
        entry.seen.append(self._seen(index, bubble))
        self._places[index, bubble] = entry

    def _insert_missing(self, index: int, bubbles: range, stop: int) -> None:
        """New messages for the bubbles still without one: before the next known bubble of the run, else at `stop`."""
        place = stop
        for bubble in reversed(bubbles):
            known = self._places.get((index, bubble))
            if known is not None:
                place = self._entries.index(known)
                continue
            entry = _Entry(self._seen(index, bubble), after_gap=False)
            self._entries.insert(place, entry)
            self._places[index, bubble] = entry

    def _seen(self, index: int, bubble: int) -> Seen:
        extraction, frame = self._shots[index].extraction, self._frames[index]
        return Seen(extraction, extraction.bubbles[bubble], frame.number, frame.offset, frame.scale)

    def messages(self) -> tuple[Message, ...]:
        """All messages, worded, numbered and grouped by runs of one sender."""
        made: list[Message] = []
        group = 0
        for number, entry in enumerate(self._entries, 1):
            one = message(entry.seen, number, max(1, group))
            previous = made[-1] if made else None
            if previous is None or entry.after_gap or _another_sender(previous, one):
                group += 1
            made.append(msgspec.structs.replace(one, group_id=group))
        return tuple(made)


def _another_sender(previous: Message, one: Message) -> bool:
    if previous.speaker != one.speaker:
        return True
    return previous.sender is not None and one.sender is not None and previous.sender != one.sender
