"""How much of one screenshot's conversation another one repeats, told by the texts alone.

Two bubbles that are one message read the same up to errors of the reader; two different messages may read the same as
well, ㅋㅋㅋ and 네 often do. So each pair of bubbles is given evidence, the natural logarithm of how much likelier the
two readings are if they are one message than if they are two: long texts prove much, short ones little, errors and
another speaker speak against. `alignment` adds the evidence up.
"""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import eq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist, cpdist

from contracts.resources import Bubble
from processors.merge.times import clock_face, exported_minute

FIRST_CHARACTER = 3.0
"""Evidence (nats) of one agreeing character: one short message in twenty is this very one."""

NEXT_CHARACTER = 1.2
"""Evidence of each further character, about the entropy of a syllable in a chat."""

REPEATED_CHARACTER = 0.25
"""Evidence of a character that repeats its neighbour, as in ㅋㅋㅋㅋ."""

MOST_EVIDENCE = 24.0
"""No text proves more than this: somebody may have pasted it twice."""

SAME_IN_RUN = 2.0
"""Most evidence of a message that repeats its neighbour: who sends ㅋㅋㅋ twice may well send it three times."""

WRONG_CHARACTER = 2.0
"""Evidence against, for each edit between two readings."""

CONTRADICTED = 8.0
"""Evidence against, of speakers or times that differ where the reader vouches for both; it outweighs any text."""

UNSURE_SPEAKER = 2.0
"""The same for speakers where it does not."""

SAME_TIME = 0.7
OTHER_KIND = 3.0
SAME_PICTURE = 1.5
"""Evidence of two bubbles without text that are of one kind; as much again where their sizes agree."""

MISSED = 4.0
"""Evidence against, for a bubble that the reader must have missed or invented."""

MISSED_AT_EDGE = 1.0
"""The same for a bubble cut by the edge of the screen, which readers often drop."""

CUT_AND_DIFFERENT = 0.8
"""Evidence against, at most, for a bubble cut by the edge whose rest reads differently."""

BADLY_READ = 6.0
"""Evidence against, at most, for texts that differ: now and then a whole line is misread. Less than for missing it
twice, so that of two screenshots with one unlike message between equal ones both are taken to show the same."""

PICTURES = ("photo", "sticker")

UNLIKELY = -12.0
"""Evidence of a pair that is ruled out."""

Evidence = NDArray[np.float32]


class Reading(NamedTuple):
    """A bubble ready for comparison. `head_cut` and `tail_cut`: text may be missing at the start or the end;
    `in_run`: the message before or after it says the same. `exported`: it is of a chat export (Extraction). `face` is
    what a clock would show beside it, in minutes."""

    text: str
    bubble: Bubble
    head_cut: bool
    tail_cut: bool
    in_run: bool
    exported: bool = False
    face: int | None = None


def normalised(text: str) -> str:
    """NFC without white space: where lines break and how wide blanks are says nothing about a message."""
    return "".join(unicodedata.normalize("NFC", text).split())


def readings(bubbles: Sequence[Bubble], exported: bool = False) -> tuple[Reading, ...]:
    """Bubbles of one screenshot, from top to bottom, or of an export, ready for comparison."""
    last = len(bubbles) - 1
    # An export says 사진 3장 where a screenshot shows photos.
    texts = ["" if exported and bubble.kind in PICTURES else normalised(bubble.text) for bubble in bubbles]
    gists = [(bubble.speaker, _without_repeats(text)) for bubble, text in zip(bubbles, texts, strict=True)]
    return tuple(
        Reading(
            text=texts[index],
            bubble=bubble,
            head_cut=bubble.partial and (index == 0 or index < last),
            tail_cut=bubble.partial and (index == last or index > 0),
            in_run=gists[index] in gists[max(0, index - 1) : index] + gists[index + 1 : index + 2],
            exported=exported,
            face=clock_face(bubble.sent_at),
        )
        for index, bubble in enumerate(bubbles)
    )


def _without_repeats(text: str) -> str:
    """ㅋㅋㅋㅋ and ㅋㅋ as ㅋ."""
    return text[:1] + "".join(character for previous, character in pairwise(text) if character != previous)


def weight(text: str) -> float:
    """Evidence, in nats, of two readings that both say `text`."""
    if not text:
        return 0.0
    repeats: int = sum(map(eq, text, text[1:]))
    others = len(text) - 1 - repeats
    return min(FIRST_CHARACTER + NEXT_CHARACTER * others + REPEATED_CHARACTER * repeats, MOST_EVIDENCE)


