"""The engine behind an OpenAI-compatible endpoint."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

from contracts.conversations import STYLES, ChatMessage, Evaluation, Model, Sampling, Suggestion
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import Message
from processors.ai import prompts
from processors.ai.openai.config import OpenAiConfig
from processors.ai.openai.dialect import Call
from processors.ai.openai.endpoints import Endpoints
from processors.ai.openai.structured import (
    REPLIES,
    InvalidAnswer,
    Judgement,
    Reply,
    object_schema,
    read_object,
    read_single,
    single_schema,
)
from processors.ai.port import Assessment, Completion, Finish, Relationship

logger = logging.getLogger(__name__)

T = TypeVar("T")

TOKENS_A_JUDGEMENT: Final = 320
"""Of a judgement with comment and alternative in Korean, generously; the answer about many must not be cut off."""
LONGEST_ECHO: Final = 4000
"""Characters of an invalid answer that the model is shown again."""
STEADY: Final = Sampling(temperature=0.0)
"""Judging the same twice should say the same."""


class OpenAiEngine:
    """Made inside the running loop."""

    def __init__(self, config: OpenAiConfig) -> None:
        self._endpoints = Endpoints(config)
        self._max_tokens = config.max_tokens

    @property
    def name(self) -> str:
        return "openai"

    @property
    def external(self) -> bool:
        return True

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        own = [message.message_id for message in messages if message.speaker == "user" and message.kind == "text"]
        if not own:
            return {}
        ids = {message_id: f"m{number}" for number, message_id in enumerate(own, 1)}
        keys = list(ids.values())
        answers = await self._structured(
            prompts.analysis(context, messages, ids, relationship),
            object_schema(keys, Judgement),
            lambda text: read_object(text, keys, Judgement),
            TOKENS_A_JUDGEMENT * len(keys),
        )
        return {message_id: _assessment(answers[short]) for message_id, short in ids.items()}

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        answers = await self._structured(
            prompts.suggestion(messages, relationship),
            object_schema(REPLIES, Reply),
            lambda text: read_object(text, REPLIES, Reply),
        )
        return tuple(_suggestion(style, answers[key]) for style, key in zip(STYLES, REPLIES, strict=True))

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        call = Call(prompts.persona(turns, relationship), self._max_tokens)
        judged = bool(turns) and turns[-1].role == "user"
        evaluating: asyncio.Task[Evaluation] | None = None
        said = False
        try:
            async with aclosing(self._endpoints.stream(call, self._endpoints.budget())) as pieces:
                async for piece in pieces:
                    if not isinstance(piece, str):
                        continue
                    if judged and evaluating is None:
                        # Beside the reply, but not before its first token: that is what somebody waits for.
                        evaluating = asyncio.create_task(self._evaluate(turns, relationship))
                    said = True
                    yield piece
            if not said:
                raise TokstreamError(AI_ENGINE_FAILED, "The AI model's reply is empty")
            if evaluating is not None:
                yield await evaluating
        finally:
            if evaluating is not None:
                await _ended(evaluating)

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        call = Call(request.messages, self._max_tokens, request.model, request.sampling)
        async with aclosing(self._endpoints.stream(call, self._endpoints.budget())) as pieces:
            async for piece in pieces:
                yield piece if isinstance(piece, str) else Finish(reason=piece.reason, usage=piece.usage)

    async def models(self) -> Sequence[Model]:
        return await self._endpoints.models()

    async def close(self) -> None:
        await self._endpoints.close()

    async def _evaluate(self, turns: Sequence[ChatMessage], relationship: Relationship) -> Evaluation:
        answer = await self._structured(
            prompts.evaluation(turns, relationship),
            single_schema(Judgement),
            lambda text: read_single(text, Judgement),
        )
        return Evaluation(
            emotional_tone=answer.emotional_tone,
            appropriateness_rating=answer.score,
            impact_score=answer.impact_score,
            review_comment=answer.comment,
            suggested_alternative=answer.better,
        )

    async def _structured(
        self,
        messages: tuple[ChatMessage, ...],
        schema: dict[str, Any],
        read: Callable[[str], T],
        max_tokens: int = 0,
    ) -> T:
        """What `read` makes of the answer; one that it refuses may be mended once."""
        budget = self._endpoints.budget()
        tokens = max(self._max_tokens, max_tokens)
        call = Call(messages, tokens, sampling=STEADY, schema=schema)
        answer = await self._endpoints.ask(call, budget)
        try:
            return read(answer.text)
        except InvalidAnswer as error:
            problem = str(error)
        logger.warning("the model's answer was not of the schema; asked once more")
        again = prompts.repair(messages, answer.text[:LONGEST_ECHO], problem)
        answer = await self._endpoints.ask(Call(again, tokens, sampling=STEADY, schema=schema), budget)
        try:
            return read(answer.text)
        except InvalidAnswer:
            raise TokstreamError(AI_ENGINE_FAILED, "The AI model did not answer in the form asked for") from None


async def _ended(task: asyncio.Task[Any]) -> None:
    """Ends a task whose outcome nobody needs any more."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # seen, or asyncio would complain that nobody looked


def _assessment(said: Judgement) -> Assessment:
    return Assessment(
        score=said.score,
        emotional_tone=said.emotional_tone,
        impact_score=said.impact_score,
        ai_message=said.comment,
        suggested_alternative=said.better,
    )


def _suggestion(style: str, said: Reply) -> Suggestion:
    return Suggestion(style=style, text=said.text, expected_impact=said.expected_impact, explanation=said.explanation)
