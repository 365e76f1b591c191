"""The messages as they come together, screenshot by screenshot.

Each message is an entry that collects readings. What the links paired is one message; of the bubbles between them
some are messages that the neighbouring screenshot missed and an earlier one showed, the others are new.
"""

from collections.abc import Sequence

import msgspec

from contracts.resources import Message
from processors.merge.links import Link
from processors.merge.readings import Seen, best_reading, message
from processors.merge.shots import Shot
from processors.merge.texts import Reading, evidence_between, readings

SAME_AFTER_ALL = 3.0
"""Evidence (nats) from which an unpaired bubble is a message that is there already."""

SAME_REMNANT = -2.0
"""The same for a bubble cut by the edge, where just such a message is expected."""

LOOK_AHEAD = 3
"""Messages among which an unpaired bubble is looked for; a screenshot rarely misses more in a row."""

SAME_PLACE = 100.0
"""Evidence of lying in the same rows of screenshots that image alignment joined, and against, of lying in others."""


ABOVE, BELOW = -1, 1


class _Entry:
    """A message in the making: its readings, and whether a gap lies before it."""

    __slots__ = ("after_gap", "seen")

    def __init__(self, seen: Seen, after_gap: bool) -> None:
        self.seen = [seen]
        self.after_gap = after_gap

    @property
    def exported(self) -> bool:
        """Whether an export has the message."""
        return any(seen.extraction.exported for seen in self.seen)


class _Frame(msgspec.Struct, frozen=True):
    """Where a screenshot lies: its row y is row `offset + scale * y` of the screenshots that images joined to
    `number`."""

    number: int
    offset: float
    scale: float


