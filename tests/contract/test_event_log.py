"""What every event log does. Runs on the SQLite file and on a real Kafka broker."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.topics import TopicSpec
from storage.errors import RecordTooLarge, Unavailable
from storage.log.port import (
    MAX_RECORD_BYTES,
    EventLog,
    LogRecord,
    NewRecord,
    RevocationHandler,
    Subscription,
    TopicPartition,
)
from tests.contract.event_logs import (
    KafkaLogs,
    Logs,
    SqliteLogs,
    new_topic,
    next_offsets,
    record,
    take,
    take_tail,
    until,
    values,
)


@pytest.fixture(params=["sqlite", "kafka"])
def logs(request: pytest.FixtureRequest, tmp_path: Path) -> Logs:
    if request.param == "sqlite":
        return SqliteLogs(tmp_path / "tokstream.db")
    return KafkaLogs(request.getfixturevalue("kafka"))


@pytest.fixture
async def log(logs: Logs) -> AsyncIterator[EventLog]:
    async with logs.opened() as log:
        yield log


@pytest.fixture
async def topic(log: EventLog) -> TopicSpec:
    topic = new_topic()
    await log.ensure([topic])
    return topic


async def test_records_of_a_key_are_in_order_and_share_a_partition(log: EventLog, topic: TopicSpec) -> None:
    keys = [f"session-{n}" for n in range(12)]
    for n in range(10):
        await asyncio.gather(*(log.publish(record(topic, key, n)) for key in keys))
    async with log.consume([topic.name], "readers") as subscription:
        records = await take(subscription, 120)
    for key in keys:
        mine = [each for each in records if each.key == key]
        assert values(mine) == [str(n) for n in range(10)]
        assert {each.partition for each in mine} == {log.partition_of(topic.name, key)}
    assert len({each.partition for each in records}) == topic.partitions


async def test_keys_go_where_kafka_itself_would_put_them(log: EventLog) -> None:
    topic = new_topic(6)
    await log.ensure([topic])
    # Test vectors of Kafka's own murmur2 (UtilsTest.testMurmur2), and its DefaultPartitioner's arithmetic.
    for key, hashed in (("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)):
        assert log.partition_of(topic.name, key) == (hashed & 0x7FFFFFFF) % 6


async def test_published_together_they_are_stored_in_order(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, f"key-{n % 4}", n) for n in range(40)])
    await log.publish_many([])
    async with log.consume([topic.name], "readers") as subscription:
        records = await take(subscription, 40)
    for key in range(4):
        assert values([each for each in records if each.key == f"key-{key}"]) == [str(n) for n in range(key, 40, 4)]


async def test_offsets_are_dense_and_told_to_the_publisher(log: EventLog, topic: TopicSpec) -> None:
    partition = log.partition_of(topic.name, "one")
    for n in range(5):
        assert await log.publish(record(topic, "one", n)) == (partition, n)


async def test_headers_keys_and_times_come_back_as_they_were(log: EventLog, topic: TopicSpec) -> None:
    headers = {"content-type": "application/json", "ce_subject": "session:톡", "empty": ""}
    before = time.time()
    await log.publish(NewRecord(topic.name, "열쇠", b"\x00\xff", headers))
    async with log.consume([topic.name], "readers") as subscription:
        (found,) = await take(subscription, 1)
    assert (found.key, found.value, dict(found.headers)) == ("열쇠", b"\x00\xff", headers)
    assert before - 1 <= found.timestamp <= time.time() + 1


async def test_every_group_gets_every_record(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, f"key-{n}", n) for n in range(9)])
    for group in ("first", "second"):
        async with log.consume([topic.name], group) as subscription:
            records = await take(subscription, 9)
            await subscription.commit(next_offsets(records))
            assert sorted(values(records)) == sorted(map(str, range(9)))


async def test_a_group_goes_on_where_it_has_committed_after_a_restart(logs: Logs) -> None:
    topic = new_topic(1)
    async with logs.opened() as log:
        await log.ensure([topic])
        await log.publish_many([record(topic, "key", n) for n in range(10)])
        async with log.consume([topic.name], "readers") as subscription:
            records = await take(subscription, 10)
            await subscription.commit(next_offsets(records[:4]))
    async with logs.opened() as log:
        await log.ensure([topic])
        async with log.consume([topic.name], "readers") as subscription:
            # What was polled and not committed is delivered again.
            again = await take(subscription, 6)
            assert values(again) == ["4", "5", "6", "7", "8", "9"]
            assert await log.publish(record(topic, "key", 10)) == (0, 10)
            assert values(await take(subscription, 1)) == ["10"]


async def test_the_last_commit_counts_also_where_it_goes_back(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, "key", n) for n in range(4)])
    place = TopicPartition(topic.name, log.partition_of(topic.name, "key"))
    async with log.consume([topic.name], "readers") as subscription:
        await take(subscription, 4)
        await subscription.commit({place: 4})
        assert await subscription.lag() == 0
        await subscription.commit({place: 1})
        assert await subscription.lag() == 3
        # Polling goes on from where it is.
        assert await subscription.poll(10, 0.2) == ()
    async with log.consume([topic.name], "readers") as subscription:
        assert values(await take(subscription, 3)) == ["1", "2", "3"]


async def test_a_poll_waits_for_the_first_record_only(log: EventLog, topic: TopicSpec) -> None:
    async with log.consume([topic.name], "readers") as subscription, asyncio.TaskGroup() as tasks:
        await until(lambda: bool(subscription.assignment()))
        started = time.monotonic()
        assert list(await subscription.poll(10, 0.3)) == []
        assert 0.25 < time.monotonic() - started < 3.0
        poll = tasks.create_task(take(subscription, 1))
        await log.publish(record(topic, "key", "now"))
        assert values(await poll) == ["now"]


async def test_polls_give_no_more_than_was_asked_for(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, f"key-{n}", n) for n in range(30)])
    async with log.consume([topic.name], "readers") as subscription:
        found: list[LogRecord] = []
        while len(found) < 30:
            batch = await subscription.poll(7, 5.0)
            assert len(batch) <= 7
            found += batch
        assert sorted(int(value) for value in values(found)) == list(range(30))


async def test_paused_partitions_are_not_polled_and_lose_nothing(log: EventLog, topic: TopicSpec) -> None:
    keys = [f"key-{n}" for n in range(12)]
    await log.publish_many([record(topic, key, 0) for key in keys])
    paused = TopicPartition(topic.name, log.partition_of(topic.name, keys[0]))
    async with log.consume([topic.name], "readers") as subscription:
        await take(subscription, 12)
        subscription.pause([paused])
        subscription.pause([paused])
        await log.publish_many([record(topic, key, 1) for key in keys])
        others = sum(log.partition_of(topic.name, key) != paused.partition for key in keys)
        records = await take(subscription, others)
        assert all(each.partition != paused.partition for each in records)
        assert list(await subscription.poll(10, 0.3)) == []
        subscription.resume([paused])
        assert {each.partition for each in await take(subscription, 12 - others)} == {paused.partition}


async def test_a_large_record_is_stored_and_a_larger_one_refused(log: EventLog, topic: TopicSpec) -> None:
    largest = bytes(range(256)) * (MAX_RECORD_BYTES // 256)
    async with log.consume([topic.name], "readers") as subscription:
        with pytest.raises(RecordTooLarge):
            await log.publish(NewRecord(topic.name, "key", largest + b"x", {}))
        with pytest.raises(RecordTooLarge):
            await log.publish(NewRecord(topic.name, "key", b"", {"ce_subject": "x" * 100_000}))
        with pytest.raises(RecordTooLarge):
            await log.publish_many(
                [NewRecord(topic.name, "key", b"fits", {}), NewRecord(topic.name, "key", largest + b"x", {})]
            )
        for _ in range(3):
            await log.publish(NewRecord(topic.name, "key", largest, {"ce_subject": "x" * 60_000}))
        assert [each.value == largest for each in await take(subscription, 3)] == [True] * 3


async def test_a_tail_sees_what_is_published_after_it_was_entered(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, f"key-{n}", f"before-{n}") for n in range(6)])
    async with log.tail(topic.name, range(topic.partitions)) as tail:
        await log.publish_many([record(topic, f"key-{n}", f"after-{n}") for n in range(6)])
        assert sorted(values(await take_tail(tail, 6))) == [f"after-{n}" for n in range(6)]
        await log.publish(record(topic, "key", "last"))
        assert values(await take_tail(tail, 1)) == ["last"]


async def test_a_tail_starts_where_it_is_told_to(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, "key", n) for n in range(10)])
    partition = log.partition_of(topic.name, "key")
    async with log.tail(topic.name, [partition], {partition: 7}) as tail:
        records = await take_tail(tail, 3)
        assert [(each.offset, each.value) for each in records] == [(7, b"7"), (8, b"8"), (9, b"9")]


async def test_a_tail_follows_other_partitions_on_demand(log: EventLog, topic: TopicSpec) -> None:
    keys = {log.partition_of(topic.name, f"key-{n}"): f"key-{n}" for n in range(40)}
    async with log.tail(topic.name, [0]) as tail:
        await log.publish_many([record(topic, keys[p], f"a{p}") for p in range(3)])
        assert values(await take_tail(tail, 1)) == ["a0"]
        await tail.follow([0, 1])
        # What came to partition 1 before is not what comes next.
        await log.publish_many([record(topic, keys[p], f"b{p}") for p in range(3)])
        assert sorted(values(await take_tail(tail, 2))) == ["b0", "b1"]
        await tail.follow([2])
        await log.publish_many([record(topic, keys[p], f"c{p}") for p in range(3)])
        assert values(await take_tail(tail, 1)) == ["c2"]
        await tail.follow([])
        await log.publish_many([record(topic, keys[p], f"d{p}") for p in range(3)])
        await tail.follow([0, 1, 2])
        await log.publish_many([record(topic, keys[p], f"e{p}") for p in range(3)])
        assert sorted(values(await take_tail(tail, 3))) == ["e0", "e1", "e2"]


async def test_a_tail_follows_while_somebody_waits_for_its_records(log: EventLog, topic: TopicSpec) -> None:
    async with log.tail(topic.name, []) as tail, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(take_tail(tail, 5))
        for n in range(5):
            await tail.follow([log.partition_of(topic.name, f"key-{n}")])
            await log.publish(record(topic, f"key-{n}", n))
            # Followed or not, what was published is not lost to the one who waits before the set changes again.
            await asyncio.sleep(0.2)
        assert values(await waiting) == ["0", "1", "2", "3", "4"]


async def test_reading_for_inspection_does_not_wait_or_move_groups(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, "key", n) for n in range(10)])
    partition = log.partition_of(topic.name, "key")
    assert values(await log.read(topic.name, partition, 3, 4)) == ["3", "4", "5", "6"]
    assert values(await log.read(topic.name, partition, 8, 100)) == ["8", "9"]
    assert list(await log.read(topic.name, partition, 10, 100)) == []
    async with log.consume([topic.name], "readers") as subscription:
        assert len(await take(subscription, 10)) == 10


async def test_lag_counts_what_is_not_committed(log: EventLog, topic: TopicSpec) -> None:
    await log.publish_many([record(topic, f"key-{n}", n) for n in range(12)])
    async with log.consume([topic.name], "readers") as subscription:
        records = await take(subscription, 12)
        assert await subscription.lag() == 12
        await subscription.commit(next_offsets(records))
        assert await subscription.lag() == 0


async def test_offsets_of_partitions_that_are_not_ours_are_left_out(log: EventLog, topic: TopicSpec) -> None:
    await log.publish(record(topic, "key", 1))
    async with log.consume([topic.name], "readers") as subscription:
        records = await take(subscription, 1)
        await subscription.commit({TopicPartition(topic.name, 99): 5, **next_offsets(records)})
        assert await subscription.lag() == 0


async def test_topics_are_made_once_and_unknown_ones_are_unavailable(log: EventLog, topic: TopicSpec) -> None:
    await log.publish(record(topic, "key", 1))
    await log.ensure([topic, new_topic()])
    partition = log.partition_of(topic.name, "key")
    assert values(await log.read(topic.name, partition, 0, 10)) == ["1"]
    with pytest.raises(Unavailable, match="there is no topic"):
        await log.publish(record(new_topic(), "key", 1))
    with pytest.raises(Unavailable, match="there is no topic"):
        log.partition_of("test.unknown", "key")
    for unknown in (log.consume(["test.unknown"], "readers"), log.tail("test.unknown", [0])):
        with pytest.raises(Unavailable, match=r"there is no (topic|partition)"):
            async with unknown:
                raise AssertionError("entered what is not there")
    with pytest.raises(Unavailable, match=r"there is no (topic|partition)"):
        await log.read("test.unknown", 0, 0, 1)
    with pytest.raises(Unavailable, match="there is no partition"):
        await log.read(topic.name, 99, 0, 1)
    await log.check()


class Worker:
    """A consumer that handles what it polls and commits it, also when partitions are taken from it."""

    def __init__(self) -> None:
        self.handled: list[LogRecord] = []
        self.uncommitted: list[LogRecord] = []
        self.revoked: set[TopicPartition] = set()
        self.subscription: Subscription | None = None
        self.stop = asyncio.Event()

    async def on_revoke(self, partitions: frozenset[TopicPartition]) -> None:
        assert self.subscription is not None
        assert partitions <= self.subscription.assignment()
        self.revoked |= partitions
        await self.commit()

    async def commit(self) -> None:
        assert self.subscription is not None
        done, self.uncommitted = self.uncommitted, []
        await self.subscription.commit(next_offsets(done))

    async def run(self, log: EventLog, topic: TopicSpec) -> None:
        async with log.consume([topic.name], "workers", self.on_revoke) as self.subscription:
            while not self.stop.is_set():
                records = await self.subscription.poll(10, 0.1)
                self.handled += records
                self.uncommitted += records
                if len(self.uncommitted) >= 20:
                    await self.commit()
            await self.commit()

    def partitions(self) -> int:
        return 0 if self.subscription is None else len(self.subscription.assignment())


async def test_members_of_a_group_share_partitions_and_take_over(log: EventLog) -> None:
    topic = new_topic(6)
    await log.ensure([topic])
    first, second = Worker(), Worker()
    published = 0

    async def publish(count: int) -> None:
        nonlocal published
        await log.publish_many([record(topic, f"key-{n % 30}", n) for n in range(published, published + count)])
        published += count

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(first.run(log, topic))
        await publish(100)
        await until(lambda: first.partitions() == 6 and len(first.handled) == 100)
        tasks.create_task(second.run(log, topic))
        await until(lambda: (first.partitions(), second.partitions()) == (3, 3))
        assert first.revoked
        assert first.uncommitted == []
        await publish(200)
        await until(lambda: len(first.handled) + len(second.handled) >= 300)
        assert second.handled
        first.stop.set()
        await until(lambda: second.partitions() == 6)
        await publish(100)
        await until(lambda: len(first.handled) + len(second.handled) >= 400)
        second.stop.set()
    # They committed before they let go, so nothing was handled twice.
    assert sorted(int(value) for value in values(first.handled + second.handled)) == list(range(400))
    for worker in (first, second):
        for key in range(30):
            numbers = [int(each.value) for each in worker.handled if each.key == f"key-{key}"]
            assert numbers == sorted(numbers)


async def hang(_: frozenset[TopicPartition]) -> None:
    await asyncio.Event().wait()


async def fail(_: frozenset[TopicPartition]) -> None:
    raise RuntimeError("the handler is broken")


@pytest.mark.parametrize("handler", [hang, fail])
async def test_a_member_that_does_not_let_go_is_not_waited_for_forever(
    log: EventLog, topic: TopicSpec, handler: RevocationHandler
) -> None:
    async with asyncio.TaskGroup() as tasks:
        stop = asyncio.Event()
        shares: dict[str, Subscription] = {}

        async def member(name: str) -> None:
            async with log.consume([topic.name], "workers", handler) as subscription:
                shares[name] = subscription
                while not stop.is_set():
                    await subscription.poll(10, 0.1)

        tasks.create_task(member("first"))
        await until(lambda: "first" in shares and len(shares["first"].assignment()) == topic.partitions)
        tasks.create_task(member("second"))
        await until(lambda: "second" in shares and len(shares["second"].assignment()) > 0)
        await until(lambda: sum(len(each.assignment()) for each in shares.values()) == topic.partitions)
        stop.set()
