"""kill -9: of the process that writes the SQLite log, and of the Kafka broker. Nothing acknowledged is lost."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.errors import Unavailable
from storage.log.kafka import KafkaConfig, KafkaEventLog
from storage.log.port import LogRecord, TopicPartition
from storage.log.sqlite import SqliteEventLog
from storage.sqlite import Database
from tests.contract.event_logs import (
    PATIENCE_S,
    KafkaLogs,
    new_topic,
    next_offsets,
    record,
    take,
    until,
    values,
)
from tests.contract.publisher import TOPIC
from tests.servers.kafka import KafkaServer
from tests.servers.process import HOST, free_ports

ROOT = Path(__file__).parents[2]
KILLS = 12
SHORTEST_SESSION_S = 6.0
"""What a broker grants at least, unless told otherwise."""


def publish_until_killed(path: Path, run: str, seconds: float) -> list[str]:
    """The lines that a publishing process printed before it was killed, that long after its first."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.contract.publisher", str(path), run],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.endswith("\n")
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    # The last line may have been cut by the kill.
    return [first.strip(), *(line for line in rest.split("\n")[:-1])]


@pytest.mark.slow
async def test_sqlite_keeps_all_that_was_acknowledged_when_its_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "tokstream.db"
    moments = random.Random(20260)
    acknowledged: set[str] = set()
    for run in range(KILLS):
        seconds = moments.uniform(0.0, 0.12)
        acknowledged.update(await asyncio.to_thread(publish_until_killed, path, str(run), seconds))
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    database = await Database.open(path)
    log = SqliteEventLog(database)
    await log.ensure([TOPIC])
    stored: list[LogRecord] = []
    async with log.consume([TOPIC.name], "readers") as subscription:
        while records := await subscription.poll(1000, 0.0):
            stored += records
    await database.close()
    assert len(acknowledged) > KILLS * 10
    assert acknowledged <= set(values(stored))
    for partition in range(TOPIC.partitions):
        offsets = [each.offset for each in stored if each.partition == partition]
        assert offsets == list(range(len(offsets)))
    for writer in {each.key for each in stored}:
        numbers = [int(each.value.split()[1]) for each in stored if each.key == writer]
        assert numbers == list(range(len(numbers)))


def consume_until_killed(bootstrap: str, topic: str) -> str:
    """The line that a consuming process printed before it was killed."""
    command = [sys.executable, "-m", "tests.contract.doomed_consumer", bootstrap, topic]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            return process.stdout.readline()
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.mark.slow
async def test_what_a_killed_consumer_has_not_committed_goes_to_another(kafka: KafkaServer) -> None:
    topic = new_topic(1)
    config = KafkaConfig(bootstrap=kafka.bootstrap, session_timeout=SHORTEST_SESSION_S, revocation_timeout=1.0)
    log = KafkaEventLog(config)
    try:
        await log.ensure([topic])
        await log.publish_many([record(topic, "key", n) for n in range(10)])
        said = await asyncio.to_thread(consume_until_killed, kafka.bootstrap, topic.name)
        assert said == "polled 10, committed 4\n"
        async with log.consume([topic.name], "readers") as subscription:
            assert values(await take(subscription, 6)) == ["4", "5", "6", "7", "8", "9"]
    finally:
        await log.close()


@pytest.fixture
def mortal(kafka: KafkaServer) -> Iterator[KafkaServer]:
    """The broker, running again afterwards."""
    try:
        yield kafka
    finally:
        if not kafka.running:
            kafka.restart()


@pytest.mark.slow
async def test_kafka_keeps_all_that_was_acknowledged_when_the_broker_is_killed(mortal: KafkaServer) -> None:
    topic = new_topic(3)
    acknowledged: list[str] = []
    tailed: list[LogRecord] = []
    consumed: list[LogRecord] = []
    stop, finished = asyncio.Event(), asyncio.Event()

    async with KafkaLogs(mortal).opened() as log, asyncio.TaskGroup() as tasks:
        await log.ensure([topic])

        async def publish(writer: int) -> None:
            number = 0
            while not stop.is_set():
                value = f"{writer} {number}"
                try:
                    await log.publish(record(topic, f"key-{writer}", value))
                except Unavailable:
                    continue
                acknowledged.append(value)
                number += 1
                await asyncio.sleep(0.002)

        async def consume() -> None:
            async with log.consume([topic.name], "readers") as subscription:
                while not (finished.is_set() and set(acknowledged) <= {*values(consumed)}):
                    try:
                        records = await subscription.poll(100, 0.2)
                        consumed.extend(records)
                        await subscription.commit(next_offsets(records))
                    except Unavailable:
                        await asyncio.sleep(0.1)

        async def tail() -> None:
            async with log.tail(topic.name, range(3)) as tail:
                ready.set()
                async for each in tail.records():
                    tailed.append(each)

        ready = asyncio.Event()
        tailing = tasks.create_task(tail())
        await ready.wait()
        consuming = tasks.create_task(consume())
        writers = [tasks.create_task(publish(writer)) for writer in range(10)]
        for _ in range(2):
            enough = len(acknowledged) + 300
            await until(lambda enough=enough: len(acknowledged) >= enough and len(consumed) > 0)  # type: ignore[misc]
            await asyncio.to_thread(mortal.kill9)
            during = len(acknowledged)
            with pytest.raises(Unavailable):
                await log.check()
            assert len(acknowledged) == during
            await asyncio.to_thread(mortal.start)
            started = time.monotonic()
            # Client and broker find each other again without our doing anything.
            await until(lambda during=during: len(acknowledged) >= during + 50)  # type: ignore[misc]
            print(f"first acknowledgements {time.monotonic() - started:.1f} s after the broker's port is open")
        stop.set()
        await asyncio.wait(writers)
        finished.set()
        async with asyncio.timeout(PATIENCE_S):
            await consuming
        await until(lambda: set(acknowledged) <= {*values(tailed)})
        tailing.cancel()

    async with KafkaLogs(mortal).opened() as log:
        await log.ensure([topic])
        stored: list[LogRecord] = []
        for partition in range(3):
            stored += await log.read(topic.name, partition, 0, 1_000_000)
    assert set(acknowledged) <= set(values(stored))
    assert set(acknowledged) <= set(values(consumed))
    places = [(each.partition, each.offset) for each in tailed]
    assert len(places) == len(set(places))
    for writer in range(10):
        numbers = [int(each.value.split()[1]) for each in stored if each.key == f"key-{writer}"]
        assert numbers == sorted(numbers)


