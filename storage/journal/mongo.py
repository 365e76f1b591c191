"""The journal in MongoDB: one collection of events, unique on (stream, seq) and on (stream, id).

There is no counter to keep in step: the last event of a stream is its position, and the unique index decides which of
two writers gets a sequence number. The loser looks again. Within one process, appends to a stream that arrive
together wait for each other and go out as one batch, so writers of one process do not race among themselves.

A deleted stream ends in a tombstone: a document at the next sequence number, without id, type and data. It is
inserted before the events are deleted. An append looks for it after inserting: if it is not there yet, the deletion
that follows takes the new events too; if it is, the append takes them back itself.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bson import Binary
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import BulkWriteError, DuplicateKeyError

from contracts.streams import Cursor
from storage.errors import StorageError, Unavailable
from storage.journal.port import MAX_SEQ, NewEvent, StoredEvent, check_events, check_limit, new_epoch
from storage.mongo import MongoDatabase, MongoDocument
from storage.sources import IdSource

MAX_BATCH = 1000
"""Events in one insert."""
REMEMBERED_ENDS = 2000
MAX_ATTEMPTS = 100
"""Times an append looks again after losing a number to another process before it gives up."""


class _End(NamedTuple):
    """The last document of a stream."""

    epoch: str
    seq: int
    deleted: bool


@dataclass(slots=True, eq=False)
class _Request:
    events: Sequence[NewEvent]
    answer: Sequence[StoredEvent] | None = None
    error: StorageError | None = None

    @property
    def settled(self) -> bool:
        return self.answer is not None or self.error is not None


@dataclass(slots=True, eq=False)
class _Line:
    """The appends of this process to one stream that are under way."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Request] = field(default_factory=list)
    users: int = 0


