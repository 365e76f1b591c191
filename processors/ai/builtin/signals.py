"""Finds the signals of an own message in its scene, each with the words that caused it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from processors.ai.builtin.act_words import Act
from processors.ai.builtin.acts import quotes
from processors.ai.builtin.politeness import Level, is_casual, is_mixed, is_polite, owed
from processors.ai.builtin.questions import Question, answers
from processors.ai.builtin.scenes import Scene
from processors.ai.builtin.scoring import TABLE, Signal
from processors.ai.builtin.tone import Tone
from processors.ai.builtin.utterances import Utterance
from processors.ai.relationships import Kind, Politeness

TERSE = 8
"""Letters up to which an answer to a question after one's day is terse."""
LONG = 22
"""Letters from which what the other side said deserves more than a word."""
LATE, VERY_LATE, QUICK = 6 * 60, 24 * 60, 3
"""Minutes."""
SURE = 0.8
"""Probability from which the tone of the classifier alone is a signal."""
HABIT = 2
"""Sentences that show how one is used to speak."""
CROWD = 3
"""Own messages in a row, unanswered, from which they crowd."""
_HOSTILE = (Act.PROFANITY, Act.INSULT, Act.SARCASM, Act.BLAME, Act.COMPLAINT, Act.DISMISSAL)
_DIRECT: dict[Act, Signal] = {
    Act.THANKS: Signal.THANKS,
    Act.AFFECTION: Signal.AFFECTION,
    Act.ENCOURAGEMENT: Signal.ENCOURAGEMENT,
    Act.CONGRATULATION: Signal.CONGRATULATION,
    Act.PRAISE: Signal.PRAISE,
    Act.EMPATHY: Signal.EMPATHY,
    Act.CARE: Signal.CARE,
    Act.MODESTY: Signal.MODESTY,
    Act.PROFANITY: Signal.PROFANITY,
    Act.INSULT: Signal.INSULT,
    Act.SARCASM: Signal.SARCASM,
    Act.BLAME: Signal.BLAME,
    Act.COMPLAINT: Signal.COMPLAINT,
    Act.DISMISSAL: Signal.DISMISSAL,
    Act.COMMAND: Signal.COMMAND,
    Act.URGING: Signal.URGING,
    Act.GREETING: Signal.GREETING,
    Act.DISTRESS: Signal.SHARING,
}
_BAD = frozenset(signal for signal, worth in TABLE.items() if worth.score < 0)
_OWN = re.compile(r"(?:^|\s)(?:나|난|내|저|전|제)|오늘|요즘|너무|진짜|[ㅠㅜ]")
"""What makes a feeling one's own rather than a remark."""
_CURT = re.compile(r"바[빠쁘쁜]|피곤|그냥|그저|별로|똑같|졸려|힘들|아니")
"""What of one's state closes a conversation when nothing follows."""
_STRICT = (Kind.SUPERIOR, Kind.CUSTOMER, Kind.PARTNER, Kind.TEACHER, Kind.PARENT_IN_LAW, Kind.STRANGER)
"""Those to whom 반말 is a serious breach."""


class Found(NamedTuple):
    """A signal with what caused it: words of the own message or, where the signal lies in what is missing, of the
    other's."""

    signal: Signal
    words: str


def signals_of(scene: Scene) -> list[Found]:
    """The signals of a message, the good before the bad."""
    good = [*_acts(scene, hostile=False), *_answering(scene), *_timing(scene)]
    bad = [*_acts(scene, hostile=True), *_refusing(scene), *_missing(scene), *_levels(scene), *_crowding(scene)]
    if not bad and not good and is_polite(scene.own.levels) and _expected(scene) is not Politeness.CASUAL:
        good.append(Found(Signal.GOOD_LEVEL, scene.own.text))
    toned = _tone(scene, [*good, *bad])
    found = [*good, *bad, *toned]
    return sorted(found, key=lambda item: item.signal in _BAD)


