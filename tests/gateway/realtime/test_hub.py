"""The hub: stale state and events are the fresh state, every event exactly once, whatever races and breaks."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.cloudevents import Envelope, to_headers
from contracts.errors import SHUTTING_DOWN, STREAM_NOT_FOUND, TokstreamError
from contracts.events import STREAM_DELETED
from contracts.streams import START, Cursor
from contracts.topics import EVENTS, PARTITIONS
from gateway.realtime import hub as hub_module
from gateway.realtime.hub import Hub
from gateway.realtime.watch import Watch
from storage.errors import Unavailable
from storage.feed import to_record
from storage.journal.port import Journal, NewEvent, StoredEvent
from storage.log.port import EventLog, LogRecord, NewRecord, Tail
from tests.gateway.realtime.service import SECONDS, STREAM, TIME, Stores

EPOCH = "epoch-1"
STEPS = ["append", "append", "silent", "repeat", "cut", "turn", "turn", "turn", "wait", "new", "crowd"]
"""What the race test does: `turn` gives the event loop one turn, `crowd` appends many at once."""


class MemoryJournal:
    """A journal that tests can slow down, break and rewrite. `published` decides what reaches the log, and when."""

    def __init__(self) -> None:
        self.streams: dict[str, list[StoredEvent]] = {}
        self.broken = False
        self.delays = itertools.cycle([1])
        """Turns of the event loop that each step takes."""
        self.failures: asyncio.Queue[None] = asyncio.Queue()
        self.reached: asyncio.Queue[None] = asyncio.Queue()
        """Tells of reads that have their events and are held back before they return them."""
        self.released = asyncio.Event()
        self.released.set()

    def add(self, stream: str = STREAM, epoch: str = EPOCH, filling: int = 0) -> StoredEvent:
        events = self.streams.setdefault(stream, [])
        seq = len(events) + 1
        events.append(
            StoredEvent(stream, epoch, seq, f"id-{seq}", "bubble.read", TIME, b'{"x":"%s"}' % (b"x" * filling))
        )
        return events[-1]

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        raise NotImplementedError

    async def read(self, stream: str, after: int, limit: int) -> Sequence[StoredEvent]:
        await self.take_time()
        if self.broken:
            self.failures.put_nowait(None)
            raise Unavailable("the journal is broken")
        # What the reader gets is of the moment the read began or ended, as in a database: here of the middle.
        found = self.streams.get(stream, [])[after : after + limit]
        await self.take_time()
        if not self.released.is_set():
            self.reached.put_nowait(None)
            await self.released.wait()
        return found

    async def take_time(self) -> None:
        for _ in range(next(self.delays)):
            await asyncio.sleep(0)

    async def position(self, stream: str) -> Cursor | None:
        await self.take_time()
        if self.broken:
            raise Unavailable("the journal is broken")
        events = self.streams.get(stream)
        return Cursor(epoch=events[-1].epoch, seq=events[-1].seq) if events else None

    async def delete(self, stream: str) -> None:
        self.streams.pop(stream, None)

    async def check(self) -> None:
        pass


class MemoryTail:
    def __init__(self, log: "MemoryLog", partitions: frozenset[int]) -> None:
        self.log = log
        self.partitions = partitions
        self.queue: asyncio.Queue[LogRecord | None] = asyncio.Queue()

    async def records(self) -> AsyncIterator[LogRecord]:
        while True:
            record = await self.queue.get()
            if record is None:
                raise Unavailable("the tail was cut")
            yield record

    async def follow(self, partitions: Sequence[int]) -> None:
        await asyncio.sleep(0)
        self.partitions = frozenset(partitions)


class MemoryLog:
    """A live topic that tests can cut. Only what the hub uses of a log; the rest must not be called."""

    def __init__(self) -> None:
        self.tails: list[MemoryTail] = []
        self.lost = asyncio.Event()
        self.down = False
        self.offset = 0

    def partition_of(self, topic: str, key: str) -> int:
        return sum(key.encode()) % PARTITIONS

    def send(self, record: NewRecord) -> None:
        partition = self.partition_of(record.topic, record.key)
        self.offset += 1
        written = LogRecord(
            record.topic, partition, self.offset, record.key, record.value, record.headers, timestamp=0.0
        )
        for tail in self.tails:
            if partition in tail.partitions:
                tail.queue.put_nowait(written)

    def cut(self) -> None:
        for tail in self.tails:
            tail.queue.put_nowait(None)

    @asynccontextmanager
    async def open_tail(self, partitions: Sequence[int]) -> AsyncIterator[Tail]:
        await asyncio.sleep(0)
        if self.down:
            raise Unavailable("the log is down")
        tail = MemoryTail(self, frozenset(partitions))
        self.tails.append(tail)
        try:
            yield tail
        finally:
            self.tails.remove(tail)
            self.lost.set()

    def tail(self, topic: str, partitions: Sequence[int], start: Mapping[int, int] | None = None):  # type: ignore[no-untyped-def]
        assert topic == EVENTS
        return self.open_tail(partitions)


class World:
    """A hub on stores that tests can break."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.log = MemoryLog()
        journal: Journal = self.journal
        log: EventLog = self.log  # type: ignore[assignment]
        self.hub = Hub(log, journal)
        self.hub.tailer.first_backoff = 0.001

    def append(self, stream: str = STREAM) -> StoredEvent:
        event = self.journal.add(stream)
        self.log.send(to_record(event))
        return event


