"""Cutting a long conversation into pieces that an engine judges side by side. Pure, no I/O."""

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from contracts.resources import Message

OWN_MESSAGES = 20
"""Own messages of one window; a little more where the cut would fall into a run of them."""
LONGEST_RUN = 30
CONTEXT = 12
"""Messages that a window is shown of what came before."""
AFTER = 4
"""Messages after its last own one: how the other side took it."""
CHARACTERS = 6000
"""At most, of the messages of a window, and again of its context; a single message may be longer."""


class Window(NamedTuple):
    """Places in the conversation: `context` comes just before `messages`, `due` are those of them to be judged."""

    context: range
    messages: range
    due: tuple[int, ...]


def is_own(message: Message) -> bool:
    """Whether the user said it: what the messenger itself says, and what was taken back, is nobody's to judge."""
    return message.speaker == "user" and message.kind not in ("system", "deleted")


def cut(messages: Sequence[Message], due: Set[int]) -> Iterator[Window]:
    """Windows that together have every place in `due` once, in order.

    No window holds an own message that is not due: an engine judges all it is given. What lies far from all that are
    due is in none.
    """
    group: list[int] = []
    for place in sorted(due):
        if group and _ends_before(messages, group, place):
            yield _window(messages, group)
            group = []
        group.append(place)
    if group:
        yield _window(messages, group)


def _ends_before(messages: Sequence[Message], group: list[int], place: int) -> bool:
    between = messages[group[-1] + 1 : place]
    if len(group) >= (OWN_MESSAGES if between else LONGEST_RUN):
        return True
    if len(between) > CONTEXT + AFTER or any(is_own(message) for message in between):
        return True
    return sum(len(message.text) for message in messages[group[0] : place + 1]) > CHARACTERS


def _window(messages: Sequence[Message], group: list[int]) -> Window:
    first, end = group[0], group[-1] + 1
    while end < min(len(messages), group[-1] + 1 + AFTER) and not is_own(messages[end]):
        end += 1
    start, characters = first, 0
    while start > max(0, first - CONTEXT):
        characters += len(messages[start - 1].text)
        if characters > CHARACTERS:
            break
        start -= 1
    return Window(range(start, first), range(first, end), tuple(group))
