"""The engine behind the classic analysis API: the four URLs of the screenshot-analysis specification.

That API keeps a conversation under its own `thread_id`, our port passes all turns each time. Which thread
a conversation goes on in is remembered by a digest of its turns, in a bounded memory of this process. Where it is not
known (a restart, another process, the API forgot it) a new thread is started and the turns so far are sent along as
`messages`: nothing can be replayed, since the other side would answer anew. Its opening message is dropped. An API that
reads `messages` goes on where the conversation was; one that does not knows only the relationship.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final

from contracts.base import encode
from contracts.conversations import STYLES, ChatMessage, Evaluation, Model, Suggestion
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import Message
from processors.ai.attempts import AttemptFailed
from processors.ai.classic.service import ClassicConfig, Service
from processors.ai.classic.wire import (
    Judged,
    Sent,
    Started,
    Suggested,
    about,
    assessment,
    converted,
    listed,
    nonsense,
    shown,
)
from processors.ai.port import AiEngine, Assessment, Completion, Finish, Relationship

logger = logging.getLogger(__name__)

REMEMBERED_THREADS: Final = 10_000


class ClassicEngine:
    """Made inside the running loop. The classic API has no free chat: `complete` and `models` are those of `chat`,
    which is closed with this engine."""

    def __init__(self, config: ClassicConfig, chat: AiEngine) -> None:
        self._config = config
        self._chat = chat
        self._service = Service(config)
        self._threads: OrderedDict[bytes, str] = OrderedDict()

    @property
    def name(self) -> str:
        return "classic"

    @property
    def external(self) -> bool:
        return True

    async def analyse(
        self, context: Sequence[Message], messages: Sequence[Message], relationship: Relationship
    ) -> Mapping[str, Assessment]:
        own = {message.message_id: message.kind for message in messages if message.speaker == "user"}
        needed = [message_id for message_id, kind in own.items() if kind == "text"]
        if not needed:
            return {}
        body = {**about(relationship), "context": shown(context), "messages": shown(messages)}
        answer = await self._service.ask(self._config.analyze_url, body)
        judged = {one.message_id: one for one in listed(answer, ("messages", "results", "data"), Judged)}
        found = {message_id: assessment(judged[message_id]) for message_id in own if message_id in judged}
        said = {message_id: assessment for message_id, assessment in found.items() if assessment is not None}
        if missing := [message_id for message_id in needed if message_id not in said]:
            raise nonsense(f"{len(missing)} of {len(needed)} messages are not judged")
        return said

    async def suggest(self, messages: Sequence[Message], relationship: Relationship) -> tuple[Suggestion, ...]:
        answer = await self._service.ask(
            self._config.suggestion_url, {**about(relationship), "messages": shown(messages)}
        )
        found = {one.style: one for one in listed(answer, ("suggestions", "messages", "data"), Suggested)}
        if missing := [style for style in STYLES if style not in found or not found[style].text.strip()]:
            raise nonsense(f"no suggestion of style {', '.join(missing)}")
        return tuple(
            Suggestion(
                style=style,
                text=found[style].text,
                expected_impact=found[style].expected_impact,
                explanation=found[style].explanation,
            )
            for style in STYLES
        )

    async def converse(
        self, turns: Sequence[ChatMessage], relationship: Relationship
    ) -> AsyncGenerator[str | Evaluation, None]:
        if not turns:
            started = await self._start((), relationship)
            opening = ChatMessage(role="assistant", content=started.message)
            self._remember((opening,), relationship, started.thread_id)
            yield started.message
            return
        if turns[-1].role != "user":
            raise TokstreamError(AI_ENGINE_FAILED, "The classic AI service only answers what the user says")
        sent, thread = await self._send(turns, relationship)
        reply = ChatMessage(role="assistant", content=sent.message)
        self._remember((*turns, reply), relationship, thread)
        yield sent.message
        said = sent.response
        yield Evaluation(
            emotional_tone=said.emotional_tone.upper(),
            appropriateness_rating=said.appropriateness_rating,
            impact_score=said.impact_score,
            review_comment=said.review_comment or said.ai_message or "",
            suggested_alternative=said.suggested_alternative or None,
        )

    async def complete(self, request: Completion) -> AsyncGenerator[str | Finish, None]:
        async with aclosing(self._chat.complete(request)) as pieces:
            async for piece in pieces:
                yield piece

    async def models(self) -> Sequence[Model]:
        return await self._chat.models()

    async def close(self) -> None:
        await self._service.close()
        await self._chat.close()

    async def _start(self, turns: Sequence[ChatMessage], relationship: Relationship) -> Started:
        body: dict[str, Any] = dict(about(relationship))
        if turns:
            body["messages"] = [
                {"speaker": "user" if turn.role == "user" else "interlocutor", "text": turn.content} for turn in turns
            ]
        started = converted(await self._service.ask(self._config.start_url, body, safe=False), Started)
        if not started.message.strip() or not started.thread_id:
            raise nonsense("no message or no thread")
        return started

    async def _send(self, turns: Sequence[ChatMessage], relationship: Relationship) -> tuple[Sent, str]:
        """The answer to the last of `turns`, and the thread that it was given in."""
        before = turns[:-1]
        thread = self._threads.get(_digest(before, relationship))
        if thread is not None:
            try:
                return await self._sent(turns[-1].content, thread), thread
            except AttemptFailed as error:
                if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                    raise error.told() from None
                logger.info("the classic AI service forgot a thread; a new one is started")
        thread = (await self._start(before, relationship)).thread_id
        try:
            return await self._sent(turns[-1].content, thread), thread
        except AttemptFailed as error:
            raise error.told() from None

    async def _sent(self, message: str, thread: str) -> Sent:
        """Raises AttemptFailed too."""
        answer = await self._service.tried(self._config.send_url, {"message": message, "thread_id": thread}, safe=False)
        sent = converted(answer, Sent)
        if not sent.message.strip():
            raise nonsense("the reply is empty")
        return sent

    def _remember(self, turns: Sequence[ChatMessage], relationship: Relationship, thread: str) -> None:
        key = _digest(turns, relationship)
        self._threads[key] = thread
        self._threads.move_to_end(key)
        while len(self._threads) > REMEMBERED_THREADS:
            self._threads.popitem(last=False)


def _digest(turns: Sequence[ChatMessage], relationship: Relationship) -> bytes:
    return hashlib.sha256(encode([about(relationship), list(turns)])).digest()
