"""The chat-completions API over the same engine, log and streams as every conversation.

Each call is a conversation of one turn, which is deleted with its answer. A client that goes away stops the reply, as
users of this API expect.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from typing import NamedTuple

from contracts.base import decode, encode
from contracts.completions import (
    ChatCompletion,
    ChatCompletionChunk,
    Choice,
    ChunkChoice,
    CompletionRequest,
    Delta,
    RequestMessage,
    ResponseMessage,
)
from contracts.conversations import ChatMessage, Sampling, Turn
from contracts.errors import (
    AI_ENGINE_FAILED,
    AI_ENGINE_TIMEOUT,
    BAD_REQUEST,
    CANCELLED,
    REGISTRY,
    UNKNOWN_MODEL,
    Problem,
    TokstreamError,
)
from contracts.events import MessageCancelled, MessageCompleted, MessageDelta, MessageFailed
from contracts.realtime import StreamEvent
from contracts.resources import Task
from gateway.chat_clients import Models, check_model
from gateway.conversations import Conversations
from gateway.problems import openai_error, unavailable
from gateway.realtime.watch import Watch
from gateway.waiting import EventSource, Work, wait_for_end
from storage.errors import StorageError, Unavailable
from storage.sources import IdSource
from storage.stores import Stores

logger = logging.getLogger(__name__)

MAX_STOPS = 4
KEEP_ALIVE_SECONDS = 15.0
KEEP_ALIVE = b": keep-alive\n\n"
DONE = b"data: [DONE]\n\n"

Piece = str | MessageCompleted


class Started(NamedTuple):
    """A completion under way. `created` is Unix time."""

    work: Work
    owner: str
    created: int
    model: str

    @property
    def id(self) -> str:
        return f"chatcmpl-{self.work.task.task_id}"


class Completions:
    """All methods raise Unavailable where a store is away, and TokstreamError."""

    def __init__(self, stores: Stores, conversations: Conversations, models: Models, source: EventSource) -> None:
        self._stores = stores
        self._conversations = conversations
        self._models = models
        self._source = source
        self._cleaning: set[asyncio.Task[None]] = set()

    async def start(self, owner: str, request: CompletionRequest, ids: IdSource) -> Started:
        """Has the completion spoken. Raises TokstreamError(BAD_REQUEST) for what is not served, UNKNOWN_MODEL."""
        turn = turn_of(request)
        await check_model(self._models, request.model, UNKNOWN_MODEL)
        name = f"completion_{ids.new()}"
        # Nobody else knows of it, so nobody waits to hear that it is there.
        opening = self._conversations.open(owner, name, "completion", announce=False)
        work = await self._conversations.begin(opening, owner, name, ids.new(), "complete", turn)
        created = int(datetime.fromisoformat(work.task.created_at).timestamp())
        return Started(work, owner, created, request.model)

    async def whole(self, started: Started, seconds: float) -> ChatCompletion:
        """The answer, once it is whole; it is stopped after so many seconds."""
        try:
            task = await wait_for_end(self._stores, self._source, started.work, seconds)
        finally:
            self._forget(started)
        if task is None:
            raise TokstreamError(AI_ENGINE_TIMEOUT, f"The reply took longer than {seconds:g} seconds.")
        return _completion(started, task)

    async def streamed(self, started: Started, include_usage: bool) -> AsyncGenerator[bytes, None]:
        """The answer as server-sent events. Raises before its first part what the reply failed with before its first
        word; what comes later is told within the stream."""
        try:
            async with self._source.watch(started.work.stream, started.work.after) as watch:
                pieces = pieces_of(watch, started.work.task.task_id)
                async for part in self._parts(started, pieces, include_usage):
                    yield part
        finally:
            self._forget(started)

    async def _parts(
        self, started: Started, pieces: AsyncIterator[Piece | None], include_usage: bool
    ) -> AsyncIterator[bytes]:
        answered = begun = False
        try:
            async for piece in pieces:
                answered = True
                if piece is None:
                    yield KEEP_ALIVE
                    continue
                if not begun:
                    begun = True
                    yield _event(started, Delta(role="assistant", content=""))
                if isinstance(piece, str):
                    yield _event(started, Delta(content=piece))
                    continue
                last = ChunkChoice(delta=Delta(), finish_reason=piece.finish_reason)
                yield _data(started, (last,))
                if include_usage:
                    yield b"data: %s\n\n" % encode(
                        ChatCompletionChunk(
                            id=started.id, created=started.created, model=started.model, choices=(), usage=piece.usage
                        )
                    )
                yield DONE
        except (TokstreamError, StorageError) as error:
            if not answered:
                raise
            known = error if isinstance(error, TokstreamError) else unavailable()
            yield b"data: %s\n\n" % encode(openai_error(known.problem()))

    def _forget(self, started: Started) -> None:
        """Deletes the completion, which also stops it where it is still being spoken."""
        cleaning = asyncio.create_task(self._delete(started))
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaning.discard)

    async def _delete(self, started: Started) -> None:
        try:
            await self._conversations.delete(started.owner, started.work.task.conversation_id or "")
        except (TokstreamError, Unavailable) as error:
            logger.warning("completion %s is left to the sweep: %s", started.id, error)


def turn_of(request: CompletionRequest) -> Turn:
    """What a request asks the engine for. Raises TokstreamError(BAD_REQUEST)."""
    if request.tools:
        raise TokstreamError(BAD_REQUEST, "Tools are not served here.", field="tools")
    if request.functions:
        raise TokstreamError(BAD_REQUEST, "Functions are not served here.", field="functions")
    if request.logprobs:
        raise TokstreamError(BAD_REQUEST, "Log probabilities are not served here.", field="logprobs")
    if request.response_format is not None and request.response_format.type != "text":
        raise TokstreamError(BAD_REQUEST, "Only text is served: no other response_format.", field="response_format")
    if request.n not in (None, 1):
        raise TokstreamError(BAD_REQUEST, "Only one choice is served: n must be 1.", field="n")
    stop = (request.stop,) if isinstance(request.stop, str) else request.stop or ()
    if len(stop) > MAX_STOPS or not all(stop):
        detail = f"stop may hold up to {MAX_STOPS} texts, none of them empty."
        raise TokstreamError(BAD_REQUEST, detail, field="stop")
    sampling = Sampling(
        temperature=request.temperature,
        top_p=request.top_p,
        max_tokens=request.max_completion_tokens or request.max_tokens,
        stop=stop,
        seed=request.seed,
        presence_penalty=request.presence_penalty,
        frequency_penalty=request.frequency_penalty,
    )
    return Turn(
        messages=tuple(_message(number, message) for number, message in enumerate(request.messages)),
        model=request.model,
        sampling=sampling,
    )


def _message(number: int, message: RequestMessage) -> ChatMessage:
    content = message.content
    if isinstance(content, tuple):
        if any(part.type != "text" or part.text is None for part in content):
            detail = "Only parts of type text are understood."
            raise TokstreamError(BAD_REQUEST, detail, field=f"messages[{number}].content")
        content = "".join(part.text or "" for part in content)
    role = "system" if message.role == "developer" else message.role
    return ChatMessage(role=role, content=content or "")


async def pieces_of(watch: Watch, task_id: str) -> AsyncIterator[Piece | None]:
    """The new text of a reply, piece by piece, then its completion; None where nothing has come for a while.

    A reply that is spoken anew after a crash begins at offset 0 again: what was passed on already is passed over as
    long as it is the same. Raises TokstreamError with what the reply failed with, also where it differs.
    """
    told = text = ""
    while True:
        try:
            batch = await asyncio.wait_for(watch.batch(), KEEP_ALIVE_SECONDS)
        except TimeoutError:
            yield None
            continue
        for event in (publication.event for publication in batch):
            match _known(event, task_id):
                case MessageDelta() as delta:
                    text = delta.onto(text)
                    if not (text.startswith(told) or told.startswith(text)):
                        raise _differs()
                    if len(text) > len(told):
                        new, told = text[len(told) :], text
                        yield new
                case MessageCompleted() as completed:
                    if completed.content != told:
                        raise _differs()
                    yield completed
                    return
                case MessageFailed() as failed:
                    raise error_of(failed.problem)
                case MessageCancelled():
                    raise TokstreamError(CANCELLED, "The reply was cancelled.")


def _differs() -> TokstreamError:
    return TokstreamError(AI_ENGINE_FAILED, "The reply was begun anew and differs: ask again.")


Told = MessageDelta | MessageCompleted | MessageFailed | MessageCancelled
TOLD: dict[str, type[Told]] = {
    kind.TYPE: kind for kind in (MessageDelta, MessageCompleted, MessageFailed, MessageCancelled)
}


def _known(event: StreamEvent, task_id: str) -> Told | None:
    """What the event tells of the turn, None where it tells nothing of its reply."""
    kind = TOLD.get(event.type)
    if kind is None:
        return None
    found = decode(bytes(event.data), kind)
    return found if found.task_id == task_id else None


def error_of(problem: Problem) -> TokstreamError:
    """The error that a problem document was made of."""
    kind = REGISTRY.get(problem.code, AI_ENGINE_FAILED)
    return TokstreamError(kind, problem.detail, field=problem.field, retry_after=problem.retry_after)


def _completion(started: Started, task: Task) -> ChatCompletion:
    if task.status == "failed":
        raise error_of(decode(bytes(task.problem), Problem))
    if task.status == "cancelled":
        raise TokstreamError(CANCELLED, "The reply was cancelled.")
    turn = task.turn or Turn()
    choice = Choice(message=ResponseMessage(content=turn.reply or ""), finish_reason=turn.finish_reason or "stop")
    return ChatCompletion(
        id=started.id, created=started.created, model=started.model, choices=(choice,), usage=turn.usage
    )


def _event(started: Started, delta: Delta) -> bytes:
    return _data(started, (ChunkChoice(delta=delta),))


def _data(started: Started, choices: tuple[ChunkChoice, ...]) -> bytes:
    chunk = ChatCompletionChunk(id=started.id, created=started.created, model=started.model, choices=choices)
    return b"data: %s\n\n" % encode(chunk)