@asynccontextmanager
async def running_world() -> AsyncIterator[World]:
    world = World()
    async with world.hub.running():
        yield world


async def sequence(watch: Watch, last: int) -> list[int]:
    """The sequence numbers that a watch gives, up to `last`."""
    found: list[int] = []
    async with asyncio.timeout(SECONDS):
        while not found or found[-1] < last:
            found += [publication.event.seq for publication in await watch.batch()]
    return found


async def caught_up(watch: Watch) -> None:
    """Until the watch is live."""
    async with asyncio.timeout(SECONDS):
        while await watch.stored():
            pass


async def test_a_reader_gets_what_was_and_what_comes() -> None:
    async with running_world() as world:
        for _ in range(3):
            world.append()
        async with world.hub.watch(STREAM) as watch:
            assert await sequence(watch, 3) == [1, 2, 3]
            world.append()
            assert await sequence(watch, 4) == [4]


async def test_a_reader_resumes_after_its_cursor() -> None:
    async with running_world() as world:
        for _ in range(500):
            world.append()
        async with world.hub.watch(STREAM, Cursor(epoch=EPOCH, seq=123)) as watch:
            assert watch.recovered
            assert await sequence(watch, 500) == list(range(124, 501))


@pytest.mark.parametrize("size", [10, 3000])
async def test_a_history_of_many_pages_is_read_to_its_end_before_going_live(size: int) -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as first:
            await caught_up(first)  # the partition is followed: no new tail will come and fill up
            same = next(f"session:{n}" for n in range(99) if same_partition(world, f"session:{n}"))
            for _ in range(1001):
                world.journal.add(same, filling=size)
            async with world.hub.watch(same) as watch:
                assert await sequence(watch, 1001) == list(range(1, 1002))


def same_partition(world: "World", stream: str) -> bool:
    return world.log.partition_of(EVENTS, stream) == world.log.partition_of(EVENTS, STREAM)


@pytest.mark.parametrize("cursor", [Cursor(epoch="another", seq=2), Cursor(epoch=EPOCH, seq=4)])
async def test_a_cursor_of_another_life_begins_from_the_start(cursor: Cursor) -> None:
    async with running_world() as world:
        for _ in range(3):
            world.append()
        async with world.hub.watch(STREAM, cursor) as watch:
            assert not watch.recovered
            assert await sequence(watch, 3) == [1, 2, 3]


async def test_a_cursor_on_a_stream_without_events_is_foreign_but_the_start_is_not() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM, Cursor(epoch="another", seq=2)) as watch:
            assert not watch.recovered
        async with world.hub.watch(STREAM, START) as watch:
            assert watch.recovered
            await caught_up(watch)
            world.append()
            assert await sequence(watch, 1) == [1]


