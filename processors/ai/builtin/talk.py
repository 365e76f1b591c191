"""Plays the person of a relationship: opens, replies, and judges what the user said last."""

import re
from collections.abc import Iterator, Sequence

from contracts.conversations import ChatMessage, Evaluation
from processors.ai.builtin.crisis import with_help
from processors.ai.builtin.feelings import acknowledgement
from processors.ai.builtin.judging import judge
from processors.ai.builtin.scenes import Line, scene
from processors.ai.builtin.situations import situation
from processors.ai.builtin.talk_phrases import CASUAL_PERSONAS, OPENINGS, REPLIES
from processors.ai.builtin.utterances import Utterance, understand
from processors.ai.relationships import Politeness, Relation

_PIECE = re.compile(r"\s*\S+\s*$|\s*\S+(?=\s)")


def reply(turns: Sequence[ChatMessage], relation: Relation) -> tuple[str, Evaluation | None]:
    """What the person says next, and the judgement of the user's message where it came last. CPU work: call it from a
    thread."""
    polite = _speaks_politely(relation)
    if not turns:
        return OPENINGS[relation.kind].say(polite), None
    understood = understand([turn.content for turn in turns])
    lines = [Line(turn.role == "user", u) for turn, u in zip(turns, understood, strict=True)]
    said = understood[-1]
    text = _answer(said, len(turns), polite, [turn.content for turn in turns if turn.role == "assistant"])
    return text, evaluation(lines, relation) if lines[-1].mine else None


def evaluation(lines: Sequence[Line], relation: Relation) -> Evaluation:
    """The judgement of the last line."""
    said = judge(scene(lines, len(lines) - 1, relation))
    return Evaluation(
        emotional_tone=said.emotional_tone,
        appropriateness_rating=said.score,
        impact_score=said.impact_score,
        review_comment=said.ai_message,
        suggested_alternative=said.suggested_alternative,
    )


def pieces(text: str) -> Iterator[str]:
    """The text word by word, blanks before the words kept: joined they are the text."""
    yield from _PIECE.findall(text)


def _answer(said: Utterance, number: int, polite: bool, earlier: Sequence[str]) -> str:
    """The reply to a message; the variants take turns, and one that was said before gives way to the next."""
    variants = REPLIES[situation(said)]
    topic = said.topics[0 if said.emotional else -1] if said.topics else None
    feeling = acknowledgement(said, polite)
    first = (number - 1) // 2
    written = [variants[(first + i) % len(variants)].say(polite, topic, feeling) for i in range(len(variants))]
    text = next((text for text in written if text not in earlier), written[0])
    return with_help(text, said.text, polite)


def _speaks_politely(relation: Relation) -> bool:
    return relation.kind not in CASUAL_PERSONAS and relation.politeness is not Politeness.CASUAL
