"""An AI engine that says what a test tells it to, when it tells it to."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.conversations import STYLES, ChatMessage, Evaluation, Model, Suggestion, Usage
from contracts.errors import MODEL_NOT_FOUND, TokstreamError
from contracts.resources import Message
from processors.ai.port import Assessment, Completion, Finish, Relationship

MODELS = ("scripted-1", "scripted-2")
EVALUATION = Evaluation(
    emotional_tone="NEUTRAL",
    appropriateness_rating=60.0,
    impact_score=0.0,
    review_comment="상황은 설명했지만 마음은 말하지 않았어요.",
    suggested_alternative="요즘 바빴어, 미안해.",
)


@dataclass
class ScriptedEngine:
    """Replies with `pieces`, or with an echo of what was said last. `pace` seconds lie between pieces; before the piece
    of number `stall` it waits for `go`; before the piece of number `fail` it raises `error`. `heard` has the context of
    every reply, `closed` counts the replies that were given up."""

    pieces: Sequence[str] | None = None
    pace: float = 0.0
    stall: int | None = None
    fail: int | None = None
    error: Exception = field(default_factory=lambda: RuntimeError("scripted"))
    evaluation: Evaluation | None = EVALUATION
    name: str = "scripted"
    known: Sequence[str] = MODELS
    external: bool = False
    heard: list[tuple[ChatMessage, ...]] = field(default_factory=list)
    asked: list[Completion | Relationship] = field(default_factory=list)
    closed: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        """Full marks for everybody."""
        own = [message for message in messages if message.speaker == "user"]
        return {
            message.message_id: Assessment(
                score=100.0, emotional_tone="POSITIVE", impact_score=1.0, ai_message=f"{message.text}: 좋아요"
            )
            for message in own
        }

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        return tuple(
            Suggestion(style=style, text=f"{style} 답장", expected_impact=1.0, explanation="각본") for style in STYLES
        )

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        self.asked.append(relationship)
        async for piece in self._say(turns):
            yield piece
        if turns and self.evaluation is not None:
            yield self.evaluation

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        self.asked.append(request)
        if request.model is not None and request.model not in MODELS:
            raise TokstreamError(MODEL_NOT_FOUND, f"no model {request.model}")
        said = 0
        async for piece in self._say(request.messages):
            said += 1
            yield piece
        yield Finish(reason="stop", usage=Usage(prompt_tokens=7, completion_tokens=said, total_tokens=7 + said))

    async def models(self) -> Sequence[Model]:
        return [Model(id=name, root=name) for name in self.known]

    async def close(self) -> None:
        pass

    async def _say(self, context: Sequence[ChatMessage]) -> AsyncGenerator[str, None]:
        self.heard.append(tuple(context))
        last = context[-1].content if context else "안녕"
        pieces = self.pieces if self.pieces is not None else ["들었어: ", *(f"{word} " for word in last.split())]
        whole = False
        try:
            for number, piece in enumerate(pieces):
                if number == self.stall:
                    await self.go.wait()
                if number == self.fail:
                    raise self.error
                if self.pace:
                    await asyncio.sleep(self.pace)
                yield piece
            if self.fail is not None and self.fail >= len(pieces):
                raise self.error
            whole = True
        finally:
            self.closed += not whole
