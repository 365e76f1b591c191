"""What a line's confidence is, and how its text is tidied: the same for every engine."""

import math
import unicodedata
from collections.abc import Sequence

LOWEST_PROBABILITY = 1e-4


def line_confidence(characters: Sequence[float]) -> float:
    """The geometric mean of the character probabilities, 0–1; 0 for no characters.

    A mean, so that long lines are not punished; geometric, so that one doubtful character shows.
    """
    if not characters:
        return 0.0
    return math.exp(sum(math.log(max(value, LOWEST_PROBABILITY)) for value in characters) / len(characters))


def tidy(characters: Sequence[str], probabilities: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    """Characters as read to the text of a line: composed (NFC), blanks at either end removed, one blank for a run.

    Returns the text and one probability a character of it.
    """
    text, places = tidy_places(characters)
    return text, tuple(probabilities[place] for place in places)


def tidy_places(characters: Sequence[str]) -> tuple[str, list[int]]:
    """As `tidy`; for each character of the text its place in `characters`."""
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(characters):
        blank = character.isspace()
        if blank and (not kept or kept[-1] == " "):
            continue
        for composed in unicodedata.normalize("NFC", " " if blank else character):
            kept.append(composed)
            places.append(place)
    if kept and kept[-1] == " ":
        kept.pop()
        places.pop()
    return "".join(kept), places
