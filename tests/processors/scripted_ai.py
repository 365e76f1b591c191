"""An AI engine that does as the texts say, and remembers what it was asked."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from contracts.conversations import STYLES, ChatMessage, Evaluation, Model, Suggestion
from contracts.errors import AI_ENGINE_FAILED, ErrorKind, TokstreamError
from contracts.resources import Message
from processors.ai.port import Assessment, Completion, Finish, Relationship


class Asked(NamedTuple):
    context: tuple[str, ...]
    messages: tuple[str, ...]
    relationship: Relationship


class ScriptedEngine:
    """A judgement is drawn from the length of the text; photos are left out. `failing` holds texts that the engine
    fails at with `failure`. `entered` is awaited with the texts of a call before it is answered."""

    def __init__(self, name: str = "scripted", *, external: bool = False) -> None:
        self.name = name
        self.external = external
        self.asked: list[Asked] = []
        self.judged: list[str] = []
        self.replied_to: list[tuple[str, ...]] = []
        self.failing: set[str] = set()
        self.failure: ErrorKind = AI_ENGINE_FAILED
        self.entered: Callable[[tuple[str, ...]], Awaitable[object]] = _at_once
        self.running = 0
        self.most_running = 0

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        texts = tuple(message.text for message in messages)
        self.asked.append(Asked(tuple(message.text for message in context), texts, relationship))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.entered(texts)
            self._fail_at(texts)
        finally:
            self.running -= 1
        own = [message for message in messages if message.speaker == "user" and message.kind == "text"]
        self.judged += [message.text for message in own]
        return {message.message_id: assessment(message, relationship) for message in own}

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        texts = tuple(message.text for message in messages)
        self.replied_to.append(texts)
        await self.entered(texts)
        self._fail_at(texts)
        return tuple(
            Suggestion(style=style, text=f"{style}: {texts[-1]}", expected_impact=1.0, explanation="scripted")
            for style in STYLES
        )

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        yield f"hello, {relationship.relationship}"

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        yield request.messages[-1].content
        yield Finish(reason="stop")

    async def models(self) -> Sequence[Model]:
        return (Model(id=self.name),)

    async def close(self) -> None:
        """Holds nothing."""

    def _fail_at(self, texts: tuple[str, ...]) -> None:
        if self.failing.intersection(texts):
            raise TokstreamError(self.failure, "the script fails here")


async def _at_once(texts: tuple[str, ...]) -> None:
    pass


def assessment(message: Message, relationship: Relationship) -> Assessment:
    """What the scripted engine says of an own message."""
    return Assessment(
        score=float(len(message.text)),
        emotional_tone="NEUTRAL",
        impact_score=1.0,
        ai_message=f"{message.text}, to {relationship.relationship}",
        suggested_alternative=message.text.upper() if message.text.islower() else None,
    )
