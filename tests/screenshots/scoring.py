"""Scores what was read from one drawn screenshot against its truth.

Required are the messages seen whole with a ground of their own. Cut bubbles, bare emoji, system lines and what a
floating button hides are optional: finding them is no fault, missing them neither.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import Levenshtein

from contracts.base import Record
from contracts.resources import Bubble, Position
from processors.ocr.training.lettering import EMOJI
from tests.screenshots.truth import ShotTruth, TruthMessage

FOUND = 0.5
"""Intersection over union from which two boxes are the same bubble."""

INSIDE = 0.6
"""Share of a prediction's area inside an optional message from which it is that message's."""

FailureKind = Literal["missed", "false", "speaker", "text", "order", "sender", "time", "kind"]


class Failure(Record, frozen=True):
    """One thing that went wrong. `expected` and `got` are texts or names; `box` is where (x, y, width, height)."""

    kind: FailureKind
    expected: str
    got: str
    box: tuple[int, int, int, int]


class ShotScore(Record, frozen=True):
    """Counts of one screenshot, or of many added up. `distance` and `letters` are edits and letters of the text
    bubbles."""

    shots: int = 0
    required: int = 0
    found: int = 0
    predicted: int = 0
    right: int = 0
    speakers: int = 0
    speakers_right: int = 0
    letters: int = 0
    distance: int = 0
    pairs: int = 0
    pairs_in_order: int = 0
    cut: int = 0
    cut_found: int = 0
    senders: int = 0
    senders_right: int = 0
    times: int = 0
    times_right: int = 0
    kinds_right: int = 0
    failures: tuple[Failure, ...] = ()

    def __add__(self, other: "ShotScore") -> "ShotScore":
        return ShotScore(**{name: getattr(self, name) + getattr(other, name) for name in ShotScore.__struct_fields__})


class Match(NamedTuple):
    """A truth message and the bubble that was read for it, by their places."""

    truth: int
    bubble: int


PICTOGRAMS = re.compile("[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u200b-\u200f\u20e3\u200d]")
"""Signs that readers may put where an emoji stands, and invisible ones."""


def letters(text: str) -> str:
    """Text as it is compared: NFC, without emoji and white space."""
    return re.sub(r"\s+", "", PICTOGRAMS.sub("", EMOJI.sub("", unicodedata.normalize("NFC", text))))


def shared_area(box: tuple[int, int, int, int], position: Position) -> float:
    """Pixels that a box and a position have in common."""
    across = min(box[0] + box[2], position.x + position.width) - max(box[0], position.x)
    down = min(box[1] + box[3], position.y + position.height) - max(box[1], position.y)
    return max(0.0, across) * max(0.0, down)


def intersection_over_union(box: tuple[int, int, int, int], position: Position) -> float:
    """0–1."""
    shared = shared_area(box, position)
    union = box[2] * box[3] + position.width * position.height - shared
    return shared / union if union > 0 else 0.0


def is_required(message: TruthMessage) -> bool:
    """Whether a reader must find it."""
    return message.bubble and not message.partial and message.kind != "system" and not _hidden(message)


def _hidden(message: TruthMessage) -> bool:
    # A pill as wide as the screen over a bubble of one or two lines leaves too little of it to ask for.
    return message.obscured and message.text.count("\n") < 2


def match_bubbles(truth: ShotTruth, bubbles: Sequence[Bubble]) -> tuple[list[Match], set[int]]:
    """One to one, the best overlaps first; and the places of bubbles that lie in an optional message."""
    overlaps = sorted(
        (
            (intersection_over_union(message.box, bubble.position), place, number)
            for place, message in enumerate(truth.messages)
            for number, bubble in enumerate(bubbles)
        ),
        reverse=True,
    )
    matches: list[Match] = []
    for overlap, place, number in overlaps:
        if overlap < FOUND:
            break
        if all(place != match.truth and number != match.bubble for match in matches):
            matches.append(Match(place, number))
    taken = {match.bubble for match in matches}
    excused = set()
    for number, bubble in enumerate(bubbles):
        area = bubble.position.width * bubble.position.height
        if number not in taken and any(
            not is_required(message) and shared_area(message.box, bubble.position) >= INSIDE * area
            for message in truth.messages
        ):
            excused.add(number)
    return sorted(matches), excused


def _corner(position: Position) -> tuple[int, int, int, int]:
    return round(position.x), round(position.y), round(position.width), round(position.height)


def score_shot(truth: ShotTruth, bubbles: Sequence[Bubble]) -> ShotScore:
    """The score of one screenshot; `bubbles` in the order in which they were read."""
    matches, excused = match_bubbles(truth, bubbles)
    by_truth = {match.truth: match.bubble for match in matches}
    failures: list[Failure] = []
    required = [place for place, message in enumerate(truth.messages) if is_required(message)]
    cut = [
        place
        for place, message in enumerate(truth.messages)
        if message.partial and message.box[3] >= 0.8 * _line(truth)
    ]
    counted = [match for match in matches if is_required(truth.messages[match.truth])]
    distance = length = speakers_right = senders = senders_right = times = times_right = kinds_right = 0
    for place in required:
        message = truth.messages[place]
        bubble = bubbles[by_truth[place]] if place in by_truth else None
        if message.kind == "text" and not message.obscured:
            wanted, got = letters(message.text), letters(bubble.text if bubble else "")
            edits = Levenshtein.distance(wanted, got)
            distance, length = distance + edits, length + len(wanted)
            if bubble and edits:
                failures.append(Failure(kind="text", expected=message.text, got=bubble.text, box=message.box))
        if bubble is None:
            failures.append(Failure(kind="missed", expected=message.text or message.kind, got="", box=message.box))
            continue
        wrong: list[tuple[FailureKind, str, str]] = []
        if bubble.speaker != message.speaker:
            wrong.append(("speaker", message.speaker, bubble.speaker))
        speakers_right += bubble.speaker == message.speaker
        if bubble.kind != message.kind:
            wrong.append(("kind", message.kind, bubble.kind))
        kinds_right += bubble.kind == message.kind
        if message.sender_shown and message.sender:
            senders += 1
            right = letters(bubble.sender or "") == letters(message.sender)
            senders_right += right
            if not right:
                wrong.append(("sender", message.sender, bubble.sender or ""))
        if message.time_shown and message.time:
            times += 1
            right = letters(bubble.sent_at or "") == letters(message.time)
            times_right += right
            if not right:
                wrong.append(("time", message.time, bubble.sent_at or ""))
        failures += [Failure(kind=kind, expected=expected, got=got, box=message.box) for kind, expected, got in wrong]
    taken = {match.bubble for match in matches}
    for number, bubble in enumerate(bubbles):
        if number not in taken and number not in excused:
            failures.append(
                Failure(kind="false", expected="", got=bubble.text or bubble.kind, box=_corner(bubble.position))
            )
    orders = [bubbles[match.bubble].order for match in counted]
    pairs = [(a, b) for i, a in enumerate(orders) for b in orders[i + 1 :]]
    optional = len(matches) - len(counted) + len(excused)
    return ShotScore(
        shots=1,
        required=len(required),
        found=len(counted),
        predicted=len(bubbles) - optional,
        right=len(counted),
        speakers=len(counted),
        speakers_right=speakers_right,
        letters=length,
        distance=distance,
        pairs=len(pairs),
        pairs_in_order=sum(a < b for a, b in pairs),
        cut=len(cut),
        cut_found=sum(place in by_truth for place in cut),
        senders=senders,
        senders_right=senders_right,
        times=times,
        times_right=times_right,
        kinds_right=kinds_right,
        failures=tuple(failures),
    )


def _line(truth: ShotTruth) -> float:
    """Height of a bubble of one line, about: less of a cut bubble is a sliver nobody can read."""
    return 30 * truth.scale
