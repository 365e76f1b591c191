"""Many screenshots into one conversation.

Pairs of screenshots are linked (links), the links give an order (order), and along that order each screenshot's
bubbles are laid over what is there already: a bubble that is known adds a reading to its message, a new one a message
in its place. Only then each message is worded out of its readings (readings). Where no link leads on, the next
screenshot is appended behind an explicit gap; nothing is joined on a guess.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from contracts.base import Record
from contracts.resources import MergeInfo, MergeStep, Message
from processors.merge.conversation import Conversation
from processors.merge.exports import export_links
from processors.merge.links import Link, find_links, reversed_link
from processors.merge.order import Arrangement, Chain, arrange, first_date, shown_times
from processors.merge.shots import Shot
from processors.merge.texts import readings

__all__ = ["Merged", "Shot", "merge"]


class Merged(Record, frozen=True):
    """The conversation of a session's screenshots in its `revision`, and how it came about."""

    session_id: str
    revision: int
    messages: tuple[Message, ...]
    info: MergeInfo


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
    items = [readings(shot.extraction.bubbles, shot.extraction.exported) for shot in shots]
    arrangement = arrange(
        len(shots),
        [*find_links(shots, items), *export_links(shots, items)],
        [shown_times(shot.extraction.bubbles) for shot in shots],
        [first_date(shot.extraction) for shot in shots],
    )
    conversation = Conversation(shots, items)
    steps: list[MergeStep] = []
    order: list[int] = []
    for chain in arrangement.chains:
        # A picture without a conversation is no part of one, and no gap in it.
        if not any(shots[index].extraction.bubbles for index in chain):
            continue
        _lay(chain, shots, arrangement, conversation)
        for index in chain:
            if index != chain[0]:
                steps.append(_step(shots, arrangement.successors[order[-1]]))
            elif order:
                steps.append(_gap(shots[order[-1]], shots[index]))
            order.append(index)
            steps += [_step(shots, guest) for guest in _guests_of(index, arrangement)]
    messages = conversation.messages()
    numbered = tuple(msgspec.structs.replace(step, step=number) for number, step in enumerate(steps, 1))
    info = MergeInfo(
        merge_history=numbered,
        total_merged=len(messages),
        order=tuple(identities[index] for index in order),
        duplicates=tuple(identities[index] for index in sorted(arrangement.guests)),
    )
    return Merged(session_id=session_id, revision=revision, messages=messages, info=info)


def _lay(chain: Chain, shots: Sequence[Shot], arrangement: Arrangement, conversation: Conversation) -> None:
    """Lays the screenshots of a chain over each other. An export lies first, so that all others are compared with what
    is complete; elsewhere the first does."""
    start = next((place for place, index in enumerate(chain) if shots[index].extraction.exported), 0)

    def guests(index: int) -> None:
        for guest in _guests_of(index, arrangement):
            conversation.join(guest)

    conversation.append(chain[start])
    guests(chain[start])
    for previous, index in pairwise(chain[start:]):
        conversation.join(arrangement.successors[previous])
        guests(index)
    for index in reversed(chain[:start]):
        conversation.join(reversed_link(arrangement.successors[index]), upward=True)
        guests(index)


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
