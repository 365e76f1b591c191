"""Whose names stand in a conversation: those of its senders, those that are given, and those that a mark gives away.

A person is a tuple of forms, the plainest first: ("지영", "박지영").
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

Person = tuple[str, ...]

SURNAMES: Final = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표"
    "명기반왕금옥육인맹제모탁국어은편용예경봉사부"
)
COMPOUND_SURNAMES: Final = ("남궁", "황보", "제갈", "선우", "독고", "사공", "서문", "동방")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TITLES: Final = _words("""
    선생님 선생 팀장 대리 과장 차장 부장 실장 본부장 이사 상무 전무 사장 대표 회장 교수 박사 원장 소장 주임
    사원 매니저 코치 기사 쌤 샘 선배 후배 형 누나 오빠 언니 동생 이모 삼촌 고모 엄마 아빠 어머니 아버지 할머니
    할아버지 아저씨 아줌마 친구 여보 자기 남편 아내 아들 딸 막내 큰형 작은형 조카 사모 고객 손님
""")
_NOBODY: Final = frozenset(
    _words("알 수 없음 나 상대 상대방 user interlocutor unknown me you team lead manager boss mr ms mrs dr prof")
)
_HONORIFIC: Final = ("님", "씨")
EVERYDAY: Final = frozenset(
    _words("""
    하나 우리 나라 사랑 보라 소리 가을 여름 겨울 하루 오늘 이슬 구름 바다 하늘 다운 아름 한결 보람 진실 나무 미래
    행복 시내 새롬 기쁨 소망 은혜 지혜 인정 정도 고은 여러 나중 정말 진짜 조금 지금 이제 수도 유지 주의 주소 전화
    이미 이상 정리 사이 여기
""")
)
"""Names that are words: masked only where something marks them as a name, or every other sentence would be."""
_NOT_NAMES: Final = _words("""
    오늘 이번 지난 우리 이거 이것 이게 그거 정말 진짜 하지 이제 조금 전부 모두 지금 주말 한번 하나 어제 어디 여기
    유명 신입 전남 전여 남자 여자 친구 나중 공부 고객 주인 이런 저런 최근 안녕 고마 미안 사랑 한국 지하 고등 전문
    동네 이상 여러 차기 전임 현직 남편 이웃 옆집
""")
"""Beginnings of everyday words that look like a surname and a name."""
_ROLE: Final = "|".join(sorted(map(re.escape, _TITLES), key=len, reverse=True))
MARK: Final = rf"(?=\s?[씨님]|[아야](?![가-힣])|이(?:가|는|를|랑|도|야|한테|네)(?![가-힣])|\s?(?:{_ROLE}))"
"""What shows that a name stands before it."""
_VARIATION: Final = re.compile("[\ufe00-\ufe0f]")
"""Selectors that follow emoji; marks to Unicode, of no name."""
_MARKED_NAME: Final = re.compile(
    rf"(?<![가-힣])([가-힣]{{3,4}}?)(?:(?=\s?[씨님])|([아야])(?=[\s,!?~.…]|$)|(?=\s?(?:{_ROLE})))"
)
_SEEDED: Final = ("사과", "고추", "오이")
"""What has seeds, which are 씨 too."""
_AFTER_SSI: Final = "가|는|를|랑|도|만|와|의|께|께서|한테|에게|하고|네"
_TWO_SYLLABLES: Final = re.compile(rf"(?<![가-힣])([가-힣]{{2}}) 씨(?:{_AFTER_SSI})?(?![가-힣])")


def given_name(full: str) -> str | None:
    """The given name of a Korean full name of surname and two syllables; None where it is no such name."""
    if not re.fullmatch(r"[가-힣]{3,4}", full):
        return None
    if len(full) == 4:
        return full[2:] if full[:2] in COMPOUND_SURNAMES else None
    return full[1:] if full[0] in SURNAMES else None


def person(name: str) -> Person:
    """All forms of a name as somebody writes it in a list of contacts: without titles and decoration. Empty where no
    name is left (엄마, 팀장님)."""
    plain = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in normal(name))
    plain = _VARIATION.sub(" ", plain)
    words = [word for each in plain.split() if (word := _without_title(each)) and word.lower() not in _NOBODY]
    words = [word for word in words if not word.isdigit()]
    if len(words) == 2 and words[0] in SURNAMES.union(COMPOUND_SURNAMES) and re.fullmatch(r"[가-힣]{1,2}", words[1]):
        words = ["".join(words)]  # 김 민수
    forms: list[str] = []
    for word in words:
        given = given_name(word)
        forms += [word] if given is None else [given, word]
    if len(words) > 1 and all(word.isascii() for word in words):
        forms.append(" ".join(words))
    return tuple(dict.fromkeys(forms))


def merged(people: Iterable[Person]) -> tuple[Person, ...]:
    """Each form once; whoever shares a full form with somebody is the same person."""
    found: list[Person] = []
    for forms in people:
        known = {form for each in found for form in each}
        if not forms or known.issuperset(forms):
            continue
        shared = next((place for place, each in enumerate(found) if set(each) & set(forms)), None)
        new = tuple(form for form in forms if form not in known)
        if shared is None:
            found.append(new)
        else:
            found[shared] = (*found[shared], *new)
    return tuple(found)


def marked_names(texts: Iterable[str]) -> list[str]:
    """Korean names that honorifics, titles or calls give away, by rule: a known surname and two syllables (one before
    씨). Careful rather than complete."""
    found = []
    for text in texts:
        for match in _MARKED_NAME.finditer(text):
            name, call = match[1], match[2]
            if given_name(name) is None or name.startswith(_NOT_NAMES) or _without_title(name) != name:
                continue
            if call and (call == "아") != _has_final(name[-1]):
                continue  # 오늘이야, 이거아: no call of a name sounds so
            found.append(name)
        found += [
            match[1] for match in _TWO_SYLLABLES.finditer(text) if match[1][0] in SURNAMES and match[1] not in _SEEDED
        ]
    return list(dict.fromkeys(found))


def normal(text: str) -> str:
    """Composed, since exports of macOS and iOS come decomposed."""
    return unicodedata.normalize("NFC", text)


def titles() -> Sequence[str]:
    """Words that name what somebody is to somebody, never who."""
    return _TITLES


def _without_title(word: str) -> str:
    """박팀장님 is 박, 지영쌤 is 지영, 아저씨 is nobody."""
    while word:
        ends = next((end for end in (*_TITLES, *_HONORIFIC) if word.endswith(end)), None)
        if ends is None or (ends in _HONORIFIC and len(word) <= len(ends) + 1):
            return word
        word = word.removesuffix(ends)
    return word


def _has_final(syllable: str) -> bool:
    return (ord(syllable) - ord("가")) % 28 != 0
