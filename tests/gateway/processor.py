"""A processor small enough to see through: it answers the gateway's commands over the real log, and says what it is
told."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from contracts.base import decode
from contracts.cloudevents import Envelope, from_headers
from contracts.commands import (
    BY_TYPE,
    Command,
    ProcessSession,
    ReadExport,
    ReadProbe,
    ReadScreenshot,
    ReanalyzeSession,
    SpeakTurn,
    SuggestReplies,
)
from contracts.errors import Problem, TokstreamError
from contracts.events import BubbleRead
from contracts.resources import (
    Bubble,
    Extraction,
    MergeInfo,
    MergeStep,
    Message,
    Position,
    ProcessResult,
    SearchResult,
    Session,
    StoredMessage,
    TextLine,
    ViewResult,
)
from contracts.streams import session_stream
from contracts.topics import COMMAND_TOPICS
from processors.analysis.handler import AnalysisHandler
from processors.conversation.handler import ConversationHandler
from processors.imports.handler import ImportsHandler
from processors.runtime.handler import Permanent
from processors.runtime.tasks import complete_task, fail_task
from storage.collections import EXTRACTIONS, MESSAGES, SCREENSHOTS, SESSIONS, TASKS
from storage.log.port import LogRecord, Subscription, TopicPartition
from storage.publishing import append_events
from storage.stores import Stores
from storage.updates import update
from tests.processors.judging_engine import JudgingEngine

POLL_SECONDS = 0.2
BOX = Position(x=20.0, y=60.0, width=120.0, height=40.0)
TEXTS = ("=HYPERLINK(1)", "점심 먹었어?\n아직이면 같이 먹자", "*네*")


def message(order: int, screenshot_id: str) -> Message:
    """One of the messages that this processor finds in every screenshot."""
    return Message(
        message_id=f"m{order}",
        text=TEXTS[order % len(TEXTS)],
        speaker="user" if order % 2 else "interlocutor",
        confidence=0.9,
        position=BOX,
        group_id=order + 1,
        order=order,
        sender=None if order % 2 else "민지",
        sent_at="오후 3:05",
        screenshot_id=screenshot_id,
    )


class TestProcessor:
    """Handles commands while `go` is set; `problem`, where set, is how every task ends. `seen` has every command.

    It reads and merges by itself, always to as many `messages`; what asks an engine is done by the real handler, and
    `engine` answers.
    """

    __test__ = False

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.go = asyncio.Event()
        self.go.set()
        self.problem: Problem | None = None
        self.seen: list[Command] = []
        self.messages = 3
        self.engine = JudgingEngine()
        self._analysis = AnalysisHandler(stores, self.engine)
        self._speaking = ConversationHandler(stores, self.engine, 8192)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TestProcessor"]:
        """Consumes inside the context."""
        async with self._stores.log.consume(COMMAND_TOPICS, "test") as subscription:
            async with asyncio.TaskGroup() as group:
                consuming = group.create_task(self._consume(subscription))
                yield self
                consuming.cancel()

    async def _consume(self, subscription: Subscription) -> None:
        while True:
            for record in await subscription.poll(10, POLL_SECONDS):
                await self.go.wait()
                await self._handle(record)
                place = TopicPartition(record.topic, record.partition)
                await subscription.commit({place: record.offset + 1})

    async def _handle(self, record: LogRecord) -> None:
        command = decode(record.value, BY_TYPE[from_headers(record.headers).type])
        self.seen.append(command)
        match command:
            case ReadScreenshot():
                await self._read(command)
            case ProcessSession():
                await self._process(command)
            case ReadProbe():
                await self._probe(command)
            case SpeakTurn():
                await self._speaking.handle(command, from_headers(record.headers))
            case ReadExport():
                await self._import(command, from_headers(record.headers))
            case ReanalyzeSession() | SuggestReplies():
                await self._ask(command, from_headers(record.headers))

    async def _ask(self, command: ReanalyzeSession | SuggestReplies, envelope: Envelope) -> None:
        try:
            if self.problem is not None:
                await self._analysis.give_up(command, self.problem)
            else:
                await self._analysis.handle(command, envelope)
        except TokstreamError as error:
            await self._analysis.give_up(command, error.problem())

    async def _read(self, command: ReadScreenshot) -> None:
        documents = self._stores.documents
        screenshot = await update(
            documents,
            SCREENSHOTS,
            command.screenshot_id,
            lambda shot: msgspec.structs.replace(shot, status="read"),
        )
        if screenshot is None:
            return
        line = TextLine(text="안녕", confidence=0.9, position=BOX)
        bubble = Bubble(
            text="안녕",
            speaker="user",
            confidence=0.9,
            position=BOX,
            order=0,
            group_id=1,
            uncertain=True,
            lines=(line,),
        )
        extraction = Extraction(
            screenshot_id=command.screenshot_id,
            session_id=command.session_id,
            width=screenshot.image_width,
            height=screenshot.image_height,
            top=10.0,
            bottom=float(screenshot.image_height - 10),
            bubbles=(bubble,),
            engine="test",
        )
        await documents.put(EXTRACTIONS, [extraction])
        event = BubbleRead(screenshot_id=command.screenshot_id, bubble=bubble)
        stream = session_stream(command.session_id)
        await append_events(self._stores, stream, [(f"{command.screenshot_id}:bubble:0", event)])

    async def _process(self, command: ProcessSession) -> None:
        if self.problem is not None:
            await fail_task(self._stores, command.task_id, self.problem)
            return
        documents = self._stores.documents
        task = await documents.get(TASKS, command.task_id)
        found = await documents.get(SESSIONS, command.session_id)
        if task is None or found is None:
            return
        page = await documents.find(SCREENSHOTS, {"session_id": command.session_id}, order_by="upload_order")
        ids = [shot.screenshot_id for shot in page.documents]
        messages = [message(order, ids[order % len(ids)]) for order in range(self.messages)]
        steps = tuple(
            MergeStep(
                step=number,
                overlap_found=False,
                overlap_length=0,
                method="none",
                confidence=0.0,
                gap=True,
                left_screenshot_id=left,
                right_screenshot_id=right,
            )
            for number, (left, right) in enumerate(itertools.pairwise(ids), 1)
        )
        info = MergeInfo(merge_history=steps, total_merged=len(messages), order=tuple(ids))
        revision = found.document.revision + 1
        stored = [
            StoredMessage(
                id=f"{command.session_id}/{revision}/{one.order}",
                session_id=command.session_id,
                owner=task.document.owner,
                revision=revision,
                order=one.order,
                message=one,
            )
            for one in messages
        ]
        await documents.put(MESSAGES, stored)

        def completed(session: Session) -> Session:
            return msgspec.structs.replace(
                session,
                status="completed",
                processed=True,
                relationship=task.document.relationship,
                relationship_info=task.document.relationship_info,
                revision=revision,
                total_screenshots=len(ids),
                total_messages=len(messages),
                merge_info=info,
            )

        await update(documents, SESSIONS, command.session_id, completed)
        result = ProcessResult(
            session_id=command.session_id,
            status="completed",
            total_screenshots=len(ids),
            total_messages=len(messages),
            merge_info=info,
            external_api_called=False,
            engine="test",
            task_id=command.task_id,
        )
        await complete_task(self._stores, command.task_id, result)

    async def _import(self, command: ReadExport, envelope: Envelope) -> None:
        # The real handler: whatever it says of a file is what the route answers.
        handler = ImportsHandler(self._stores)
        try:
            await handler.handle(command, envelope)
        except Permanent as error:
            await handler.give_up(command, error.problem)
        except TokstreamError as error:
            await handler.give_up(command, error.problem())

    async def _probe(self, command: ReadProbe) -> None:
        if self.problem is not None:
            await fail_task(self._stores, command.task_id, self.problem)
            return
        for key in command.blob_keys:
            await self._stores.blobs.get(key)
        found = (message(0, "s"),)
        if command.mode == "search":
            result: SearchResult | ViewResult = SearchResult(
                matched=True, message="Found 1 matching messages", results=found
            )
        else:
            result = ViewResult(
                session_id=command.session_id,
                matched=True,
                total_matched=1,
                total_ocr_extracted=len(command.blob_keys),
                messages=found,
            )
        await complete_task(self._stores, command.task_id, result)
        await self._stores.blobs.delete(f"probes/{command.task_id}")
