"""Rewrites one's own words more politely, more casually or more softly, and only where it can be done safely.

Only sentence endings, pronouns and words for yes and no are exchanged, by Kiwi's morphology; the result is analysed
again, and is given up where its level is not what was wanted or where it lost or won a noun or a number.
"""

import re
from collections.abc import Sequence

from processors.ai.builtin.kiwi import Morpheme, join, morphemes
from processors.ai.builtin.korean import has_coda
from processors.ai.builtin.politeness import Level, is_casual, is_mixed, is_polite, levels

Part = tuple[str, str]
_TO_POLITE: dict[str, str] = {
    "어": "어요",
    "아": "어요",
    "ᆯ게": "ᆯ게요",
    "을게": "을게요",
    "ᆯ께": "ᆯ게요",
    "을께": "을게요",
    "ᆯ까": "ᆯ까요",
    "을까": "을까요",
    "ᆯ래": "ᆯ래요",
    "을래": "을래요",
    "지": "죠",
    "네": "네요",
    "구나": "군요",
    "는구나": "는군요",
    "거든": "거든요",
    "잖아": "잖아요",
    "는데": "는데요",
    "ᆫ데": "ᆫ데요",
    "은데": "은데요",
    "던데": "던데요",
    "니": "어요",
    "냐": "어요",
    "다": "어요",
    "ᆫ다": "어요",
    "는다": "어요",
    "음": "어요",
    "ᆷ": "어요",
    "대": "대요",
    "ᆫ대": "ᆫ대요",
    "라": "으세요",
    "어라": "으세요",
    "자": "어요",
}
_TO_CASUAL: dict[str, str] = {
    "어요": "어",
    "아요": "어",
    "어여": "어",
    "ᆸ니다": "어",
    "습니다": "어",
    "ᆯ게요": "ᆯ게",
    "을게요": "을게",
    "ᆯ까요": "ᆯ까",
    "을까요": "을까",
    "ᆯ래요": "ᆯ래",
    "죠": "지",
    "네요": "네",
    "군요": "구나",
    "거든요": "거든",
    "잖아요": "잖아",
    "는데요": "는데",
    "ᆫ데요": "ᆫ데",
    "은데요": "은데",
    "나요": "어",
    "습니까": "어",
    "ᆸ니까": "어",
    "세요": "어",
    "으세요": "어",
    "던데요": "던데",
}
_YES_POLITE = re.compile(r"^(?:응+|웅+|엉|어|ㅇㅇ+|ㅇㅋ+|오키+|오케이|그래)(?=$|[\s,.!~?ㅋㅎ])")
_NO_POLITE = re.compile(r"^(?:아니|ㄴㄴ)(?=$|[\s,.!~?])")
_HELLO = re.compile(r"^안녕(?=$|[\s,.!~?])")
_YES_CASUAL = re.compile(r"^(?:네+|넵+|넹|예|옙)(?=$|[\s,.!~?])")
_SORRY = re.compile(r"미안(?:해요?)?(?=$|[\s,.!~ㅠㅜ])")
_GRATEFUL = re.compile(r"고마워요?(?=$|[\s,.!~ㅠㅜ])")
_PRONOUNS_UP = {
    ("나", "는"): "저는",
    ("나", "도"): "저도",
    ("나", "가"): "제가",
    ("내", ""): "제",
    ("나", "를"): "저를",
    ("나", ""): "저",
}
_PRONOUNS_DOWN = {
    ("저", "는"): "나는",
    ("저", "도"): "나도",
    ("저", "가"): "내가",
    ("제", ""): "내",
    ("저", "를"): "나를",
    ("저", ""): "나",
}
_RUDE = frozenset(("너", "니", "네", "너희", "니네", "당신"))
_HASTE = re.compile(r"(?:^|(?<=\s))(?:당장|빨리|얼른|좀|바로)\s+|(?<=[가-힣])이?나(?=\s+[가-힣]+$)")


def to_polite(text: str, found: Sequence[Morpheme], formal: bool = False) -> str | None:
    """`text` in 존댓말; None where it cannot be done safely. `formal` makes promises -겠습니다."""
    return _converted(text, found, up=True, formal=formal)


def to_casual(text: str, found: Sequence[Morpheme]) -> str | None:
    """`text` in 반말; None where it cannot be done safely."""
    return _converted(text, found, up=False, formal=False)


