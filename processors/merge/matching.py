"""Finds the messages of a merged conversation in other screenshots, whose reading may differ a little.

A probe shows a stretch of the conversation, so its bubbles are matched in order and, as far as may be, without holes:
a "네" that occurs forty times is found where its neighbours are. Each match is worth what its text proves
(texts.weight), each jump costs the more the further it leads; the best chain of matches wins.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from contracts.resources import Bubble, Extraction, Message
from processors.merge.texts import FIRST_CHARACTER, Reading, normalised, readings, weight

THRESHOLD = 85.0
"""Similarity, in per cent, from which two readings count as one text (the specification's figure)."""

JUMP = 1.0
JUMP_FURTHER = 0.75
"""What a hole between two matches costs, and what it costs for each e-fold of its length."""

WORDLESS = 0.5
"""Worth of a photo or sticker where one is expected: it confirms a place and never finds one."""

MOST_CANDIDATES = 2000
"""Pairs of bubble and message that are chained; of more, the most telling and those around them."""


class _Candidate(NamedTuple):
    bubble: int
    message: int
    worth: float


def match(
    probes: Sequence[Extraction], messages: Sequence[Message], threshold: float = THRESHOLD
) -> tuple[Message, ...]:
    """The messages that the probes show, each once, in the order of the conversation.

    `messages` are in that order. `threshold` is the least similarity in per cent (2 × common characters over all
    characters, white space aside); of a bubble or message that is cut by an edge only the part that both show is
    compared. The speakers must agree unless one of them is uncertain.
    """
    found: set[int] = set()
    texts = [normalised(message.text) for message in messages]
    for probe in probes:
        found.update(_best_chain(_candidates(readings(probe.bubbles), messages, texts, threshold)))
    return tuple(messages[index] for index in sorted(found))


def _candidates(
    items: Sequence[Reading], messages: Sequence[Message], texts: Sequence[str], threshold: float
) -> list[_Candidate]:
    """All pairs of bubble and message that read alike, by bubble, then by message."""
    if not items or not messages:
        return []
    similar = cdist([item.text for item in items], texts, scorer=fuzz.ratio, dtype=np.float32).tolist()
    candidates: list[_Candidate] = []
    for index, item in enumerate(items):
        for place, message in enumerate(messages):
            if not _same_side(item.bubble, message):
                continue
            if not item.text or not texts[place]:
                if item.text == texts[place] and item.bubble.kind == message.kind:
                    candidates.append(_Candidate(index, place, WORDLESS))
            elif similar[index][place] >= threshold:
                # An exact match outweighs a near one, though both count.
                likeness = 1.0 - 2.0 * (1.0 - similar[index][place] / 100.0)
                candidates.append(_Candidate(index, place, weight(texts[place]) * max(0.1, likeness)))
            elif item.bubble.partial or message.partial:
                shared = _shared_part(item, texts[place], message.partial, threshold)
                if shared:
                    candidates.append(_Candidate(index, place, weight(shared) - 1.0))
    return candidates if len(candidates) <= MOST_CANDIDATES else _near_the_telling(candidates, len(items))


def _near_the_telling(candidates: Sequence[_Candidate], reach: int) -> list[_Candidate]:
    """At most MOST_CANDIDATES: those worth most, and with each those at most `reach` messages away."""
    kept: set[_Candidate] = set()
    by_place = sorted(candidates, key=lambda one: one.message)
    places = [one.message for one in by_place]
    for telling in sorted(candidates, key=lambda one: (-one.worth, one)):
        start, stop = bisect_left(places, telling.message - reach), bisect_right(places, telling.message + reach)
        kept.update(by_place[start:stop])
        if len(kept) >= MOST_CANDIDATES:
            break
    return sorted(kept)


def _same_side(bubble: Bubble, message: Message) -> bool:
    return bubble.speaker == message.speaker or bubble.uncertain or message.uncertain


def _shared_part(item: Reading, text: str, message_cut: bool, threshold: float) -> str:
    """The start or end that a cut bubble and a message have in common, empty where they read differently."""
    length = min(len(item.text), len(text))
    if item.tail_cut or message_cut:
        start = text[:length]
        if fuzz.ratio(item.text[:length], start) >= threshold:
            return start
    if item.head_cut or message_cut:
        end = text[-length:]
        if fuzz.ratio(item.text[-length:], end) >= threshold:
            return end
    return ""


def _best_chain(candidates: Sequence[_Candidate]) -> list[int]:
    """Places of the messages on the chain worth most, empty where even that proves nothing."""
    if not candidates:
        return []
    bubbles = np.array([one.bubble for one in candidates])
    places = np.array([one.message for one in candidates])
    totals = np.array([one.worth for one in candidates], np.float64)
    previous = np.full(len(candidates), -1)
    for index, one in enumerate(candidates):
        bubble_step = one.bubble - bubbles[:index]
        place_step = one.message - places[:index]
        hole = np.abs(place_step - bubble_step) + np.minimum(bubble_step, place_step) - 1
        cost = np.where(hole > 0, JUMP + JUMP_FURTHER * np.log(np.maximum(hole, 1)), 0.0)
        gain = np.where((bubble_step > 0) & (place_step > 0), totals[:index] - cost, -math.inf)
        if index and gain.max() > 0:
            best = int(gain.argmax())
            totals[index] += gain[best]
            previous[index] = best
    end = int(totals.argmax())
    if totals[end] < FIRST_CHARACTER:
        return []
    chain: list[int] = []
    while end >= 0:
        chain.append(candidates[end].message)
        end = int(previous[end])
    return chain
