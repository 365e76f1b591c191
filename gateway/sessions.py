"""Sessions and their screenshots: made, read, added to and deleted. What the routes, whatever their shape, rest on."""

import re

import msgspec

from contracts.commands import reading_of
from contracts.errors import (
    INVALID_CURSOR,
    SCREENSHOT_NOT_FOUND,
    SESSION_NOT_FOUND,
    SESSION_NOT_PROCESSED,
    TokstreamError,
)
from contracts.events import ScreenshotAccepted, SessionOpened
from contracts.resources import (
    MessageList,
    Screenshot,
    ScreenshotUploaded,
    ScreenshotView,
    Session,
    SessionCreated,
    SessionPage,
    SessionStatus,
    SessionView,
)
from contracts.streams import Cursor, session_stream, task_stream
from gateway.deletion import close_stream
from gateway.forms import UploadedFile
from gateway.images import ImageIntake
from storage.collections import EXTRACTIONS, IDEMPOTENCY, MESSAGES, SCREENSHOTS, SESSIONS, TASKS
from storage.documents.port import Page, Versioned
from storage.errors import DuplicateKey, Unavailable
from storage.listing import session_messages, session_screenshots
from storage.publishing import append_events, publish_command
from storage.sources import timestamp
from storage.stores import Stores

_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")
ORDER_ATTEMPTS = 200
"""Uploads to one session race for the next order; each attempt that loses means that another upload has won."""
REREAD_ATTEMPTS = 5


def well_formed(identifier: str) -> bool:
    """Whether it can be an id of ours at all."""
    return _ID.fullmatch(identifier) is not None