def _acts(scene: Scene, hostile: bool) -> Iterable[Found]:
    acts = scene.own.acts
    attacked = any(act in acts for act in _HOSTILE)
    for act, signal in _DIRECT.items():
        if act not in acts or (signal in _BAD) is not hostile:
            continue
        if signal in (Signal.GREETING, Signal.SHARING) and attacked:
            continue
        if signal is Signal.SHARING and not _OWN.search(scene.own.text):
            continue
        if signal is Signal.SHARING and (not scene.relation.close or scene.own.tone is not Tone.NEGATIVE):
            continue
        yield Found(signal, acts[act])
    if not hostile and Act.APOLOGY in acts and not attacked:
        yield Found(Signal.APOLOGY, acts[Act.APOLOGY])


def _answering(scene: Scene) -> Iterable[Found]:
    own, acts = scene.own, scene.own.acts
    if any(act in acts for act in _HOSTILE) or own.brief:
        return
    asked = _asked(scene)
    if Act.PROMISE in acts:
        yield Found(Signal.PROMISE, acts[Act.PROMISE])
    if Act.AGREEMENT in acts and Act.REFUSAL not in acts:
        yield Found(Signal.AGREEMENT, acts[Act.AGREEMENT])
    elif asked and _takes_up(asked, own):
        yield Found(Signal.ANSWER, _topic(asked))
    if Act.PROPOSAL in acts:
        yield Found(Signal.PROPOSAL, acts[Act.PROPOSAL])
    elif Act.REQUEST in acts and (is_polite(own.levels) or own.question):
        yield Found(Signal.POLITE_REQUEST, acts[Act.REQUEST])
    elif own.question and Act.URGING not in acts and Act.REQUEST not in acts and own.length > 3:
        yield Found(Signal.INTEREST, own.text)


def _timing(scene: Scene) -> Iterable[Found]:
    waited = scene.waited
    if waited is None or not scene.prompt:
        return
    pressing = any(u.question or u.emotional for u in scene.prompt)
    if waited <= QUICK and any(u.emotional for u in scene.prompt) and not scene.own.brief:
        yield Found(Signal.QUICK, "")
    elif waited >= VERY_LATE:
        yield Found(Signal.VERY_LATE, duration(waited))
    elif waited >= LATE and pressing and not scene.asleep:
        yield Found(Signal.LATE, duration(waited))


def duration(minutes: int) -> str:
    """In Korean: 45분, 7시간, 2일."""
    if minutes < 60:
        return f"{minutes}분"
    return f"{minutes // 60}시간" if minutes < 48 * 60 else f"{minutes // (24 * 60)}일"


def _refusing(scene: Scene) -> Iterable[Found]:
    acts = scene.own.acts
    wanted = _wanted(scene)
    if Act.REFUSAL not in acts or wanted is None:
        return
    if any(act in acts for act in (Act.SOFTENING, Act.APOLOGY)) or any(Act.APOLOGY in u.acts for u in scene.run):
        if wanted.question in (Question.PROPOSAL, Question.REQUEST, Question.YES_NO):
            yield Found(Signal.SOFT_REFUSAL, scene.own.text)
    elif scene.own.length <= LONG // 2:
        yield Found(Signal.BARE_REFUSAL, acts[Act.REFUSAL])


def _wanted(scene: Scene) -> Utterance | None:
    """The message of the prompt that asks for something."""
    for utterance in reversed(scene.prompt):
        if utterance.question in (Question.PROPOSAL, Question.REQUEST, Question.YES_NO) or (
            utterance.acts.keys() & {Act.REQUEST, Act.PROPOSAL}
        ):
            return utterance
    return None


def _asked(scene: Scene) -> Utterance | None:
    return next((u for u in reversed(scene.prompt) if u.question), None)


def _takes_up(asked: Utterance, reply: Utterance) -> bool:
    if asked.question is None:
        return True
    return answers(asked.question, asked.text, asked.topics, reply.text, reply.morphemes)


def _topic(utterance: Utterance) -> str:
    return utterance.topics[0] if utterance.topics else ""


