"""What is Kafka's own: a producer that is replaced, other clients on our topics, TLS and passwords, a quiet log."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from contracts.topics import TopicSpec
from storage.errors import RecordTooLarge, Unavailable
from storage.log.kafka import KafkaConfig, KafkaEventLog
from storage.log.kafka_config import RepeatFilter
from storage.log.port import NewRecord, TopicPartition
from tests.contract.event_logs import new_topic, record, take, values
from tests.servers.cache import NotProvisioned, skip_or_fail
from tests.servers.kafka import KafkaServer, Security


@pytest.fixture
async def log(kafka: KafkaServer) -> AsyncIterator[KafkaEventLog]:
    log = KafkaEventLog(KafkaConfig(bootstrap=kafka.bootstrap))
    try:
        yield log
    finally:
        await log.close()


async def make_topic(server: KafkaServer, topic: TopicSpec, settings: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic.name, topic.partitions, 1, topic_configs=settings)])
    finally:
        await admin.close()


async def test_publishing_goes_on_after_the_broker_refused_a_record(kafka: KafkaServer, log: KafkaEventLog) -> None:
    """A batch that was refused leaves an idempotent producer with a hole in its sequence, which it cannot close."""
    topic = new_topic(1)
    await make_topic(kafka, topic, {"max.message.bytes": "1000"})
    await log.ensure([topic])
    assert await log.publish(record(topic, "key", 1)) == (0, 0)
    with pytest.raises(RecordTooLarge):
        await log.publish(NewRecord(topic.name, "key", b"x" * 5000, {}))
    for n in range(2, 5):
        assert await log.publish(record(topic, "key", n)) == (0, n - 1)
    assert values(await log.read(topic.name, 0, 0, 10)) == ["1", "2", "3", "4"]


async def test_a_topic_that_somebody_made_keeps_its_partitions(kafka: KafkaServer, log: KafkaEventLog) -> None:
    topic = new_topic(6)
    await make_topic(kafka, TopicSpec(name=topic.name, partitions=2), {})
    await log.ensure([topic])
    assert {log.partition_of(topic.name, f"key-{n}") for n in range(50)} == {0, 1}


async def test_other_clients_agree_on_partitions_and_read_plain_records(kafka: KafkaServer, log: KafkaEventLog) -> None:
    topic = new_topic(6)
    await log.ensure([topic])
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap)
    await producer.start()
    consumer = AIOKafkaConsumer(topic.name, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    try:
        for n in range(20):
            key = f"열쇠-{n}"
            theirs = await producer.send_and_wait(topic.name, b"theirs", key.encode())
            assert log.partition_of(topic.name, key) == theirs.partition
            ours = await log.publish(NewRecord(topic.name, key, b"ours", {"ce_id": "1"}))
            assert ours == (theirs.partition, theirs.offset + 1)
        await consumer.start()
        found: list[Any] = []
        async with asyncio.timeout(30):
            while len(found) < 40:
                batches = await consumer.getmany(timeout_ms=500)
                found += [each for batch in batches.values() for each in batch]
        assert {each.headers for each in found if each.value == b"ours"} == {(("ce_id", b"1"),)}
    finally:
        await producer.stop()
        await consumer.stop()
    # Theirs has neither a header nor, sometimes, a key.
    async with log.consume([topic.name], "readers") as subscription:
        assert len(await take(subscription, 40)) == 40


async def test_a_member_that_cannot_go_on_lets_go_and_joins_anew(
    log: KafkaEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = new_topic(2)
    await log.ensure([topic])
    await log.publish_many([record(topic, f"key-{n}", n) for n in range(10)])
    revoked: list[frozenset[TopicPartition]] = []

    async def on_revoke(partitions: frozenset[TopicPartition]) -> None:
        revoked.append(partitions)
        await subscription.commit(dict.fromkeys(partitions, 0))

    async def broken(*_: object, **__: object) -> None:
        raise KafkaError("the coordination task died")

    async with log.consume([topic.name], "readers", on_revoke) as subscription:
        assert len(await take(subscription, 10)) == 10
        with monkeypatch.context() as patch:
            patch.setattr(AIOKafkaConsumer, "getmany", broken)
            with pytest.raises(Unavailable, match="the coordination task died"):
                await subscription.poll(10, 1.0)
        assert revoked == [frozenset(TopicPartition(topic.name, partition) for partition in range(2))]
        assert subscription.assignment() == frozenset()
        assert await subscription.lag() == 0
        # Nothing was committed, so everything comes again.
        assert len(await take(subscription, 10)) == 10


async def test_passwords_and_certificates_are_checked_both_ways(tmp_path: Path) -> None:
    try:
        security = Security.made(tmp_path)
        server = KafkaServer(tmp_path / "kafka", security)
    except NotProvisioned as error:
        skip_or_fail(error)
    server.start()
    topic = new_topic(1)
    good = KafkaConfig(
        bootstrap=server.bootstrap,
        security_protocol="SASL_SSL",
        sasl_username=security.username,
        sasl_password=security.password,
        ca_file=str(security.certificate),
    )
    try:
        log = KafkaEventLog(good)
        await log.ensure([topic])
        await log.publish(record(topic, "key", 1))
        async with log.consume([topic.name], "readers") as subscription:
            assert values(await take(subscription, 1)) == ["1"]
        await log.check()
        await log.close()
        for changed in (
            {"sasl_password": "wrong"},
            {"ca_file": None},
            {"ca_file": str(tmp_path / "missing.pem")},
            {"security_protocol": "PLAINTEXT"},
        ):
            bad = KafkaEventLog(
                KafkaConfig(
                    **{
                        **{field: getattr(good, field) for field in good.__struct_fields__},
                        "request_timeout": 2.0,
                        "publish_timeout": 3.0,
                        **changed,
                    }
                )
            )
            with pytest.raises(Unavailable):
                await bad.check()
            with pytest.raises(Unavailable):
                await bad.ensure([topic])
            await bad.close()
        assert security.password not in repr(good)
    finally:
        server.stop()


def test_the_same_complaint_is_logged_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("storage.log.kafka_config.time.monotonic", lambda: now)
    only = RepeatFilter(interval=30.0)

    def passes(message: str, *arguments: object, level: int = logging.WARNING, name: str = "aiokafka") -> bool:
        return only.filter(logging.LogRecord(name, level, "", 0, message, arguments, None))

    assert passes("Unable to update metadata from %s", [1])
    assert not passes("Unable to update metadata from %s", [2])
    assert passes("Something else")
    assert passes("Unable to update metadata from %s", [1], name="aiokafka.conn")
    now += 31.0
    assert passes("Unable to update metadata from %s", [1])
    assert passes("Joined", level=logging.INFO)
    assert passes("Joined", level=logging.INFO)
