"""Scores the merge of a drawn sequence: by provenance (which bubble of which screenshot), so misread letters do not
blur it."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

from contracts.base import Record
from contracts.resources import MergeInfo, Message
from tests.screenshots.scoring import FOUND, INSIDE, intersection_over_union, is_required, shared_area
from tests.screenshots.truth import SequenceTruth, ShotTruth

PROVABLE = 2
"""Whole messages that two screenshots must share before a merge can be demanded (the specification's bound)."""


class SequenceScore(Record, frozen=True):
    """Counts of one sequence, or of many added up.

    `perfect`: every message that is seen whole stands there once, in order, made of its own bubbles alone, and
    nothing else. `perfect_merges` leaves out what the reader missed or made up. `provable` sequences share two
    messages at every join. `gaps` are joins without any overlap, of which `gaps_explicit` were left open; `torn`
    are joins with a provable overlap that were left open all the same.
    """

    sequences: int = 0
    provable: int = 0
    perfect: int = 0
    perfect_merges: int = 0
    messages: int = 0
    duplicated: int = 0
    missing: int = 0
    wrongly_joined: int = 0
    misplaced: int = 0
    invented: int = 0
    joins: int = 0
    torn: int = 0
    gaps: int = 0
    gaps_explicit: int = 0

    def __add__(self, other: "SequenceScore") -> "SequenceScore":
        names = SequenceScore.__struct_fields__
        return SequenceScore(**{name: getattr(self, name) + getattr(other, name) for name in names})


def truth_indices(message: Message, shots: Mapping[str, ShotTruth]) -> set[int]:
    """The messages of the conversation that a merged message was made of."""
    found = set()
    for source in message.sources:
        best, best_overlap = None, 0.0
        for candidate in shots[source.screenshot_id].messages:
            overlap = intersection_over_union(candidate.box, source.position)
            area = source.position.width * source.position.height
            if overlap < FOUND and not (
                not is_required(candidate) and area and shared_area(candidate.box, source.position) >= INSIDE * area
            ):
                continue
            if best is None or overlap > best_overlap:
                best, best_overlap = candidate.index, overlap
        if best is not None:
            found.add(best)
    return found


def chains(info: MergeInfo) -> dict[str, int]:
    """Which stretch without a gap each screenshot belongs to."""
    belongs = {info.order[0]: 0} if info.order else {}
    for number, step in enumerate(info.merge_history, 1):
        belongs[step.right_screenshot_id] = number if step.gap else belongs.get(step.left_screenshot_id, -number)
    return belongs


def score_sequence(
    truth: SequenceTruth,
    shots: Mapping[str, ShotTruth],
    names: Sequence[str],
    messages: Sequence[Message],
    info: MergeInfo,
) -> SequenceScore:
    """`names` are the screenshots' ids in order of upload, `shots` their truths, `messages` and `info` the merge."""
    made_of = [truth_indices(message, shots) for message in messages]
    whole = {m.index for shot in shots.values() for m in shot.messages if is_required(m)}
    read = {index for indices in made_of for index in indices}
    claims = Counter(index for indices in made_of for index in indices)
    duplicated = sum(count - 1 for count in claims.values())
    joined = sum(len(indices) > 1 for indices in made_of)
    places = [min(indices) for indices in made_of if indices]
    misplaced = sum(later < earlier for earlier, later in itertools.pairwise(places))
    missing = len(whole - read)
    invented = sum(not indices for indices in made_of)
    belongs = chains(info)
    gaps = explicit = torn = 0
    for join in truth.joins:
        apart = belongs.get(names[join.left]) != belongs.get(names[join.right])
        gaps += join.gap
        explicit += join.gap and apart
        torn += join.shared >= PROVABLE and apart
    merged_well = not (duplicated or joined or misplaced or torn or gaps != explicit)
    return SequenceScore(
        sequences=1,
        provable=int(all(join.shared >= PROVABLE for join in truth.joins)),
        perfect=int(merged_well and not missing and not invented),
        perfect_merges=int(merged_well),
        messages=len(whole),
        duplicated=duplicated,
        missing=missing,
        wrongly_joined=joined,
        misplaced=misplaced,
        invented=invented,
        joins=len(truth.joins) - gaps,
        torn=torn,
        gaps=gaps,
        gaps_explicit=explicit,
    )
