"""Swear words and insults, found through the disguises of chats: 시1발, ㅅ ㅂ, 씨이발, 시.발, jamo split apart.

Two readings of a text are searched: one without what is put between letters to hide a word, and one of its jamo, in
which split letters and whole syllables are alike. Innocent words that contain a swear word (시발점, 고양이 새끼) are
taken out first.
"""

import re
import unicodedata
from typing import NamedTuple

_INNOCENT = re.compile(
    r"시발(?:점|역|지|택시|자동차|하[는여])|출발|시발(?=\s*(?:노선|열차))"
    r"|(?:고양이|강아지|개|돼지|호랑이|곰|사자|토끼|새|오리|늑대|동물|아기|어미"
    r"|어린)의?\s*새끼(?:들)?(?=\s*(?:고양이|강아지|가|는|를|도|랑|너무|귀|$))"
    r"|새끼\s*(?:고양이|강아지|돼지|손가락|발가락|오리|곰|호랑이|사자|토끼|줄|를\s*낳)"
    r"|(?:불|전등|전원|화면|폰|컴퓨터|노트북|티비|에어컨|배터리)(?:이|가|도)?\s*(?:[가-힣]{1,4}\s+)?꺼[져지]"
    r"|병신년|신발|시바견|시바\s*이누|십팔\s*(?:일|명|개|세|번)|지랄탄|엿\s*(?:먹고\s*싶|사)|닥쳐\s*(?:온|올|오)"
    r"|미친\s*듯이?|개새(?!끼)"
    r"|족발|존나라|좆도|꺼져\s*(?:있|버린|가)"
)
_SWEARS = (
    # Other words end in 시 and go on with 발 or 불 (도시발전, 일시불): what comes before must not be one.
    r"[씨씹쒸][이잉]*[발빨팔벌펄불뻘]|(?:(?<![가-힣])|(?<=[아와야에헐]))[시쉬싀슈][이잉]*[발빨팔벌펄불뻘]"
    r"|(?<![가-힣])(?:개|이런|진짜|존나)시발(?![표행생송전급매])",
    r"ㅅㅂ|ㅆㅂ|ㅅ발|시ㅂ|ㅆ발|씨ㅂ|(?<![가-힣])십할(?!인)|tlqkf|(?<!\d)18(?:놈|년(?=아|들))",
    r"존나|좃나|졸나|좃라|존라(?!면)|졸라(?!서|도|대|댔|달|매|맸|요|야)|ㅈㄴ",
    r"ㅈ같|좆|좇|ㅈ까",
    r"지[랄럴]|ㅈㄹ",
    r"개[세새쉐쌔]끼|ㄱㅅㄲ|개년|개놈|개같|개소리|개지랄",
    r"병[신씬쉰]|ㅂㅅ|븅신|빙신",
    r"미친[놈년새것넘]|ㅁㅊ[놈년]|또라이|돌아이(?!스)",
    r"[새쉐]끼(?=야|들|가|는|$)|(?<![가-힣])[이저그]?세끼(?=야|들)|이새끼|저새끼|그새끼",
    r"닥쳐|닥치(?:라|고|세요)|아가리|주둥이(?=\s*(?:닥|다물|놀|조심|나불|함부로))|꺼[져지](?:라|세요|버려)?(?=$|요|라|세|버|별|좀|[^가-힣])|ㄲㅈ",
    r"썅|쌍[년놈]|니[미애]미|느금마|엠창|호로(?:새|자식|잡|년)|후레자식|엿먹",
    r"뒤[져질](?:라|래|버)|뒈[져질]",
    r"(?<![ㄱ-ㅎㅏ-ㅣ])ㅗ+(?![ㄱ-ㅎㅏ-ㅣ])|凸|🖕",
)
_INSULTS = re.compile(
    r"멍청|바보(?!같이 웃)|(?<![가-힣])(?:상|개)?등신(?!대|불)|찌질|한심(?:하|해|한)"
    r"|쓰레기(?:야|네|같|냐)|인간\s*쓰레기|재수\s*없(?!이)"
    r"|꼴\s*(?:보기|도)|못생(?:겼|긴)(?:어|네|냐|게)"
    r"|머리(?:는|가)?\s*(?:장식|나쁘(?!지)|비었|멍)|머저리|무식(?:하(?!게)|해)"
    r"|주제에(?!\s*(?:대|관|맞|따|집중|속|어울|벗어|포함|들어|넣))"
    r"|뭐\s*하는\s*애|잘하는\s*게\s*(?:뭐"
    r"|없)|쓸모\s*없(?!는)|쓸모\s*없는\s*(?:놈|년|인간|애|새|사람)|거지\s*같|벌레\s*같|양심\s*없"
    r"|너\s*같은\s*(?:게|애|놈|년|인간)|니\s*같은|나잇값|정신\s*(?:나갔|차려라)|제정신(?:이|인)|구제\s*불능"
    r"|밥값(?:도|은|이나|을)?\s*(?:좀\s*)?(?:못|해라|해야)|지긋지긋한\s*(?:놈|인간)|stupid|idiot|moron"
    r"|(?:^|[ㅋㅎ.!]\s*|나가|가서|걍|그냥)\s*죽어(?:라|버려)?(?=$|[.!~ㅋ])|fuck|shit|bitch|asshole|shut up",
    re.IGNORECASE,
)
_SWEAR = re.compile("|".join(_SWEARS), re.IGNORECASE)
_HIDING = re.compile(r"(?<=[가-힣ㄱ-ㅎ])[\d.,*~^@!_\-'\"`|/\\]+(?=[가-힣ㄱ-ㅎㅏ-ㅣ])")
_SPLIT = re.compile(r"(?<![가-힣ㄱ-ㅎ])(?:[가-힣ㄱ-ㅎㅏ-ㅣ]\s+){1,3}[가-힣ㄱ-ㅎㅏ-ㅣ](?![가-힣])")
_JAMO_WORD = re.compile(r"(?:[ㄱ-ㅎ][ㅏ-ㅣ][ㄱ-ㅎ]?){2,}")
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


