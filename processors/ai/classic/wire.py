"""The bodies of the classic analysis API.

The specification names the URLs and our own answers; the bodies here are made of the same field names.

- analyze-messages: `{relationship, relationship_info, context: [M], messages: [M]}` with M = `{message_id, text,
  speaker}`; the answer lists `{message_id, score, emotional_tone, impact_score, ai_message, suggested_alternative}`.
- suggestion-messages: `{relationship, relationship_info, messages: [M]}`; the answer lists `{style, text,
  expected_impact, explanation}`.
- start-conversation: `{relationship, relationship_info, messages: [{speaker, text}]}`; answer `{message, thread_id}`.
- send-message: `{message, thread_id}`; answer `{message, response: {emotional_tone, appropriateness_rating,
  impact_score, review_comment, suggested_alternative}}`.

A list may come bare or in an object; a comment may be called `review_comment` or `ai_message`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from contracts.base import Record
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import Message
from processors.ai.port import Assessment, Relationship

T = TypeVar("T")

Score = Annotated[float, Meta(ge=0, le=100)]
Impact = Annotated[float, Meta(ge=-3, le=3)]


class Judged(Record, frozen=True):
    message_id: str
    score: Score | None = None
    emotional_tone: str | None = None
    impact_score: Impact | None = None
    ai_message: str | None = None
    review_comment: str | None = None
    suggested_alternative: str | None = None


class Suggested(Record, frozen=True):
    style: str
    text: str
    expected_impact: Impact
    explanation: str = ""


class Started(Record, frozen=True):
    message: str
    thread_id: str


class Response(Record, frozen=True):
    emotional_tone: str
    appropriateness_rating: Score
    impact_score: Impact
    review_comment: str | None = None
    ai_message: str | None = None
    suggested_alternative: str | None = None


class Sent(Record, frozen=True):
    message: str
    response: Response


def about(relationship: Relationship) -> dict[str, str]:
    return {"relationship": relationship.relationship, "relationship_info": relationship.relationship_info}


def shown(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [
        {"message_id": message.message_id, "text": message.text, "speaker": message.speaker} for message in messages
    ]


def listed(answer: Any, names: Sequence[str], kind: type[T]) -> list[T]:
    """The list of an answer, bare or under one of `names`."""
    if isinstance(answer, dict):
        answer = next((answer[name] for name in names if isinstance(answer.get(name), list)), None)
    return converted(answer, list[kind])  # type: ignore[valid-type]


def converted(answer: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise nonsense(str(error)) from None


def nonsense(reason: str) -> TokstreamError:
    return TokstreamError(AI_ENGINE_FAILED, f"The classic AI service answered what cannot be used: {reason}")


def assessment(judged: Judged) -> Assessment | None:
    """None where the service leaves the message unjudged."""
    if judged.score is None or judged.impact_score is None or not judged.emotional_tone:
        return None
    return Assessment(
        score=judged.score,
        emotional_tone=judged.emotional_tone.upper(),
        impact_score=judged.impact_score,
        ai_message=judged.ai_message or judged.review_comment or "",
        suggested_alternative=judged.suggested_alternative or None,
    )
