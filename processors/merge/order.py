"""The order in which screenshots follow each other, from what is known of pairs of them.

A `Link` says that one screenshot goes on where another leaves off. Screenshots of one conversation lie on a line, so
the link that shares most is that to the nearest neighbour: taking links from the strongest down, each screenshot
getting one successor and one predecessor and no circle closed, gives the best path. What no link joins stays apart,
as chains.

Chains are put in the order of upload, or its reverse where the links show that the newest was uploaded first; only
where the links show that uploads were shuffled are the times beside the bubbles asked.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from contracts.resources import Bubble, Extraction
from processors.merge.links import Link, composed, reversed_link
from processors.merge.times import minute_of_day

Chain = tuple[int, ...]

_DAY = 24 * 60


class Arrangement(msgspec.Struct, frozen=True):
    """`chains` in conversation order, each of screenshots that follow each other with proof. `successors` holds for a
    screenshot the link to the next in its chain, `guests` for one that shows nothing new the link from its host,
    which shows it all."""

    chains: tuple[Chain, ...]
    successors: Mapping[int, Link]
    guests: Mapping[int, Link]


def arrange(
    count: int,
    links: Sequence[Link],
    times: Sequence[tuple[int, int] | None],
    dates: Sequence[str | None] | None = None,
) -> Arrangement:
    """Orders `count` screenshots. `times` are the first and last minute of the day each shows, None where none;
    `dates` the ISO 8601 times at which exports among them begin, None of the others."""
    guests = _guests(links)
    kept = [index for index in range(count) if index not in guests]
    joining = _inherited(links, guests)
    successors = _successors([link for link in joining if link.proven])
    if 2 * len(successors) >= len(kept) - 1:
        _join_loose_ends(successors, [link for link in joining if not link.proven])
    followed = {link.right for link in successors.values()}
    chains = [_walk(start, successors) for start in kept if start not in followed]
    ordered = _order_chains(chains, list(successors.values()), times)
    return Arrangement(tuple(_by_date(ordered, dates or [None] * count)), successors, guests)


def _guests(links: Sequence[Link]) -> dict[int, Link]:
    """For each contained screenshot the link from its host; of two equal ones the earlier upload stays."""
    guests: dict[int, Link] = {}
    for link in sorted(
        (link for link in links if link.contains and link.proven),
        key=lambda link: (-link.strength, link.left, link.right),
    ):
        if link.right not in guests and link.right not in _hosts(link.left, guests):
            guests[link.right] = link
    return guests


def _hosts(index: int, guests: Mapping[int, Link]) -> list[int]:
    """The screenshot itself and all that, one through the other, contain it."""
    hosts = [index]
    while hosts[-1] in guests:
        hosts.append(guests[hosts[-1]].left)
    return hosts


def _inherited(links: Sequence[Link], guests: Mapping[int, Link]) -> list[Link]:
    """Links between screenshots that stay; what a contained one shares with others passes on to its host."""
    strongest: dict[frozenset[int], Link] = {}
    for link in links:
        if link.contains and link.proven:
            continue
        moved: Link | None = link
        while moved is not None and moved.left in guests:
            moved = composed(guests[moved.left], moved)
        while moved is not None and moved.right in guests:
            back = composed(guests[moved.right], reversed_link(moved))
            moved = None if back is None else reversed_link(back)
        if moved is None:
            continue
        ends = frozenset((moved.left, moved.right))
        if ends not in strongest or strongest[ends].strength < moved.strength:
            strongest[ends] = moved
    return list(strongest.values())


def _successors(links: Sequence[Link]) -> dict[int, Link]:
    """For each screenshot the link to the one that follows it."""
    successors: dict[int, Link] = {}
    predecessors: set[int] = set()
    for link in sorted(links, key=lambda link: (-link.strength, link.left, link.right)):
        if (
            link.left not in successors
            and link.right not in predecessors
            and link.left not in _walk(link.right, successors)
        ):
            successors[link.left] = link
            predecessors.add(link.right)
    return successors


def _join_loose_ends(successors: dict[int, Link], links: Sequence[Link]) -> None:
    """Adds links too weak to stand alone where both screenshots are left over and no other could take their place."""
    followed = {link.right for link in successors.values()}
    loose = [link for link in links if link.left not in successors and link.right not in followed]
    for link in loose:
        alone = all(link.left != other.left and link.right != other.right for other in loose if other is not link)
        if alone and link.left not in _walk(link.right, successors):
            successors[link.left] = link


def _walk(start: int, successors: Mapping[int, Link]) -> Chain:
    chain = [start]
    while chain[-1] in successors:
        chain.append(successors[chain[-1]].right)
    return tuple(chain)


def _order_chains(
    chains: Sequence[Chain], joins: Sequence[Link], times: Sequence[tuple[int, int] | None]
) -> list[Chain]:
    forward = sum(link.left < link.right for link in joins)
    backward = len(joins) - forward
    by_upload = sorted(chains, key=min)
    if backward == 0:
        return by_upload
    if forward == 0:
        return by_upload[::-1]
    spans = {chain: _span([times[index] for index in chain]) for chain in chains}
    if any(span is None for span in spans.values()):
        return by_upload
    by_clock = sorted(chains, key=lambda chain: spans[chain] or (0, 0))
    turned = [by_clock[start:] + by_clock[:start] for start in range(len(by_clock))]
    # A conversation runs past midnight more readily than it rests a day between two screenshots: least time in all
    # wins.
    return min(
        [by_upload, *turned], key=lambda order: sum(_pause(spans[one], spans[two]) for one, two in pairwise(order))
    )


def _span(times: Sequence[tuple[int, int] | None]) -> tuple[int, int] | None:
    known = [time for time in times if time is not None]
    return (known[0][0], known[-1][1]) if known else None


def _pause(earlier: tuple[int, int] | None, later: tuple[int, int] | None) -> int:
    """Minutes from the end of one span to the start of the next, which may be after midnight."""
    return (later[0] - earlier[1]) % _DAY if earlier and later else 0


def _by_date(chains: Sequence[Chain], dates: Sequence[str | None]) -> list[Chain]:
    """The chains with those that hold an export, which tells its date, in the order of time among themselves."""
    firsts = {
        chain: min(date for date in (dates[index] for index in chain) if date is not None)
        for chain in chains
        if any(dates[index] is not None for index in chain)
    }
    dated = iter(sorted(firsts, key=lambda chain: firsts[chain]))
    return [next(dated) if chain in firsts else chain for chain in chains]


def first_date(extraction: Extraction) -> str | None:
    """When the first message of an export was sent; None of a screenshot, which does not tell the date."""
    if not extraction.exported:
        return None
    return next((bubble.sent_at for bubble in extraction.bubbles if bubble.sent_at), None)


def shown_times(bubbles: Sequence[Bubble]) -> tuple[int, int] | None:
    """First and last minute of the day that the bubbles of a screenshot show."""
    minutes = [minute for minute in (minute_of_day(bubble.sent_at) for bubble in bubbles) if minute is not None]
    return (minutes[0], minutes[-1]) if minutes else None
