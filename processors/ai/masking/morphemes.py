"""Names found by their morphemes: proper nouns that a title follows, and whoever is called. Tags are those of Kiwi."""

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final

from processors.ai.builtin.kiwi import Morpheme, morphemes
from processors.ai.masking.names import titles

REMEMBERED_TEXTS: Final = 4096
"""A conversation comes again with each of its turns; tagging it costs a millisecond a text."""
_SYLLABLES: Final = re.compile(r"[가-힣]{2,4}")
_CALLED: Final = 2
"""Syllables of a given name: 은지야 calls somebody, 스타벅스야 says what it is."""
_NEVER_OF_NAMES: Final = frozenset(["XSN", "MM", "NP", "NNB"])


def proper_names(texts: Iterable[str]) -> list[str]:
    """The names of persons that the tags give away. Blocks; the first call loads Kiwi (seconds). Raises OSError where
    its data cannot be loaded."""
    return list(dict.fromkeys(name for text in texts for name in _names_in(text)))


@functools.lru_cache(maxsize=REMEMBERED_TEXTS)
def _names_in(text: str) -> tuple[str, ...]:
    (tokens,) = morphemes([text])
    found = []
    for place, (token, following) in enumerate(itertools.pairwise(tokens)):
        if following.tag == "JKV":
            name = _called(text, tokens[: place + 1], following.start)
        elif token.tag == "NNP" and _is_marked(token, following, text):
            name = token.form
        else:
            continue
        if _SYLLABLES.fullmatch(name):
            found.append(name)
    return tuple(found)


def _called(text: str, before: Sequence[Morpheme], end: int) -> str:
    """The word that a call (아, 야) ends, up to `end`; empty where it is a noun that the dictionary knows (친구야).

    Many given names are in no dictionary and come as pieces: 하은아 as 하, 은 and 아.
    """
    start = end
    while start > 0 and "가" <= text[start - 1] <= "힣":
        start -= 1
    tags = [token.tag for token in before if token.start >= start]
    known = len(tags) == 1 and tags[0] != "NNP"
    return "" if known or _NEVER_OF_NAMES.intersection(tags) else text[start:end]


def _is_marked(token: Morpheme, following: Morpheme, text: str) -> bool:
    form, tag = following.form, following.tag
    if (tag == "XSN" and form in ("이", "님")) or (tag == "NNB" and form == "씨"):
        return True
    if tag == "VCP":
        return len(token.form) == _CALLED and text.startswith("야", token.end)
    return tag == "NNG" and form in titles()
