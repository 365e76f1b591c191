"""Commands that come over a socket: the same work as the POST routes, started and not waited for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TypeVar

import msgspec

from contracts import streams
from contracts.base import Record, decode
from contracts.conversations import Say, Turn
from contracts.errors import BAD_REQUEST, UNKNOWN_MESSAGE, TokstreamError
from contracts.realtime import CommandAccepted
from contracts.resources import AnalyzeRequest, ProcessRequest
from gateway.analyses import Analyses
from gateway.chat_clients import ChatClients
from gateway.conversations import Conversations, required_text
from gateway.idempotency import DerivedIds
from gateway.tasks import Tasks
from gateway.waiting import Work
from storage.sources import IdSource

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)


class Asked(Record, frozen=True):
    """A command as it came: `subject` is the id in the stream's name, `task_id` the id of the task to be."""

    owner: str
    subject: str
    task_id: str
    data: bytes

    def request(self, kind: type[R]) -> R:
        """The data of the command. Raises TokstreamError(BAD_REQUEST) where they are not of this kind."""
        try:
            return decode(self.data or b"{}", kind)
        except msgspec.DecodeError as error:
            raise TokstreamError(BAD_REQUEST, f"The data of the command is malformed: {error}") from error


Action = Callable[[Asked], Coroutine[None, None, Work]]
Actions = Mapping[tuple[str, str], Action]
"""By the kind of stream and the name of the command."""
Cancellations = Mapping[str, Callable[[str, str], Awaitable[object]]]


def session_actions(tasks: Tasks, analyses: Analyses) -> Actions:
    """The commands of a session's stream; each raises TokstreamError as the route of its name answers."""

    async def process(asked: Asked) -> Work:
        request = asked.request(ProcessRequest)
        return await tasks.process(
            asked.owner, asked.subject, asked.task_id, request.relationship, request.relationship_info
        )

    async def analyze(asked: Asked) -> Work:
        request = asked.request(AnalyzeRequest)
        return await analyses.analyze(
            asked.owner,
            asked.subject,
            asked.task_id,
            request.relationship,
            request.relationship_info,
            request.all,
        )

    async def predict_next(asked: Asked) -> Work:
        return await analyses.predict_next(asked.owner, asked.subject, asked.task_id)

    return {
        ("session", "process"): process,
        ("session", "analyze"): analyze,
        ("session", "predict-next"): predict_next,
    }


def conversation_actions(conversations: Conversations, clients: ChatClients) -> Actions:
    """The commands of a conversation's stream: `say`, which raises TokstreamError as the routes that speak answer."""

    async def say(asked: Asked) -> Work:
        request = asked.request(Say)
        conversation = await conversations.get(asked.owner, asked.subject)
        if conversation.kind == "client":
            return await clients.say(conversation, request.message, asked.task_id)
        if conversation.kind != "thread":
            raise TokstreamError(BAD_REQUEST, "Nothing more can be said in a completion.")
        turn = Turn(input=required_text("message", request.message))
        return await conversations.speak(conversation, asked.task_id, "continue", turn)

    return {("conversation", "say"): say}


class StreamCommands:
    """Implements what the realtime shells ask for (`gateway/realtime/ports.py`). `cancellations` stop the work of a
    kind of stream, by owner and subject."""

    def __init__(self, actions: Actions, cancellations: Cancellations, ids: IdSource) -> None:
        self._actions = actions
        self._cancellations = cancellations
        self._starting: set[asyncio.Task[Work]] = set()
        self._ids = ids

    async def run(
        self, owner: str, stream: str, name: str, data: bytes, message_id: str, key: str | None = None
    ) -> CommandAccepted:
        """Starts the work; the answer names the stream on which its end will be told. A repetition with the same key
        finds the task of the first. Raises TokstreamError, as the route of that name answers."""
        kind, subject = streams.split(stream)
        action = self._actions.get((kind, name))
        if action is None:
            raise TokstreamError(UNKNOWN_MESSAGE, f"The command {name!r} is not known on {kind} streams.")
        ids = self._ids if key is None else DerivedIds("\0".join(("socket", owner, stream, name, key)))
        asked = Asked(owner=owner, subject=subject, task_id=ids.new(), data=bytes(data))
        work = await self._to_the_end(action(asked))
        return CommandAccepted(id=message_id, task_id=work.task.task_id, stream=work.stream)

    async def _to_the_end(self, starting: Coroutine[None, None, Work]) -> Work:
        """A connection that is lost while work is being started must not leave it half started."""
        task = asyncio.create_task(starting)
        self._starting.add(task)
        task.add_done_callback(self._started)
        return await asyncio.shield(task)

    def _started(self, task: "asyncio.Task[Work]") -> None:
        self._starting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("a command was refused: %s", error)

    async def cancel(self, owner: str, stream: str) -> None:
        """Stops what is being said in a conversation. Nothing that a session is asked for has a state worth stopping
        in, so there is never anything to stop."""
        kind, subject = streams.split(stream)
        if (stop := self._cancellations.get(kind)) is not None:
            await stop(owner, subject)