class MongoJournal:
    """Implements `Journal`. Made by `open`."""

    def __init__(self, database: MongoDatabase, ids: IdSource) -> None:
        self._database = database
        self._events = database.database["events"]
        self._ids = ids
        self._lines: dict[str, _Line] = {}
        self._ends: OrderedDict[str, _End] = OrderedDict()
        """Where the streams ended that this process has appended to of late. A stale one is harmless: the number after
        it is taken, and the append looks again."""

    @classmethod
    async def open(cls, database: MongoDatabase, ids: IdSource) -> "MongoJournal":
        """Makes the indexes that are missing. Raises Unavailable."""
        journal = cls(database, ids)
        async with database.operation():
            await journal._events.create_index([("stream", ASCENDING), ("seq", ASCENDING)], unique=True)
            await journal._events.create_index([("stream", ASCENDING), ("id", ASCENDING)], unique=True)
        return journal

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        check_events(events)
        if not events:
            return ()
        request = _Request(events)
        line = self._lines.setdefault(stream, _Line())
        line.users += 1
        line.waiting.append(request)
        try:
            # Whoever gets the lock stores for all who wait; most of them then find their answer there.
            async with line.lock:
                while not request.settled:
                    await self._store_batch(stream, line)
        finally:
            if request in line.waiting:
                line.waiting.remove(request)
            line.users -= 1
            if line.users == 0:
                del self._lines[stream]
        if request.error is not None:
            raise request.error
        return request.answer or ()

    async def read(self, stream: str, after: int, limit: int) -> Sequence[StoredEvent]:
        check_limit(limit)
        if after >= MAX_SEQ:
            return ()
        async with self._database.operation():
            found = self._events.find({"stream": stream, "seq": {"$gt": after}}).sort("seq", ASCENDING).limit(limit)
            documents = await found.to_list(limit)
        if documents and _is_tombstone(documents[-1]):
            return ()
        return [_to_event(document) for document in documents]

    async def position(self, stream: str) -> Cursor | None:
        end = await self._find_end(stream)
        return None if end is None or end.deleted else Cursor(epoch=end.epoch, seq=end.seq)

    async def delete(self, stream: str) -> None:
        for _ in range(MAX_ATTEMPTS):
            end = await self._find_end(stream) or _End(new_epoch(self._ids), 0, False)
            if end.deleted:
                await self._clear(stream, end)
                return
            tombstone = {"stream": stream, "epoch": end.epoch, "seq": end.seq + 1, "id": None, "deleted": True}
            try:
                async with self._database.operation():
                    await self._events.insert_one(tombstone)
            except DuplicateKeyError:
                # Either somebody appended, or somebody else deletes: look again.
                continue
        raise Unavailable(f"{stream} was written to faster than it could be deleted")

    async def check(self) -> None:
        await self._database.check()

    async def _store_batch(self, stream: str, line: _Line) -> None:
        """Settles the requests that wait, up to MAX_BATCH events. Cancelled, it leaves them to the next who gets the
        lock.
        """
        batch: list[_Request] = []
        size = 0
        for request in line.waiting:
            if batch and size + len(request.events) > MAX_BATCH:
                break
            batch.append(request)
            size += len(request.events)
        try:
            wanted: dict[str, NewEvent] = {}
            for request in batch:
                for event in request.events:
                    wanted.setdefault(event.id, event)
            stored = await self._store(stream, wanted)
            for request in batch:
                request.answer = () if stored is None else [stored[event.id] for event in request.events]
        except StorageError as error:
            self._ends.pop(stream, None)
            for request in batch:
                request.error = error
        for request in batch:
            line.waiting.remove(request)

    async def _store(self, stream: str, wanted: dict[str, NewEvent]) -> dict[str, StoredEvent] | None:
        """All wanted events as stored, by id; None where the stream was deleted."""
        missing = dict(wanted)
        stored: dict[str, StoredEvent] = {}
        for _ in range(MAX_ATTEMPTS):
            end = self._ends.get(stream) or await self._find_end(stream) or _End(new_epoch(self._ids), 0, False)
            if not end.deleted:
                inserted = await self._insert(stream, end, missing)
                for event in inserted:
                    stored[event.id] = event
                    del missing[event.id]
                if missing:
                    for event in await self._find(stream, list(missing)):
                        stored[event.id] = event
                        del missing[event.id]
                # A deletion may have come between what was known and what was inserted.
                end = await self._find_tombstone(stream) or _End(
                    end.epoch, inserted[-1].seq if inserted else end.seq, False
                )
            if end.deleted:
                self._ends.pop(stream, None)
                await self._clear(stream, end)
                return None
            if not missing:
                self._remember(stream, end)
                return stored
            # Somebody else took the number: what is remembered is stale.
            self._ends.pop(stream, None)
        raise Unavailable(f"{stream} has too many writers")

    def _remember(self, stream: str, end: _End) -> None:
        self._ends[stream] = end
        self._ends.move_to_end(stream)
        if len(self._ends) > REMEMBERED_ENDS:
            self._ends.popitem(last=False)

    async def _insert(self, stream: str, end: _End, missing: dict[str, NewEvent]) -> list[StoredEvent]:
        """Inserts from the number after `end` on, in order, until one meets a number or id that is taken."""
        events = [
            StoredEvent(stream, end.epoch, end.seq + place, event.id, event.type, event.time, event.data)
            for place, event in enumerate(missing.values(), start=1)
        ]
        documents = [_to_document(event) for event in events]
        try:
            async with self._database.operation():
                await self._events.insert_many(documents, ordered=True)
        except BulkWriteError as error:
            return events[: error.details["nInserted"]]
        return events

    async def _find(self, stream: str, ids: Sequence[str]) -> list[StoredEvent]:
        async with self._database.operation():
            documents = await self._events.find({"stream": stream, "id": {"$in": ids}}).to_list(len(ids))
        return [_to_event(document) for document in documents]

    async def _find_tombstone(self, stream: str) -> _End | None:
        """By the index on ids: a tombstone is the one document of its stream that has none."""
        async with self._database.operation():
            found = await self._events.find_one({"stream": stream, "id": None}, {"epoch": True, "seq": True})
        return None if found is None else _End(found["epoch"], found["seq"], True)

    async def _find_end(self, stream: str) -> _End | None:
        async with self._database.operation():
            fields = {"epoch": True, "seq": True, "deleted": True}
            found = self._events.find({"stream": stream}, fields).sort("seq", DESCENDING).limit(1)
            documents = await found.to_list(1)
        return None if not documents else _End(documents[0]["epoch"], documents[0]["seq"], _is_tombstone(documents[0]))

    async def _clear(self, stream: str, tombstone: _End) -> None:
        async with self._database.operation():
            await self._events.delete_many({"stream": stream, "seq": {"$lt": tombstone.seq}})


def _is_tombstone(document: MongoDocument) -> bool:
    return bool(document.get("deleted", False))


def _to_document(event: StoredEvent) -> MongoDocument:
    return {**event._asdict(), "data": Binary(event.data)}


def _to_event(document: MongoDocument) -> StoredEvent:
    return StoredEvent(
        document["stream"],
        document["epoch"],
        document["seq"],
        document["id"],
        document["type"],
        document["time"],
        bytes(document["data"]),
    )
