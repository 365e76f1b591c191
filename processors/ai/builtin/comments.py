"""Says in Korean why a message was judged as it was: the weightiest signals, each with the words that caused it."""

import re
from collections.abc import Callable, Sequence

from processors.ai.builtin.korean import excerpt, with_particle
from processors.ai.builtin.scenes import Scene
from processors.ai.builtin.scoring import TABLE, Signal
from processors.ai.builtin.signals import Found
from processors.ai.builtin.tone import Tone

REASONS = 3
"""At most; further ones would bury the first."""
_ADMIRING = re.compile(r"귀[엽여]|예[쁘뻐]|이뻐|멋|맛있|최고|대단|완벽")
LIGHT = 5.0
"""A good signal of this worth or less goes unmentioned where the bad prevail: it would sound like mockery."""
Say = Callable[[str, Scene], str]


def _q(words: str) -> str:
    return f"‘{excerpt(words)}’"


def _who(scene: Scene) -> str:
    return scene.relation.name


def _their(scene: Scene) -> str:
    """What the other side last said, quoted."""
    return _q(scene.prompt[-1].text) if scene.prompt else "상대의 말"


def _question(scene: Scene) -> str:
    asked = next((u for u in reversed(scene.prompt) if u.question), None)
    return _q(asked.text) if asked else "상대의 물음"


_SAY: dict[Signal, Say] = {
    Signal.EMPATHY: lambda w, s: f"{_q(w)}에서 상대의 마음을 헤아리는 태도가 느껴집니다.",
    Signal.SOFT_REFUSAL: lambda w, s: (
        f"{with_particle(_q(w), '으로')} 거절하면서도 사정이나 미안함을 함께 전해 부드럽습니다."
    ),
    Signal.APOLOGY: lambda w, s: f"{_q(w)}처럼 먼저 미안함을 표현해 상대의 마음을 풀어 줍니다.",
    Signal.THANKS: lambda w, s: f"{_q(w)} 하고 고마움을 분명히 전했습니다.",
    Signal.AFFECTION: lambda w, s: f"{with_particle(_q(w), '이라')}는 말에 애정이 담겨 있습니다.",
    Signal.ENCOURAGEMENT: lambda w, s: f"{_q(w)} 같은 격려가 상대에게 힘이 됩니다.",
    Signal.CONGRATULATION: lambda w, s: (
        f"{_their(s)}에 {with_particle(_q(w), '으로')} 함께 기뻐해 주었습니다."
        if s.prompt
        else f"{_q(w)} 하고 함께 기뻐해 주었습니다."
    ),
    Signal.PRAISE: lambda w, s: (
        f"{_q(w)} 하고 감탄해 분위기를 밝게 합니다."
        if _ADMIRING.search(w)
        else f"{_q(w)}처럼 상대의 노력을 알아주는 말이 좋습니다."
    ),
    Signal.CARE: lambda w, s: f"{_q(w)}에서 상대를 챙기는 마음이 드러납니다.",
    Signal.MODESTY: lambda w, s: f"{_q(w)} 하고 상대의 부담을 덜어 주었습니다.",
    Signal.ANSWER: lambda w, s: f"{_question(s)}에 빠뜨리지 않고 답했습니다.",
    Signal.PROMISE: lambda w, s: f"{_q(w)} 하고 다음에 할 일을 밝혀 믿음을 줍니다.",
    Signal.INTEREST: lambda w, s: f"{_q(w)} 하고 물어 상대에게 관심을 보였습니다.",
    Signal.PROPOSAL: lambda w, s: f"{_q(w)} 하고 함께 정하자고 제안해 대화가 이어지기 쉽습니다.",
    Signal.POLITE_REQUEST: lambda w, s: f"{_q(w)} 하고 상대가 고를 수 있게 부탁했습니다.",
    Signal.AGREEMENT: lambda w, s: f"{_their(s)}에 {_q(w)} 하고 흔쾌히 응했습니다.",
    Signal.GREETING: lambda w, s: f"{with_particle(_q(w), '이라')}는 인사로 편하게 말을 열었습니다.",
    Signal.GOOD_LEVEL: lambda w, s: f"{with_particle(_q(w), '은')} {_who(s)}에게 알맞은 존댓말입니다.",
    Signal.SHARING: lambda w, s: f"{_q(w)} 하고 자기 마음을 솔직하게 나누었습니다.",
    Signal.WARM_TONE: lambda w, s: f"{_q(w)}의 말투가 밝고 호의적으로 읽힙니다.",
    Signal.COLD_TONE: lambda w, s: f"{with_particle(_q(w), '은')} 차갑거나 부정적으로 읽힐 수 있습니다.",
    Signal.QUICK: lambda w, s: "상대가 마음을 털어놓자마자 답한 점도 좋습니다.",
    Signal.PROFANITY: lambda w, s: f"{_q(w)} 같은 욕설은 {with_particle(_who(s), '과')}의 관계를 크게 해칩니다.",
    Signal.INSULT: lambda w, s: f"{with_particle(_q(w), '은')} 상대를 깎아내리는 말이라 상처가 됩니다.",
    Signal.SARCASM: lambda w, s: f"{with_particle(_q(w), '은')} 칭찬이 아니라 비꼬는 말로 들립니다.",
    Signal.BLAME: lambda w, s: f"{with_particle(_q(w), '은')} 상대를 탓하는 말이라 방어적으로 만들 수 있습니다.",
    Signal.COMPLAINT: lambda w, s: f"{_q(w)}처럼 짜증을 그대로 드러내면 상대가 밀려나는 느낌을 받습니다.",
    Signal.DISMISSAL: lambda w, s: f"{with_particle(_q(w), '은')} {_their(s)}에 대한 관심을 끊는 말로 들립니다.",
    Signal.COMMAND: lambda w, s: f"{with_particle(_q(w), '은')} 명령처럼 들리니 부탁하는 말이 낫습니다.",
    Signal.BARE_REFUSAL: lambda w, s: f"{_their(s)}에 {_q(w)}만으로 거절하면 이유를 알 수 없어 서운할 수 있습니다.",
    Signal.UNANSWERED: lambda w, s: f"{_q(w)}라는 물음에 답이 빠졌습니다.",
    Signal.BRIEF: lambda w, s: f"{_question(s)}에 {_q(s.own.text)} 한마디로는 답이 모자랍니다.",
    Signal.BRIEF_TO_FEELING: lambda w, s: (
        f"상대가 {_their(s)} 하고 {w} {_q(s.own.text)} 한마디뿐이라 무심하게 느껴집니다."
    ),
    Signal.UNFEELING: lambda w, s: f"상대가 꺼낸 {_q(w) if w else '마음'}에 대한 반응이 없어 아쉽습니다.",
    Signal.TERSE: lambda w, s: (
        f"{_question(s)}에 {_q(w)} 하고 사정만 짧게 전해, 마음을 받아 주는 말이 더 있으면 좋겠습니다."
    ),
    Signal.LAUGHED_AT_PAIN: lambda w, s: f"상대가 {_q(w)}의 심정인데 웃음으로 답해 가볍게 여기는 듯합니다.",
    Signal.CASUAL_TO_RANK: lambda w, s: f"{_who(s)}에게 {with_particle(_q(w), '은')} 반말이라 무례하게 보입니다.",
    Signal.CASUAL: lambda w, s: f"{_who(s)}에게 {_q(w)} 하고 반말을 쓰기에는 이릅니다.",
    Signal.MIXED: lambda w, s: f"{_q(w)} 안에 존댓말과 반말이 섞여 어색합니다.",
    Signal.SUDDENLY_POLITE: lambda w, s: f"평소 반말을 쓰다가 {_q(w)} 하고 존댓말로 바뀌어 거리감이 느껴집니다.",
    Signal.SUDDENLY_CASUAL: lambda w, s: f"앞에서는 존댓말을 쓰다가 {_q(w)} 하고 반말로 바뀌어 들쭉날쭉합니다.",
    Signal.URGING: lambda w, s: f"{with_particle(_q(w), '은')} 재촉하는 말이라 상대가 부담을 느낄 수 있습니다.",
    Signal.CROWDING: lambda w, s: f"답을 받기 전에 {w}번째로 보낸 말이라 몰아붙이는 인상을 줍니다.",
    Signal.LATE: lambda w, s: f"{_their(s)}에 {w} 만에 답해 기다리게 했습니다.",
    Signal.VERY_LATE: lambda w, s: f"{_their(s)}에 {w}이나 지나서 답했습니다.",
}