class Sessions:
    """All methods raise Unavailable where a store is away, and TokstreamError(SESSION_NOT_FOUND) for a session that is
    unknown, malformed or somebody else's: the three are not told apart."""

    def __init__(self, stores: Stores, intake: ImageIntake) -> None:
        self._stores = stores
        self._intake = intake

    async def create(self, owner: str, session_id: str) -> SessionCreated:
        """Makes the session, or finds it where an earlier attempt with this id has made it."""
        now = timestamp(self._stores.clock)
        session = Session(session_id=session_id, owner=owner, created_at=now, updated_at=now)
        try:
            await self._stores.documents.insert(SESSIONS, [session])
        except DuplicateKey:
            session = (await self.get(owner, session_id)).document
        created = SessionCreated(session_id=session_id, created_at=session.created_at, status=session.status)
        event = SessionOpened(session=created)
        await append_events(self._stores, session_stream(session_id), [(f"{session_id}:created", event)])
        return created

    async def get(self, owner: str, session_id: str) -> Versioned[Session]:
        """The session document and its version."""
        found = await self._stores.documents.get(SESSIONS, session_id) if well_formed(session_id) else None
        if found is None or found.document.owner != owner:
            raise TokstreamError(SESSION_NOT_FOUND, "Session not found")
        return found

    async def position(self, session_id: str) -> Cursor:
        """Where the session's stream is now. Raises TokstreamError(SESSION_NOT_FOUND) for a session that is being
        deleted: every other one's stream begins with its creation."""
        position = await self._stores.journal.position(session_stream(session_id))
        if position is None:
            raise TokstreamError(SESSION_NOT_FOUND, "Session not found")
        return position

    async def upload(self, owner: str, session_id: str, screenshot_id: str, file: UploadedFile) -> ScreenshotUploaded:
        """Stores a screenshot and has it read. When this returns, neither the image nor the reading can be lost.

        The document comes before the command: a death in between leaves a queued screenshot, which a repetition with
        the same id and the next `process` put on the log again. Raises TokstreamError for an image that is refused;
        then nothing is stored.
        """
        await self.get(owner, session_id)
        blob_key = f"sessions/{session_id}/{screenshot_id}"
        info = await self._intake.store(file, blob_key)
        screenshot = await self.insert_upload(
            Screenshot(
                screenshot_id=screenshot_id,
                session_id=session_id,
                owner=owner,
                upload_order=0,
                uploaded_at=timestamp(self._stores.clock),
                blob_key=blob_key,
                media_type=info.media_type,
                image_width=info.width,
                image_height=info.height,
                sha256=file.sha256,
            )
        )
        uploaded = ScreenshotUploaded(
            screenshot_id=screenshot_id,
            session_id=session_id,
            upload_order=screenshot.upload_order,
            processed=False,
            message=f"Screenshot uploaded successfully (order: {screenshot.upload_order})",
        )
        event = (f"{screenshot_id}:accepted", ScreenshotAccepted(screenshot=uploaded))
        if not await append_events(self._stores, session_stream(session_id), [event]):
            await self.withdraw_upload(screenshot)
            raise TokstreamError(SESSION_NOT_FOUND, "The session was deleted meanwhile")
        await publish_command(self._stores, reading_of(screenshot), owner)
        return uploaded

    async def insert_upload(self, screenshot: Screenshot) -> Screenshot:
        """Inserts it with the next free order; the one that is there where an earlier attempt has inserted it."""
        documents = self._stores.documents
        for _ in range(ORDER_ATTEMPTS):
            last = await documents.find(
                SCREENSHOTS,
                {"session_id": screenshot.session_id},
                order_by="upload_order",
                descending=True,
                limit=1,
            )
            order = last.documents[0].upload_order + 1 if last.documents else 1
            numbered = msgspec.structs.replace(screenshot, upload_order=order)
            try:
                await documents.insert(SCREENSHOTS, [numbered])
                return numbered
            except DuplicateKey:
                found = await documents.get(SCREENSHOTS, screenshot.screenshot_id)
                if found is not None:
                    return found.document
        raise Unavailable(f"session {screenshot.session_id} receives too many uploads at once")

    async def withdraw_upload(self, screenshot: Screenshot) -> None:
        """Takes an upload away whose session was deleted while it was being stored."""
        await self._stores.documents.delete(SCREENSHOTS, {"screenshot_id": screenshot.screenshot_id})
        await self._stores.blobs.delete(screenshot.blob_key)

    async def page(self, owner: str, after: str | None, limit: int) -> SessionPage:
        """The owner's sessions, the newest first. Raises TokstreamError(INVALID_CURSOR)."""
        try:
            found: Page[Session] = await self._stores.documents.find(
                SESSIONS, {"owner": owner}, order_by="created_at", descending=True, after=after, limit=limit
            )
        except ValueError as error:
            raise TokstreamError(INVALID_CURSOR, "`after` is not a cursor of this list.", field="after") from error
        views = []
        for session in found.documents:
            count = await self._stores.documents.count(SCREENSHOTS, {"session_id": session.session_id})
            views.append(_session_view(session, await self._status(session), count, ()))
        return SessionPage(sessions=tuple(views), next=found.next)

    async def view(self, owner: str, session_id: str) -> SessionView:
        """The session with its screenshots, in the order of their upload."""
        session = (await self.get(owner, session_id)).document
        views = tuple(_screenshot_view(screenshot) for screenshot in await self.screenshots(session_id))
        return _session_view(session, await self._status(session), len(views), views)

    async def _status(self, session: Session) -> SessionStatus:
        """What the latest run says, and between runs what the session does."""
        latest = None if session.task_id is None else await self._stores.documents.get(TASKS, session.task_id)
        if latest is None or latest.document.status == "done":
            return session.status
        return "failed" if latest.document.status == "failed" else "processing"

    async def screenshots(self, session_id: str) -> tuple[Screenshot, ...]:
        """All of the session, in the order of their upload."""
        return await session_screenshots(self._stores.documents, session_id)

    async def screenshot(self, owner: str, session_id: str, screenshot_id: str) -> Screenshot:
        """Raises TokstreamError(SCREENSHOT_NOT_FOUND) where the session has none of this id."""
        await self.get(owner, session_id)
        found = await self._stores.documents.get(SCREENSHOTS, screenshot_id) if well_formed(screenshot_id) else None
        if found is None or found.document.session_id != session_id:
            raise TokstreamError(SCREENSHOT_NOT_FOUND, "Screenshot not found")
        return found.document

    async def processed(self, owner: str, session_id: str) -> Session:
        """The session, if `process` has completed at least once. Raises TokstreamError(SESSION_NOT_PROCESSED)."""
        session = (await self.get(owner, session_id)).document
        if not session.processed:
            detail = "Session has not been processed: POST /sessions/{session_id}/process first."
            raise TokstreamError(SESSION_NOT_PROCESSED, detail)
        return session

    async def messages(self, owner: str, session_id: str) -> MessageList:
        """The merged conversation of the last completed run. Raises TokstreamError(SESSION_NOT_PROCESSED)."""
        for _ in range(REREAD_ATTEMPTS):
            session = await self.processed(owner, session_id)
            messages = await session_messages(self._stores.documents, session_id, session.revision)
            if len(messages) == session.total_messages:
                break
            # A run that completed in between has put its own messages in the place of these.
        else:
            raise Unavailable(f"the messages of session {session_id} are being replaced")
        return MessageList(
            session_id=session.session_id,
            total_messages=len(messages),
            total_screenshots=session.total_screenshots,
            messages=messages,
        )

    async def delete(self, owner: str, session_id: str) -> None:
        """Deletes the session and everything it holds: events, images, readings, messages, tasks, stored answers.

        The stream goes first, so that late work finds it closed, and the session document last, so that a deletion that
        was interrupted can be repeated.
        """
        await self.get(owner, session_id)
        stores = self._stores
        await close_stream(stores, session_stream(session_id))
        page = await stores.documents.find(TASKS, {"session_id": session_id}, limit=1000)
        while page.documents:
            for task in page.documents:
                await close_stream(stores, task_stream(task.task_id))
                await stores.blobs.delete(f"probes/{task.task_id}")
                await stores.documents.delete(TASKS, {"task_id": task.task_id})
            page = await stores.documents.find(TASKS, {"session_id": session_id}, limit=1000)
        await stores.blobs.delete(f"sessions/{session_id}")
        await stores.documents.delete(EXTRACTIONS, {"session_id": session_id})
        await stores.documents.delete(MESSAGES, {"session_id": session_id})
        await stores.documents.delete(SCREENSHOTS, {"session_id": session_id})
        await stores.documents.delete(IDEMPOTENCY, {"session_id": session_id})
        await stores.documents.delete(SESSIONS, {"session_id": session_id})


def _session_view(
    session: Session, status: SessionStatus, screenshots: int, views: tuple[ScreenshotView, ...]
) -> SessionView:
    return SessionView(
        session_id=session.session_id,
        created_at=session.created_at,
        updated_at=session.updated_at,
        status=status,
        total_screenshots=screenshots,
        total_messages=session.total_messages,
        relationship=session.relationship,
        relationship_info=session.relationship_info,
        merge_info=session.merge_info,
        stream=session_stream(session.session_id),
        screenshots=views,
    )


def _screenshot_view(screenshot: Screenshot) -> ScreenshotView:
    return ScreenshotView(
        screenshot_id=screenshot.screenshot_id,
        upload_order=screenshot.upload_order,
        uploaded_at=screenshot.uploaded_at,
        media_type=screenshot.media_type,
        image_width=screenshot.image_width,
        image_height=screenshot.image_height,
        processed=screenshot.status == "read",
        status=screenshot.status,
        problem=screenshot.problem,
    )
