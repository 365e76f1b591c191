"""What a message does: apologise, thank, ask for, refuse, blame … (speech acts), each with the words that do it."""

import re
from collections.abc import Mapping, Sequence

from processors.ai.builtin.act_words import PATTERNS, Act, any_of
from processors.ai.builtin.kiwi import Morpheme
from processors.ai.builtin.profanity import offences
from processors.ai.builtin.questions import proposes

_OWN_FEELING = re.compile(r"(?:나|저|난|전)(?:도|는|만)? |오늘 |요즘 |(?:났|났었|였|했|혔|겼)(?:어|다|네|음)")
_PROMISES = re.compile(r"^(?:ᆯ게|을게|ᆯ께|을께|ᆯ게요|을게요|ᆯ께요|을께요|ᆯ거임)$")
_JOINT = re.compile(r"^(?:자|ᆸ시다|읍시다)$")
_IMPERATIVES = re.compile(r"^(?:어라|아라|으라|라|거라|으십시오|ᆸ시오|세요|으세요|시오|으셔요|셔요)$")
_WISHES = re.compile(
    r"안녕하|안녕히|드세요|수고|조심|쉬|들어가|건강|되세요|보내세요|주무|힘내|챙|행복|계세요|말씀|오세요"
    r"|받으세요|주세요|부탁|걱정|마세요|편하|천천히|잘 자"
)
_ASKS = re.compile(r"부탁|\S+ 수 있(?:을까|어\?|나요|으세요|으실까)|주실 수|괜찮으실까")
_REFUSALS = any_of(
    r"(?:^|[\s,.])(?:안|못) ?(?:돼|되|됩|될|가|갈|갑|해|할|합|하|먹|나|와|와요|올|보|봐|줘|줄|도와|빌|사|드)",
    r"싫(?!증)",
    r"거절",
    r"어렵(?:습|겠|다|네|지)|어려울",
    r"힘들 것 같|힘들겠(?:습|어|네)",
    r"불가"
    r"|곤란",
    r"(?:할|갈|될|올|볼|줄|드릴) 수(?:가|는)? 없",
    r"사양",
    r"패스|ㄴㄴ",
    r"시간(?:이)? ?없",
    r"안 ?됩니다",
)

_TEASING = re.compile(r"바보|멍청")


def acts_in(text: str, morphemes: Sequence[Morpheme]) -> dict[Act, str]:
    """The acts of a text, each with the words of it that do it."""
    found: dict[Act, str] = {}
    for act, pattern in PATTERNS.items():
        if match := pattern.search(text):
            found[act] = quoted(text, match.start(), match.end())
    for offence in offences(text):
        found[Act.PROFANITY if offence.swearing else Act.INSULT] = offence.word
    if match := _REFUSALS.search(text):
        found[Act.REFUSAL] = quoted(text, match.start(), match.end())
    found.update(_by_endings(text, morphemes))
    return _consistent(text, found)


