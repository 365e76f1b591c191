"""The AI-engine port: what is asked of whatever judges a conversation."""

from collections.abc import Sequence
from typing import Protocol

from contracts.base import Record
from contracts.resources import Message


class Relationship(Record, frozen=True):
    """As given to `process`: a code (FRIEND, SUPERIOR, LOVER …) or free text, and what more is known."""

    relationship: str
    relationship_info: str


class Assessment(Record, frozen=True):
    """The judgement of one own message; a null is a judgement not made. `score` 0–100, `impact_score` −3…3."""

    score: float | None = None
    emotional_tone: str | None = None
    impact_score: float | None = None
    ai_message: str | None = None
    suggested_alternative: str | None = None


class AiEngine(Protocol):
    name: str
    external: bool
    """Whether text leaves the machine; what `external_api_called` says."""

    async def analyse(self, messages: Sequence[Message], relationship: Relationship) -> Sequence[Assessment]:
        """One assessment for each message, in the same order. Raises Transient, or Permanent with what the client
        is told (502, 504)."""
        ...
