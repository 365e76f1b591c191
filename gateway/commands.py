"""Commands that come over a socket: the same work as the POST routes, started and not waited for."""

from typing import TypeVar

import msgspec

from contracts import streams
from contracts.base import Record, decode
from contracts.conversations import Say, Turn
from contracts.errors import BAD_REQUEST, UNKNOWN_MESSAGE, TokstreamError
from contracts.realtime import CommandAccepted
from contracts.resources import ProcessRequest
from gateway.chat_clients import ChatClients
from gateway.conversations import Conversations, required_text
from gateway.tasks import Tasks
from gateway.waiting import Work
from storage.sources import IdSource

R = TypeVar("R", bound=Record)


class StreamCommands:
    """Implements what the realtime shells ask for (`gateway/realtime/ports.py`)."""

    def __init__(self, tasks: Tasks, conversations: Conversations, chat_clients: ChatClients, ids: IdSource) -> None:
        self._tasks = tasks
        self._conversations = conversations
        self._chat_clients = chat_clients
        self._ids = ids

    async def run(self, owner: str, stream: str, name: str, data: bytes, message_id: str) -> CommandAccepted:
        """`process` on a session's stream, `say` on a conversation's. Raises TokstreamError as the POST routes
        answer."""
        kind, identifier = streams.split(stream)
        match kind, name:
            case "session", "process":
                work = await self._process(owner, identifier, _data(data, ProcessRequest))
            case "conversation", "say":
                work = await self._say(owner, identifier, _data(data, Say))
            case _:
                raise TokstreamError(UNKNOWN_MESSAGE, f"The command {name!r} is not known on {kind} streams.")
        return CommandAccepted(id=message_id, task_id=work.task.task_id, stream=work.stream)

    async def _process(self, owner: str, session_id: str, request: ProcessRequest) -> Work:
        return await self._tasks.process(
            owner, session_id, self._ids.new(), request.relationship, request.relationship_info
        )

    async def _say(self, owner: str, conversation_id: str, request: Say) -> Work:
        conversation = await self._conversations.get(owner, conversation_id)
        if conversation.kind == "client":
            return await self._chat_clients.say(conversation, request.message, self._ids.new())
        if conversation.kind != "thread":
            raise TokstreamError(BAD_REQUEST, "Nothing more can be said in a completion.")
        turn = Turn(input=required_text("message", request.message))
        return await self._conversations.speak(conversation, self._ids.new(), "continue", turn)

    async def cancel(self, owner: str, stream: str) -> None:
        """Stops what is being said in a conversation. Reading and merging take seconds and have no state worth stopping
        in, so on other streams there is nothing to stop."""
        kind, identifier = streams.split(stream)
        if kind == "conversation":
            await self._conversations.cancel(owner, identifier)


def _data(data: bytes, kind: type[R]) -> R:
    try:
        return decode(bytes(data) or b"{}", kind)
    except msgspec.DecodeError as error:
        raise TokstreamError(BAD_REQUEST, f"The data of the command is malformed: {error}") from error
