"""The embedded log: publishing within somebody's transaction, waking readers, keeping and removing records."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.topics import EVENTS, TopicSpec
from storage.errors import Unavailable
from storage.log.port import NewRecord, Offset, TopicPartition
from storage.log.sqlite import Retention, SqliteEventLog, insert_record
from storage.log.sqlite_tables import TRIM_EVERY
from storage.sqlite import Database

ONE = TopicSpec(name="one", partitions=1)
LIVE = TopicSpec(name=EVENTS, partitions=1)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "tokstream.db")
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def log(database: Database) -> SqliteEventLog:
    log = SqliteEventLog(database, revocation_timeout=5.0)
    await log.ensure([ONE, LIVE])
    return log


def record(topic: TopicSpec, value: object) -> NewRecord:
    return NewRecord(topic.name, "key", str(value).encode(), {})


async def test_a_record_of_a_transaction_is_there_with_the_rest_of_it(database: Database, log: SqliteEventLog) -> None:
    await database.write(lambda c: c.execute("CREATE TABLE mine (a)") and None)

    def with_record(connection: sqlite3.Connection) -> list[tuple[str, Offset]]:
        connection.execute("INSERT INTO mine VALUES (1)")
        return [(ONE.name, insert_record(connection, record(ONE, "with")))]

    def failing(connection: sqlite3.Connection) -> None:
        insert_record(connection, record(ONE, "never"))
        raise ValueError("the transaction is undone")

    async with log.tail(ONE.name, [0]) as tail:
        with pytest.raises(ValueError, match="undone"):
            await database.write(failing)
        await database.write(with_record, committed=log.announce)
        async with asyncio.timeout(5):
            found = await anext(aiter(tail.records()))
    assert (found.offset, found.value) == (0, b"with")
    assert await database.read(lambda c: c.execute("SELECT count(*) FROM mine").fetchone()) == (1,)


async def test_every_commit_wakes_the_readers_that_wait(log: SqliteEventLog) -> None:
    """How soon is for tests/bench/log.py to say: here a reader that is not woken waits for ever."""
    async with log.tail(ONE.name, [0]) as tail, log.consume([ONE.name], "readers") as subscription:
        records = tail.records()
        for n in range(100):
            waiting = asyncio.gather(anext(aiter(records)), subscription.poll(1, 60.0))
            await asyncio.sleep(0)
            await log.publish(record(ONE, n))
            async with asyncio.timeout(10):
                tailed, (polled,) = await waiting
            assert tailed == polled
            assert polled.value == str(n).encode()


async def test_what_a_cancelled_publisher_has_stored_wakes_readers_nevertheless(log: SqliteEventLog) -> None:
    async with log.tail(ONE.name, [0]) as tail:
        publishing = asyncio.create_task(log.publish(record(ONE, 1)))
        await asyncio.sleep(0)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        await log.publish(record(ONE, 2))
        async with asyncio.timeout(5):
            first = await anext(aiter(tail.records()))
    assert first.value in (b"1", b"2")
    stored = await log.read(ONE.name, 0, 0, 10)
    assert first == stored[0]


async def test_consumed_records_are_removed_behind_every_group(database: Database) -> None:
    log = SqliteEventLog(database, retention=Retention(consumed_records=10))
    await log.ensure([ONE])

    async def publish(count: int) -> None:
        await log.publish_many([record(ONE, n) for n in range(count)])

    async def first() -> int:
        return (await log.read(ONE.name, 0, 0, 1))[0].offset

    await publish(2 * TRIM_EVERY)
    # No group has ever committed: everything may still be wanted.
    assert await first() == 0
    async with log.consume([ONE.name], "slow") as slow, log.consume([ONE.name], "fast") as fast:
        await slow.commit({TopicPartition(ONE.name, 0): 100})
        await fast.commit({TopicPartition(ONE.name, 0): 2 * TRIM_EVERY})
        # Each member of another group has all partitions; one of the same group would not.
        await publish(TRIM_EVERY)
        assert await first() == 90
        await slow.commit({TopicPartition(ONE.name, 0): 3 * TRIM_EVERY})
        await publish(TRIM_EVERY)
        assert await first() == 2 * TRIM_EVERY - 10
        # A group that has joined and not yet committed has read nothing as far as anybody knows.
        async with log.consume([ONE.name], "new"):
            await fast.commit({TopicPartition(ONE.name, 0): 4 * TRIM_EVERY})
            await slow.commit({TopicPartition(ONE.name, 0): 4 * TRIM_EVERY})
            await publish(TRIM_EVERY)
            assert await first() == 2 * TRIM_EVERY - 10
    assert await log.publish(record(ONE, "dense")) == (0, 5 * TRIM_EVERY)


async def test_live_records_are_removed_by_age_and_number(database: Database) -> None:
    clock = SetClock()
    log = SqliteEventLog(database, clock, Retention(live_seconds=60.0, live_records=3 * TRIM_EVERY))
    await log.ensure([LIVE])

    async def publish(count: int) -> None:
        await log.publish_many([record(LIVE, n) for n in range(count)])

    async def first() -> int:
        return (await log.read(LIVE.name, 0, 0, 1))[0].offset

    await publish(TRIM_EVERY)
    clock.time += timedelta(seconds=59)
    await publish(TRIM_EVERY)
    assert await first() == 0
    clock.time += timedelta(seconds=2)
    await publish(TRIM_EVERY)
    assert await first() == TRIM_EVERY
    await publish(4 * TRIM_EVERY)
    assert await first() >= 4 * TRIM_EVERY - 1
    # A tail from an offset that is gone goes on with what there is; one at the very end waits.
    async with log.tail(LIVE.name, [0], {0: 5}) as tail:
        async with asyncio.timeout(5):
            assert (await anext(aiter(tail.records()))).offset == await first()


async def test_a_reader_behind_what_was_removed_goes_on_at_the_end(database: Database) -> None:
    clock = SetClock()
    log = SqliteEventLog(database, clock, Retention(live_seconds=1.0))
    await log.ensure([LIVE])
    await log.publish_many([record(LIVE, n) for n in range(TRIM_EVERY - 1)])
    clock.time += timedelta(seconds=10)
    async with log.tail(LIVE.name, [0], {0: 0}) as tail, log.consume([LIVE.name], "late") as subscription:
        await log.publish(record(LIVE, "kept"))
        async with asyncio.timeout(5):
            assert (await anext(aiter(tail.records()))).value == b"kept"
            (polled,) = await subscription.poll(10, 5.0)
            assert polled.value == b"kept"
            assert await subscription.poll(10, 0.0) == ()


async def test_a_full_disk_refuses_and_loses_nothing(database: Database, log: SqliteEventLog) -> None:
    await log.publish(record(ONE, "before"))
    pages = await database.write(lambda c: int(c.execute("PRAGMA page_count").fetchone()[0]))
    await database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 4}").fetchone())
    with pytest.raises(Unavailable):
        await log.publish(NewRecord(ONE.name, "key", b"x" * 200_000, {}))
    await database.write(lambda c: c.execute("PRAGMA max_page_count = 1073741823").fetchone())
    assert await log.publish(record(ONE, "after")) == (0, 1)
    assert [each.value for each in await log.read(ONE.name, 0, 0, 10)] == [b"before", b"after"]


async def test_large_records_are_polled_a_few_at_once(log: SqliteEventLog) -> None:
    large = b"x" * 5_000_000
    for _ in range(6):
        await log.publish(NewRecord(ONE.name, "key", large, {}))
    async with log.consume([ONE.name], "readers") as subscription:
        sizes: list[int] = []
        while sum(sizes) < 6:
            sizes.append(len(await subscription.poll(100, 5.0)))
    assert sizes == [4, 2]


async def test_what_cannot_be_parsed_elsewhere_is_no_matter_to_the_log(log: SqliteEventLog) -> None:
    await log.publish(NewRecord(ONE.name, "", b"", {"": "", "a\n\x00": "\udfff".encode("utf-8", "replace").decode()}))
    (found,) = await log.read(ONE.name, 0, 0, 1)
    assert (found.key, found.value, dict(found.headers)) == ("", b"", {"": "", "a\n\x00": "?"})