def comment(scene: Scene, found: Sequence[Found]) -> str:
    """Two or three sentences: what weighs most first, good before bad where the good prevails."""
    balance = sum(TABLE[item.signal].score for item in found)
    told = [item for item in found if balance >= 0 or not 0 < TABLE[item.signal].score <= LIGHT]
    weighty = sorted(told, key=lambda item: -abs(TABLE[item.signal].score))[:REASONS]
    weighty.sort(key=lambda item: (TABLE[item.signal].score > 0) is (balance < 0))
    said: list[str] = []
    for place, item in enumerate(weighty):
        turned = place > 0 and (TABLE[item.signal].score > 0) != (TABLE[weighty[place - 1].signal].score > 0)
        said.append(("다만 " if turned else "") + _SAY[item.signal](item.words, scene))
    return " ".join(said) if said else _plain(scene)


def _plain(scene: Scene) -> str:
    """For a message without any signal: what it is, and what would bring the two closer."""
    own = scene.own
    tone = {Tone.POSITIVE: "밝은", Tone.NEGATIVE: "조금 무거운"}.get(own.tone, "담담한")
    about = f"{with_particle(_q(own.topics[0]), '을')} 두고 " if own.topics else ""
    if not scene.prompt:
        return f"{_q(own.text)} 하고 {about}{tone} 말투로 꺼냈습니다. 상대의 이야기를 묻는 말을 더하면 답하기 쉽습니다."
    topics = [topic for said in scene.prompt for topic in said.topics]
    if any(topic in own.text for topic in topics):
        return f"{_their(scene)}에 {tone} 말투로 이어 간 무난한 답입니다. 느낌이나 되묻는 말을 더하면 더 가까워집니다."
    wanted = f"{_q(topics[-1])} 이야기에" if topics else "상대의 말에"
    return f"{_their(scene)}에 {about}{tone} 말투로 이어 갔습니다. 무난하지만 {wanted} 반응을 더하면 좋겠습니다."
