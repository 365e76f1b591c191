"""Names found by Kiwi's tags, where kiwipiepy is installed: proper nouns that are called, or that a title follows."""

import importlib
import importlib.util
import itertools
import re
import threading
from collections.abc import Iterable
from typing import Any, Final

from processors.ai.masking.names import titles

_SYLLABLES: Final = re.compile(r"[가-힣]{2,4}")
_CALLED: Final = 2
"""Syllables of a given name: 은지야 calls somebody, 스타벅스야 says what it is."""
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
            for token, following in itertools.pairwise(tokens):
                if token.tag == "NNP" and _SYLLABLES.fullmatch(token.form) and _names(token, following, text):
                    found.setdefault(token.form)
    return list(found)


def _names(token: Any, following: Any, text: str) -> bool:
    form, tag = following.form, following.tag
    if tag == "JKV" or (tag == "XSN" and form in ("이", "님")) or (tag == "NNB" and form == "씨"):
        return True
    if tag == "VCP":
        return len(token.form) == _CALLED and text.startswith("야", token.start + token.len)
    return tag == "NNG" and form in titles()
