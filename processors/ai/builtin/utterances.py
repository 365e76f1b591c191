"""A message as it is understood: morphemes, level of speech, question, acts, tone, topic words."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from processors.ai.builtin import tone
from processors.ai.builtin.act_words import Act
from processors.ai.builtin.acts import acts_in
from processors.ai.builtin.kiwi import Morpheme, morphemes, unwrapped
from processors.ai.builtin.politeness import Level, levels
from processors.ai.builtin.questions import Question, question_in

_BRIEF = re.compile(
    r"^(?:ㅇ+|응+|어+|엉+|웅+|네+|넵+|넹|예+|ㅇㅋ+|오키+|ㅋ+|ㅎ+|ㄴㄴ|아니|그래|그렇구나|그렇군|헐+|음+|ㄱㄱ"
    r"|왜|뭐|아하|ㄹㅇ|굿|그러게|몰라|알았어|알겠어|알겠음"
    r"|글쎄|싫어|됐어|ok|okay|k|yes|no|ㅠ+|ㅜ+|\.+)(?:요|여)?$",
    re.IGNORECASE,
)
_WELL_BEING = re.compile(r"잘 ?(?:지내|있|잤)|뭐 ?(?:해|하고|하니|하세)|별일 ?없|어떻게 지내|밥(?:은)? (?:먹|챙)")
_DECORATION = re.compile(r"[\s.,!?~^;:ㅋㅎㅠㅜ…]+")
_HANGUL = re.compile(r"[ㄱ-ㅎㅏ-ㅣ가-힣]")
_LETTERS = re.compile(r"[^\W_]", re.UNICODE)
_DULL_NOUNS = frozenset(
    re.findall(
        r"\S+",
        """
        것 거 수 때 데 줄 말 일 나 너 저 우리 오늘 내일 어제 지금 이번 다음 요즘 정말 진짜 좀 뭐 생각 사람 안녕
        감사 미안 죄송 축하 고생 수고 확인 부탁 정도 처음 하나 모두 그때 이때 방금 아까 이따 나중 당장 최고 대박
        덕분 때문 사랑 자기 여보 님 씨 시 분 월 일 년 개 번 명 전 후 뒤 앞 중 안 밖 위 아래 사이 동안 이번 저번
        며칠 아주 무슨 어떤 누구 언제 어디 선배 후배 선생님 팀장님 과장님 부장님 교수님 엄마 아빠 형 누나 언니
        오빠 아들 딸 주말 평일 하루 시간 마음 문제 잘못 무엇 얘기 이야기 필요 걱정 고민 스트레스 가능 준비 도착
        연락 상황 이유 부분 내용 이전 이후 몸 기분 힘 속 서로 맨날 항상
        """,
    )
)


class Utterance(NamedTuple):
    """`brief`: an answer of one word that says hardly anything. `probability` is that of `tone`. `length` counts
    letters and digits."""

    text: str
    morphemes: tuple[Morpheme, ...]
    levels: tuple[Level, ...]
    question: Question | None
    acts: dict[Act, str]
    tone: tone.Tone
    probability: float
    topics: tuple[str, ...]
    brief: bool
    length: int
    laughs: bool
    cries: bool

    @property
    def asks_after(self) -> bool:
        """Whether it asks how one is or feels."""
        return self.question is not None and bool(
            _WELL_BEING.search(self.text) or (self.question is Question.HOW and not self.topics)
        )

    @property
    def emotional(self) -> bool:
        return bool(self.acts.keys() & {Act.DISTRESS, Act.JOY, Act.AFFECTION})


def understand(texts: Sequence[str]) -> list[Utterance]:
    """Each text understood by itself; morphemes of all in one batch. CPU work: call it from a thread."""
    read = [unwrapped(text.encode("utf-8", "replace").decode()[:LONGEST]) for text in texts]
    return [_understood(text, found) for text, found in zip(read, morphemes(read), strict=True)]


LONGEST = 2_000
"""Characters of a message that are read; what follows changes no judgement."""
_WARM = (Act.ENCOURAGEMENT, Act.THANKS, Act.AFFECTION, Act.CONGRATULATION, Act.PRAISE)
_COLD = (Act.PROFANITY, Act.INSULT, Act.SARCASM, Act.BLAME, Act.COMPLAINT)
_SOOTHING = {Act.APOLOGY, Act.EMPATHY, Act.CARE, Act.PROMISE}
_PAINED = re.compile(r"(?!ㅠ|ㅜ)[가-힣]")
_SURE = 0.5
"""A tone of the classifier below this probability is no tone: the message counts as neutral."""


def _understood(text: str, found: tuple[Morpheme, ...]) -> Utterance:
    acts = acts_in(text, found)
    probabilities = tone.probabilities(text, found)
    likely = tone.CLASSES[int(probabilities.argmax())]
    probability = float(probabilities.max())
    if any(act in acts for act in _COLD):
        likely, probability = tone.Tone.NEGATIVE, max(probability, _SURE)
    elif any(act in acts for act in _WARM):
        likely, probability = tone.Tone.POSITIVE, max(probability, _SURE)
    elif Act.DISTRESS in acts and _PAINED.search(acts[Act.DISTRESS]) and not acts.keys() & _SOOTHING:
        likely, probability = tone.Tone.NEGATIVE, max(probability, _SURE)
    elif probability < _SURE or (likely is tone.Tone.NEGATIVE and Act.APOLOGY in acts):
        likely = tone.Tone.NEUTRAL
    bare = _DECORATION.sub("", text)
    return Utterance(
        text=text,
        morphemes=found,
        levels=levels(text, found),
        question=question_in(text, found),
        acts=acts,
        tone=tone.Tone.NEUTRAL if _BRIEF.match(bare) and not acts.keys() & set(_COLD) else likely,
        probability=probability,
        topics=topics(found),
        brief=not bare or bool(_BRIEF.match(bare)),
        length=len(_LETTERS.findall(text)),
        laughs=bool(re.search(r"(?<![ㅇㅋ])ㅋ|ㅎㅎ|😂|🤣|😆", text)),
        cries=bool(re.search(r"ㅠ|ㅜ|😭|😢", text)),
    )


def topics(found: Sequence[Morpheme]) -> tuple[str, ...]:
    """What a message is about: its nouns, compounds whole, the dull ones left out, in order. Of a text that is not
    Korean none: which of its words are nouns is not known."""
    if not any(_HANGUL.search(m.form) for m in found):
        return ()
    words: list[str] = []
    place = 0
    while place < len(found):
        end = place
        while (
            end < len(found)
            and found[end].tag in ("NNG", "NNP", "SL")
            and (end == place or found[end].start == found[end - 1].end)
        ):
            end += 1
        if end == place:
            place += 1
            continue
        word = "".join(m.form for m in found[place:end])
        verbal = end < len(found) and found[end].tag in ("XSV", "XSA") and found[end].start == found[end - 1].end
        if len(word) > 1 and word not in _DULL_NOUNS and not verbal and word not in words:
            words.append(word)
        place = end
    return tuple(words)
