"""What a message asks, and whether another answers it."""

import re
from collections.abc import Sequence
from enum import StrEnum

from processors.ai.builtin.kiwi import Morpheme


class Question(StrEnum):
    """By what would answer it."""

    WHEN = "when"
    WHERE = "where"
    WHO = "who"
    WHAT = "what"
    WHY = "why"
    HOW = "how"
    AMOUNT = "amount"
    CHOICE = "choice"
    PROPOSAL = "proposal"
    REQUEST = "request"
    YES_NO = "yes or no"


_WORDS = (
    (Question.WHY, re.compile(r"왜(?!냐)|무슨 이유|어째서|이유가 (?:뭐|무엇|뭔)|때문에 그래")),
    (Question.WHEN, re.compile(r"언제|몇 ?시|며칠|무슨 요일|몇 ?월")),
    (Question.WHERE, re.compile(r"어디|어느 (?:쪽|역|건물)")),
    (Question.WHO, re.compile(r"누구|누가|누굴|뉘")),
    (Question.AMOUNT, re.compile(r"얼마|몇 ?(?:개|명|번|살|분|장|층|퍼|점|달|년|권|잔)")),
    (Question.CHOICE, re.compile(r"어느|어떤 (?:게|거|걸|것)|아니면|중에|둘 중")),
    (Question.HOW, re.compile(r"어떻게|어떡|어때|어땠|어떠|어떤가|괜찮으신")),
    (Question.WHAT, re.compile(r"뭐|무엇|뭘|뭔|무슨|어떤")),
)
_ASKING_FORMS = re.compile(
    r"(?:까|까요|니까|니|냐|나요|은가요|ᆫ가요|는가|ᆫ가|은가|을래|ᆯ래|는지요|ᆫ지요|은지요|려나|지\?)$"
)
_LETTERS = re.compile(r"[^\W_ㄱ-ㅎㅏ-ㅣ]")
_OPEN_ENDS = ("어", "어요", "아", "야", "에요", "예요", "대", "는데")
_REASONS = re.compile(r"^으?니까요?$")
_PROPOSING_FORMS = re.compile(r"^(?:을래|ᆯ래|을까|ᆯ까|을까요|ᆯ까요|을래요|ᆯ래요)$")
_STATEMENT_QUESTIONS = re.compile(r"(?:ᆯ|을|는|은|ᆫ)지 (?:몰|모르|알|궁금)")
_REQUESTING = re.compile(r"(?:줄|주실) ?(?:수|래|거)|주실|줄래|주시겠|도와 ?(?:줘|주)|부탁|해도 (?:돼|되|될)")
_CLAUSE_END = re.compile(r"[.!?~…\n]+|(?<=[요다까니냐])\s")


def question_in(text: str, morphemes: Sequence[Morpheme]) -> Question | None:
    """What the last question of a text asks for; None where it asks nothing."""
    marked = "?" in text or "？" in text
    endings = [m for m in morphemes if m.tag == "EF" or _asks_unmarked(m, text)]
    wording = next((kind for kind, pattern in _WORDS if pattern.search(_last_question(text))), None)
    asking = any(_ASKING_FORMS.search(m.form) and not _REASONS.match(m.form) for m in endings)
    if not marked:
        open_end = bool(endings) and endings[-1].form in _OPEN_ENDS
        interrogative = wording is not None and open_end and not _STATEMENT_QUESTIONS.search(text)
        if not asking and not (interrogative and wording in _SURE_WITHOUT_MARK):
            return None
    if _REQUESTING.search(text):
        return Question.REQUEST
    if wording is None:
        return Question.PROPOSAL if any(proposes(morphemes, i) for i in range(len(morphemes))) else Question.YES_NO
    return wording


def _asks_unmarked(ending: Morpheme, text: str) -> bool:
    """Whether the text ends in -니 (밥 먹었니), which Kiwi takes for a clause that goes on where no mark follows."""
    return ending.tag == "EC" and ending.form == "니" and not _LETTERS.search(text, ending.end)


def proposes(morphemes: Sequence[Morpheme], place: int) -> bool:
    """Whether the ending at `place` proposes to do something: 갈까?, 볼래요?, but not 가능할까요? nor 계실까요?"""
    ending = morphemes[place]
    if ending.tag != "EF" or not _PROPOSING_FORMS.match(ending.form) or not place:
        return False
    before = morphemes[place - 1]
    return before.tag in ("VV", "XSV", "VV-I", "VV-R") and before.form not in ("되", "계시")


_SURE_WITHOUT_MARK = (Question.WHEN, Question.WHERE, Question.WHO, Question.WHY, Question.WHAT, Question.AMOUNT)


