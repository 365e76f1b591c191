"""Particles after words that are only known when the sentence is made."""

import re

_BLANKS = re.compile(r"\s+")
_PAIRS = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "이라": ("이라", "라"),
    "으로": ("으로", "로"),
}
_DIGITS_WITH_CODA = "013678"
_LETTERS_WITH_CODA = "lmnr"


def has_coda(word: str) -> bool:
    """Whether the last sound of a word is a consonant."""
    last = word.rstrip("'\"’”)]!?.,~ ")[-1:].lower()
    if "가" <= last <= "힣":
        return (ord(last) - 0xAC00) % 28 != 0
    return last in _DIGITS_WITH_CODA or last in _LETTERS_WITH_CODA if last else False


def with_particle(word: str, particle: str) -> str:
    """`word` with 은/는, 이/가, 을/를, 과/와, 이라/라 or 으로/로 (ask by the form after a consonant)."""
    closed, opened = _PAIRS[particle]
    if particle == "으로" and "가" <= word[-1:] <= "힣" and (ord(word[-1]) - 0xAC00) % 28 == 8:
        return word + opened
    return word + (closed if has_coda(word) else opened)


def excerpt(text: str, longest: int = 24) -> str:
    """A text short enough to be quoted, in one line."""
    text = _BLANKS.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
