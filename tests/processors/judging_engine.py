"""An AI engine that judges as the texts say, and remembers what it was asked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.conversations import STYLES, Suggestion
from contracts.errors import AI_ENGINE_FAILED, ErrorKind, TokstreamError
from contracts.resources import Message
from processors.ai.port import Assessment, Relationship
from tests.ai import ScriptedEngine


class Asked(NamedTuple):
    context: tuple[str, ...]
    messages: tuple[str, ...]
    relationship: Relationship


@dataclass
class JudgingEngine(ScriptedEngine):
    """A judgement is drawn from the length of the text; photos are left out. `failing` holds texts that the engine
    fails at with `failure`. `entered` is awaited with the texts of a call before it is answered. `windows` has what it
    was given to judge, `judged` the texts that it has judged."""

    windows: list[Asked] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    replied_to: list[tuple[str, ...]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    failure: ErrorKind = AI_ENGINE_FAILED
    entered: Callable[[tuple[str, ...]], Awaitable[object]] = field(default_factory=lambda: _at_once)
    running: int = 0
    most_running: int = 0

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        texts = tuple(message.text for message in messages)
        self.windows.append(Asked(tuple(message.text for message in context), texts, relationship))
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

    def _fail_at(self, texts: tuple[str, ...]) -> None:
        if self.failing.intersection(texts):
            raise TokstreamError(self.failure, "the script fails here")


async def _at_once(texts: tuple[str, ...]) -> None:
    pass


def assessment(message: Message, relationship: Relationship) -> Assessment:
    """What this engine says of an own message."""
    return Assessment(
        score=float(len(message.text)),
        emotional_tone="NEUTRAL",
        impact_score=1.0,
        ai_message=f"{message.text}, to {relationship.relationship}",
        suggested_alternative=message.text.upper() if message.text.islower() else None,
    )