def _wording(asked: Question, text: str) -> bool:
    """Whether a text has the question words of `asked`."""
    return any(kind is asked and pattern.search(text) for kind, pattern in _WORDS)


def _last_question(text: str) -> str:
    """The clause before the last question mark, else the text."""
    head = re.split(r"[?？]", text)
    if len(head) < 2:
        return text
    return re.split(r"[.!~…\n]", head[-2])[-1] or head[-2]


_TIME = re.compile(
    r"\d|[한두세네]\s?시|(?:다섯|여섯|일곱|여덟|아홉|열)\s?(?:한|두)?\s?시|오늘|내일|모레|어제|지금|방금|곧"
    r"|금방|이따|나중|아침|점심|저녁|밤|주말|평일|다음"
    r"|이번|[월화수목금토일]요일|아직|벌써|언제든|아무 ?때|[가-힣]+ 때|뒤에|후에|전에|까지"
)
_PLACE_TAGS = ("NNG", "NNP", "SL", "SN")
_UNKNOWN = re.compile(
    r"모르겠|잘 모르|글쎄|생각해 ?(?:볼|보)|확인해? ?(?:보|볼|하|해|후|드)|알아 ?(?:볼|보)|이따|나중에|조금만"
    r"|잠시만|잠깐만|기다려|물어볼|미정|아직|알려 ?(?:줄|드릴|드리)|정해지는 대로|답(?:변)?(?:할게|드리|드릴)"
)
_YES_NO = re.compile(
    r"(?:^|\s)(?:네+|넵+|넹|예|옙|응+|어+|웅|엉|ㅇㅇ+|ㅇㅋ|그럼요?|당연|물론|좋아|좋습|좋지|좋죠|콜|오케|오키"
    r"|아니|아뇨|ㄴㄴ|그래|알겠|알았|안|못|싫"
    r"|됩니다|돼|되|가능|어려|미안|죄송|아쉽|맞|아직|이미|거의|ㄱㄱ|굿|그러자|할게|갈게|볼게)"
)
_PAST = re.compile(r"방금|아까|어제|어젯밤|지난[가-힣 ]{0,3}")
_TO_COME = re.compile(r"까[?요 ]|까$|래[?요 ]|만날|갈|올|볼|할|될|줄")
"""A question about what is yet to be, which no time gone by answers."""
_REASON = re.compile(
    r"때문|[가-힣]서(?:$|[\s.,!])|니까|라서|느라|거든|했어|었어|았어|았는데|었는데|려고|길래|그냥|미안|죄송|덕분|바람에|늦었"
)


def answers(asked: Question, question: str, nouns: Sequence[str], reply: str, morphemes: Sequence[Morpheme]) -> bool:
    """Whether a reply takes up a question, be it by saying that one does not know yet. In doubt it does."""
    bare = re.sub(r"[ㅋㅎㅠㅜ\s.,!~^]+", "", reply)
    if not bare:
        return False
    if _UNKNOWN.search(reply) or any(noun in reply for noun in nouns if len(noun) > 1):
        return True
    if "?" in reply and len(bare) <= 4:
        return False
    if bare in ("왜", "뭐", "뭐래", "헐", "어쩌라고", "그래서"):
        return False
    if len(bare) > 5 and (
        ("?" in reply and _wording(asked, reply)) or re.search(r"같이|정하|정해|고르|고를|맞추|맞출", reply)
    ):
        return True
    content = any(m.tag in _PLACE_TAGS or m.tag == "NP" for m in morphemes)
    match asked:
        case Question.WHEN:
            times = _PAST.sub("", reply) if _TO_COME.search(question) else reply
            return bool(_TIME.search(times)) or bool(re.search(r"편하|좋|아무", reply))
        case Question.YES_NO | Question.PROPOSAL | Question.REQUEST:
            shared = {m.form for m in morphemes if m.tag[:2] in ("VV", "VA")}
            return bool(_YES_NO.search(reply)) or any(form in question for form in shared) or _states(morphemes)
        case Question.WHERE | Question.WHO | Question.WHAT | Question.AMOUNT | Question.CHOICE:
            return content or bool(re.search(r"아무|다 좋|없|괜찮", reply))
        case Question.WHY:
            return bool(_REASON.search(reply)) or len(bare) >= 8
        case _:
            return len(bare) >= 3


def _states(morphemes: Sequence[Morpheme]) -> bool:
    """Whether a text says something of its own in a whole sentence: it may answer in a roundabout way."""
    said = sum(m.tag in ("NNG", "NNP", "VV", "VA", "XR") for m in morphemes)
    return said >= 3 or (said >= 1 and any(m.tag == "EF" for m in morphemes))
