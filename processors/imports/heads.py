"""Files in which a message begins with a head (time and name) and goes on to the next: heads told from quotations of
heads, names from texts, and all lines put together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from processors.imports.transcript import Broken, Entry

FEWEST_TO_LENGTHEN = 3
"""Messages that must agree before what follows the first separator is taken for a part of the name."""
LONGEST_NAME = 100
LONGEST_QUOTATION = 300
"""Heads in a row that can be one; messengers do not take longer messages."""
MOST_SEPARATORS = 5
"""Separators that one name may hold."""


@dataclass(slots=True)
class Head:
    """A line that looks like the first of a message. `rest` is what follows the time: name and text, or a system line.
    `wrong` says why it cannot be one after all, `nameless` that there is no name in it."""

    line: int
    rest: str
    moment: datetime | None = None
    day: date | None = None
    to_the_second: bool = False
    wrong: str | None = None
    nameless: bool = False


def quoted(moments: Sequence[datetime | None], slack: timedelta) -> frozenset[int]:
    """Indexes of heads that somebody pasted into a message, told by their time: an export is in the order of time.

    Heads that go back by more than `slack`, up to where time goes on, are one of two things: quotations of what was
    said before, or what follows a quotation with a later time (of another day, where heads have no date). A chat goes
    on soon after a message, which tells them apart. Where time never goes on, or goes back for very long, another
    export begins.
    """
    found: list[int] = []
    kept: list[tuple[int, datetime]] = []
    back: list[tuple[int, datetime]] = []
    latest: datetime | None = None
    for index, moment in enumerate(moments):
        if moment is None:
            continue
        if latest is not None and moment < latest - slack:
            back.append((index, moment))
            continue
        if latest is None or moment >= latest:
            if ahead := _ran_ahead(kept, back, moment):
                found += [place for place, _ in kept[-ahead:]]
                kept[-ahead:] = back
            elif len(back) <= LONGEST_QUOTATION:
                found += [place for place, _ in back]
            back = []
            latest = moment
        kept.append((index, moment))
    return frozenset(found)


def _ran_ahead(kept: Sequence[tuple[int, datetime]], back: Sequence[tuple[int, datetime]], resumed: datetime) -> int:
    """How many heads at the end of `kept` are a quotation that `back` goes behind of, 0 where there is none."""
    if not back:
        return 0
    first = back[0][1]
    for ahead, (_, moment) in enumerate(reversed(kept[-LONGEST_QUOTATION - 1 :])):
        if moment <= first:
            return ahead if first - moment < resumed - kept[-1][1] else 0
    return 0


def split_names(rests: Sequence[str], separator: str) -> list[tuple[str, str] | None]:
    """(name, text) of each `rest`, None where there is no name. A name may itself hold the separator: where everything
    that one name says begins with the same further name, both are one."""
    bare = separator.rstrip()
    found: list[tuple[str, str] | None] = []
    for rest in rests:
        name, middle, text = rest.partition(separator)
        if not middle and rest.endswith(bare):
            name, middle, text = rest[: -len(bare)], bare, ""  # an empty text, whose blank was trimmed
        found.append((name.strip(), text) if middle and 0 < len(name.strip()) <= LONGEST_NAME else None)
    for _ in range(MOST_SEPARATORS):
        longer = _longer_names(found, separator)
        for index, pair in enumerate(found):
            if pair is not None and pair[0] in longer:
                second, _, text = pair[1].partition(separator)
                found[index] = (f"{pair[0]}{separator}{second}", text)
    return found


def _longer_names(pairs: Sequence[tuple[str, str] | None], separator: str) -> frozenset[str]:
    """Names that go on behind the separator."""
    seconds: dict[str, set[str | None]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for pair in pairs:
        if pair is not None:
            second, middle, _ = pair[1].partition(separator)
            counts[pair[0]] += 1
            seconds[pair[0]].add(second if middle and "\n" not in second and len(second) <= LONGEST_NAME else None)
    return frozenset(
        name
        for name, following in seconds.items()
        if counts[name] >= FEWEST_TO_LENGTHEN and len(following) == 1 and None not in following
    )


def with_continuations(
    lines: Sequence[str], starts: Sequence[tuple[Entry | None, int]], passed: frozenset[int], broken: Broken
) -> list[Entry]:
    """Entries with the lines that follow their first one.

    `starts` are (entry, line number from 1) in order; a None is a head that is broken, and what follows it is broken
    with it. Lines numbered in `passed` are no part of any message. Blank lines at the end of a message are dropped:
    some messengers put them before a new day.
    """
    numbers = [number for _, number in starts]
    first = numbers[0] if numbers else len(lines) + 1
    for number in range(1, first):
        if lines[number - 1].strip() and number not in passed:
            broken.add(number, "stands before the first message")
    found: list[Entry] = []
    for (entry, number), stop in zip(starts, [*numbers[1:], len(lines) + 1], strict=True):
        following = [further for further in range(number + 1, stop) if further not in passed]
        if entry is None:
            for further in following:
                if lines[further - 1].strip():
                    broken.add(further, "goes on from a broken line")
            continue
        if following:
            entry.text = "\n".join([entry.text, *(lines[further - 1] for further in following)]).rstrip()
        found.append(entry)
    return found
