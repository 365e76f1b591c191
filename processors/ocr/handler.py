"""Reads uploaded screenshots: every bubble becomes an event of the session the moment it is read.

A rerun after a crash reads the same bubbles, whose events have the same ids, so nobody sees one twice.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import msgspec

from contracts.cloudevents import Envelope
from contracts.commands import Command, MatchProbe, ReadProbe, ReadScreenshot, ScreenshotSettled
from contracts.errors import IMAGE_UNREADABLE, Problem, TokstreamError
from contracts.events import BubbleRead, ScreenshotFailed, ScreenshotRead
from contracts.resources import Bubble, Extraction, Screenshot, Task
from contracts.streams import session_stream
from processors.ocr.worker import ReadJob
from processors.runtime.handler import Permanent, Transient
from processors.runtime.pool import WorkerDied, WorkerPool
from processors.runtime.tasks import fail_task
from storage.collections import EXTRACTIONS, SCREENSHOTS, TASKS
from storage.errors import NotFound
from storage.publishing import append_events, publish_command
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update

logger = logging.getLogger(__name__)

OcrPool = WorkerPool[ReadJob, Bubble | Extraction]


class OcrHandler:
    """The capability `ocr`."""

    name = "ocr"
    commands = (ReadScreenshot, ReadProbe)

    def __init__(self, stores: Stores, pool: OcrPool) -> None:
        self._stores = stores
        self._pool = pool

    async def handle(self, command: Command, envelope: Envelope) -> None:
        match command:
            case ReadScreenshot():
                await self._read_screenshot(command)
            case ReadProbe():
                await self._read_probe(command, envelope.owner or "")

    async def give_up(self, command: Command, problem: Problem) -> None:
        match command:
            case ReadScreenshot():
                await self._fail_screenshot(command, problem)
            case ReadProbe():
                await fail_task(self._stores, command.task_id, problem)
                await self._stores.blobs.delete(f"probes/{command.task_id}")

    async def _read_screenshot(self, command: ReadScreenshot) -> None:
        found = await self._stores.documents.get(SCREENSHOTS, command.screenshot_id)
        if found is None:
            return  # the session was deleted meanwhile
        screenshot = found.document
        if screenshot.status == "queued":
            extraction = await self._read_image(command, screenshot)
            await self._stores.documents.put(EXTRACTIONS, [extraction])
        elif screenshot.status == "read":
            known = await self._stores.documents.get(EXTRACTIONS, command.screenshot_id)
            if known is None:
                return
            extraction = known.document
        else:
            await self._settle(screenshot)
            return
        await update(
            self._stores.documents,
            SCREENSHOTS,
            screenshot.screenshot_id,
            lambda shot: msgspec.structs.replace(shot, status="read"),
        )
        done = ScreenshotRead(
            screenshot_id=screenshot.screenshot_id,
            bubbles=len(extraction.bubbles),
            seconds=extraction.seconds,
            engine=extraction.engine,
        )
        await append_events(
            self._stores, session_stream(command.session_id), [(f"{screenshot.screenshot_id}:read", done)]
        )
        await self._settle(screenshot)

    async def _read_image(self, command: ReadScreenshot, screenshot: Screenshot) -> Extraction:
        try:
            data = await self._stores.blobs.get(command.blob_key)
        except NotFound as error:
            raise Permanent.of(TokstreamError(IMAGE_UNREADABLE, "The image is gone from the store.")) from error
        stream = session_stream(command.session_id)
        job = ReadJob(screenshot.screenshot_id, screenshot.session_id, data)
        async for bubbles, extraction in self._results(job):
            if bubbles:
                await append_events(
                    self._stores,
                    stream,
                    [
                        (
                            f"{screenshot.screenshot_id}:bubble:{bubble.order}",
                            BubbleRead(screenshot_id=screenshot.screenshot_id, bubble=bubble),
                        )
                        for bubble in bubbles
                    ],
                )
            if extraction is not None:
                return extraction
        raise Transient("the reader ended without a result")

    async def _results(self, job: ReadJob) -> AsyncIterator[tuple[list[Bubble], Extraction | None]]:
        """What the pool answers, as batches: bubbles that come while earlier ones are being written go together."""
        queue: asyncio.Queue[Bubble | Extraction] = asyncio.Queue()

        async def collect() -> None:
            async with contextlib.aclosing(self._pool.stream(job)) as results:
                async for result in results:
                    queue.put_nowait(result)

        collector = asyncio.ensure_future(collect())
        try:
            while True:
                getter = asyncio.ensure_future(queue.get())
                await asyncio.wait((getter, collector), return_when=asyncio.FIRST_COMPLETED)
                if not getter.done():
                    getter.cancel()
                    if queue.empty():
                        await collector  # raises why it ended, if for a reason
                        return
                    first = queue.get_nowait()
                else:
                    first = getter.result()
                batch = [first]
                while not queue.empty():
                    batch.append(queue.get_nowait())
                extraction = next((item for item in batch if isinstance(item, Extraction)), None)
                yield [item for item in batch if isinstance(item, Bubble)], extraction
        except WorkerDied as error:
            raise Transient(str(error)) from error
        finally:
            collector.cancel()
            await asyncio.wait((collector,))

    async def _fail_screenshot(self, command: ReadScreenshot, problem: Problem) -> None:
        screenshot = await update(
            self._stores.documents,
            SCREENSHOTS,
            command.screenshot_id,
            lambda shot: msgspec.structs.replace(shot, status="failed", problem=problem.detail),
        )
        if screenshot is None:
            return
        failed = ScreenshotFailed(screenshot_id=command.screenshot_id, problem=problem)
        stream = session_stream(command.session_id)
        await append_events(self._stores, stream, [(f"{command.screenshot_id}:failed", failed)])
        await self._settle(screenshot)

    async def _settle(self, screenshot: Screenshot) -> None:
        settled = ScreenshotSettled(session_id=screenshot.session_id, screenshot_id=screenshot.screenshot_id)
        await publish_command(self._stores, settled, screenshot.owner)

    async def _read_probe(self, command: ReadProbe, owner: str) -> None:
        task = await update(self._stores.documents, TASKS, command.task_id, self._started)
        if task is None or task.status in ("done", "failed"):
            return
        for number, blob_key in enumerate(command.blob_keys):
            try:
                data = await self._stores.blobs.get(blob_key)
            except NotFound as error:
                raise Permanent.of(TokstreamError(IMAGE_UNREADABLE, "The image is gone from the store.")) from error
            job = ReadJob(f"{command.task_id}/{number}", command.session_id, data)
            async for _, extraction in self._results(job):
                if extraction is not None:
                    await self._stores.documents.put(EXTRACTIONS, [extraction])
        follow_up = MatchProbe(
            task_id=command.task_id,
            session_id=command.session_id,
            mode=command.mode,
            extractions=len(command.blob_keys),
        )
        await publish_command(self._stores, follow_up, owner)

    def _started(self, task: Task) -> Task | None:
        if task.status != "queued":
            return None
        return msgspec.structs.replace(task, status="processing", updated_at=timestamp(self._stores.clock))
