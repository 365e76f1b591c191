"""Korean morphology by Kiwi (kiwipiepy), loaded once a process, when it is first needed.

Loading takes about two seconds and 340 MB without the dictionary of multi-word names and the typo tables, which nothing
here asks for (with them: 3.3 s, 540 MB). All of it is CPU work that lets go of the GIL: call it from a thread.

Tags are those of the Sejong corpus as Kiwi extends them (https://bab2min.github.io/kiwipiepy): EF final ending, EP
pre-final ending, EC connective, NNG noun, VV verb, Z_CODA a coda added for cuteness (감사합니당), and so on.
"""

import functools
import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kiwipiepy import Kiwi

_WORDS = (
    "보고서",
    "견적서",
    "팀장님",
    "과장님",
    "부장님",
    "대리님",
    "교수님",
    "갈비찜",
    "단톡방",
    "카톡",
    "남친",
    "여친",
)
"""Everyday nouns that the dictionary lacks."""
_WORD_SCORE = 3.0
_lock = threading.Lock()


class Morpheme(NamedTuple):
    """`start` and `end` are places in the text; `sentence` counts sentences from 0."""

    form: str
    tag: str
    start: int
    end: int
    sentence: int


@functools.cache
def _load() -> Kiwi:
    kiwi = Kiwi(num_workers=2, load_multi_dict=False, load_typo_dict=False)
    for word in _WORDS:
        kiwi.add_user_word(word, "NNG", _WORD_SCORE)
    kiwi.tokenize("안녕")  # builds what add_user_word put off
    return kiwi


def kiwi() -> Kiwi:
    """The one Kiwi of the process; whoever asks first loads it and the others wait."""
    with _lock:
        return _load()


def morphemes(texts: Iterable[str]) -> list[tuple[Morpheme, ...]]:
    """The morphemes of each text, in one batch."""
    return [
        tuple(Morpheme(t.form, str(t.tag), t.start, t.end, t.sent_position) for t in tokens)
        for tokens in kiwi().tokenize(list(texts))
    ]


def unwrapped(text: str) -> str:
    """The text in one line. A bubble breaks its lines where they are full, between words or within one: what belongs
    together without a blank is joined without one."""
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    return str(kiwi().glue(lines)) if len(lines) > 1 else text


def join(parts: Sequence[tuple[str, str]]) -> str:
    """Korean of (form, tag) pairs, contracted and spaced as it is written: 가 + 었 + 어요 → 갔어요."""
    return str(kiwi().join(parts))
