"""Asking the AI engine about a processed session: its analysis again, alone, and replies to it."""

from contracts.commands import SuggestReplies
from contracts.errors import BAD_REQUEST, TokstreamError
from contracts.resources import ENDED, Task
from contracts.streams import session_stream, task_stream
from gateway.sessions import Sessions
from gateway.tasks import MAX_RELATIONSHIP, MAX_RELATIONSHIP_INFO, Tasks, optional
from gateway.waiting import Work
from storage.publishing import publish_command
from storage.sources import timestamp
from storage.stores import Stores


class Analyses:
    """Both methods raise Unavailable where a store is away, and what `Sessions.processed` raises."""

    def __init__(self, stores: Stores, sessions: Sessions, tasks: Tasks) -> None:
        self._stores = stores
        self._sessions = sessions
        self._tasks = tasks

    async def analyze(
        self,
        owner: str,
        session_id: str,
        task_id: str,
        relationship: str | None,
        relationship_info: str | None,
        every_message: bool,
    ) -> Work:
        """Starts judging the shown messages: those without a judgement of the engine that runs and of this
        relationship, or every one. What is left out of the relationship is as it is in the session.

        Raises TokstreamError(ALREADY_RUNNING) while another run is not finished.
        """
        session = await self._sessions.processed(owner, session_id)
        relationship = optional("relationship", relationship, MAX_RELATIONSHIP)
        relationship_info = optional("relationship_info", relationship_info, MAX_RELATIONSHIP_INFO)
        stream = session_stream(session_id)
        after = await self._sessions.position(session_id)
        now = timestamp(self._stores.clock)
        task = await self._tasks.insert(
            Task(
                task_id=task_id,
                owner=owner,
                kind="analyze",
                created_at=now,
                updated_at=now,
                session_id=session_id,
                relationship=relationship or session.relationship,
                relationship_info=relationship_info or session.relationship_info,
                every_message=every_message,
            )
        )
        if task.status not in ENDED:
            await self._tasks.start_run(owner, session_id, task)
        return Work(task=task, stream=stream, after=after)

    async def predict_next(self, owner: str, session_id: str, task_id: str) -> Work:
        """Starts suggesting replies. Raises TokstreamError(BAD_REQUEST) where there is nothing to reply to."""
        session = await self._sessions.processed(owner, session_id)
        if session.total_messages == 0:
            raise TokstreamError(BAD_REQUEST, "The session has no messages that could be replied to.")
        now = timestamp(self._stores.clock)
        task = await self._tasks.insert(
            Task(task_id=task_id, owner=owner, kind="suggest", created_at=now, updated_at=now, session_id=session_id)
        )
        if task.status not in ENDED:
            await publish_command(self._stores, SuggestReplies(session_id=session_id, task_id=task_id), owner)
        return Work(task=task, stream=task_stream(task_id), after=None)