def _missing(scene: Scene) -> Iterable[Found]:
    """What the other side may miss: an answer, more than a word, a sign of feeling. Of several own messages in a row
    the last has to answer for all."""
    if not scene.prompt or not scene.last:
        return
    said = {act for u in scene.run for act in u.acts}
    attacked = bool(said & set(_HOSTILE))
    feeling = next((u for u in reversed(scene.prompt) if u.emotional), None)
    brief = all(u.brief for u in scene.run)
    hurt = feeling is not None and Act.DISTRESS in feeling.acts
    if brief and feeling is not None and (hurt or Act.JOY in feeling.acts):
        yield Found(Signal.BRIEF_TO_FEELING, "힘든 마음을 꺼냈는데" if hurt else "기쁜 소식을 전했는데")
    elif brief and sum(u.length for u in scene.prompt) >= LONG:
        yield Found(Signal.BRIEF_TO_FEELING, "길게 이야기했는데")
    elif brief and _needs_more(scene):
        yield Found(Signal.BRIEF, scene.own.text)
    if hurt and feeling is not None and not attacked and scene.own.laughs and not scene.own.cries:
        yield Found(Signal.LAUGHED_AT_PAIN, feeling.acts[Act.DISTRESS])
    asked = _asked(scene)
    if asked and not attacked and not any(_takes_up(asked, u) for u in scene.run):
        yield Found(Signal.UNANSWERED, asked.text)
    warm = {
        Act.EMPATHY,
        Act.ENCOURAGEMENT,
        Act.CARE,
        Act.AFFECTION,
        Act.PRAISE,
        Act.CONGRATULATION,
        Act.APOLOGY,
        Act.THANKS,
    }
    if (
        scene.relation.close
        and not brief
        and not attacked
        and not said & warm
        and not any(u.question for u in scene.run)
    ):
        if feeling is not None:
            yield Found(Signal.UNFEELING, quotes(feeling.acts, Act.DISTRESS, Act.JOY, Act.AFFECTION) or "")
        elif scene.own.length <= TERSE and _CURT.search(scene.own.text) and any(u.asks_after for u in scene.prompt):
            yield Found(Signal.TERSE, scene.own.text)


def _needs_more(scene: Scene) -> bool:
    """Whether a word is too little: not for yes or no to a small question, nor for the 네 of somebody polite."""
    asked = _asked(scene)
    if asked is None:
        return False
    if asked.question in (Question.YES_NO, Question.PROPOSAL, Question.REQUEST):
        return scene.own.text.strip(" .~!?") in ("ㅋㅋ", "ㅋ", "왜", "뭐", "음", "글쎄", "몰라")
    return True


def _expected(scene: Scene) -> Politeness:
    return owed(scene.relation, scene.other)


def _levels(scene: Scene) -> Iterable[Found]:
    levels, expected = scene.own.levels, _expected(scene)
    if not levels:
        return
    owes = expected in (Politeness.FORMAL, Politeness.POLITE)
    if owes and is_casual(levels):
        strict = expected is Politeness.FORMAL or scene.relation.kind in _STRICT
        yield Found(Signal.CASUAL_TO_RANK if strict else Signal.CASUAL, scene.own.text)
    elif is_mixed(levels) and (owes or expected is Politeness.EITHER):
        yield Found(Signal.MIXED, scene.own.text)
    elif len(scene.habit) >= HABIT and expected is not Politeness.FORMAL:
        used_to = set(scene.habit)
        if expected is Politeness.CASUAL and Level.FORMAL in levels and is_polite(levels) and used_to == {Level.CASUAL}:
            yield Found(Signal.SUDDENLY_POLITE, scene.own.text)
        elif expected is Politeness.EITHER and is_casual(levels) and Level.CASUAL not in used_to:
            yield Found(Signal.SUDDENLY_CASUAL, scene.own.text)


def _crowding(scene: Scene) -> Iterable[Found]:
    if scene.place >= CROWD - 1 and any(Act.URGING in u.acts or (u.question and u.length <= 6) for u in scene.run):
        yield Found(Signal.CROWDING, str(scene.place + 1))


def _tone(scene: Scene, others: list[Found]) -> Iterable[Found]:
    """The classifier speaks where no act has, and where it is sure."""
    strong = [item for item in others if item.signal not in (Signal.ANSWER, Signal.GOOD_LEVEL, Signal.PROMISE)]
    if strong or scene.own.probability < SURE:
        return
    if scene.own.tone is Tone.POSITIVE:
        yield Found(Signal.WARM_TONE, scene.own.text)
    elif scene.own.tone is Tone.NEGATIVE and not scene.own.question and Act.DISTRESS not in scene.own.acts:
        yield Found(Signal.COLD_TONE, scene.own.text)
