"""Tasks: the work that POST routes start. Each is a document, one command on the log, and one event that ends it."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from contracts.commands import Command, ProcessSession, ReadProbe, ReanalyzeSession
from contracts.errors import (
    ALREADY_RUNNING,
    BAD_REQUEST,
    MISSING_PARAMETER,
    SESSION_EMPTY,
    TASK_NOT_FOUND,
    TokstreamError,
)
from contracts.resources import ENDED, Session, Task
from contracts.streams import session_stream, task_stream
from gateway.config import GatewayConfig
from gateway.forms import UploadedFile
from gateway.images import ImageIntake
from gateway.sessions import Sessions, well_formed
from gateway.waiting import Work
from storage.collections import SCREENSHOTS, SESSIONS, TASKS
from storage.documents.port import Versioned
from storage.errors import DuplicateKey, Unavailable, VersionConflict
from storage.publishing import publish_command
from storage.sources import timestamp
from storage.stores import Stores

ProbeKind = Literal["search", "view"]
MAX_RELATIONSHIP = 200
MAX_RELATIONSHIP_INFO = 4000
"""Characters: enough for any description of a relationship, too little for a novel in every prompt."""
CLAIM_ATTEMPTS = 20
REPUBLISH_SECONDS = 2.0


class Tasks:
    """All methods raise Unavailable where a store is away, and what `Sessions` raises for foreign sessions."""

    def __init__(self, stores: Stores, config: GatewayConfig, sessions: Sessions, intake: ImageIntake) -> None:
        self._stores = stores
        self._intake = intake
        self._config = config
        self._sessions = sessions

    async def get(self, owner: str, task_id: str) -> Task:
        """Raises TokstreamError(TASK_NOT_FOUND), also for somebody else's."""
        found = await self._stores.documents.get(TASKS, task_id) if well_formed(task_id) else None
        if found is None or found.document.owner != owner:
            raise TokstreamError(TASK_NOT_FOUND, "Task not found")
        return found.document

    async def process(
        self, owner: str, session_id: str, task_id: str, relationship: str | None, relationship_info: str | None
    ) -> Work:
        """Starts merging and analysing the session; finds the task where an earlier attempt with this id has started
        it.

        Raises TokstreamError: MISSING_PARAMETER, SESSION_EMPTY, ALREADY_RUNNING while another run is not finished.
        """
        await self._sessions.get(owner, session_id)
        relationship = _required("relationship", relationship, MAX_RELATIONSHIP)
        relationship_info = _required("relationship_info", relationship_info, MAX_RELATIONSHIP_INFO)
        if await self._stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == 0:
            raise TokstreamError(SESSION_EMPTY, "The session has no screenshots: upload at least one first.")
        stream = session_stream(session_id)
        after = await self._sessions.position(session_id)
        now = timestamp(self._stores.clock)
        task = await self.insert(
            Task(
                task_id=task_id,
                owner=owner,
                kind="process",
                created_at=now,
                updated_at=now,
                session_id=session_id,
                relationship=relationship,
                relationship_info=relationship_info,
            )
        )
        if task.status not in ENDED:
            await self.start_run(owner, session_id, task)
        return Work(task=task, stream=stream, after=after)

    async def start_run(self, owner: str, session_id: str, task: Task) -> None:
        """Makes the task of kind `process` or `analyze` the session's running one, and asks for its work: of two at
        once only one can, because the session changes by version.

        Raises TokstreamError(ALREADY_RUNNING), and the task is gone, where another run is not finished.
        """
        await self._claim(owner, session_id, task)
        await publish_command(self._stores, _run_command(session_id, task), owner)

    async def _claim(self, owner: str, session_id: str, task: Task) -> None:
        for _ in range(CLAIM_ATTEMPTS):
            found = await self._sessions.get(owner, session_id)
            if found.document.task_id == task.task_id:
                return
            running = await self._running(found)
            if running is not None:
                await self._stores.documents.delete(TASKS, {"task_id": task.task_id})
                await self._wake(running)
                detail = f"The session is being processed as task {running.task_id}; wait for it to finish."
                raise TokstreamError(ALREADY_RUNNING, detail, retry_after=1)
            try:
                await self._stores.documents.replace(SESSIONS, self._taken(found.document, task), found.version)
                return
            except VersionConflict:
                continue
        raise Unavailable(f"session {session_id} changes too fast to be processed")

    def _taken(self, session: Session, task: Task) -> Session:
        return msgspec.structs.replace(session, task_id=task.task_id, updated_at=timestamp(self._stores.clock))

    async def _running(self, session: Versioned[Session]) -> Task | None:
        """The session's task that has not finished. One that has been silent for very long is taken for lost."""
        if session.document.task_id is None:
            return None
        found = await self._stores.documents.get(TASKS, session.document.task_id)
        if found is None or found.document.status in ENDED:
            return None
        return None if self._idle(found.document) > timedelta(seconds=self._config.stalled_task) else found.document

    async def _wake(self, task: Task) -> None:
        """A gateway that died between claiming and publishing left a task that nobody works on: publish it again.
        Harmless where the command is only waiting for its turn, since it is recognisably the same one."""
        waited_long = self._idle(task) > timedelta(seconds=REPUBLISH_SECONDS)
        if task.status == "queued" and task.session_id is not None and waited_long:
            await publish_command(self._stores, _run_command(task.session_id, task), task.owner)

    def _idle(self, task: Task) -> timedelta:
        return self._stores.clock.now() - datetime.fromisoformat(task.updated_at)

    async def search(self, owner: str, session_id: str, task_id: str, file: UploadedFile) -> Work:
        """Starts looking for the messages of one image in a processed session."""
        return await self._probe(owner, session_id, task_id, "search", (file,))

    async def view(self, owner: str, session_id: str, task_id: str, files: tuple[UploadedFile, ...]) -> Work:
        """As `search`, for several images at once."""
        return await self._probe(owner, session_id, task_id, "view", files)

    async def _probe(
        self, owner: str, session_id: str, task_id: str, mode: ProbeKind, files: tuple[UploadedFile, ...]
    ) -> Work:
        await self._sessions.processed(owner, session_id)
        stream = task_stream(task_id)
        known = await self._stores.documents.get(TASKS, task_id)
        if known is not None and known.document.status != "queued":
            return Work(task=known.document, stream=stream, after=None)
        # Every image is checked before the first is stored: a probe is taken as a whole or not at all.
        for file in files:
            await self._intake.check(file)
        blob_keys = tuple(f"probes/{task_id}/{number}" for number in range(len(files)))
        for key, file in zip(blob_keys, files, strict=True):
            await self._intake.store(file, key)
        now = timestamp(self._stores.clock)
        task = await self.insert(
            Task(task_id=task_id, owner=owner, kind=mode, created_at=now, updated_at=now, session_id=session_id)
        )
        if task.status not in ENDED:
            command = ReadProbe(task_id=task_id, session_id=session_id, mode=mode, blob_keys=blob_keys)
            await publish_command(self._stores, command, owner)
        return Work(task=task, stream=stream, after=None)

    async def insert(self, task: Task) -> Task:
        """Inserts it; the one that is there where an earlier attempt has inserted it."""
        try:
            await self._stores.documents.insert(TASKS, [task])
        except DuplicateKey:
            return await self.get(task.owner, task.task_id)
        return task


def _run_command(session_id: str, task: Task) -> Command:
    kind = ReanalyzeSession if task.kind == "analyze" else ProcessSession
    return kind(session_id=session_id, task_id=task.task_id)


def _required(name: str, value: str | None, longest: int) -> str:
    found = optional(name, value, longest)
    if found is None:
        raise TokstreamError(MISSING_PARAMETER, f"{name} is required, in the query or the body.", field=name)
    return found


def optional(name: str, value: str | None, longest: int) -> str | None:
    """The text without blanks around it, None where nothing is left. Raises TokstreamError(BAD_REQUEST) where it is
    longer than `longest` characters."""
    value = (value or "").strip()
    if len(value) > longest:
        raise TokstreamError(BAD_REQUEST, f"{name} may have at most {longest} characters.", field=name)
    return value or None
