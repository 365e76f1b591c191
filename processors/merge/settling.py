"""Whole readings of one bubble that differ, settled character by character; and what it means that they agree.

Where two readings part, one is wrong, and the reader often knew: the right character is the other one's alternative.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from contracts.resources import Bubble, Doubt
from processors.merge.texts import normalised

UNDOUBTED = 0.97
"""Probability of a character to which the reader names no alternative."""

ALIKE = 0.6
"""Similarity of two texts, 0–1, from which they are aligned at all."""

OTHER_SIZE = 0.03
"""Share by which the lines of two readings differ in height, at least, for them to be independent: the same pixels,
scrolled, are misread in the same way."""

SAME_ERROR = 0.6
"""Chance that two independent readings that are both wrong say the same: 8 of 13 did, in drawn chats read at
two scales."""

SURE = 0.92
"""Probability from which an agreement of independent readings clears a doubt about the text: that from which the reader
does not doubt it (its calibration's `uncertain`). A reading that is doubted though its text is more probable is doubted
for its speaker, which no text clears."""


class Cell(NamedTuple):
    """A character of a text: its `place` there, and the probability of each character that it may be."""

    place: int
    character: str
    probabilities: dict[str, float]


class Settled(NamedTuple):
    """What a message says, the probability that it is right, and whether that or the speaker is in doubt."""

    text: str
    confidence: float
    uncertain: bool


def settle(best: Bubble, others: Sequence[Bubble]) -> Settled:
    """The best reading's text where other whole readings of the same bubble, if any, have been heard."""
    comparable = [other for other in others if _comparable(best, other)]
    if not comparable:
        return Settled(best.text, best.confidence, best.uncertain)
    text = _settled_text(best, comparable)
    agreeing = [other for other in comparable if normalised(other.text) == normalised(text)]
    if normalised(best.text) != normalised(text):
        # The reading that the vote confirmed; where none says just this, the best one's doubts remain.
        confirmed = max(agreeing, key=lambda other: other.confidence, default=best)
        return Settled(text, confirmed.confidence, best.uncertain and confirmed.uncertain)
    independent = [other.confidence for other in agreeing if _independent(best, other)]
    confidence = agreed(best.confidence, max(independent)) if independent else best.confidence
    cleared = confidence >= SURE > best.confidence
    return Settled(text, confidence, best.uncertain and not cleared)


def agreed(one: float, other: float) -> float:
    """The probability that two independent readings that say the same are right, given that of each."""
    right = one * other
    wrong = (1 - one) * (1 - other) * SAME_ERROR
    return max(one, other, right / (right + wrong)) if right > 0 else max(one, other)


def _comparable(best: Bubble, other: Bubble) -> bool:
    whole = not other.partial and not best.partial and other is not best
    return whole and Levenshtein.normalized_similarity(normalised(best.text), normalised(other.text)) >= ALIKE


def _independent(one: Bubble, other: Bubble) -> bool:
    """Whether two readings are of unlike pixels: seen at another scale."""
    heights = [_line_height(bubble) for bubble in (one, other)]
    return max(heights) > (1 + OTHER_SIZE) * min(heights)


def _line_height(bubble: Bubble) -> float:
    return bubble.position.height / (1 + bubble.text.count("\n"))


def _settled_text(best: Bubble, others: Sequence[Bubble]) -> str:
    cells = _cells(best)
    rivals: list[list[Cell]] = [[] for _ in cells]
    for other in others:
        theirs = _cells(other)
        for ours, their in _aligned(cells, theirs):
            rivals[ours].append(theirs[their])
    letters = list(best.text)
    for cell, aligned in zip(cells, rivals, strict=True):
        letters[cell.place] = _winner([cell, *aligned])
    return "".join(letters)


def _winner(cells: Sequence[Cell]) -> str:
    """The character, of those read, that is most probable in all readings together; the first one's where none has
    support in all."""
    read = {cell.character for cell in cells}
    supported = [letter for letter in read if all(letter in cell.probabilities for cell in cells)]
    if len(read) == 1 or not supported:
        return cells[0].character
    return max(sorted(supported), key=lambda letter: math.prod(cell.probabilities[letter] for cell in cells))


def _aligned(cells: Sequence[Cell], others: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """Pairs of places at which two texts show the same character or one in place of the other."""
    one, other = ("".join(cell.character for cell in side) for side in (cells, others))
    for block in Levenshtein.opcodes(one, other):
        if block.src_end - block.src_start == block.dest_end - block.dest_start:
            yield from zip(range(block.src_start, block.src_end), range(block.dest_start, block.dest_end), strict=True)


def _cells(bubble: Bubble) -> list[Cell]:
    """The characters of a bubble's text without white space, with the alternatives of its lines."""
    places = [place for place, character in enumerate(bubble.text) if not character.isspace()]
    doubts: dict[int, Doubt] = {}
    start = 0
    for line in bubble.lines:
        visible = [place for place, character in enumerate(line.text) if not character.isspace()]
        for doubt in line.doubts:
            if doubt.place in visible:
                doubts[start + visible.index(doubt.place)] = doubt
        start += len(visible)
    # Lines that are not those of the text say nothing about its characters.
    same = start == len(places)
    cells = []
    for number, place in enumerate(places):
        character = bubble.text[place]
        probabilities = {character: UNDOUBTED}
        if same and number in doubts:
            probabilities = {**doubts[number].others, character: doubts[number].probability}
        cells.append(Cell(place, character, probabilities))
    return cells
