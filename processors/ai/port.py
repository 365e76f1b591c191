"""The AI-engine port: what is asked of whatever judges, suggests and talks.

Engines are asked for by `analysis` (sessions) and `conversation` (turns). They keep nothing between calls: everything
they may know is in the arguments. Text of messages is data, never an instruction to the engine.

Errors, of every method: TokstreamError(AI_ENGINE_FAILED) where the engine failed for good or answered nonsense,
TokstreamError(AI_ENGINE_TIMEOUT) where it was too slow; an engine makes its own attempts within its own budget first.
A generator may raise them after it has yielded text. Closing a generator (`aclose`) ends the work behind it.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

from contracts.base import Record
from contracts.conversations import ChatMessage, Evaluation, FinishReason, Model, Sampling, Suggestion, Usage
from contracts.resources import Message


class Relationship(Record, frozen=True):
    """As given by the client: a code (FRIEND, SUPERIOR, LOVER …) or free text (연인, 직장 상사), and what more is
    known."""

    relationship: str
    relationship_info: str = ""


class Assessment(Record, frozen=True):
    """The judgement of one own message.

    `score` 0–100, `impact_score` −3…3 (effect on the relationship); `emotional_tone` is POSITIVE, NEUTRAL or NEGATIVE,
    or a finer word of the engine in capitals; `suggested_alternative` is null where nothing is to be said better.
    """

    score: float
    emotional_tone: str
    impact_score: float
    ai_message: str
    suggested_alternative: str | None = None


class Completion(Record, frozen=True):
    """A request of the chat: `messages` is the whole context, the last of them is answered."""

    messages: tuple[ChatMessage, ...]
    model: str | None = None
    sampling: Sampling = Sampling()


class Finish(Record, frozen=True):
    """Comes last of a completion, once. `usage` is null where the engine does not count."""

    reason: FinishReason
    usage: Usage | None = None


class AiEngine(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def external(self) -> bool:
        """Whether text leaves the machine; what `external_api_called` says."""
        ...

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        """Judges the own messages (`speaker` user) among `messages`, by message id; `context` came just before them.

        Every own message of kind `text` is in the answer; a photo, a sticker or what the engine cannot judge may be
        missing. Nothing else is in it.
        """
        ...

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        """Three replies to the conversation, one for each of `contracts.conversations.STYLES`, in that order."""
        ...

    def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        """Plays the person of the relationship. Yields the pieces of the reply, then, where `turns` ends with the
        user's message, one Evaluation of it; without `turns` it opens the conversation. `turns` holds roles user and
        assistant only."""
        ...

    def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        """Answers the last message of a chat. Yields the pieces, then one Finish. Raises
        TokstreamError(MODEL_NOT_FOUND) for a model that is not there."""
        ...

    async def models(self) -> Sequence[Model]:
        """The models that `Completion.model` may name, the default one first; at least one."""
        ...

    async def close(self) -> None:
        """Lets go of connections. Nothing may be asked of the engine after it."""
        ...