class Conversation:
    """The messages so far, in order. Screenshots are given by their index in upload order."""

    def __init__(self, shots: Sequence[Shot], items: Sequence[Sequence[Reading]]) -> None:
        """`items` are the readings of all bubbles of each screenshot."""
        self._shots = shots
        self._items = items
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

    def join(self, link: Link, upward: bool = False) -> None:
        """Lays screenshot `link.right` over `link.left`, which is there already and was the last to be appended or
        joined but for screenshots that it contains. `upward`: it was the first of its chain, and `link.right` goes
        before it."""
        index = link.right
        self._frames[index] = self._frame(link)
        for left, right in link.pairs:
            entry = self._places.get((link.left, left))
            if entry is None:
                continue  # left out, since an export covers it
            whole = self._places.get((index, right))
            if whole is None:
                self._add(index, right, entry)
            elif whole is not entry and not (whole.exported and entry.exported):
                self._unite(whole, entry)
        count = len(self._shots[index].extraction.bubbles)
        shared = sorted({right for _, right in link.pairs if (index, right) in self._places})
        known = self._known(link.left)
        end = self._place(link.left, known[-1]) + 1 if upward and known else len(self._entries)
        if not shared:
            self._insert(index, range(count), end)
            return
        # From the end, so that places before an insertion stay what they are.
        for before, after in reversed(list(zip(shared, [*shared[1:], count], strict=True))):
            if after > before + 1:
                stop = self._place(index, after) if after < count else end
                self._fill(index, range(before + 1, after), range(self._place(index, before) + 1, stop))
        if shared[0] > 0:
            first = self._place(link.left, known[0])
            self._fill(index, range(shared[0] - 1, -1, -1), range(self._place(index, shared[0]) - 1, first - 1, -1))

    def _known(self, index: int) -> list[int]:
        """The bubbles of a screenshot that are messages here, from top to bottom."""
        return [
            bubble for bubble in range(len(self._shots[index].extraction.bubbles)) if (index, bubble) in self._places
        ]

    def _unite(self, whole: _Entry, piece: _Entry) -> None:
        """Makes one message of two that a screenshot shows to be pieces of one bubble."""
        whole.seen.extend(piece.seen)
        whole.after_gap = whole.after_gap or piece.after_gap
        self._entries.remove(piece)
        for place, entry in self._places.items():
            if entry is piece:
                self._places[place] = whole

    def _frame(self, link: Link) -> _Frame:
        if link.shift is None:
            return _Frame(link.right, 0.0, 1.0)
        left = self._frames[link.left]
        return _Frame(left.number, left.offset + left.scale * link.shift, left.scale * link.scale)

    def _fill(self, index: int, bubbles: range, places: range) -> None:
        """Finds unpaired bubbles among the entries at `places`, or inserts them there; both count away from a paired
        one."""
        if not bubbles:
            return
        # Further ones are out of reach; and exports say the same to the letter, so what is not paired is not the same.
        within = 0 if self._shots[index].extraction.exported else LOOK_AHEAD * len(bubbles)
        evidence = self._evidence(index, bubbles, [self._entries[place] for place in places[:within]])
        found: list[tuple[int, _Entry]] = []
        reached = 0
        for bubble, row in zip(bubbles, evidence, strict=True):
            window = range(reached, min(reached + LOOK_AHEAD, len(row)))
            same = next((column for column in window if row[column] >= SAME_AFTER_ALL), None)
            if same is None and window and row[reached] >= SAME_REMNANT and self._partial(index, bubble):
                same = reached
            if same is not None:
                found.append((bubble, self._entries[places[same]]))
                reached = same + 1
        for bubble, entry in found:
            self._add(index, bubble, entry)
        # What is left behind the last one found misreads messages that an export has, as many as it has there.
        rest = bubbles[bubbles.index(found[-1][0]) + 1 :] if found else bubbles
        covered = self._covered(index, places[reached:], len(rest))
        near = bubbles[: len(bubbles) - len(rest)] if covered else bubbles
        beyond = rest[covered:] if covered else range(0)
        if places.step > 0:
            self._insert(index, beyond, places.stop)
            self._insert(index, near, places.stop)
        else:
            self._insert(index, near[::-1], places.start + 1)
            self._insert(index, beyond[::-1], places.stop + 1)

    def _covered(self, index: int, places: range, most: int) -> int:
        """How many of the entries at `places`, from the first, an export has without a hole; `most` ends the count."""
        if self._shots[index].extraction.exported:
            return 0
        count = 0
        while count < min(most, len(places)) and self._closed(places[count], places[count] - places.step):
            count += 1
        return count

    def _closed(self, one: int, other: int) -> bool:
        """Whether two entries that stand side by side are of one export, which has nothing between them."""
        if min(one, other) < 0 or max(one, other) >= len(self._entries):
            return False
        exports = {seen.extraction.screenshot_id for seen in self._entries[one].seen if seen.extraction.exported}
        return any(seen.extraction.screenshot_id in exports for seen in self._entries[other].seen)

    def _partial(self, index: int, bubble: int) -> bool:
        return self._shots[index].extraction.bubbles[bubble].partial

    def _evidence(self, index: int, bubbles: range, entries: Sequence[_Entry]) -> list[list[float]]:
        """Evidence (nats) that bubbles of a screenshot are readings of entries, (len(bubbles), len(entries))."""
        if not entries:
            return [[] for _ in bubbles]
        items = self._items[index]
        known = [_reading(best_reading(entry.seen)) for entry in entries]
        table: list[list[float]] = evidence_between([items[bubble] for bubble in bubbles], known).tolist()
        for row, bubble in zip(table, bubbles, strict=True):
            seen = self._seen(index, bubble)
            for column, entry in enumerate(entries):
                framed = [other for other in entry.seen if other.frame == seen.frame]
                if framed:
                    row[column] = SAME_PLACE if any(seen.covers(other) for other in framed) else -SAME_PLACE
        return table

    def _add(self, index: int, bubble: int, entry: _Entry) -> None:
        entry.seen.append(self._seen(index, bubble))
        self._places[index, bubble] = entry

    def _insert(self, index: int, bubbles: range, place: int) -> None:
        """New entries for those of ascending `bubbles` that have none: before the next that has one, the last at
        `place`."""
        for bubble in reversed(bubbles):
            if (index, bubble) in self._places:
                place = self._place(index, bubble)
                continue
            entry = _Entry(self._seen(index, bubble), after_gap=False)
            if not entry.exported:
                if self._closed(place - 1, place):
                    continue
                place = self._by_row(entry.seen[0], place)
            if place < len(self._entries):
                # What goes before the first message of a chain is the first now.
                later = self._entries[place]
                entry.after_gap, later.after_gap = later.after_gap, False
            self._entries.insert(place, entry)
            self._places[index, bubble] = entry

    def _by_row(self, seen: Seen, place: int) -> int:
        """The place at or near `place` that the rows of the images tell: above what lies further down, though the
        screenshot that showed that missed this one, and below what lies further up."""
        while place > 0 and self._lies(self._entries[place - 1], seen) == BELOW:
            place -= 1
        while place < len(self._entries) and self._lies(self._entries[place], seen) == ABOVE:
            place += 1
        return place

    @staticmethod
    def _lies(entry: _Entry, seen: Seen) -> int:
        """Whether a message lies ABOVE or BELOW a bubble, 0 where they are not of one frame."""
        tops = [other.top for other in entry.seen if other.frame == seen.frame]
        if not tops:
            return 0
        return BELOW if min(tops) > seen.top else ABOVE

    def _place(self, index: int, bubble: int) -> int:
        return self._entries.index(self._places[index, bubble])

    def _seen(self, index: int, bubble: int) -> Seen:
        extraction, frame = self._shots[index].extraction, self._frames[index]
        return Seen(extraction, extraction.bubbles[bubble], frame.number, frame.offset, frame.scale)

    def messages(self) -> tuple[Message, ...]:
        """All messages, worded, numbered and grouped by runs of one sender."""
        made: list[Message] = []
        group = 0
        for number, entry in enumerate(self._entries, 1):
            one = message(entry.seen, number, group)
            if not made or entry.after_gap or _another_sender(made[-1], one):
                group += 1
            made.append(msgspec.structs.replace(one, group_id=group))
        return tuple(made)


def _reading(seen: Seen) -> Reading:
    return readings([seen.bubble], seen.extraction.exported)[0]


def _another_sender(previous: Message, one: Message) -> bool:
    if previous.speaker != one.speaker:
        return True
    return previous.sender is not None and one.sender is not None and previous.sender != one.sender
