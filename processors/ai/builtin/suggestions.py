"""Three replies to a conversation, one of each style, in the level of speech that suits the two.

What each is expected to do for the relationship is what the judge says of it in its place.
"""

from collections.abc import Sequence

from contracts.conversations import STYLES, Suggestion
from contracts.resources import Message
from processors.ai.builtin.alternatives import speaks_politely
from processors.ai.builtin.crisis import FOR_SUGGESTIONS, is_crisis
from processors.ai.builtin.feelings import acknowledgement
from processors.ai.builtin.judging import judge
from processors.ai.builtin.korean import excerpt
from processors.ai.builtin.politeness import is_polite, owed
from processors.ai.builtin.scenes import JUDGED, Line, lines_of, scene
from processors.ai.builtin.situations import Situation, situation
from processors.ai.builtin.suggestion_phrases import FOLLOW_UPS, FOLLOW_UPS_AFTER_HURT, OPENINGS, REPLIES
from processors.ai.builtin.utterances import Utterance, understand
from processors.ai.relationships import Politeness, Relation

RECENT = 6
"""Messages in which a wish to die still counts."""
_AIMS = ("먼저 마음을 알아주는", "할 일을 분명히 하는", "관계를 챙기는")
_CALLS: dict[Situation, str] = {
    Situation.HOSTILE: "날 선 말",
    Situation.BLAME: "불만",
    Situation.APOLOGY: "사과",
    Situation.DISTRESS: "힘든 마음",
    Situation.BUSY: "바쁜 사정",
    Situation.DELAY: "늦는다는 말",
    Situation.ARRANGING: "함께 정하자는 말",
    Situation.JOY: "기쁜 소식",
    Situation.AFFECTION: "애정 표현",
    Situation.THANKS: "고마움",
    Situation.PROPOSAL: "제안",
    Situation.REQUEST: "부탁",
    Situation.REFUSAL: "거절",
    Situation.GREETING: "인사",
    Situation.FAREWELL: "작별 인사",
    Situation.WELL_BEING: "안부",
    Situation.OPINION: "의견을 묻는 말",
    Situation.FACT: "궁금증",
    Situation.YES_NO: "물음",
    Situation.PROMISE: "약속",
    Situation.BRIEF: "짧은 답",
    Situation.STATEMENT: "이야기",
}


def suggest(messages: Sequence[Message], relation: Relation) -> tuple[Suggestion, ...]:
    """The replies in the order of STYLES. CPU work: call it from a thread."""
    texts = [message.text for message in messages if message.kind in JUDGED]
    lines = lines_of(messages, understand(texts))
    polite = _polite(lines, relation)
    topic = _topic(lines)
    if not lines:
        phrases, reason = OPENINGS, "아직 나눈 말이 없어 안부로 말을 꺼내며"
    elif lines[-1].mine:
        said = lines[-1].utterance
        hurt = situation(said) in (Situation.HOSTILE, Situation.BLAME)
        phrases = FOLLOW_UPS_AFTER_HURT if hurt else FOLLOW_UPS
        reason = f"답이 없는 ‘{excerpt(said.text)}’에 이어 {'마음을 풀어 주며' if hurt else '부담을 덜어 주며'}"
    else:
        said = _weightiest(lines)
        phrases = REPLIES[situation(said)]
        reason = f"상대의 {_CALLS[situation(said)]}(‘{excerpt(said.text)}’)에"
    feeling = acknowledgement(_weightiest(lines), polite) if lines and not lines[-1].mine else None
    written = [phrase.say(polite, topic, feeling) for phrase in phrases]
    crisis = any(is_crisis(line.utterance.text) for line in lines[-RECENT:])
    return tuple(
        Suggestion(
            style=style,
            text=text,
            expected_impact=_impact(lines, understood, relation),
            explanation=f"{reason} {aim} {'존댓말' if polite else '반말'} 답입니다."
            + (f" {FOR_SUGGESTIONS}" if crisis else ""),
        )
        for style, text, understood, aim in zip(STYLES, written, understand(written), _AIMS, strict=True)
    )


def _polite(lines: Sequence[Line], relation: Relation) -> bool:
    if lines and lines[-1].mine:
        return speaks_politely(scene(lines, len(lines) - 1, relation))
    mine = [level for line in lines if line.mine for level in line.utterance.levels]
    other = [level for line in lines if not line.mine for level in line.utterance.levels]
    expected = owed(relation, other)
    if expected in (Politeness.FORMAL, Politeness.POLITE):
        return True
    if mine:
        return is_polite(mine)
    return expected is Politeness.EITHER and (is_polite(other) or (not other and not relation.close))


def _weightiest(lines: Sequence[Line]) -> Utterance:
    """Of the last messages of one side the one with a feeling, else the one with a question, else the last."""
    mine, run = lines[-1].mine, []
    for line in reversed(lines):
        if line.mine is not mine:
            break
        run.append(line.utterance)
    feeling = next((u for u in run if u.emotional), None)
    return feeling or next((u for u in run if u.question), None) or run[0]


def _topic(lines: Sequence[Line]) -> str | None:
    """A topic word of the message that is answered: of a feeling what it began with, else what it came to."""
    if not lines:
        return None
    said = _weightiest(lines)
    return said.topics[0 if said.emotional else -1] if said.topics else None


def _impact(lines: Sequence[Line], reply: Utterance, relation: Relation) -> float:
    said = [*lines, Line(True, reply)]
    return judge(scene(said, len(said) - 1, relation)).impact_score
