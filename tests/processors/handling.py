"""Driving the handlers by hand: every command once, or cut off after any call of a store, as a crash would."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from contracts.base import encode
from contracts.commands import (
    BY_TYPE,
    Command,
    ProcessSession,
    ReadProbe,
    ReadScreenshot,
    ReanalyzeSession,
    SuggestReplies,
    reading_of,
)
from contracts.errors import INTERNAL, TokstreamError
from contracts.events import SessionOpened
from contracts.imports import ImportRequest
from contracts.resources import ExportUpload, Screenshot, Session, SessionCreated, Task, TaskKind
from contracts.streams import session_stream
from contracts.topics import COMMAND_TOPICS, PARTITIONS
from gateway.config import GatewayConfig
from gateway.images import ImageIntake
from gateway.sessions import Sessions
from processors.ai.port import AiEngine
from processors.analysis.handler import AnalysisHandler
from processors.imports.handler import ImportsHandler
from processors.merge.handler import MergeHandler
from processors.ocr.handler import OcrHandler, OcrPool
from processors.runtime.decoding import decode_record
from processors.runtime.handler import Handler, Permanent, Transient
from storage.collections import EXTRACTIONS, MESSAGES, SCREENSHOTS, SESSIONS, TASKS
from storage.documents.port import Collection
from storage.journal.port import StoredEvent
from storage.log.port import LogRecord
from storage.publishing import append_events, publish_command
from storage.stores import Stores
from storage.updates import update
from tests.processors.judging_engine import JudgingEngine
from tests.processors.stores import embedded_stores

NOW = "2026-01-01T00:00:00+00:00"
SESSION = "s1"
TRANSIENT_ATTEMPTS = 3


class Crash(Exception):
    """The process died here."""


class Fuse:
    """Burns through after so many calls of any store, counted from 1; None counts only."""

    def __init__(self, calls: int | None = None) -> None:
        self.calls = calls
        self.count = 0

    async def burn(self, call: str, arguments: tuple[Any, ...]) -> None:
        """After a call of a store by this name took effect."""
        self.count += 1
        if self.count == self.calls:
            raise Crash


class Fused:
    """A store whose calls take effect, and may be the last thing that the process did."""

    def __init__(self, store: Any, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._store, name)

        async def call(*arguments: Any, **options: Any) -> Any:
            answer = await method(*arguments, **options)
            await self._fuse.burn(name, arguments)
            return answer

        return call


def fused(stores: Stores, fuse: Fuse) -> Stores:
    """The stores as the handlers see them."""
    return Stores(
        log=Fused(stores.log, fuse),  # type: ignore[arg-type]
        journal=Fused(stores.journal, fuse),  # type: ignore[arg-type]
        feed=Fused(stores.feed, fuse),  # type: ignore[arg-type]
        documents=Fused(stores.documents, fuse),  # type: ignore[arg-type]
        blobs=Fused(stores.blobs, fuse),  # type: ignore[arg-type]
        clock=stores.clock,
        ids=stores.ids,
    )


class Bench:
    """The four handlers on embedded stores; `fuse` may cut them off."""

    def __init__(self, stores: Stores, pool: OcrPool | None, engine: AiEngine | None = None) -> None:
        self.stores = stores
        self._pool = pool
        self._engine = engine or JudgingEngine()
        self._place: dict[tuple[str, int], int] = {}
        self.fuse = Fuse()
        self.repeat = 1

    def _handlers(self) -> dict[str, Handler]:
        stores = fused(self.stores, self.fuse)
        handlers: list[Handler] = [
            ImportsHandler(stores),
            MergeHandler(stores),
            AnalysisHandler(stores, self._engine),
        ]
        if self._pool is not None:
            handlers.append(OcrHandler(stores, self._pool))
        return {command.TOPIC: handler for handler in handlers for command in handler.commands}

    async def open(self, **screenshots: bytes) -> None:
        """A session with these uploads, each asked to be read, as the gateway leaves it."""
        stores = self.stores
        session = Session(session_id=SESSION, owner="me", created_at=NOW, updated_at=NOW)
        await stores.documents.insert(SESSIONS, [session])
        opened = SessionOpened(session=SessionCreated(session_id=SESSION, created_at=NOW, status="processing"))
        await append_events(stores, session_stream(SESSION), [(f"{SESSION}:created", opened)])
        for order, (name, data) in enumerate(screenshots.items(), 1):
            key = f"sessions/{SESSION}/{name}"
            await stores.blobs.put(key, data)
            upload = Screenshot(
                screenshot_id=name,
                session_id=SESSION,
                owner="me",
                upload_order=order,
                uploaded_at=NOW,
                blob_key=key,
                media_type="image/png",
                image_width=200,
                image_height=400,
                sha256="0" * 64,
            )
            await stores.documents.insert(SCREENSHOTS, [upload])
            await self.ask(ReadScreenshot(session_id=SESSION, screenshot_id=name, blob_key=key))

    async def ask(self, command: Command) -> None:
        await publish_command(self.stores, command, "me")

    async def process(self, task_id: str = "t1") -> None:
        await self.start(task(task_id, "process"))
        await self.ask(ProcessSession(session_id=SESSION, task_id=task_id))

    async def analyze(self, task_id: str, **fields: Any) -> None:
        """As the gateway does: what is left out of the relationship is the session's."""
        found = await self.stores.documents.get(SESSIONS, SESSION)
        assert found is not None
        kept = {
            "relationship": found.document.relationship,
            "relationship_info": found.document.relationship_info,
        }
        await self.start(task(task_id, "analyze", **{**kept, **fields}))
        await self.ask(ReanalyzeSession(session_id=SESSION, task_id=task_id))

    async def suggest(self, task_id: str) -> None:
        await self.stores.documents.insert(TASKS, [task(task_id, "suggest")])
        await self.ask(SuggestReplies(session_id=SESSION, task_id=task_id))

    async def start(self, run: Task) -> None:
        """The run as the session's latest."""
        await self.stores.documents.insert(TASKS, [run])
        await update(
            self.stores.documents,
            SESSIONS,
            SESSION,
            lambda session: msgspec.structs.replace(session, task_id=run.task_id),
        )

    async def search(self, data: bytes, task_id: str = "p1") -> None:
        key = f"probes/{task_id}/0"
        await self.stores.blobs.put(key, data)
        await self.stores.documents.insert(TASKS, [task(task_id, "search")])
        await self.ask(ReadProbe(task_id=task_id, session_id=SESSION, mode="search", blob_keys=(key,)))

    async def bring(self, data: bytes, task_id: str = "i1", asked: bool = True, **request: str) -> None:
        """An export beside the screenshots, as the gateway leaves it; `request` as ImportRequest takes it. Not `asked`:
        as a gateway leaves it that dies before the command."""
        name = f"export-{task_id}"
        key = f"sessions/{SESSION}/{name}"
        await self.stores.blobs.put(key, data)
        task = Task(task_id=task_id, owner="me", kind="import", created_at=NOW, updated_at=NOW, session_id=SESSION)
        await self.stores.documents.insert(TASKS, [task])
        upload = Screenshot(
            screenshot_id=name,
            session_id=SESSION,
            owner="me",
            upload_order=100,
            uploaded_at=NOW,
            blob_key=key,
            media_type="text/plain",
            image_width=0,
            image_height=0,
            sha256="0" * 64,
            export=ExportUpload(task_id=task_id, request=ImportRequest(**request)),
        )
        await self.stores.documents.insert(SCREENSHOTS, [upload])
        if asked:
            await self.ask(reading_of(upload))

    async def step(self) -> bool:
        """Handles the next command there is; False where there is none. A command that is cut off stays."""
        for topic, partition in itertools.product(COMMAND_TOPICS, range(PARTITIONS)):
            place = self._place.get((topic, partition), 0)
            records = await self.stores.log.read(topic, partition, place, 1)
            if records:
                for _ in range(self.repeat):
                    await self._settle(records[0])
                self._place[topic, partition] = records[0].offset + 1
                return True
        return False

    async def work(self) -> int:
        """Handles all commands, again from the start of one that was cut off. Returns how often that happened."""
        crashes = 0
        while True:
            try:
                if not await self.step():
                    return crashes
            except Crash:
                crashes += 1

    async def _settle(self, record: LogRecord) -> None:
        envelope, command = decode_record(record, BY_TYPE)
        handler = self._handlers()[command.TOPIC]
        for attempt in range(1, TRANSIENT_ATTEMPTS + 1):
            try:
                await handler.handle(command, envelope)
            except Permanent as error:
                await handler.give_up(command, error.problem)
            except TokstreamError as error:
                await handler.give_up(command, error.problem())
            except Transient:
                if attempt == TRANSIENT_ATTEMPTS:
                    await handler.give_up(command, TokstreamError(INTERNAL, "given up").problem())
                continue
            return

    async def events(self, stream: str = f"session:{SESSION}") -> list[StoredEvent]:
        return list(await self.stores.journal.read(stream, 0, 1000))

    async def documents(self) -> dict[str, list[Any]]:
        """Every document that the handlers write, without the times of day and the processes."""
        found = {}
        collections: tuple[Collection[Any], ...] = (SESSIONS, SCREENSHOTS, EXTRACTIONS, MESSAGES)
        for collection in collections:
            where = {} if collection is SESSIONS else {"session_id": SESSION}
            if collection is SESSIONS:
                one = await self.stores.documents.get(SESSIONS, SESSION)
                documents = [] if one is None else [one.document]
            else:
                documents = list((await self.stores.documents.find(collection, where)).documents)
            found[collection.name] = [plain(document) for document in documents]
        tasks = [await self.stores.documents.get(TASKS, task_id) for task_id in ("t1", "p1", "i1")]
        found["tasks"] = [plain(task.document) for task in tasks if task is not None]
        return found


