"""Korean particles that depend on the sound before them (한글 맞춤법, 국립국어원).

A name ends in a consonant (받침) or a vowel, and what follows must fit: 민준이 and 민수가, 민준아 and 민수야.
"""

from typing import Final, Literal

Ending = Literal["vowel", "rieul", "consonant"]

_PAIRS: Final = {
    "이": "가",
    "은": "는",
    "을": "를",
    "과": "와",
    "아": "야",
    "이랑": "랑",
    "으로": "로",
    "이나": "나",
    "이네": "네",
    "과는": "와는",
    "과도": "와도",
    "이랑은": "랑은",
    "이랑도": "랑도",
    "으로는": "로는",
    "으로서": "로서",
    "이에요": "예요",
}
"""After a consonant: after a vowel."""
_STEMS: Final = {"이었": "였", "이라": "라", "이래": "래", "이란": "란", "이죠": "죠"}
"""The same of forms that go on: 이었다, 이라고, 이래요."""
_SOFTENED: Final = (
    "이가",
    "이는",
    "이를",
    "이와",
    "이도",
    "이만",
    "이의",
    "이한테",
    "이에게",
    "이처럼",
    "이보다",
    "이야",
)
"""The 이 that a name takes after a consonant (민준이도), and 이야; without it the rest stands after a vowel."""
_UNDECIDED: Final = {
    "이(가)": "이",
    "가(이)": "이",
    "은(는)": "은",
    "는(은)": "은",
    "을(를)": "을",
    "를(을)": "을",
    "과(와)": "과",
    "와(과)": "과",
    "아(야)": "아",
    "야(아)": "아",
    "(이)랑": "이랑",
    "(으)로": "으로",
    "(이)가": "이",
}
"""How models write when they do not know the name, by the form after a consonant."""

_AFTER_VOWEL: Final = {**_PAIRS, "이예요": "예요", **{form: form[1:] for form in _SOFTENED}}
_AFTER_CONSONANT: Final = {vowel: consonant for consonant, vowel in _PAIRS.items()}
_STEMS_AFTER_CONSONANT: Final = {
    "였": "이었",
    **{form: f"이{form}" for form in ("라고", "라는", "라면", "라도", "라서")},
}

_WRITTEN_ENDINGS: Final[dict[str, Ending]] = {
    **dict.fromkeys("036", "consonant"),
    **dict.fromkeys("178", "rieul"),
    **dict.fromkeys("bkmnpt", "consonant"),
    "l": "rieul",
}
"""Of digits as they are read out, and of Latin letters as Korean writes their sound."""
_FINALS, _RIEUL = 28, 8


def ending(name: str) -> Ending | None:
    """How the name sounds at its end; None where that cannot be told from how it is written."""
    last = name.rstrip()[-1:].lower()
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % _FINALS
        return "vowel" if final == 0 else "rieul" if final == _RIEUL else "consonant"
    if not (last.isascii() and last.isalnum()):
        return None
    return "consonant" if name.rstrip().lower().endswith("ng") else _WRITTEN_ENDINGS.get(last, "vowel")


def fitted(name: str, following: str) -> tuple[str, int]:
    """The particle at the start of `following` as it must be after `name`, and how many characters it replaces.

    `following` begins where the name ends. Where it starts with no particle the answer is ("", 0).
    """
    sound = ending(name)
    if sound is None:
        return "", 0
    for written, after_consonant in _UNDECIDED.items():
        if following.startswith(written):
            return _choose(after_consonant, sound), len(written)
    run = 0
    while run < len(following) and "가" <= following[run] <= "힣":
        run += 1
    word = following[:run]
    table = _AFTER_VOWEL if sound == "vowel" else _AFTER_CONSONANT
    if sound == "rieul" and word.startswith(("로", "으로")):
        return "로", len(word[: word.index("로") + 1])
    if word in table:
        return table[word], run
    for stem, fitting in (_STEMS if sound == "vowel" else _STEMS_AFTER_CONSONANT).items():
        if word.startswith(stem):
            return fitting, len(stem)
    return "", 0


LONGEST: Final = max(len(form) for form in (*_AFTER_VOWEL, *_AFTER_CONSONANT, *_UNDECIDED))
"""Characters that decide what `fitted` answers, at most; one more shows that the particle is over."""


def _choose(after_consonant: str, sound: Ending) -> str:
    if sound == "vowel" or (sound == "rieul" and after_consonant == "으로"):
        return _AFTER_VOWEL[after_consonant]
    return after_consonant