def quoted(text: str, start: int, end: int) -> str:
    """The whole words around a span of the text, without the marks at their ends."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip(" \n.,!?~…'\"") or text[start:end]


def _by_endings(text: str, morphemes: Sequence[Morpheme]) -> dict[Act, str]:
    found: dict[Act, str] = {}
    for place, m in enumerate(morphemes):
        if m.tag != "EF":
            continue
        before = morphemes[place - 1] if place else None
        words = quoted(text, before.start if before else m.start, m.end)
        asked = "?" in text[m.end : m.end + 3]
        giving = any(p.form in ("주", "드리") and p.tag == "VX" for p in morphemes[max(0, place - 3) : place])
        if (_PROMISES.match(m.form) and "바랄" not in words) or _vows(morphemes[max(0, place - 2) : place], m.form):
            found[Act.PROMISE] = words
        elif giving and (asked or m.form in ("어", "어요", "세요", "으세요", "어라", "ᆸ시오", "십시오")):
            found[Act.REQUEST] = words
        elif proposes(morphemes, place) or _JOINT.match(m.form):
            found[Act.PROPOSAL] = words
        elif not asked and (
            (_IMPERATIVES.match(m.form) and not _WISHES.search(words) and _presses(text, m.form))
            or (m.form == "어" and _orders(text, morphemes, place))
        ):
            found[Act.COMMAND] = text[next(p.start for p in morphemes if p.sentence == m.sentence) : m.end]
    if re.search(r"어때|어떠세요|어떠신", text) and "?" in text:
        found.setdefault(Act.PROPOSAL, quoted(text, text.index("어"), text.index("어") + 2))
    if match := _ASKS.search(text):
        found.setdefault(Act.REQUEST, quoted(text, match.start(), match.end()))
    return found


def _vows(before: Sequence[Morpheme], ending: str) -> bool:
    """Whether -겠습니다 says what one will do; 힘들겠습니다 and 왔겠습니다 guess."""
    return (
        ending == "습니다"
        and [m.form for m in before[1:]] == ["겠"]
        and before[0].tag in ("VV", "VX", "XSV")
        and before[0].form not in ("알", "모르", "되")
    )


def _presses(text: str, ending: str) -> bool:
    """Whether an imperative is an order: -세요 alone gives advice."""
    return not ending.endswith(("세요", "셔요")) or bool(re.search(r"당장|빨리|얼른|(?:^|\s)좀\s", text))


def _orders(text: str, morphemes: Sequence[Morpheme], place: int) -> bool:
    """Whether a verb in 해체 gives an order, which only its company tells: 당장 보내, 밥이나 차려, 하지 마."""
    sentence = [m for m in morphemes[:place] if m.sentence == morphemes[place].sentence]
    if not sentence or sentence[-1].tag == "EP" or not sentence[-1].tag.startswith(("VV", "VX", "XSV")):
        return False
    forms = {m.form for m in sentence}
    if sentence[-1].form == "말" and "지" in forms:
        return not re.search(r"걱정|무리|아프지|혼자|울지|포기|부담", text)
    pushing = forms & {"당장", "빨리", "얼른", "좀", "이나", "나", "바로"}
    if "나" in pushing and not any(m.form == "나" and m.tag == "JX" for m in sentence):
        pushing -= {"나"}
    asking = any(
        m.form in ("왜", "뭐", "어디", "언제", "누구", "나", "저") and m.tag in ("NP", "MAG") for m in sentence
    )
    return bool(pushing) and not asking


def _consistent(text: str, found: dict[Act, str]) -> dict[Act, str]:
    """Without what another act explains away."""
    if Act.AFFECTION in found and _TEASING.search(found.get(Act.INSULT, "")):
        del found[Act.INSULT]  # 바보야 사랑해
    hostile = found.keys() & {Act.PROFANITY, Act.INSULT, Act.SARCASM}
    if hostile:
        for act in (Act.PRAISE, Act.THANKS, Act.EMPATHY, Act.CARE):
            found.pop(act, None)
    pain = found.get(Act.DISTRESS, "")
    if (Act.JOY in found and re.search(r"ㅠ|ㅜ|눈물", pain)) or (Act.CARE in found and "걱정" in pain):
        del found[Act.DISTRESS]  # tears of joy; worry about the reader
    if Act.COMPLAINT in found and Act.DISMISSAL not in found and not hostile and _OWN_FEELING.search(text):
        found[Act.DISTRESS] = found.pop(Act.COMPLAINT)
    if Act.CARE in found or Act.APOLOGY in found or Act.ENCOURAGEMENT in found:
        found.pop(Act.COMMAND, None)
        found.pop(Act.URGING, None)
    if found.keys() & {Act.APOLOGY, Act.EMPATHY, Act.ENCOURAGEMENT, Act.CARE} and not hostile:
        found.pop(Act.DISMISSAL, None)
        found.pop(Act.BLAME, None)
    return found


def quotes(acts: Mapping[Act, str], *wanted: Act) -> str | None:
    """The words of the first of the wanted acts that is there."""
    return next((acts[act] for act in wanted if act in acts), None)
