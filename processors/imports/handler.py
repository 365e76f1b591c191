"""Imports chat exports: what was uploaded beside screenshots becomes an extraction, as a screenshot does.

An export is taken as a whole or not at all: where it is refused, nothing of it stays, and the client hears of it last.
"""

import asyncio
import time
from datetime import date

import msgspec

from contracts.base import decode, encode
from contracts.cloudevents import Envelope
from contracts.commands import Command, ReadExport, ScreenshotSettled
from contracts.errors import EXPORT_TOO_LONG, UNKNOWN_EXPORT, Problem, TokstreamError
from contracts.events import ScreenshotAccepted, ScreenshotRead
from contracts.imports import ImportResult
from contracts.resources import ENDED, Extraction, Screenshot, ScreenshotUploaded, Task
from contracts.streams import session_stream
from processors.imports.extraction import extraction_of
from processors.imports.parse import Export, parse_export
from processors.runtime.handler import Permanent
from processors.runtime.tasks import complete_task, fail_task, tell_end
from storage.collections import EXTRACTIONS, SCREENSHOTS, TASKS
from storage.errors import NotFound
from storage.publishing import append_events, publish_command
from storage.stores import Stores
from storage.updates import update

MOST_BYTES = 14 * 1024 * 1024
"""Of the extraction as stored. MongoDB takes documents of 16 MiB."""


class ImportsHandler:
    """The capability `imports`."""

    name = "imports"
    commands = (ReadExport,)

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    async def handle(self, command: Command, envelope: Envelope) -> None:
        if not isinstance(command, ReadExport):
            raise TypeError(f"imports was given {type(command).__name__}")
        task = await self._stores.documents.get(TASKS, command.task_id)
        if task is not None and _refused(task.document):
            # Cut off, perhaps, while it was being taken away.
            raise Permanent(decode(bytes(task.document.problem), Problem))
        found = await self._stores.documents.get(SCREENSHOTS, command.screenshot_id)
        if found is None:
            await self._take_away(command)  # the session was deleted meanwhile
            return
        screenshot = found.document
        export, extraction = await self._read(command)
        if screenshot.status == "queued":
            await self._stores.documents.put(EXTRACTIONS, [extraction])
            await update(self._stores.documents, SCREENSHOTS, command.screenshot_id, _read_now)
        if not await self._tell(screenshot, extraction):
            # Deleting a session closes its stream first, so nothing that is written from here on is left behind.
            await self._take_away(command)
            return
        await complete_task(self._stores, command.task_id, _result(export, screenshot))
        await self._settled(command, screenshot.owner)

    async def give_up(self, command: Command, problem: Problem) -> None:
        if not isinstance(command, ReadExport):
            return

        def refused(task: Task) -> Task | None:
            if task.status in ENDED or _refused(task):
                return None
            return msgspec.structs.replace(task, problem=msgspec.Raw(encode(problem)))

        # The reason is kept first: after a crash what was refused must not look like a session that was deleted.
        task = await update(self._stores.documents, TASKS, command.task_id, refused)
        if task is not None and task.status == "done":
            await tell_end(self._stores, task)
        else:
            await self._take_away(command)
            if task is not None:
                await fail_task(self._stores, command.task_id, decode(bytes(task.problem), Problem))
        if task is not None:
            await self._settled(command, task.owner)

    async def _read(self, command: ReadExport) -> tuple[Export, Extraction]:
        try:
            data = await self._stores.blobs.get(command.blob_key)
        except NotFound as error:
            raise Permanent.of(TokstreamError(UNKNOWN_EXPORT, "The export is gone from the store.")) from error
        return await asyncio.to_thread(_parsed, data, command)

    async def _tell(self, screenshot: Screenshot, extraction: Extraction) -> bool:
        """Tells the session; False where it is deleted. Only now: an export that is refused was never there."""
        name = screenshot.screenshot_id
        accepted = ScreenshotAccepted(
            screenshot=ScreenshotUploaded(
                screenshot_id=name,
                session_id=screenshot.session_id,
                upload_order=screenshot.upload_order,
                processed=True,
                message=f"Chat export imported successfully (order: {screenshot.upload_order})",
            )
        )
        read = ScreenshotRead(
            screenshot_id=name,
            bubbles=len(extraction.bubbles),
            seconds=extraction.seconds,
            engine=extraction.engine,
        )
        events = [(f"{name}:accepted", accepted), (f"{name}:end", read)]
        return bool(await append_events(self._stores, session_stream(screenshot.session_id), events))

    async def _settled(self, command: ReadExport, owner: str) -> None:
        settled = ScreenshotSettled(session_id=command.session_id, screenshot_id=command.screenshot_id)
        await publish_command(self._stores, settled, owner)

    async def _take_away(self, command: ReadExport) -> None:
        documents = self._stores.documents
        await documents.delete(EXTRACTIONS, {"screenshot_id": command.screenshot_id})
        await documents.delete(SCREENSHOTS, {"screenshot_id": command.screenshot_id})
        await self._stores.blobs.delete(command.blob_key)


def _refused(task: Task) -> bool:
    return bytes(task.problem) != b"null"


def _read_now(screenshot: Screenshot) -> Screenshot | None:
    return msgspec.structs.replace(screenshot, status="read") if screenshot.status == "queued" else None


def _parsed(data: bytes, command: ReadExport) -> tuple[Export, Extraction]:
    """Raises TokstreamError as `parse_export` does, and EXPORT_TOO_LONG where the texts are too large together."""
    started = time.perf_counter()
    request = command.request
    export = parse_export(
        data,
        request.me,
        filename=request.filename,
        since=None if request.since is None else date.fromisoformat(request.since),
        until=None if request.until is None else date.fromisoformat(request.until),
    )
    seconds = round(time.perf_counter() - started, 4)
    extraction = extraction_of(export, command.screenshot_id, command.session_id, seconds)
    if len(encode(extraction)) > MOST_BYTES:
        detail = (
            f"The {len(export.messages)} messages of the export are more than {MOST_BYTES >> 20} MiB. Choose fewer "
            "days with `since` and `until`."
        )
        raise TokstreamError(EXPORT_TOO_LONG, detail, field="since")
    return export, extraction


def _result(export: Export, screenshot: Screenshot) -> ImportResult:
    times = [message.sent_at for message in export.messages if message.sent_at is not None]
    return ImportResult(
        session_id=screenshot.session_id,
        screenshot_id=screenshot.screenshot_id,
        upload_order=screenshot.upload_order,
        format=export.format,
        messages=len(export.messages),
        participants=export.participants,
        me=export.me,
        first_sent_at=times[0] if times else None,
        last_sent_at=times[-1] if times else None,
        broken_lines=export.broken_lines,
        broken_total=export.broken_total,
    )