async def test_repeated_swapped_and_lost_records_change_nothing() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            first, second, third, fourth, fifth = (to_record(world.journal.add()) for _ in range(5))
            for record in (first, first, third, second, fifth, first):  # the fourth was lost on the way
                world.log.send(record)
            assert await sequence(watch, 5) == [1, 2, 3, 4, 5]
            world.log.send(fourth)
            world.append()
            assert await sequence(watch, 6) == [6]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    before=st.integers(0, 5),
    delays=st.lists(st.integers(0, 8), min_size=1, max_size=10),
    script=st.lists(st.sampled_from(STEPS), min_size=20, max_size=60),
)
async def test_stale_state_and_events_are_the_fresh_state(before: int, delays: list[int], script: list[str]) -> None:
    """Readers that join at any moment, among appends, lost records, repeated records and lost tails: each sees 1, 2,
    3 …"""
    async with running_world() as world:
        world.journal.delays = itertools.cycle(delays)
        for _ in range(before):
            world.append()
        finish = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            readers: list[asyncio.Task[list[int]]] = []

            def join() -> None:
                readers.append(group.create_task(read_until(world, finish)))

            join()
            for step in script:
                match step:
                    case "append":
                        world.append()
                    case "silent":
                        world.journal.add()  # the record is lost: the next one shows the gap
                    case "repeat" if world.journal.streams:
                        world.log.send(to_record(world.journal.streams[STREAM][0]))
                    case "cut":
                        world.log.cut()
                    case "wait":
                        await asyncio.sleep(0.001)
                    case "new":
                        join()
                    case "crowd":
                        for _ in range(30):
                            world.append()
                    case _:
                        await asyncio.sleep(0)
            join()
            world.append()
            finish.set()
            last = len(world.journal.streams[STREAM])
        for reader in readers:
            assert reader.result() == list(range(1, last + 1))


async def read_until(world: World, finish: asyncio.Event) -> list[int]:
    """All that a reader sees until the script is over and the last event has come."""
    found: list[int] = []
    async with asyncio.timeout(SECONDS), world.hub.watch(STREAM) as watch:
        while not finish.is_set() or len(found) < len(world.journal.streams[STREAM]):
            found += [publication.event.seq for publication in await watch.batch()]
    return found


async def test_a_lost_tail_is_taken_up_again_and_nothing_is_missed() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch, world.hub.watch("task:quiet") as quiet:
            await caught_up(watch)
            await caught_up(quiet)
            world.log.down = True
            world.log.cut()
            async with asyncio.timeout(SECONDS):
                await world.log.lost.wait()
            world.append()
            world.append("task:quiet")
            world.log.down = False
            assert await sequence(watch, 1) == [1]
            assert await sequence(quiet, 1) == [1]
            world.append()
            assert await sequence(watch, 2) == [2]


async def test_an_event_lost_with_the_tail_while_a_reader_joins_is_not_missed() -> None:
    async with running_world() as world:
        neighbour = next(f"session:{number}" for number in range(99) if same_partition(world, f"session:{number}"))
        async with world.hub.watch(neighbour) as other, world.hub.watch(STREAM) as watch, asyncio.TaskGroup() as group:
            await caught_up(other)
            world.append()
            world.journal.released.clear()
            joining = group.create_task(sequence(watch, 2))
            await asyncio.wait_for(world.journal.reached.get(), SECONDS)
            await lose_tail(world)
            world.journal.released.set()
            assert await joining == [1, 2]


async def test_a_tail_lost_again_while_the_gap_is_filled_is_filled_again() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            world.journal.released.clear()
            world.log.cut()
            await asyncio.wait_for(world.journal.reached.get(), SECONDS)
            await lose_tail(world)
            world.journal.released.set()
            assert await sequence(watch, 1) == [1]


async def lose_tail(world: "World") -> None:
    """The tail is lost, and an event with it, and taken up again."""
    world.log.lost.clear()
    world.log.down = True
    world.log.cut()
    await asyncio.wait_for(world.log.lost.wait(), SECONDS)
    world.append()
    world.log.down = False
    await world.hub.tailer.until_followed(world.log.partition_of(EVENTS, STREAM), SECONDS)


async def test_a_broken_journal_is_waited_for_while_readers_stay() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            world.journal.broken = True
            world.journal.add()
            world.append()  # shows a gap that cannot be filled now
            async with asyncio.timeout(SECONDS):
                await world.journal.failures.get()
                await world.journal.failures.get()
            world.journal.broken = False
            assert await sequence(watch, 2) == [1, 2]


async def test_without_a_log_a_reader_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "FOLLOW_SECONDS", 0.05)
    async with running_world() as world:
        world.log.down = True
        async with world.hub.watch(STREAM) as watch:
            with pytest.raises(Unavailable):
                await watch.batch()


async def test_a_reader_that_does_not_read_keeps_little_in_memory_and_misses_nothing() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch:
            watch.limit = 5000
            await caught_up(watch)
            largest = 0
            for _ in range(2000):
                world.append()
                await asyncio.sleep(0)
                largest = max(largest, watch.bytes)
            assert 0 < largest <= 5000
            assert await sequence(watch, 2000) == list(range(1, 2001))