def evidence_matrix(items: Sequence[Reading]) -> Evidence:
    """Evidence, in nats, that each two readings are of one message, (len(items), len(items)), symmetric."""
    return evidence_between(items, items)


def evidence_between(rows: Sequence[Reading], columns: Sequence[Reading]) -> Evidence:
    """Evidence, in nats, that a reading of `rows` and one of `columns` are of one message, (rows, columns)."""
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)), np.float32)
    row_texts, column_texts = [item.text for item in rows], [item.text for item in columns]
    row_lengths, column_lengths = _lengths(row_texts), _lengths(column_texts)
    row_weights, column_weights = _weights(row_texts), _weights(column_texts)
    table = cdist(row_texts, column_texts, scorer=Levenshtein.distance, dtype=np.int32).astype(np.float32)
    evidence = _agreement(
        row_weights[:, None], column_weights[None, :], row_lengths[:, None], column_lengths[None, :], table
    )
    evidence = np.maximum(evidence, -BADLY_READ)
    _set_cut(evidence, rows, columns)
    _set_wordless(evidence, rows, columns)
    in_run = _either(rows, columns, lambda item: item.in_run)
    evidence = np.where(in_run, np.minimum(evidence, SAME_IN_RUN), evidence)

    doubtful = _either(rows, columns, lambda item: item.bubble.uncertain)
    other_side = _unlike(rows, columns, lambda item: item.bubble.speaker)
    # The time stands beside the last message of a minute only, so one that is absent says nothing.
    both_timed, other_time = _times(rows, columns)
    evidence -= np.where(other_side & doubtful, UNSURE_SPEAKER, 0.0)
    evidence -= np.where(_unlike(rows, columns, lambda item: item.bubble.kind), OTHER_KIND, 0.0)
    evidence += np.where(both_timed & ~other_time, SAME_TIME, 0.0)
    # However long the text that two people say, or one says at two times, it is never evidence for one message.
    for contradicted in (other_side & ~doubtful, other_time):
        evidence = np.where(contradicted, np.minimum(evidence, CONTRADICTED) - CONTRADICTED, evidence)
    return np.maximum(evidence, UNLIKELY).astype(np.float32)


