"""Reads uploaded screenshots: every bubble becomes an event of the session the moment it is read.

A rerun after a crash reads the same bubbles, whose events have the same ids, so nobody sees one twice.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable

import msgspec

from contracts.cloudevents import Envelope
from contracts.commands import Command, MatchProbe, ReadProbe, ReadScreenshot, ScreenshotSettled
from contracts.errors import IMAGE_UNREADABLE, REGISTRY, Problem, TokstreamError
from contracts.events import BubbleRead, Event, ScreenshotFailed, ScreenshotRead
from contracts.resources import ENDED, Bubble, Extraction, Screenshot, Task
from contracts.streams import session_stream
from processors.ocr.worker import ReadJob
from processors.runtime.handler import Permanent, Transient
from processors.runtime.pool import WorkerDied, WorkerPool
from processors.runtime.tasks import fail_task, tell_end
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
                await self._drop_probe(command)

    async def _read_screenshot(self, command: ReadScreenshot) -> None:
        found = await self._stores.documents.get(SCREENSHOTS, command.screenshot_id)
        if found is None:
            return  # the session was deleted meanwhile
        if found.document.status == "queued":
            extraction = await self._read_image(command, found.document)
            await self._stores.documents.put(EXTRACTIONS, [extraction])
        await self._end(command, lambda shot: msgspec.structs.replace(shot, status="read"))

    async def _end(self, command: ReadScreenshot, ending: Callable[[Screenshot], Screenshot]) -> None:
        """Ends the reading, and tells how it ended. Where several try (after a crash, or while a rebalance goes on) the
        first decides, and all tell the same, from the document alone."""

        def ended(shot: Screenshot) -> Screenshot | None:
            return ending(shot) if shot.status == "queued" else None

        screenshot = await update(self._stores.documents, SCREENSHOTS, command.screenshot_id, ended)
        event = None if screenshot is None else await self._ending(screenshot)
        told = event is not None and await append_events(
            self._stores, session_stream(command.session_id), [(f"{command.screenshot_id}:end", event)]
        )
        if screenshot is None or not told:
            # Deleting a session closes its stream first, so nothing that is written from here on is left behind.
            await self._stores.documents.delete(EXTRACTIONS, {"screenshot_id": command.screenshot_id})
            return
        settled = ScreenshotSettled(session_id=screenshot.session_id, screenshot_id=screenshot.screenshot_id)
        await publish_command(self._stores, settled, screenshot.owner)

    async def _ending(self, screenshot: Screenshot) -> Event | None:
        """The event that tells the outcome; None where what was read is gone, as it is in a session being deleted."""
        if screenshot.status == "failed":
            kind = REGISTRY.get(screenshot.problem_code or "", IMAGE_UNREADABLE)
            problem = TokstreamError(kind, screenshot.problem or kind.title).problem()
            return ScreenshotFailed(screenshot_id=screenshot.screenshot_id, problem=problem)
        known = await self._stores.documents.get(EXTRACTIONS, screenshot.screenshot_id)
        if known is None:
            return None
        extraction = known.document
        return ScreenshotRead(
            screenshot_id=screenshot.screenshot_id,
            bubbles=len(extraction.bubbles),
            seconds=extraction.seconds,
            engine=extraction.engine,
        )

    async def _read_image(self, command: ReadScreenshot, screenshot: Screenshot) -> Extraction:
        try:
            data = await self._stores.blobs.get(command.blob_key)
        except NotFound as error:
            raise Permanent.of(TokstreamError(IMAGE_UNREADABLE, "The image is gone from the store.")) from error
        stream = session_stream(command.session_id)
        job = ReadJob(screenshot.screenshot_id, screenshot.session_id, data)
        found: Extraction | None = None
        async with contextlib.aclosing(self._results(job)) as results:
            async for bubbles, extraction in results:
                events = [
                    (
                        f"{screenshot.screenshot_id}:bubble:{bubble.order}",
                        BubbleRead(screenshot_id=screenshot.screenshot_id, bubble=bubble),
                    )
                    for bubble in bubbles
                ]
                if events:
                    await append_events(self._stores, stream, events)
                found = extraction or found
        if found is None:
            raise Transient("the reader ended without a result")
        return found

    async def _results(self, job: ReadJob) -> AsyncGenerator[tuple[list[Bubble], Extraction | None], None]:
        """What the pool answers, as batches: bubbles that come while earlier ones are being written go together.

        To be read to its end, inside `contextlib.aclosing`: a worker that is left before it has said that it is done
        is killed, and its successor loads its models anew.
        """
        queue: asyncio.Queue[Bubble | Extraction | None] = asyncio.Queue()

        async def collect() -> None:
            try:
                async with contextlib.aclosing(self._pool.stream(job)) as results:
                    async for result in results:
                        queue.put_nowait(result)
            finally:
                queue.put_nowait(None)

        collector = asyncio.ensure_future(collect())
        try:
            ended = False
            while not ended:
                batch = [await queue.get()]
                while not queue.empty():
                    batch.append(queue.get_nowait())
                ended = None in batch
                extraction = next((item for item in batch if isinstance(item, Extraction)), None)
                yield [item for item in batch if isinstance(item, Bubble)], extraction
            await collector  # raises why it ended, if for a reason
        except WorkerDied as error:
            raise Transient(str(error)) from error
        finally:
            collector.cancel()
            await asyncio.wait((collector,))
            if not collector.cancelled():
                collector.exception()  # where nobody waited for it any more, it is not news

    async def _fail_screenshot(self, command: ReadScreenshot, problem: Problem) -> None:
        await self._end(
            command,
            lambda shot: msgspec.structs.replace(
                shot, status="failed", problem=problem.detail, problem_code=problem.code
            ),
        )

    async def _read_probe(self, command: ReadProbe, owner: str) -> None:
        task = await update(self._stores.documents, TASKS, command.task_id, self._started)
        if task is None:
            await self._drop_probe(command)  # deleted with its session
            return
        if task.status in ENDED:
            await tell_end(self._stores, task)
            return
        for number, blob_key in enumerate(command.blob_keys):
            try:
                data = await self._stores.blobs.get(blob_key)
            except NotFound as error:
                raise Permanent.of(TokstreamError(IMAGE_UNREADABLE, "The image is gone from the store.")) from error
            job = ReadJob(f"{command.task_id}/{number}", command.session_id, data)
            async with contextlib.aclosing(self._results(job)) as results:
                async for _, extraction in results:
                    if extraction is not None:
                        await self._stores.documents.put(EXTRACTIONS, [extraction])
        if await self._stores.documents.get(TASKS, command.task_id) is None:
            await self._drop_probe(command)
            return
        follow_up = MatchProbe(
            task_id=command.task_id,
            session_id=command.session_id,
            mode=command.mode,
            extractions=len(command.blob_keys),
        )
        await publish_command(self._stores, follow_up, owner)

    async def _drop_probe(self, command: ReadProbe) -> None:
        for number in range(len(command.blob_keys)):
            await self._stores.documents.delete(EXTRACTIONS, {"screenshot_id": f"{command.task_id}/{number}"})
        await self._stores.blobs.delete(f"probes/{command.task_id}")

    def _started(self, task: Task) -> Task | None:
        if task.status != "queued":
            return None
        return msgspec.structs.replace(task, status="processing", updated_at=timestamp(self._stores.clock))
