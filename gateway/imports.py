"""Chat exports on their way in: stored beside the screenshots of a session, and left to a processor to read."""

from contracts.commands import reading_of
from contracts.errors import SESSION_NOT_FOUND, UNKNOWN_EXPORT, TokstreamError
from contracts.imports import ImportRequest
from contracts.resources import ENDED, ExportUpload, Screenshot, Task
from contracts.streams import session_stream, task_stream
from gateway.forms import UploadedFile
from gateway.sessions import Sessions
from gateway.tasks import Tasks
from gateway.waiting import Work
from storage.collections import TASKS
from storage.publishing import publish_command
from storage.sources import timestamp
from storage.stores import Stores


class Imports:
    """Raises Unavailable where a store is away, and what `Sessions` raises for foreign sessions."""

    def __init__(self, stores: Stores, sessions: Sessions, tasks: Tasks) -> None:
        self._stores = stores
        self._sessions = sessions
        self._tasks = tasks

    async def start(
        self,
        owner: str,
        session_id: str,
        screenshot_id: str,
        task_id: str,
        file: UploadedFile,
        request: ImportRequest,
    ) -> Work:
        """Stores the export and has it read; finds the task where an earlier attempt with this id has started it.

        The documents come before the command: a death in between leaves an unread upload, which a repetition with the
        same ids and the next `process` put on the log again. Raises TokstreamError(UNKNOWN_EXPORT) for an empty file.
        """
        await self._sessions.get(owner, session_id)
        stream = task_stream(task_id)
        known = await self._stores.documents.get(TASKS, task_id)
        if known is not None and known.document.status in ENDED:
            return Work(task=known.document, stream=stream, after=None)
        data = await file.read()
        if not data:
            raise TokstreamError(UNKNOWN_EXPORT, "The upload is empty.", field=file.field)
        blob_key = f"sessions/{session_id}/{screenshot_id}"
        await self._stores.blobs.put(blob_key, data)
        now = timestamp(self._stores.clock)
        task = await self._tasks.insert(
            Task(
                task_id=task_id,
                owner=owner,
                kind="import",
                created_at=now,
                updated_at=now,
                session_id=session_id,
                screenshot_ids=(screenshot_id,),
            )
        )
        if task.status in ENDED:
            if task.status == "failed":
                await self._stores.blobs.delete(blob_key)
            return Work(task=task, stream=stream, after=None)
        screenshot = await self._sessions.insert_upload(
            Screenshot(
                screenshot_id=screenshot_id,
                session_id=session_id,
                owner=owner,
                upload_order=0,
                uploaded_at=now,
                blob_key=blob_key,
                media_type="text/csv" if request.filename.lower().endswith(".csv") else "text/plain",
                image_width=0,
                image_height=0,
                sha256=file.sha256,
                export=ExportUpload(task_id=task_id, request=request),
            )
        )
        if await self._stores.journal.position(session_stream(session_id)) is None:
            # Every session's stream begins with its creation: this one is being deleted.
            await self._sessions.withdraw_upload(screenshot)
            await self._stores.documents.delete(TASKS, {"task_id": task_id})
            raise TokstreamError(SESSION_NOT_FOUND, "The session was deleted meanwhile")
        await publish_command(self._stores, reading_of(screenshot), owner)
        return Work(task=task, stream=stream, after=None)
