"""Whether bubbles that lie at one place in two screenshots prove that the screenshots overlap.

A picture repeats itself where a message does: somebody writes the same twice in a row, one screenshot ends with the
first and the next begins with the second, and all that both show is equal to the pixel. So bubbles must not contradict
each other, and there must be two that differ, or one about which more than its words agrees.
"""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.resources import Bubble
from processors.merge.texts import Evidence, normalised, weight

EXACT = 0.96
"""Share of the detailed cells that agree from which two pictures show the same without a doubt; a time, a tail or an
avatar beside one of them alone costs more."""

TELLING = 6.0
"""Evidence (nats) of a text that is not said every day."""


class Same(NamedTuple):
    """A bubble of the left and one of the right screenshot that lie at one place, and the left one's index."""

    index: int
    left: Bubble
    right: Bubble


def contradict(one: Bubble, other: Bubble) -> bool:
    """Whether two bubbles cannot be one message: the speakers differ and neither is uncertain, or the times do."""
    if one.speaker != other.speaker and not (one.uncertain or other.uncertain):
        return True
    return bool(one.sent_at and other.sent_at) and not _same_time(one, other)


def prove(same: Sequence[Same], among_left: Evidence, agreement: float) -> bool:
    """Whether bubbles at one place prove an overlap.

    `among_left` is the evidence of each two bubbles of the left screenshot that they read alike, `agreement` the share
    of the pictures' detail that agrees (ImageAlignment).
    """
    sound = [one for one in same if not contradict(one.left, one.right)]
    if 2 * len(sound) <= len(same):
        return False
    different: list[Same] = []
    for one in sound:
        if all(among_left[one.index, other.index] <= 0 for other in different):
            different.append(one)
    if len(different) > 1:
        return True
    return agreement >= EXACT and not any(map(_lost_time, sound)) and any(map(_enough_alone, sound))


def _same_time(one: Bubble, other: Bubble) -> bool:
    return normalised(one.sent_at or "") == normalised(other.sent_at or "")


def _lost_time(one: Same) -> bool:
    """Whether a time stands beside one of the two though both show where it would stand."""
    without = one.right if one.left.sent_at else one.left
    return bool(one.left.sent_at) != bool(one.right.sent_at) and not without.partial


def _enough_alone(one: Same) -> bool:
    """Whether nobody would write this twice in a row and have it cut, or dated, like this."""
    if one.left.kind == "text" and weight(normalised(one.left.text)) < TELLING:
        return False
    cut_in_both = one.left.partial and one.right.partial
    return cut_in_both or bool(one.left.sent_at and one.right.sent_at)