def softened(text: str, found: Sequence[Morpheme], polite: bool) -> str | None:
    """A command as a request, without its words of haste; None where there is none or it cannot be done safely."""
    endings = [place for place, m in enumerate(found) if m.tag == "EF"]
    if len(endings) != 1 or _has_rude_pronoun(found):
        return None
    place = endings[0]
    stem = stem_of(found, place)
    if (
        not stem
        or not stem[-1].tag.startswith(("VV", "VX", "XSV"))
        or any(m.tag == "EP" and m.form != "시" for m in stem)
    ):
        return None
    parts: list[Part] = [(m.form, m.tag) for m in stem if m.form != "시"]
    asking: list[Part] = [("시", "EP"), ("겠", "EP"), ("어요", "EF")] if polite else [("ᆯ래", "EF")]
    if parts[-1][0] in ("주", "드리"):
        parts += asking
    elif parts[-1] == ("말", "VX"):
        parts = [*parts[:-1], ("말", "VX"), ("어", "EC"), ("주", "VX"), *asking]
    else:
        parts += [("어", "EC"), ("주", "VX"), *asking]
    end = found[place].end
    head = _without_haste(text[: stem[0].start])
    return _checked(f"{head}{join(parts)}?", text, polite, removed=True) if not text[end:].strip(" .!~") else None


_NO = re.compile(r"^(?:아뇨|아니요|아니오|아니|ㄴㄴ)[\s,.!~]+(?=\S)")


def hedged(text: str, found: Sequence[Morpheme], polite: bool) -> str | None:
    """A bare refusal with an apology before it and -ㄹ 것 같다 behind it; None where it is no sentence of its own."""
    answer = _NO.match(text)
    if answer:
        text = text[answer.end() :]
        found = morphemes([text])[0]
    bare = text.strip(" .!~")
    sorry = "죄송하지만 " if polite else "미안해, "
    if re.fullmatch(r"(?:아\s)?(?:싫어|싫은데|싫음|싫다|ㄴㄴ|안 ?돼|안 ?됨|안 ?됩니다|안 ?해|패스)(?:요)?", bare):
        return sorry + ("이번에는 어려울 것 같아요." if polite else "이번에는 어려울 것 같아.")
    endings = [place for place, m in enumerate(found) if m.tag == "EF"]
    if len(endings) != 1:
        return None
    place = endings[0]
    stem = stem_of(found, place)
    if not stem or not stem[-1].tag.startswith(("VV", "VX", "VA", "XSV")):
        return None
    parts: list[Part] = [(m.form, m.tag) for m in stem]
    parts += [("ᆯ", "ETM"), ("것", "NNB"), ("같", "VA"), ("어요" if polite else "어", "EF")]
    return _checked(f"{sorry}{text[: stem[0].start]}{join(parts)}", text, polite)


def _converted(text: str, found: Sequence[Morpheme], up: bool, formal: bool) -> str | None:
    if up and _has_rude_pronoun(found):
        return None
    table = _TO_POLITE if up else _TO_CASUAL
    edits: list[tuple[int, int, str]] = []
    for place, m in enumerate(found):
        if m.tag in ("EF", "EC") and not (up and _polite_already(found, place)):
            if m.tag == "EC" and not _closes(found, place):
                continue
            if (
                m.tag == "EF"
                and not up
                and m.form not in table
                and levels(text[m.start : m.end], (m,)) == (Level.CASUAL,)
            ):
                continue
            edit = _ending(text, found, place, table, up, formal)
            if edit is None:
                return None
            edits.append(edit)
        elif m.tag == "NP":
            edits.extend(_pronoun(text, found, place, _PRONOUNS_UP if up else _PRONOUNS_DOWN))
        elif m.tag == "JX" and m.form == "요" and not up:
            edits.append((m.start, m.end, ""))
    rewritten = text
    for start, end, new in sorted(_apart(edits), reverse=True):
        rewritten = rewritten[:start] + new + rewritten[end:]
    return _checked(_greetings(rewritten, up, formal), text, up)


