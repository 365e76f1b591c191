"""What `storage.journal.port` promises, asked of both implementations, and of the feed of the embedded one."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from contracts.cloudevents import from_headers
from contracts.streams import Cursor
from contracts.topics import EVENTS, all_topics
from storage.errors import RecordTooLarge
from storage.journal.port import Journal, NewEvent, StoredEvent
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.port import MAX_RECORD_BYTES, LogRecord
from storage.log.sqlite import SqliteEventLog
from storage.sources import Uuid7
from storage.sqlite import Database
from tests.contract.backends import Backend, MongoBackend, mongo_backend

TIME = "2026-11-23T09:00:00.000000+00:00"
STREAM = "session:1"


def event(name: str, data: bytes = b'{"text":"\xec\x95\x88\xeb\x85\x95"}') -> NewEvent:
    return NewEvent(name, "bubble.read", data, TIME)


def events(names: Iterable[str]) -> list[NewEvent]:
    return [event(name) for name in names]


async def everything(journal: Journal, stream: str = STREAM) -> list[StoredEvent]:
    """All events of the stream, after checking that they are numbered densely within one epoch."""
    found = list(await journal.read(stream, 0, 10_000))
    assert [each.seq for each in found] == list(range(1, len(found) + 1))
    assert len({each.epoch for each in found}) <= 1
    assert len({each.id for each in found}) == len(found)
    expected = Cursor(epoch=found[-1].epoch, seq=len(found)) if found else None
    assert await journal.position(stream) == expected
    return found


async def test_events_are_numbered_densely_from_1_in_the_order_given(journal: Journal) -> None:
    first = await journal.append(STREAM, [event("a"), event("b", b'"\\u0000"')])
    second = await journal.append(STREAM, [event("c")])
    other = await journal.append("session:2", [event("a")])
    assert [(each.seq, each.id, each.data) for each in first] == [(1, "a", event("a").data), (2, "b", b'"\\u0000"')]
    assert [(each.stream, each.type, each.time) for each in second] == [(STREAM, "bubble.read", TIME)]
    assert second[0].seq == 3
    assert other[0].seq == 1
    assert other[0].epoch != first[0].epoch
    assert await everything(journal) == [*first, *second]


async def test_appending_again_finds_what_is_there(journal: Journal) -> None:
    first = await journal.append(STREAM, events("abc"))
    again = await journal.append(STREAM, [event("b", b"{}"), event("d"), event("a"), event("d"), event("e")])
    assert [(each.id, each.seq) for each in again] == [("b", 2), ("d", 4), ("a", 1), ("d", 4), ("e", 5)]
    assert again[0] == first[1]
    assert await journal.append(STREAM, events("cab")) == [first[2], first[0], first[1]]
    assert len(await everything(journal)) == 5


async def test_appending_nothing_makes_no_stream(journal: Journal) -> None:
    assert list(await journal.append(STREAM, [])) == []
    assert await journal.position(STREAM) is None
    assert list(await journal.read(STREAM, 0, 10)) == []


async def test_fifty_writers_of_one_stream_get_one_dense_sequence(journal: Journal) -> None:
    async def write(writer: int) -> None:
        for turn in range(4):
            names = [f"{writer}/{turn}/{number}" for number in range(1 + (writer + turn) % 3)]
            stored = await journal.append(STREAM, events(names))
            assert [each.id for each in stored] == names
            numbers = [each.seq for each in stored]
            assert numbers == sorted(numbers)

    await asyncio.gather(*(write(writer) for writer in range(50)))
    found = await everything(journal)
    for writer in range(50):
        own = [each.id for each in found if each.id.startswith(f"{writer}/")]
        expected = [f"{writer}/{turn}/{number}" for turn in range(4) for number in range(1 + (writer + turn) % 3)]
        assert own == expected


async def test_fifty_writers_of_the_same_events_store_each_once(journal: Journal) -> None:
    answers = await asyncio.gather(*(journal.append(STREAM, events("abc")) for _ in range(50)))
    found = await everything(journal)
    assert [each.id for each in found] == ["a", "b", "c"]
    assert all(list(answer) == found for answer in answers)


async def test_processes_that_share_a_store_get_one_dense_sequence(mongo_uri: str) -> None:
    """Two journals of one database know nothing of each other, as in two processes."""
    async with mongo_backend(mongo_uri) as backend, backend.open() as one, backend.open() as other:

        async def write(journal: Journal, writer: str) -> None:
            for turn in range(3):
                await journal.append(STREAM, events([f"{writer}/{turn}", f"shared/{turn}", f"{writer}/{turn}/last"]))

        writers = [write(one.journal, f"one{number}") for number in range(8)]
        writers += [write(other.journal, f"other{number}") for number in range(8)]
        await asyncio.gather(*writers)
        found = await everything(one.journal)
        assert len(found) == 16 * 3 * 2 + 3
        assert await everything(other.journal) == found


async def test_read_goes_on_behind_a_position(journal: Journal) -> None:
    stored = list(await journal.append(STREAM, events(f"{number}" for number in range(10))))
    assert list(await journal.read(STREAM, 0, 4)) == stored[:4]
    assert list(await journal.read(STREAM, 4, 4)) == stored[4:8]
    assert list(await journal.read(STREAM, 8, 4)) == stored[8:]
    for after in (10, 10**6, 2**63, 10**40):
        assert list(await journal.read(STREAM, after, 4)) == []
    assert list(await journal.read("session:unknown", 0, 4)) == []
    for limit in (0, -1, 10**9):
        with pytest.raises(ValueError):
            await journal.read(STREAM, 0, limit)


async def test_a_deleted_stream_is_gone_and_refuses_late_work(journal: Journal) -> None:
    await journal.append(STREAM, events("abc"))
    kept = await journal.append("session:2", events("a"))
    for _ in range(2):
        await journal.delete(STREAM)
        assert await journal.position(STREAM) is None
        assert list(await journal.read(STREAM, 0, 10)) == []
        for late in ("a", "d"):
            assert list(await journal.append(STREAM, events(late))) == []
    assert await everything(journal) == []
    assert await everything(journal, "session:2") == list(kept)


async def test_a_stream_deleted_before_its_first_event_refuses_it(journal: Journal) -> None:
    await journal.delete(STREAM)
    assert list(await journal.append(STREAM, events("a"))) == []
    assert await journal.position(STREAM) is None


@pytest.mark.parametrize("deleters", [1, 3])
async def test_nothing_survives_a_deletion_among_writers(backend: Backend, deleters: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(backend.open())]
        if isinstance(backend, MongoBackend):
            # A second process: the first cannot know of the deletion but through the store.
            opened.append(await stack.enter_async_context(backend.open()))
        started = asyncio.Event()

        async def write(journal: Journal, writer: str) -> None:
            for turn in range(1000):
                if not await journal.append(STREAM, events([f"{writer}/{turn}/a", f"{writer}/{turn}/b"])):
                    return
                if turn == 2:
                    started.set()
            raise AssertionError("the stream was never deleted")

        async def delete(journal: Journal) -> None:
            await started.wait()
            await journal.delete(STREAM)

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for number in range(10):
                tasks.create_task(write(opened[number % len(opened)].journal, str(number)))
            for _ in range(deleters):
                tasks.create_task(delete(opened[-1].journal))
        for each in opened:
            assert await everything(each.journal) == []
            assert list(await each.journal.append(STREAM, events("x"))) == []


async def test_an_event_too_large_for_the_live_topic_is_refused_with_its_company(journal: Journal) -> None:
    large = event("large", b'"' + b"x" * MAX_RECORD_BYTES + b'"')
    with pytest.raises(RecordTooLarge):
        await journal.append(STREAM, [event("a"), large])
    assert await everything(journal) == []
    largest = event("largest", b"0" * MAX_RECORD_BYTES)
    await journal.append(STREAM, [largest])
    assert [each.data for each in await everything(journal)] == [largest.data]


async def test_text_that_is_not_unicode_fails_its_own_append_only(journal: Journal) -> None:
    outcomes = await asyncio.gather(
        *(journal.append(STREAM, events([name])) for name in ("a", "\ud800", "b")), return_exceptions=True
    )
    assert isinstance(outcomes[1], ValueError)
    assert {each.id for each in await everything(journal)} == {"a", "b"}


async def test_writers_who_give_up_leave_no_gap(journal: Journal) -> None:
    async def write(writer: int) -> Sequence[StoredEvent]:
        return await journal.append(STREAM, events([f"{writer}/a", f"{writer}/b"]))

    tasks = [asyncio.create_task(write(number)) for number in range(30)]
    for turn in range(20):
        await asyncio.sleep(0)
        tasks[turn].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    found = await everything(journal)
    names = {each.id for each in found}
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, BaseException):
            assert isinstance(outcome, asyncio.CancelledError)
        else:
            assert {f"{number}/a", f"{number}/b"} <= names
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) >= 10
    await asyncio.gather(*(write(number) for number in range(30)))
    assert len(await everything(journal)) == 60


async def test_the_sequence_goes_on_when_opened_again(backend: Backend) -> None:
    async with backend.open() as first:
        before = await first.journal.append(STREAM, events("ab"))
        await first.journal.append("session:2", events("ab"))
        await first.journal.delete("session:2")
    async with backend.open() as second:
        await second.journal.check()
        after = await second.journal.append(STREAM, events("bc"))
        assert [(each.epoch, each.seq) for each in after] == [(before[0].epoch, 2), (before[0].epoch, 3)]
        assert list(await second.journal.append("session:2", events("c"))) == []
        assert len(await everything(second.journal)) == 3


async def records_of(log: SqliteEventLog, stream: str) -> list[LogRecord]:
    return list(await log.read(EVENTS, log.partition_of(EVENTS, stream), 0, 10_000))


async def test_the_embedded_feed_publishes_each_event_once_in_order(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "tokstream.db")
    try:
        journal = await SqliteJournal.open(database, Uuid7())
        log = SqliteEventLog(database)
        await log.ensure(all_topics())
        feed = SqliteFeed(journal, log)
        partition = log.partition_of(EVENTS, STREAM)
        async with log.tail(EVENTS, [partition]) as tail:
            await asyncio.gather(*(feed.append(STREAM, events([f"{number}", "shared"])) for number in range(50)))
            with pytest.raises(RecordTooLarge):
                await feed.append(STREAM, [event("refused"), event("large", b"x" * (MAX_RECORD_BYTES + 1))])
            await feed.append(STREAM, events(["1", "last"]))
            assert list(await feed.append(STREAM, [])) == []
            seen: list[LogRecord] = []
            async with asyncio.timeout(20):
                async for record in tail.records():
                    seen.append(record)
                    if from_headers(record.headers).id == "last":
                        break
        found = await everything(journal)
        envelopes = [from_headers(record.headers) for record in seen]
        assert [(each.subject, each.epoch, each.seq, each.id, each.type, each.time) for each in envelopes] == [
            (each.stream, each.epoch, each.seq, each.id, each.type, each.time) for each in found
        ]
        assert [record.value for record in seen] == [each.data for each in found]
        assert len(found) == 52
        await journal.delete(STREAM)
        assert list(await feed.append(STREAM, events("x"))) == []
        assert len(await records_of(log, STREAM)) == 52
    finally:
        await database.close()