def task(task_id: str, kind: TaskKind, **fields: Any) -> Task:
    """A task of the session, as it begins."""
    return Task(task_id=task_id, owner="me", kind=kind, created_at=NOW, updated_at=NOW, session_id=SESSION, **fields)


class Deleting(Fuse):
    """Deletes the session in the middle of the work, after so many calls of a store."""

    def __init__(self, calls: int, at: Bench) -> None:
        super().__init__()
        self._calls = calls
        self._at = at

    async def burn(self, call: str, arguments: tuple[Any, ...]) -> None:
        self.count += 1
        if self.count == self._calls:
            await self.delete()

    async def delete(self) -> None:
        intake = ImageIntake(self._at.stores.blobs, GatewayConfig(version="test"))
        await Sessions(self._at.stores, intake).delete("me", SESSION)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def plain(value: Any) -> Any:
    """A Struct as JSON values, without what differs from run to run."""
    decoded = value if isinstance(value, dict | list) else msgspec.json.decode(encode(value))
    if isinstance(decoded, dict):
        dropped = {"updated_at", "engine", "seconds"}
        return {
            name: plain(v) if isinstance(v, dict | list) else v for name, v in decoded.items() if name not in dropped
        }
    return [plain(v) if isinstance(v, dict | list) else v for v in decoded]


def told(events: list[StoredEvent]) -> list[tuple[str, str, Any]]:
    """What a client was told: ids, types and data in order, checked to be dense and without repetition."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len({event.id for event in events}) == len(events)
    return [(event.id, event.type, plain(msgspec.json.decode(event.data))) for event in events]


@asynccontextmanager
async def bench(folder: Path, pool: OcrPool | None = None, engine: AiEngine | None = None) -> AsyncIterator[Bench]:
    async with embedded_stores(folder) as stores:
        yield Bench(stores, pool, engine)
