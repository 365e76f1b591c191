"""Levels of speech from final endings, chat spellings included, and whether they suit the relationship.

합쇼체 (-습니다) and 해요체 (-요) are 존댓말, 해체 (-어, -야) and the notes of chats (-음, -함) are 반말. Kiwi takes the
codas of chats (감사합니당, 갈게용) off; fragments are known by a closing 요 or by what is said for yes and no.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from processors.ai.builtin.kiwi import Morpheme
from processors.ai.relationships import Kind, Politeness, Relation


class Level(StrEnum):
    """In Korean, as comments name it."""

    FORMAL = "합쇼체"
    POLITE = "해요체"
    CASUAL = "반말"


POLITE_LEVELS = (Level.FORMAL, Level.POLITE)
_FORMAL_ENDING = re.compile(r"(?:니다|니까|시오|시다|소서)$")
_POLITE_ENDING = re.compile(r"(?:[요죠여]|염|욤|세용)$")
_POLITE_WORD = re.compile(r"^(?:네+|넵+|넹+|넴|옙|예|네네|넵넵|예예|네에|저기요|여보세요)$")
_CASUAL_WORD = re.compile(r"^(?:응+|웅+|엉|어|ㅇㅇ+|ㅇㅋ+|오키+|오케이|ㄴㄴ|ㄱㄱ|ㅇ|야|안녕|그래)$")
_CLAUSES = re.compile(r"(?:는데|ᆫ데|은데|던데|다고|냐고|라고|자고|거든|다니까|라니까)$")
"""Connective endings that close a sentence of 반말 when nothing follows."""
_EXCLAMATION = re.compile(r"^(?:구나|는구나|네|다|군|는군|ᆫ다|는다)$")
"""Said to oneself: no breach of 존댓말 beside polite sentences."""
_SILENT = ("SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW", "Z_CODA", "W_EMOJI", "W_URL", "Z_SIOT")
_CONJUNCT = ("EC",)


def levels(text: str, morphemes: Sequence[Morpheme]) -> tuple[Level, ...]:
    """The level of each sentence that shows one, in order."""
    found: list[Level] = []
    muttered: list[Level] = []
    heard = [m for m in morphemes if m.tag not in _SILENT or _CASUAL_WORD.match(m.form)]
    for place, m in enumerate(heard):
        following = heard[place + 1] if place + 1 < len(heard) else None
        last = following is None or following.sentence != m.sentence
        if following is not None and following.form == "요" and following.tag == "JX":
            continue
        if m.tag == "EF":
            level = _of_ending(m.form)
            if level is Level.CASUAL and _EXCLAMATION.match(m.form):
                muttered.append(level)
            else:
                found.append(level)
        elif m.tag == "JX" and m.form == "요":
            found.append(Level.POLITE)
        elif m.tag in _CONJUNCT and last and following is None and _CLAUSES.search(m.form):
            found.append(Level.CASUAL)
        elif place == 0 and _stands_alone(text, m, following):
            if _POLITE_WORD.match(m.form):
                found.append(Level.POLITE)
            elif _CASUAL_WORD.match(m.form) and m.tag in ("IC", "SW", "NNG", "NNP"):
                found.append(Level.CASUAL)
    if not found:
        found = muttered
    if not found:
        found = _by_pronouns(morphemes)
    return tuple(found)


def _stands_alone(text: str, word: Morpheme, following: Morpheme | None) -> bool:
    """Whether a first word is a sentence of its own, as in 네, 확인했어요; not in 안녕하세요 nor in 네 생각."""
    if following is None:
        return True
    between = text[word.end : following.start]
    if not between:
        return False
    return bool(between.strip()) or not (word.form == "네" and following.tag.startswith("N"))


def _of_ending(form: str) -> Level:
    if _FORMAL_ENDING.search(form):
        return Level.FORMAL
    return Level.POLITE if _POLITE_ENDING.search(form) else Level.CASUAL


def _by_pronouns(morphemes: Sequence[Morpheme]) -> list[Level]:
    """What the pronouns of a fragment tell: 저, 제 humble oneself, 나 and 너 do not."""
    pronouns = {m.form for m in morphemes if m.tag == "NP"}
    if pronouns & {"저", "저희", "제"}:
        return [Level.POLITE]
    return [Level.CASUAL] if pronouns & {"나", "너", "니"} else []


def is_polite(found: Sequence[Level]) -> bool:
    """Whether 존댓말 prevails; a message that shows no level is not polite."""
    polite = sum(level in POLITE_LEVELS for level in found)
    return polite > 0 and 2 * polite >= len(found)


def is_casual(found: Sequence[Level]) -> bool:
    return bool(found) and not is_polite(found)


def is_mixed(found: Sequence[Level]) -> bool:
    """Whether a message has sentences of 존댓말 and of 반말 side by side."""
    return Level.CASUAL in found and any(level in POLITE_LEVELS for level in found)


def owed(relation: Relation, other: Sequence[Level]) -> Politeness:
    """The politeness owed, given the levels that the other side has used: among equals their 반말 allows one's own,
    and where the relationship leaves it open their 존댓말 asks for the same. Rank and age keep what is owed."""
    polite, casual = is_polite(other), is_casual(other)
    equals = relation.kind in (Kind.COLLEAGUE, Kind.ACQUAINTANCE, Kind.STRANGER, Kind.OTHER)
    if relation.politeness is Politeness.POLITE and equals and casual:
        return Politeness.EITHER
    if relation.politeness is Politeness.POLITE and relation.kind is Kind.SUBORDINATE:
        return Politeness.EITHER
    if relation.politeness is Politeness.EITHER and relation.kind is Kind.OTHER and polite:
        return Politeness.POLITE
    return relation.politeness
