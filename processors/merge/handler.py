"""Merges the screenshots of a session when all of them are read, and finds probes in merged sessions.

`process` may come while screenshots are still being read. Nothing waits for them: the command notes which screenshots
it covers, and every screenshot that settles asks here whether the work can go on. Both kinds of command have the
session as their key, so they never run at the same time for one session.
"""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

import msgspec

from contracts.cloudevents import Envelope
from contracts.commands import (
    AnalyzeSession,
    Command,
    MatchProbe,
    ProcessSession,
    ScreenshotSettled,
    reading_of,
)
from contracts.errors import IMAGE_UNREADABLE, SESSION_EMPTY, Problem, TokstreamError
from contracts.events import SessionMerged, SessionProcessing
from contracts.resources import (
    ENDED,
    Extraction,
    Message,
    Screenshot,
    SearchResult,
    Task,
    TaskStatus,
    ViewResult,
)
from contracts.streams import session_stream
from processors.merge.images import RowSignature, row_signature
from processors.merge.matching import match
from processors.merge.merge import Merged, Shot, merge
from processors.runtime.handler import Permanent, Transient
from processors.runtime.leftovers import nothing_left_behind
from processors.runtime.tasks import complete_task, fail_task, tell_end
from storage.collections import EXTRACTIONS, MESSAGES, SESSIONS, TASKS
from storage.errors import NotFound
from storage.images import ImageLimits
from storage.listing import session_messages, session_screenshots, store_messages
from storage.pixels import decode
from storage.publishing import append_events, publish_command
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update

logger = logging.getLogger(__name__)

MATCH_PERCENT = 85.0
"""Similarity from which a message counts as found (specification, `view`)."""
DECODED_AT_ONCE = 2
"""Images held decoded at a time, of all sessions together: a large one takes hundreds of megabytes."""