async def test_readers_of_a_deleted_stream_are_told() -> None:
    async with running_world() as world:
        world.append()
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            await world.journal.delete(STREAM)
            world.log.send(deletion())
            with pytest.raises(TokstreamError) as raised:
                await asyncio.wait_for(watch.batch(), SECONDS)
            assert raised.value.kind is STREAM_NOT_FOUND


async def test_a_deletion_during_a_lost_tail_is_noticed() -> None:
    async with running_world() as world:
        world.append()
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            await world.journal.delete(STREAM)
            world.log.cut()
            with pytest.raises(TokstreamError) as raised:
                await asyncio.wait_for(watch.batch(), SECONDS)
            assert raised.value.kind is STREAM_NOT_FOUND


async def test_a_stream_made_anew_ends_the_readers_of_the_old_one() -> None:
    async with running_world() as world:
        world.append()
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            await world.journal.delete(STREAM)
            world.log.send(to_record(world.journal.add(epoch="epoch-2")))
            with pytest.raises(TokstreamError):
                await asyncio.wait_for(watch.batch(), SECONDS)
            async with world.hub.watch(STREAM, watch.position) as again:
                assert not again.recovered
                assert await sequence(again, 1) == [1]


async def test_only_the_partitions_that_are_needed_are_followed() -> None:
    async with running_world() as world:
        partition = world.log.partition_of(EVENTS, STREAM)
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            assert [tail.partitions for tail in world.log.tails] == [frozenset({partition})]
            other = next(f"task:{n}" for n in range(99) if world.log.partition_of(EVENTS, f"task:{n}") != partition)
            async with world.hub.watch(other) as second:
                await caught_up(second)
                both = frozenset({partition, world.log.partition_of(EVENTS, other)})
                assert [tail.partitions for tail in world.log.tails] == [both]
        assert world.hub.channels == {}


async def test_malformed_records_are_passed_over() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            world.log.send(NewRecord(EVENTS, STREAM, b"{}", {}))
            world.log.send(NewRecord(EVENTS, STREAM, b"{}", to_headers(envelope("bubble.read"))))
            world.append()
            assert await sequence(watch, 1) == [1]


async def test_losing_the_tail_while_going_down_does_not_keep_the_hub_up() -> None:
    for turns in range(8):
        async with asyncio.timeout(SECONDS), running_world() as world:
            async with world.hub.watch(STREAM) as watch:
                await caught_up(watch)
                world.log.cut()
                for _ in range(turns):
                    await asyncio.sleep(0)


async def test_going_down_ends_the_readers() -> None:
    async with running_world() as world:
        async with world.hub.watch(STREAM) as watch:
            await caught_up(watch)
            world.hub.stop()
            with pytest.raises(TokstreamError) as raised:
                await asyncio.wait_for(watch.batch(), SECONDS)
            assert raised.value.kind is SHUTTING_DOWN
        with pytest.raises(TokstreamError):
            world.hub.subscribe(STREAM, None, Watch())


# ── Waiting for an outcome, on the real stores ────────────────────────────────────────────────────────────────────────


async def test_waiting_finds_what_came_before_and_what_comes(stores: Stores) -> None:
    hub = Hub(stores.log, stores.journal)
    async with hub.running(), asyncio.TaskGroup() as group:
        first = await stores.append(1)
        cursor = Cursor(epoch=first.epoch, seq=1)
        assert await hub.wait_for(STREAM, None, lambda event: event.seq == 1, SECONDS) is not None
        waiting = group.create_task(hub.wait_for(STREAM, cursor, lambda event: event.seq == 3, SECONDS))
        await stores.append(2)
        await stores.append(3)
        found = await waiting
        assert found is not None
        assert found.seq == 3
        assert await hub.wait_for(STREAM, cursor, lambda event: event.seq == 2, SECONDS) is not None


async def test_waiting_ends_at_its_bound(stores: Stores) -> None:
    hub = Hub(stores.log, stores.journal)
    async with hub.running():
        assert await hub.wait_for(STREAM, None, lambda event: True, 0.05) is None
        assert hub.channels == {}


def envelope(kind: str) -> Envelope:
    return Envelope(id="x", type=kind, source="/tests", time=TIME, subject=STREAM)


def deletion() -> NewRecord:
    return NewRecord(EVENTS, STREAM, b"{}", to_headers(envelope(STREAM_DELETED)))