class Offence(NamedTuple):
    """`word` as it is found in the text once its disguise is off; `swearing` or else an insult."""

    word: str
    swearing: bool


def offences(text: str) -> tuple[Offence, ...]:
    """What in a text swears or insults, first to last; each kind at most once."""
    plain = _INNOCENT.sub(" ", undisguised(text))
    found = [Offence(match[0].strip(), True)] if (match := _SWEAR.search(plain)) else []
    if insult := _INSULTS.search(plain):
        found.append(Offence(insult[0].strip(), False))
    return tuple(found)


def undisguised(text: str) -> str:
    """`text` without what hides a word in it."""
    text = unicodedata.normalize("NFC", text)
    text = _JAMO_WORD.sub(lambda match: _composed(match[0]), text)
    text = _SPLIT.sub(lambda match: re.sub(r"\s+", "", match[0]), text)
    return _HIDING.sub("", text)


def _composed(jamo: str) -> str:
    """Split letters put together: ㅅㅣㅂㅏㄹ → 시발. A consonant before a vowel begins a syllable."""
    whole, i = "", 0
    while i + 1 < len(jamo):
        if jamo[i] not in _INITIALS or jamo[i + 1] not in _VOWELS:
            return jamo
        final, step = 0, 2
        ends = i + 2 < len(jamo) and (i + 3 >= len(jamo) or jamo[i + 3] not in _VOWELS)
        if ends and jamo[i + 2] in _FINALS:
            final, step = _FINALS.index(jamo[i + 2]), 3
        whole += chr(0xAC00 + (_INITIALS.index(jamo[i]) * 21 + _VOWELS.index(jamo[i + 1])) * 28 + final)
        i += step
    return whole + jamo[i:]