class MergeHandler:
    """The capability `merge`."""

    name = "merge"
    commands = (ProcessSession, ScreenshotSettled, MatchProbe)

    def __init__(self, stores: Stores, limits: ImageLimits | None = None) -> None:
        """`limits` are those under which uploads were accepted."""
        self._stores = stores
        self._limits = limits
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)

    async def handle(self, command: Command, envelope: Envelope) -> None:
        match command:
            case ProcessSession():
                async with self._nothing_left_behind(command.session_id):
                    await self._process(command)
            case ScreenshotSettled():
                async with self._nothing_left_behind(command.session_id):
                    await self._settled(command)
            case MatchProbe():
                await self._match(command)

    async def give_up(self, command: Command, problem: Problem) -> None:
        match command:
            case ProcessSession() | MatchProbe():
                await fail_task(self._stores, command.task_id, problem)
            case ScreenshotSettled():
                for task in await self._tasks(command.session_id, "processing"):
                    if command.screenshot_id in task.screenshot_ids:
                        await fail_task(self._stores, task.task_id, problem)

    # ── process ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _process(self, command: ProcessSession) -> None:
        screenshots = await session_screenshots(self._stores.documents, command.session_id)

        def taken_up(task: Task) -> Task | None:
            if task.status != "queued":
                return None
            return msgspec.structs.replace(
                task,
                status="processing",
                screenshot_ids=tuple(shot.screenshot_id for shot in screenshots),
                updated_at=timestamp(self._stores.clock),
            )

        task = await update(self._stores.documents, TASKS, command.task_id, taken_up)
        if task is None:
            return
        if task.status != "processing":
            await tell_end(self._stores, task)
            return
        covered = [shot for shot in screenshots if shot.screenshot_id in task.screenshot_ids]
        waiting = sum(shot.status == "queued" for shot in covered)
        started = SessionProcessing(task_id=task.task_id, waiting_for=waiting)
        await append_events(self._stores, session_stream(command.session_id), [(f"{task.task_id}:processing", started)])
        for shot in covered:
            # A gateway that died between storing a screenshot and asking for it to be read must not leave the session
            # waiting for ever. Asking twice is harmless: commands of one screenshot run in order, the second finds
            # it read.
            if shot.status == "queued":
                await publish_command(self._stores, reading_of(shot), shot.owner)
        await self._go_on(task, covered)

    async def _settled(self, command: ScreenshotSettled) -> None:
        for task in await self._tasks(command.session_id, "failed"):
            if command.screenshot_id in task.screenshot_ids:
                await tell_end(self._stores, task)
        for task in await self._tasks(command.session_id, "processing"):
            if command.screenshot_id in task.screenshot_ids:
                screenshots = await session_screenshots(self._stores.documents, command.session_id)
                await self._go_on(task, [shot for shot in screenshots if shot.screenshot_id in task.screenshot_ids])

    async def _go_on(self, task: Task, covered: list[Screenshot]) -> None:
        """Merges once everything is read. Several commands come here for one task, and after a crash they come again:
        what is merged is not merged anew under the analysis that reads it, only handed on again."""
        if any(shot.status == "queued" for shot in covered):
            return
        if task.merge_info is None:
            task = await self._merge(task, covered)
        await self._hand_on(task)

    async def _merge(self, task: Task, screenshots: list[Screenshot]) -> Task:
        if task.session_id is None:
            raise ValueError(f"task {task.task_id} names no session")
        session = await self._stores.documents.get(SESSIONS, task.session_id)
        if session is None:
            return task  # deleted meanwhile, and its stream with it
        readable = [shot for shot in screenshots if shot.status == "read"]
        if not readable:
            detail = "None of the screenshots could be read." if screenshots else "The session has no screenshots."
            raise Permanent.of(TokstreamError(IMAGE_UNREADABLE if screenshots else SESSION_EMPTY, detail))
        shots = [await self._shot(screenshot) for screenshot in readable]
        revision = session.document.revision + 1
        merged: Merged = await asyncio.to_thread(merge, shots, session_id=task.session_id, revision=revision)
        failed = tuple(shot.screenshot_id for shot in screenshots if shot.status == "failed")
        info = msgspec.structs.replace(merged.info, failed=failed)
        await self._store_messages(session.document.owner, task.session_id, revision, merged.messages)

        def merged_now(found: Task) -> Task | None:
            # Where another has merged meanwhile (a rebalance may leave two at it) the first one's word counts.
            if found.status != "processing" or found.merge_info is not None:
                return None
            return msgspec.structs.replace(found, merge_info=info, revision=revision)

        return await update(self._stores.documents, TASKS, task.task_id, merged_now) or task

    def _nothing_left_behind(self, session_id: str) -> AbstractAsyncContextManager[None]:
        return nothing_left_behind(self._stores, session_id)

    async def _hand_on(self, task: Task) -> None:
        """Tells of the merge and asks for the analysis."""
        if task.merge_info is None or task.session_id is None or task.status != "processing":
            return
        event = SessionMerged(
            task_id=task.task_id, total_messages=task.merge_info.total_merged, merge_info=task.merge_info
        )
        if not await append_events(self._stores, session_stream(task.session_id), [(f"{task.task_id}:merged", event)]):
            return
        follow_up = AnalyzeSession(session_id=task.session_id, task_id=task.task_id, revision=task.revision)
        await publish_command(self._stores, follow_up, task.owner)

    async def _store_messages(self, owner: str, session_id: str, revision: int, messages: tuple[Message, ...]) -> None:
        # A run that was cut off may have left messages of this revision behind.
        await self._stores.documents.delete(MESSAGES, {"session_id": session_id, "revision": revision})
        await store_messages(self._stores.documents, owner, session_id, revision, messages)

    async def _shot(self, screenshot: Screenshot) -> Shot:
        extraction = await self._extraction(screenshot.screenshot_id)
        signature = None if extraction.exported else await self._signature(screenshot)
        return Shot(extraction=extraction, signature=signature)

    async def _signature(self, screenshot: Screenshot) -> RowSignature | None:
        """The row signature of the image, kept beside it because sessions are processed again as they grow."""
        key = f"{screenshot.blob_key}.rows"
        try:
            return RowSignature.from_bytes(await self._stores.blobs.get(key))
        except (NotFound, ValueError):
            pass  # not made yet, or by another version
        try:
            data = await self._stores.blobs.get(screenshot.blob_key)
        except NotFound:
            return None
        async with self._decoding:
            signature = await asyncio.to_thread(lambda: row_signature(decode(data, self._limits)))
        await self._stores.blobs.put(key, signature.to_bytes())
        return signature

    async def _extraction(self, key: str) -> Extraction:
        found = await self._stores.documents.get(EXTRACTIONS, key)
        if found is None:
            raise Transient(f"extraction {key} is not there")
        return found.document

    async def _tasks(self, session_id: str, status: TaskStatus) -> list[Task]:
        """The runs of `process` in this state."""
        page = await self._stores.documents.find(TASKS, {"session_id": session_id, "status": status})
        return [task for task in page.documents if task.kind == "process"]

    # ── search and view ────────────────────────────────────────────────────────────────────────────────────────────

    async def _match(self, command: MatchProbe) -> None:
        task = await self._stores.documents.get(TASKS, command.task_id)
        session = await self._stores.documents.get(SESSIONS, command.session_id)
        # Without them there is nobody to tell; what has ended was cleared away, wholly or not.
        if task is not None and session is not None and task.document.status not in ENDED:
            probes = [await self._extraction(f"{command.task_id}/{n}") for n in range(command.extractions)]
            revision = session.document.revision
            stored = await session_messages(self._stores.documents, command.session_id, revision)
            found = await asyncio.to_thread(match, probes, stored, MATCH_PERCENT)
            await complete_task(self._stores, command.task_id, _match_result(command, probes, found))
        elif task is not None and task.document.status in ENDED:
            await tell_end(self._stores, task.document)
        for number in range(command.extractions):
            await self._stores.documents.delete(EXTRACTIONS, {"screenshot_id": f"{command.task_id}/{number}"})
        await self._stores.blobs.delete(f"probes/{command.task_id}")


def _match_result(
    command: MatchProbe, probes: list[Extraction], found: tuple[Message, ...]
) -> SearchResult | ViewResult:
    if command.mode == "search":
        text = f"Found {len(found)} matching messages" if found else "No matching messages found"
        return SearchResult(matched=bool(found), message=text, results=found)
    return ViewResult(
        session_id=command.session_id,
        matched=bool(found),
        total_matched=len(found),
        total_ocr_extracted=sum(len(probe.bubbles) for probe in probes),
        messages=found,
    )
