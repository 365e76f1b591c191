"""The event log in the embedded SQLite file: Kafka's terms for one process, without Kafka.

Publishing is a write of the database's group commit. Consumer groups live in memory (groups.py), only their committed
offsets are durable. Whoever waits for records waits on an asyncio.Event that is set right after the commit, on the same
event loop: nothing here polls by the clock.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from contracts.topics import TopicSpec
from storage.errors import Unavailable
from storage.log import sqlite_tables
from storage.log.groups import REVOCATION_TIMEOUT_S, ConsumerGroup, Member
from storage.log.port import LogRecord, NewRecord, Offset, RevocationHandler, Subscription, Tail, TopicPartition
from storage.log.records import partition_for, refuse_oversize
from storage.log.sqlite_tables import DEFAULT_RETENTION, Retention, insert_record
from storage.sources import Clock, SystemClock
from storage.sqlite import Database

__all__ = ["Retention", "SqliteEventLog", "insert_record"]

TAIL_BATCH = 500


class SqliteEventLog:
    """An EventLog. Call `ensure` first: topics made in an earlier run are known from then on, too.

    `revocation_timeout`, in seconds, bounds how long a member may take to let go of its partitions.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        retention: Retention = DEFAULT_RETENTION,
        revocation_timeout: float = REVOCATION_TIMEOUT_S,
    ) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._retention = retention
        self._revocation_timeout = revocation_timeout
        self._slots: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._firsts: dict[TopicPartition, int] = {}
        self._counts: dict[str, int] = {}
        self._groups: dict[str, ConsumerGroup] = {}
        self._readers: set[_Waiter] = set()

    async def ensure(self, topics: Sequence[TopicSpec]) -> None:
        for slot in await self._database.write(partial(sqlite_tables.create, topics=topics)):
            self._slots[slot.place] = slot.slot
            self._firsts.setdefault(slot.place, slot.first)
            self._ends[slot.place] = max(slot.end, self._ends.get(slot.place, 0))
        self._counts = {}
        for place in self._slots:
            self._counts[place.topic] = self._counts.get(place.topic, 0) + 1

    async def publish(self, record: NewRecord) -> Offset:
        refuse_oversize(record)
        insert = partial(insert_record, record=record, now=self._clock.now().timestamp(), retention=self._retention)
        return await self._database.write(insert, committed=lambda offset: self.announce([(record.topic, offset)]))

    async def publish_many(self, records: Sequence[NewRecord]) -> None:
        """All of them or, where one is refused, none."""
        for record in records:
            refuse_oversize(record)
        if records:
            now = self._clock.now().timestamp()
            await self._database.write(
                lambda connection: [
                    (record.topic, insert_record(connection, record, now=now, retention=self._retention))
                    for record in records
                ],
                committed=self.announce,
            )

    def announce(self, places: Iterable[tuple[str, Offset]]) -> None:
        """Wakes the readers of records that were committed, for whoever used `insert_record` in a transaction of its
        own. Call it from `committed` of `Database.write`: that is called whatever becomes of the caller."""
        grown = set()
        for topic, (partition, offset) in places:
            place = TopicPartition(topic, partition)
            self._ends[place] = max(self._ends.get(place, 0), offset + 1)
            grown.add(place)
        for reader in self._readers:
            if not grown.isdisjoint(reader.positions):
                reader.wake.set()

    def partition_of(self, topic: str, key: str) -> int:
        return partition_for(key, len(self._places(topic)))

    @asynccontextmanager
    async def _consume(
        self, topics: Sequence[str], group: str, on_revoke: RevocationHandler | None
    ) -> AsyncIterator[Subscription]:
        places = [place for topic in topics for place in self._places(topic)]
        subscription = _SqliteSubscription(self, group, frozenset(topics), on_revoke)
        members = self._groups.setdefault(group, ConsumerGroup(group, self._revocation_timeout))
        slots = [self.slot(place) for place in places]
        await self._database.write(partial(sqlite_tables.register_group, group=group, slots=slots))
        self._readers.add(subscription)
        try:
            await members.join(subscription.member, places)
            yield subscription
        finally:
            self._readers.discard(subscription)
            members.leave(subscription.member)

    def consume(
        self, topics: Sequence[str], group: str, on_revoke: RevocationHandler | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        return self._consume(topics, group, on_revoke)

    @asynccontextmanager
    async def _tail(self, topic: str, partitions: Sequence[int], start: Mapping[int, int]) -> AsyncIterator[Tail]:
        tail = _SqliteTail(self, topic, partitions, start)
        self._readers.add(tail)
        try:
            yield tail
        finally:
            self._readers.discard(tail)

    def tail(
        self, topic: str, partitions: Sequence[int], start: Mapping[int, int] | None = None
    ) -> AbstractAsyncContextManager[Tail]:
        return self._tail(topic, partitions, start or {})

    async def read(self, topic: str, partition: int, start: int, limit: int) -> Sequence[LogRecord]:
        return await self.read_from({TopicPartition(topic, partition): start}, limit)

    async def check(self) -> None:
        await self._database.check()

    async def read_from(self, starts: Mapping[TopicPartition, int], limit: int) -> Sequence[LogRecord]:
        """Up to `limit` records of several partitions, one partition after the other in the order given."""
        slots = [(self.slot(place), place, start) for place, start in starts.items()]
        return await self._database.read(partial(sqlite_tables.read_records, slots=slots, limit=limit))

    async def commit(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Sets the group's next offsets."""
        by_slot = {self.slot(place): offset for place, offset in offsets.items()}
        await self._database.write(partial(sqlite_tables.commit_offsets, group=group, offsets=by_slot))

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The group's next offsets, of the partitions that it has committed."""
        by_slot = await self._database.read(partial(sqlite_tables.committed_offsets, group=group))
        return {place: by_slot[slot] for place, slot in self._slots.items() if slot in by_slot}

    def slot(self, place: TopicPartition) -> int:
        """Raises Unavailable where there is no such partition."""
        slot = self._slots.get(place)
        if slot is None:
            raise Unavailable(f"there is no partition {place.partition} of topic {place.topic}")
        return slot

    def end(self, place: TopicPartition) -> int:
        """The offset that the next record of the partition gets."""
        return self._ends.get(place, 0)

    def first(self, place: TopicPartition) -> int:
        """The offset of the oldest record when the log was opened: a lower bound, since old ones are removed."""
        return self._firsts.get(place, 0)

    def _places(self, topic: str) -> list[TopicPartition]:
        count = self._counts.get(topic, 0)
        if not count:
            raise Unavailable(f"there is no topic {topic}")
        return [TopicPartition(topic, partition) for partition in range(count)]


class _Waiter:
    """Whoever waits for records: where it has read to, and how it is woken."""

    def __init__(self, log: SqliteEventLog) -> None:
        self.log = log
        self.positions: dict[TopicPartition, int] = {}
        self.wake = asyncio.Event()

    def unread(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The positions of those partitions that have records to read."""
        return {
            place: self.positions[place]
            for place in places
            if place in self.positions and self.positions[place] < self.log.end(place)
        }

    def skip_what_was_removed(self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> None:
        """Where retention has removed everything between a position and the end, reading goes on at the end."""
        for place, start in starts.items():
            if self.positions.get(place) == start:
                self.positions[place] = ends[place]


class _SqliteSubscription(_Waiter):
    def __init__(
        self, log: SqliteEventLog, group: str, topics: frozenset[str], on_revoke: RevocationHandler | None
    ) -> None:
        super().__init__(log)
        self.member = Member(topics, on_revoke, self._partitions_changed)
        self._group = group
        self._paused: set[TopicPartition] = set()
        self._turn = 0

    async def poll(self, max_records: int, timeout: float) -> Sequence[LogRecord]:
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            self.wake.clear()
            await self._find_positions()
            starts = self.unread(self._rotated(self.member.readable() - self._paused))
            if starts:
                ends = {place: self.log.end(place) for place in starts}
                found = await self.log.read_from(starts, max_records)
                # Partitions may have been paused, lost or found anew while the records were read.
                ours = self.member.readable() - self._paused
                records = [record for record in found if self._is_next(record, starts, ours)]
                for record in records:
                    self.positions[TopicPartition(record.topic, record.partition)] = record.offset + 1
                if records:
                    return records
                if not found:
                    self.skip_what_was_removed(starts, ends)
                self.wake.set()
            try:
                async with asyncio.timeout_at(deadline):
                    await self.wake.wait()
            except TimeoutError:
                return ()

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        ours = {place: offset for place, offset in offsets.items() if place in self.member.partitions}
        if ours:
            # Commits of a partition's former owner are queued before those of the next: none can overtake.
            await self.log.commit(self._group, ours)

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._paused.update(partitions)

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._paused.difference_update(partitions)
        self.wake.set()

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self.member.partitions)

    async def lag(self) -> int:
        places = self.assignment()
        committed = await self.log.committed(self._group)
        return sum(
            max(0, self.log.end(place) - max(committed.get(place, 0), self.log.first(place))) for place in places
        )

    def _partitions_changed(self) -> None:
        for place in set(self.positions) - self.member.partitions:
            del self.positions[place]
        # As in Kafka, a partition that is lost and comes back is no longer paused.
        self._paused &= self.member.partitions
        self.wake.set()

    async def _find_positions(self) -> None:
        """New partitions are read from where the group has committed to."""
        missing = self.member.partitions - self.positions.keys()
        if missing:
            committed = await self.log.committed(self._group)
            for place in missing & self.member.partitions:
                self.positions[place] = committed.get(place, 0)

    def _rotated(self, places: Iterable[TopicPartition]) -> list[TopicPartition]:
        """In another order each time, so that no partition starves behind a busy one."""
        ordered = sorted(places)
        self._turn += 1
        cut = self._turn % len(ordered) if ordered else 0
        return ordered[cut:] + ordered[:cut]

    def _is_next(self, record: LogRecord, starts: Mapping[TopicPartition, int], ours: set[TopicPartition]) -> bool:
        place = TopicPartition(record.topic, record.partition)
        return place in ours and self.positions.get(place) == starts[place]


class _SqliteTail(_Waiter):
    def __init__(self, log: SqliteEventLog, topic: str, partitions: Sequence[int], start: Mapping[int, int]) -> None:
        super().__init__(log)
        self._topic = topic
        for partition in partitions:
            place = TopicPartition(topic, partition)
            log.slot(place)
            self.positions[place] = start.get(partition, log.end(place))

    async def follow(self, partitions: Sequence[int]) -> None:
        places = [TopicPartition(self._topic, partition) for partition in partitions]
        for place in places:
            self.log.slot(place)
        self.positions = {place: self.positions.get(place, self.log.end(place)) for place in places}
        self.wake.set()

    async def records(self) -> AsyncIterator[LogRecord]:
        while True:
            self.wake.clear()
            starts = self.unread(self.positions)
            if not starts:
                await self.wake.wait()
                continue
            ends = {place: self.log.end(place) for place in starts}
            records = await self.log.read_from(starts, TAIL_BATCH)
            for record in records:
                place = TopicPartition(record.topic, record.partition)
                # No longer followed, or followed anew from a later position, since the records were read.
                if self.positions.get(place, record.offset + 1) <= record.offset:
                    self.positions[place] = record.offset + 1
                    yield record
            if not records:
                self.skip_what_was_removed(starts, ends)
