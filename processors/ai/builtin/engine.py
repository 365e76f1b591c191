"""The built-in engine: no network, no language model, the same answer to the same question every time.

It judges by rules over Korean morphology and a small tone classifier (scoring.py has the table), suggests and talks
by sentences that it fills with the words of the conversation. Its CPU work runs in threads, off the event loop.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

from contracts.conversations import ChatMessage, Evaluation, Model, Suggestion
from contracts.errors import AI_ENGINE_FAILED, MODEL_NOT_FOUND, TokstreamError
from contracts.resources import Message
from processors.ai.builtin.judging import judge_messages
from processors.ai.builtin.smalltalk import MODEL, answer
from processors.ai.builtin.suggestions import suggest
from processors.ai.builtin.talk import pieces, reply
from processors.ai.port import Assessment, Completion, Finish, Relationship
from processors.ai.relationships import relation

P = ParamSpec("P")
T = TypeVar("T")


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Raises TokstreamError(AI_ENGINE_FAILED) where the language data cannot be loaded."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except OSError as error:
        raise TokstreamError(AI_ENGINE_FAILED, f"the built-in engine's language data does not load: {error}") from error


class BuiltinEngine:
    """An AiEngine. Making one is cheap: the language data is loaded when it is first needed, once a process."""

    name = "builtin"
    external = False

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        return await _in_thread(judge_messages, context, messages, relation(relationship))

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        return await _in_thread(suggest, messages, relation(relationship))

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        text, judged = await _in_thread(reply, turns, relation(relationship))
        for piece in pieces(text):
            yield piece
        if judged is not None:
            yield judged

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        if request.model not in (None, MODEL):
            raise TokstreamError(
                MODEL_NOT_FOUND, f"there is no model {request.model!r}; there is {MODEL!r}", field="model"
            )
        said = await _in_thread(answer, request.messages, request.sampling)
        for piece in said.pieces:
            yield piece
        yield Finish(reason=said.reason, usage=said.usage)

    async def models(self) -> Sequence[Model]:
        return (Model(id=MODEL, root=MODEL),)

    async def close(self) -> None:
        """Nothing is held."""
