"""Commands that come over a socket: the same work as the POST routes, started and not waited for."""

import msgspec

from contracts import streams
from contracts.base import decode
from contracts.errors import BAD_REQUEST, UNKNOWN_MESSAGE, TokstreamError
from contracts.realtime import CommandAccepted
from contracts.resources import ProcessRequest
from gateway.tasks import Tasks
from storage.sources import IdSource


class StreamCommands:
    """Implements what the realtime shells ask for (`gateway/realtime/ports.py`)."""

    def __init__(self, tasks: Tasks, ids: IdSource) -> None:
        self._tasks = tasks
        self._ids = ids

    async def run(self, owner: str, stream: str, name: str, data: bytes, message_id: str) -> CommandAccepted:
        """`process` on a session's stream. Raises TokstreamError as `POST /sessions/{session_id}/process` answers."""
        kind, session_id = streams.split(stream)
        if name != "process" or kind != "session":
            raise TokstreamError(UNKNOWN_MESSAGE, f"The command {name!r} is not known on {kind} streams.")
        try:
            request = decode(bytes(data) or b"{}", ProcessRequest)
        except msgspec.DecodeError as error:
            raise TokstreamError(BAD_REQUEST, f"The data of the command is malformed: {error}") from error
        work = await self._tasks.process(
            owner, session_id, self._ids.new(), request.relationship, request.relationship_info
        )
        return CommandAccepted(id=message_id, task_id=work.task.task_id, stream=stream)

    async def cancel(self, owner: str, stream: str) -> None:
        """Reading and merging take seconds and have no state worth stopping in, so there is never anything to stop."""