def _apart(edits: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The edits without those inside another, the longest kept."""
    kept: list[tuple[int, int, str]] = []
    for edit in sorted(edits, key=lambda e: e[0] - e[1]):
        if all(edit[1] <= other[0] or edit[0] >= other[1] for other in kept):
            kept.append(edit)
    return kept


def _polite_already(found: Sequence[Morpheme], place: int) -> bool:
    following = found[place + 1] if place + 1 < len(found) else None
    if following is not None and following.form == "요" and following.tag == "JX":
        return True
    return found[place].tag == "EF" and levels("", (found[place],))[:1] != (Level.CASUAL,)


def _closes(found: Sequence[Morpheme], place: int) -> bool:
    """Whether a connective ending closes the text."""
    after = [m for m in found[place + 1 :] if not m.tag.startswith(("S", "W", "Z"))]
    return not after and found[place].form in _TO_POLITE


def stem_of(found: Sequence[Morpheme], place: int) -> list[Morpheme]:
    """The morphemes of the written word that ends in the ending at `place`, without it."""
    start = place
    while start > 0 and found[start - 1].end >= found[start].start:
        start -= 1
    return list(found[start:place])


_COPULA_ENDINGS = ("야", "어", "니", "냐", "이야", "에요", "예요", "어요", "ᆸ니다", "습니다", "다")


def _acts(parts: Sequence[Part]) -> bool:
    """Whether a stem is of a verb that one does, and may promise to do."""
    return bool(parts) and parts[-1][1] in ("VV", "XSV") and parts[-1][0] not in ("되", "알", "모르")


def _ending(
    text: str, found: Sequence[Morpheme], place: int, table: dict[str, str], up: bool, formal: bool
) -> tuple[int, int, str] | None:
    """The written word of an ending with the ending exchanged."""
    m = found[place]
    stem = stem_of(found, place)
    end = m.end
    if place + 1 < len(found) and found[place + 1].tag == "Z_CODA":
        end = max(end, found[place + 1].end)
    if not stem:
        return None
    start = stem[0].start
    last = stem[-1]
    if last.tag in ("VCP", "VCN") and m.form in _COPULA_ENDINGS:
        return _copula(text, stem, end, up)
    new = table.get(m.form)
    if new is None:
        return None
    parts: list[Part] = [(s.form, s.tag) for s in stem]
    if not up:
        parts = [p for p in parts if p != ("시", "EP")]
        if parts[-1:] == [("겠", "EP")] and m.form == "습니다" and _acts(parts[:-1]):
            parts, new = parts[:-1], "ᆯ게"
        if any(form.endswith("시") and tag == "VV" and form != "마시" for form, tag in parts):
            return None  # 드시다, 계시다: honour is in the verb itself
    elif formal and new in ("ᆯ게요", "을게요"):
        parts.append(("겠", "EP"))
        new = "습니다"
    elif new == "어요" and m.form == "어" and last.form in ("주",) and last.tag == "VX":
        new = "세요"
    parts.append((new, "EF"))
    return start, end, join(parts).replace("거인데", "건데")


def _copula(text: str, stem: Sequence[Morpheme], end: int, up: bool) -> tuple[int, int, str]:
    """이다 and 아니다, whose endings change with the noun before."""
    copula = stem[-1]
    start = stem[0].start
    if copula.tag == "VCN":
        return start, end, "".join(text[start : copula.start]) + ("아니에요" if up else "아니야")
    noun = text[start : copula.start] if copula.start > start else text[start : copula.end]
    if not noun:
        noun = join([(m.form, m.tag) for m in stem[:-1]])
    closed = has_coda(noun)
    return start, end, noun + (("이에요" if closed else "예요") if up else ("이야" if closed else "야"))


def _pronoun(
    text: str, found: Sequence[Morpheme], place: int, table: dict[tuple[str, str], str]
) -> list[tuple[int, int, str]]:
    m = found[place]
    following = found[place + 1] if place + 1 < len(found) and found[place + 1].start <= m.end else None
    if following is not None and following.tag in ("JKG",) and (m.form, "") in table:
        new = "제" if m.form == "나" else "내"
        return [(m.start, max(m.end, following.end), new)]
    particle = following.form if following is not None and following.tag.startswith("J") else ""
    new_form = table.get((m.form, particle))
    if new_form is None:
        return []
    return [(m.start, max(m.end, following.end) if particle and following else m.end, new_form)]


def _has_rude_pronoun(found: Sequence[Morpheme]) -> bool:
    return any(m.tag == "NP" and m.form in _RUDE for m in found) or any(m.tag == "JKV" for m in found)


def _greetings(text: str, up: bool, formal: bool) -> str:
    if not up:
        return _YES_CASUAL.sub("응", text)
    text = _NO_POLITE.sub("아니요", _YES_POLITE.sub("네", text))
    text = _HELLO.sub("안녕하세요", text)
    sorry = "죄송합니다" if formal else "죄송해요"
    text = _SORRY.sub(sorry, text)
    return _GRATEFUL.sub("감사합니다" if formal else "고마워요", text)


def _without_haste(text: str) -> str:
    head = _HASTE.sub("", text)
    return re.sub(r"(?<=[가-힣])이나\s+$", " ", head)


_STILL_POLITE = re.compile(r"(?:요|니다)[\s.,!?~]*$")


def _checked(rewritten: str, original: str, polite: bool, removed: bool = False) -> str | None:
    """`rewritten`, unless its level is not what was wanted or its numbers and names changed."""
    if not polite and _STILL_POLITE.search(rewritten):
        return None
    before, after = morphemes([original, rewritten])
    found = levels(rewritten, after)
    if not polite and not found and after and after[-1].tag in ("EF", "EC"):
        found = (Level.CASUAL,)  # 금요일에 가: Kiwi takes a bare stem for a clause that goes on
    if is_mixed(found) or (polite and not is_polite(found)) or (not polite and not is_casual(found)):
        return None
    numbers = [re.findall(r"\d+|[A-Za-z]+", text) for text in (original, rewritten)]
    if numbers[0] != numbers[1]:
        return None
    kept = {m.form for m in before if m.tag == "NNP"} if not removed else set()
    return rewritten if kept <= {m.form for m in after if m.tag in ("NNP", "NNG")} | set(rewritten.split()) else None
