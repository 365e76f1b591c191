"""Names found by Kiwi's tags, where kiwipiepy is installed: proper nouns that are called, or that a title follows."""

import importlib
import importlib.util
import itertools
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final

from processors.ai.masking.names import titles

_SYLLABLES: Final = re.compile(r"[가-힣]{2,4}")
_CALLED: Final = 2
"""Syllables of a given name: 은지야 calls somebody, 스타벅스야 says what it is."""
_NEVER_OF_NAMES: Final = frozenset(["XSN", "MM", "NP", "NNB"])
_lock = threading.Lock()
_loaded: list[Any] = []


def available() -> bool:
    """Whether kiwipiepy is installed; it is not loaded by asking."""
    return importlib.util.find_spec("kiwipiepy") is not None


def proper_names(texts: Iterable[str]) -> list[str]:
    """The names of persons that the tags give away. Blocks; the first call loads the model (seconds, 0.5 GB)."""
    found: dict[str, None] = {}
    with _lock:
        if not _loaded:
            _loaded.append(importlib.import_module("kiwipiepy").Kiwi(num_workers=1))
        for text in texts:
            tokens = _loaded[0].tokenize(text)
            for place, (token, following) in enumerate(itertools.pairwise(tokens)):
                if following.tag == "JKV":
                    name = _called(text, tokens[: place + 1], following.start)
                elif token.tag == "NNP" and _is_marked(token, following, text):
                    name = token.form
                else:
                    continue
                if _SYLLABLES.fullmatch(name):
                    found.setdefault(name)
    return list(found)


def _called(text: str, before: Sequence[Any], end: int) -> str:
    """The word that a call (아, 야) ends, up to `end`; empty where it is a noun that the dictionary knows (친구야).

    Many given names are in no dictionary and come as pieces: 하은아 as 하, 은 and 아.
    """
    start = end
    while start > 0 and "가" <= text[start - 1] <= "힣":
        start -= 1
    tags = [token.tag for token in before if token.start >= start]
    known = len(tags) == 1 and tags[0] != "NNP"
    return "" if known or _NEVER_OF_NAMES.intersection(tags) else text[start:end]


def _is_marked(token: Any, following: Any, text: str) -> bool:
    form, tag = following.form, following.tag
    if (tag == "XSN" and form in ("이", "님")) or (tag == "NNB" and form == "씨"):
        return True
    if tag == "VCP":
        return len(token.form) == _CALLED and text.startswith("야", token.start + token.len)
    return tag == "NNG" and form in titles()
