"""An engine in front of another: names are masked before anything leaves, and restored in what comes back."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

import msgspec

from contracts.conversations import ChatMessage, Evaluation, Model, Suggestion
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import Message
from processors.ai.masking.masker import Masker
from processors.ai.masking.morphemes import proper_names
from processors.ai.masking.names import marked_names, merged, normal, person
from processors.ai.port import AiEngine, Assessment, Completion, Finish, Relationship

T = TypeVar("T", Evaluation, Finish)


class MaskingEngine:
    """Names come from the senders of messages, from `names` (the user's own among them), and, by honorifics, titles and
    calls, from the texts; each call knows those of its own arguments. Only names are masked: numbers, addresses and
    what tells a person otherwise are not."""

    def __init__(self, inner: AiEngine, names: Sequence[str] = ()) -> None:
        self._inner = inner
        self._names = names

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def external(self) -> bool:
        return self._inner.external

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        masker = await self._of_messages([*context, *messages], relationship)
        judged = await self._inner.analyse(
            _messages(masker, context), _messages(masker, messages), _relationship(masker, relationship)
        )
        return {
            message_id: msgspec.structs.replace(
                said,
                ai_message=masker.restore(said.ai_message),
                suggested_alternative=_restored(masker, said.suggested_alternative),
            )
            for message_id, said in judged.items()
        }

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        masker = await self._of_messages(messages, relationship)
        suggestions = await self._inner.suggest(_messages(masker, messages), _relationship(masker, relationship))
        return tuple(
            msgspec.structs.replace(one, text=masker.restore(one.text), explanation=masker.restore(one.explanation))
            for one in suggestions
        )

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        masker = await self._masker([turn.content for turn in turns], relationship)
        pieces = self._inner.converse(_turns(masker, turns), _relationship(masker, relationship))
        async with aclosing(_restoring(masker, pieces)) as restored:
            async for piece in restored:
                if isinstance(piece, Evaluation):
                    piece = msgspec.structs.replace(
                        piece,
                        review_comment=masker.restore(piece.review_comment),
                        suggested_alternative=_restored(masker, piece.suggested_alternative),
                    )
                yield piece

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        masker = await self._masker([message.content for message in request.messages])
        sampling = msgspec.structs.replace(
            request.sampling, stop=tuple(masker.mask(stop) for stop in request.sampling.stop)
        )
        masked = msgspec.structs.replace(request, messages=_turns(masker, request.messages), sampling=sampling)
        async with aclosing(_restoring(masker, self._inner.complete(masked))) as restored:
            async for piece in restored:
                yield piece

    async def models(self) -> Sequence[Model]:
        return await self._inner.models()

    async def close(self) -> None:
        await self._inner.close()

    async def _of_messages(self, messages: Sequence[Message], relationship: Relationship) -> Masker:
        senders = [message.sender for message in messages if message.sender]
        return await self._masker([message.text for message in messages], relationship, senders)

    async def _masker(
        self, texts: Sequence[str], relationship: Relationship | None = None, senders: Sequence[str] = ()
    ) -> Masker:
        known = [normal(text) for text in texts]
        if relationship is not None:
            known += [normal(relationship.relationship), normal(relationship.relationship_info)]
        try:
            found = await asyncio.to_thread(_found, known)
        except OSError:
            # Rather no answer than one that a name was given away for.
            raise TokstreamError(AI_ENGINE_FAILED, "Names cannot be masked: language data does not load") from None
        people = merged([person(name) for name in (*senders, *self._names)] + [person(name) for name in found])
        return Masker(people, [*known, *senders])


def _found(texts: Sequence[str]) -> list[str]:
    return [*marked_names(texts), *proper_names(texts)]


async def _restoring(masker: Masker, pieces: AsyncGenerator[str | T, None]) -> AsyncGenerator[str | T, None]:
    """Texts restored across the borders of pieces; all of the text comes before what is no text."""
    restoring = masker.restoring()
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, str):
                if text := restoring.feed(piece):
                    yield text
                continue
            if rest := restoring.end():
                yield rest
            yield piece
    if rest := restoring.end():
        yield rest


def _messages(masker: Masker, messages: Sequence[Message]) -> list[Message]:
    return [
        msgspec.structs.replace(
            message,
            text=masker.mask(message.text),
            sender=None if message.sender is None else masker.mask_name(message.sender),
        )
        for message in messages
    ]


def _turns(masker: Masker, turns: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    return tuple(msgspec.structs.replace(turn, content=masker.mask(turn.content)) for turn in turns)


def _relationship(masker: Masker, relationship: Relationship) -> Relationship:
    return Relationship(
        relationship=masker.mask(relationship.relationship),
        relationship_info=masker.mask(relationship.relationship_info),
    )


def _restored(masker: Masker, text: str | None) -> str | None:
    return None if text is None else masker.restore(text)