def _lengths(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([len(text) for text in texts], np.float32)


def _weights(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([weight(text) for text in texts], np.float32)


def _either(rows: Sequence[Reading], columns: Sequence[Reading], so: Callable[[Reading], bool]) -> NDArray[np.bool_]:
    """Where it is so of the row, of the column, or of both."""
    found: NDArray[np.bool_] = np.array([so(item) for item in rows])[:, None] | np.array([so(item) for item in columns])
    return found


def _unlike(
    rows: Sequence[Reading], columns: Sequence[Reading], value: Callable[[Reading], object]
) -> NDArray[np.bool_]:
    """Where row and column differ in a value."""
    numbers: dict[object, int] = {}
    one, other = (
        np.array([numbers.setdefault(value(item), len(numbers)) for item in items], np.int64)
        for items in (rows, columns)
    )
    found: NDArray[np.bool_] = one[:, None] != other[None, :]
    return found


def _times(rows: Sequence[Reading], columns: Sequence[Reading]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where row and column both have a time, and where the two differ.

    Screenshots show a time of day, exports tell the minute of a day: of one of each only what both say is compared.
    """
    both = ~_either(rows, columns, lambda item: not item.bubble.sent_at)
    other = _unlike(rows, columns, lambda item: normalised(item.bubble.sent_at or ""))
    if any(item.exported for item in rows) or any(item.exported for item in columns):
        mixed = _unlike(rows, columns, lambda item: item.exported)
        faces = ~_either(rows, columns, lambda item: item.face is None)
        both = np.where(mixed, both & faces, both)
        other = np.where(mixed, _unlike(rows, columns, lambda item: item.face), other)
        exact = ~_either(rows, columns, lambda item: not item.exported)
        other = np.where(exact, _unlike(rows, columns, lambda item: exported_minute(item.bubble)), other)
    return both, both & other


def _agreement(
    one_weight: NDArray[np.float32],
    other_weight: NDArray[np.float32],
    one_length: NDArray[np.float32],
    other_length: NDArray[np.float32],
    distance: NDArray[np.float32],
) -> Evidence:
    longer = np.maximum(np.maximum(one_length, other_length), 1.0)
    # What the wrong characters would have proven is lost, and each is an error that the reader must have made.
    kept = np.maximum(one_weight, other_weight) * (1.0 - distance / longer)
    return np.asarray(kept - WRONG_CHARACTER * distance, np.float32)


def _set_cut(evidence: Evidence, rows: Sequence[Reading], columns: Sequence[Reading]) -> None:
    """Where a text may be missing at an edge, what is left must be the start or the end of the other."""
    cut_rows = _cut_evidence(rows, columns)
    cut_columns = cut_rows if rows is columns else _cut_evidence(columns, rows)
    np.maximum.at(evidence, (cut_rows.places, cut_rows.others), cut_rows.found)
    np.maximum.at(evidence, (cut_columns.others, cut_columns.places), cut_columns.found)


class _CutEvidence(NamedTuple):
    """Evidence `found` of cut readings at `places` and readings at `others` of another list."""

    places: list[int]
    others: list[int]
    found: NDArray[np.float32]


def _cut_evidence(items: Sequence[Reading], others: Sequence[Reading]) -> _CutEvidence:
    cuts = [
        _Cut(place, index, at_end)
        for place, item in enumerate(items)
        if item.bubble.partial and item.text
        for index, other in enumerate(others)
        if item is not other and other.text
        for at_end, missing in ((False, item.tail_cut), (True, item.head_cut))
        if missing
    ]
    if not cuts:
        return _CutEvidence([], [], np.zeros(0, np.float32))
    seen = [_end(items[cut.place].text, len(others[cut.other].text), cut.at_end) for cut in cuts]
    distance = _cut_distances(others, cuts, seen, 0)
    lengths = _lengths(seen)
    # A reader that adds or drops a character shifts where the text is cut; worth a look where it is nearly the same.
    near: list[int] = np.flatnonzero((distance > 0) & (distance <= 0.5 * lengths)).tolist()
    for more in (1, -1):
        closer = _cut_distances(others, [cuts[index] for index in near], [seen[index] for index in near], more)
        distance[near] = np.minimum(distance[near], closer)
    known = {text: weight(text) for text in set(seen)}
    weights = np.array([known[text] for text in seen], np.float32)
    # A line that the edge cuts through is read wrongly more often than not, so no mismatch of it says much.
    found = np.maximum(_agreement(weights, weights, lengths, lengths, distance), -CUT_AND_DIFFERENT)
    return _CutEvidence([cut.place for cut in cuts], [cut.other for cut in cuts], found)


class _Cut(NamedTuple):
    """A cut text and another of another list, whose start, or end, it may be."""

    place: int
    other: int
    at_end: bool


def _end(text: str, length: int, at_end: bool) -> str:
    """At most `length` characters from the start or the end of a text."""
    if not at_end:
        return text[:length]
    return text[-length:] if length else ""


def _cut_distances(
    others: Sequence[Reading], cuts: Sequence[_Cut], seen: Sequence[str], more: int
) -> NDArray[np.float32]:
    """Edit distances of what is seen of cut texts and as many characters, and `more`, of the others."""
    parts = [_end(others[cut.other].text, len(text) + more, cut.at_end) for cut, text in zip(cuts, seen, strict=True)]
    return np.asarray(cpdist(seen, parts, scorer=Levenshtein.distance, dtype=np.int32), np.float32)


def _set_wordless(evidence: Evidence, rows: Sequence[Reading], columns: Sequence[Reading]) -> None:
    """Photos and stickers have no text to compare, but a kind and a size."""
    silent_rows = [place for place, item in enumerate(rows) if not item.text]
    silent_columns = [place for place, item in enumerate(columns) if not item.text]
    partial = _either(rows, columns, lambda item: item.bubble.partial)
    beside_text = np.where(partial, -CUT_AND_DIFFERENT, -MISSED).astype(np.float32)
    evidence[silent_rows, :] = beside_text[silent_rows, :]
    evidence[:, silent_columns] = beside_text[:, silent_columns]
    for row in silent_rows:
        for column in silent_columns:
            evidence[row, column] = _same_picture(rows[row], columns[column])


def _same_picture(left: Reading, right: Reading) -> float:
    if left.bubble.kind != right.bubble.kind:
        return 0.0
    if left.exported or right.exported or left.bubble.partial or right.bubble.partial:
        return SAME_PICTURE
    one, other = left.bubble.position, right.bubble.position
    alike = abs(one.width - other.width) <= 0.02 * one.width + 2
    alike = alike and abs(one.height - other.height) <= 0.02 * one.height + 2
    return 2 * SAME_PICTURE if alike else -SAME_PICTURE