@pytest.mark.slow
async def test_kafka_that_is_not_there_yet_is_found_when_it_comes(mortal: KafkaServer) -> None:
    mortal.kill9()
    topic = new_topic(2)
    log = KafkaEventLog(KafkaConfig(bootstrap=mortal.bootstrap, publish_timeout=2.0))
    try:
        for attempt in (
            log.ensure([topic]),
            log.check(),
            log.publish(record(topic, "key", 1)),
            log.consume([topic.name], "readers").__aenter__(),
            log.tail(topic.name, [0]).__aenter__(),
        ):
            with pytest.raises(Unavailable):
                await attempt
        assert log.partition_of(topic.name, "key") in (0, 1)
        await asyncio.to_thread(mortal.start)

        async def published() -> bool:
            try:
                await log.publish(record(topic, "key", 2))
            except Unavailable:
                return False
            return True

        await until(published)
        await log.check()
        async with log.consume([topic.name], "readers") as subscription:
            assert values(await take(subscription, 1)) == ["2"]
            place = TopicPartition(topic.name, log.partition_of(topic.name, "key"))
            await subscription.commit({place: 1})
    finally:
        await log.close()


@pytest.mark.slow
async def test_kafka_that_hangs_is_unavailable_within_a_bound(mortal: KafkaServer) -> None:
    topic = new_topic(2)
    log = KafkaEventLog(KafkaConfig(bootstrap=mortal.bootstrap, publish_timeout=2.0, request_timeout=3.0))
    try:
        await log.ensure([topic])
        await log.publish(record(topic, "key", 1))
        async with log.consume([topic.name], "readers") as subscription:
            await take(subscription, 1)
            mortal.suspend()
            try:
                started = time.monotonic()
                with pytest.raises(Unavailable, match="in time"):
                    await log.publish(record(topic, "key", 2))
                with pytest.raises(Unavailable):
                    await log.check()
                assert list(await subscription.poll(10, 0.5)) == []
                assert time.monotonic() - started < 12.0
            finally:
                mortal.resume()
            await log.publish(record(topic, "key", 3))
            records = await take(subscription, 1)
            while "3" not in values(records):
                records += await take(subscription, 1)
            # What was given up may have been stored nevertheless, but in order.
            assert values(records) in (["3"], ["2", "3"])
    finally:
        await log.close()


@pytest.mark.slow
async def test_leaving_a_broker_that_is_away_takes_no_longer_than_its_bound(mortal: KafkaServer) -> None:
    before = asyncio.all_tasks()
    topic = new_topic(2)
    log = KafkaEventLog(KafkaConfig(bootstrap=mortal.bootstrap, publish_timeout=2.0, request_timeout=3.0))
    try:
        await log.ensure([topic])
        async with log.consume([topic.name], "readers") as subscription, log.tail(topic.name, [0, 1]):
            await log.publish(record(topic, "key", 1))
            records = await take(subscription, 1)
            mortal.kill9()
            with pytest.raises(Unavailable):
                await log.publish(record(topic, "key", 2))
            with pytest.raises(Unavailable):
                await subscription.commit(next_offsets(records))
            with pytest.raises(Unavailable):
                await subscription.lag()
            started = time.monotonic()
    finally:
        await log.close()
    assert time.monotonic() - started < 25.0
    # Nothing goes on in the background.
    assert asyncio.all_tasks() == before


async def test_nobody_there_is_unavailable_at_once() -> None:
    (port,) = free_ports(1)
    log = KafkaEventLog(KafkaConfig(bootstrap=f"{HOST}:{port}"))
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await log.check()
    assert time.monotonic() - started < 5.0
    await log.close()
