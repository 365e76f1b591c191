"""Whether bubbles that lie at one place in two screenshots prove that the screenshots overlap.

A picture repeats itself where a message does: somebody writes the same twice in a row, one screenshot ends with the
first and the next begins with the second, and all that both show is equal to the pixel. So bubbles must not contradict
each other, and there must be two that differ, or one about which more than a few words agrees. A photo or sticker that
the reader overlooked is one of two where the pictures show it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.resources import Bubble
from processors.merge.images import ImageAlignment
from processors.merge.texts import Evidence, normalised, weight

EXACT = 0.96
"""Share of the detailed cells that agree from which two pictures show the same without a doubt; a time, a tail or an
avatar beside one of them alone costs more."""

TELLING = 6.0
"""Evidence (nats) of a text that is not said every day."""

WITHOUT_A_TIME_MISSING = 0.995
"""The same from which not even a time stands beside one alone, whatever was read."""

SURE = 0.9
"""Image confidence that leaves no other shift: of what is repeated within the overlap, one shift further shows half."""

AROUND = 0.1
"""Share of the width above and below a bubble that may belong to it: name, avatar, time."""

SOMETHING = 0.03
"""Detailed rows, as a share of the width, that are a message of their own; a photo or sticker has few."""

SOMETHING_TALL = 0.1
"""Rows from the first to the last of them, as a share of the width."""

LONG = 18.0
"""Evidence (nats) of a text that nobody writes twice in a row: some thirteen characters."""


class Same(NamedTuple):
    """A bubble of the left and one of the right screenshot that lie at one place, and the left one's place in its
    screenshot."""

    place: int
    left: Bubble
    right: Bubble


def contradict(one: Bubble, other: Bubble) -> bool:
    """Whether two bubbles cannot be one message: the speakers differ and neither is uncertain, or the times do."""
    if one.speaker != other.speaker and not (one.uncertain or other.uncertain):
        return True
    times = (one.sent_at, other.sent_at)
    return all(times) and len({normalised(time or "") for time in times}) > 1


def overlooked(same: Sequence[Same], image: ImageAlignment, width: float) -> bool:
    """Whether the pictures show, apart from the bubbles at one place, another message that the reader found in neither.

    `width` is that of the left screenshot in pixels.
    """
    if not same or image.confidence < SURE or image.agreement < EXACT:
        return False
    margin = AROUND * width
    upper = min(one.left.position.y for one in same) - margin
    lower = max(one.left.position.y + one.left.position.height for one in same) + margin
    sides = [row for row in image.telling if row < upper], [row for row in image.telling if row > lower]
    return any(
        len(rows) >= SOMETHING * width and rows[-1] - rows[0] >= SOMETHING_TALL * width for rows in sides if rows
    )


def prove(same: Sequence[Same], among_left: Evidence, agreement: float, more: bool = False) -> bool:
    """Whether bubbles at one place prove an overlap.

    `among_left` is the evidence of each two bubbles of the left screenshot that they read alike, `agreement` the share
    of the pictures' detail that agrees (ImageAlignment), `more` whether they show one further message (`overlooked`).
    """
    sound = [one for one in same if not contradict(one.left, one.right)]
    if 2 * len(sound) <= len(same):
        return False
    different: list[Same] = []
    for one in sound:
        if all(_differ(one, other, among_left) for other in different):
            different.append(one)
    if len(different) + more > 1:
        return True
    if agreement < WITHOUT_A_TIME_MISSING and any(map(_lost_time, sound)):
        return False
    return any(_enough_alone(one, agreement) for one in sound)


def _differ(one: Same, other: Same, among_left: Evidence) -> bool:
    """Whether two messages do not look alike. Of equal ones the last of a minute does, by the time beside it."""
    timed = [bool(same.left.sent_at and same.right.sent_at) for same in (one, other)]
    untimed = [not (same.left.sent_at or same.right.sent_at) for same in (one, other)]
    if (timed[0] and untimed[1]) or (untimed[0] and timed[1]):
        return True
    return bool(among_left[one.place, other.place] <= 0)


def _lost_time(one: Same) -> bool:
    """Whether a time stands beside one of the two though both show where it would stand."""
    without = one.right if one.left.sent_at else one.left
    return bool(one.left.sent_at) != bool(one.right.sent_at) and not without.partial


def _enough_alone(one: Same, agreement: float) -> bool:
    """Whether nobody would write this twice in a row and have it cut, or dated, like this."""
    words = min(weight(normalised(one.left.text)), weight(normalised(one.right.text)))
    cut_in_both = one.left.partial and one.right.partial
    if one.left.kind == "text" and words < TELLING:
        return False
    if cut_in_both and words >= TELLING:
        return True
    dated = bool(one.left.sent_at and one.right.sent_at)
    return agreement >= EXACT and (cut_in_both or dated or words >= LONG)
