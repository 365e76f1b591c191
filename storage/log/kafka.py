"""The event log on Apache Kafka, through aiokafka.

Nothing needs the broker before it is used, and everything comes back when the broker does: whatever cannot be done
meanwhile raises Unavailable within a bound.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from contracts.topics import TopicSpec
from storage.errors import Unavailable
from storage.log.kafka_config import KafkaConfig, tame_logging, translated
from storage.log.kafka_consumer import (
    KafkaSubscription,
    KafkaTail,
    new_consumer,
    start_consumer,
    to_log_record,
)
from storage.log.kafka_producer import Addressed, ReplaceableProducer
from storage.log.kafka_stopping import stop_consumer
from storage.log.port import LogRecord, NewRecord, Offset, RevocationHandler, Subscription, Tail
from storage.log.records import partition_for, refuse_oversize

__all__ = ["KafkaConfig", "KafkaEventLog"]

CHECK_TIMEOUT_S = 5.0
ENSURE_TIMEOUT_S = 30.0
READ_TIMEOUT_S = 10.0
_RETRY_S = 0.1


class KafkaEventLog:
    """An EventLog. Call `ensure` first: only the topics named there are known. `close` it in the end."""

    def __init__(self, config: KafkaConfig) -> None:
        tame_logging()
        self._config = config
        self._producer = ReplaceableProducer(config)
        self._counts: dict[str, int] = {}
        self._missing: dict[str, TopicSpec] = {}
        self._ensuring = asyncio.Lock()

    async def close(self) -> None:
        """Waits a little for what is being published. Subscriptions and tails are left by their own contexts."""
        await self._producer.close()

    async def ensure(self, topics: Sequence[TopicSpec]) -> None:
        """Makes the topics that are missing. Where that fails now, whatever needs them later tries again."""
        for topic in topics:
            self._counts.setdefault(topic.name, topic.partitions)
            self._missing[topic.name] = topic
        await self._made()

    async def publish(self, record: NewRecord) -> Offset:
        return (await self._publish([record]))[0]

    async def publish_many(self, records: Sequence[NewRecord]) -> None:
        if records:
            await self._publish(records)

    def partition_of(self, topic: str, key: str) -> int:
        return partition_for(key, self._count(topic))

    @asynccontextmanager
    async def _consume(
        self, topics: Sequence[str], group: str, on_revoke: RevocationHandler | None
    ) -> AsyncIterator[Subscription]:
        for topic in topics:
            self._count(topic)
        await self._made()
        subscription = KafkaSubscription(self._config, topics, group, on_revoke)
        await subscription.start()
        try:
            yield subscription
        finally:
            await subscription.close()

    def consume(
        self, topics: Sequence[str], group: str, on_revoke: RevocationHandler | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        return self._consume(topics, group, on_revoke)

    @asynccontextmanager
    async def _tail(self, topic: str, partitions: Sequence[int], start: Mapping[int, int]) -> AsyncIterator[Tail]:
        self._count(topic)
        await self._made()
        with translated(f"tailing {topic}"):
            # Counted again: the broker may have more partitions than we would have made.
            tail = KafkaTail(self._config, topic, self._count(topic))
        await tail.start(partitions, start)
        try:
            yield tail
        finally:
            await tail.close()

    def tail(
        self, topic: str, partitions: Sequence[int], start: Mapping[int, int] | None = None
    ) -> AbstractAsyncContextManager[Tail]:
        return self._tail(topic, partitions, start or {})

    async def read(self, topic: str, partition: int, start: int, limit: int) -> Sequence[LogRecord]:
        if not 0 <= partition < self._count(topic):
            raise Unavailable(f"there is no partition {partition} of topic {topic}")
        await self._made()
        place = KafkaPartition(topic, partition)
        records: list[LogRecord] = []
        with translated(f"reading {topic}"):
            consumer = new_consumer(self._config)
            consumer.assign([place])
            await start_consumer(consumer)
            try:
                async with asyncio.timeout(READ_TIMEOUT_S):
                    first = (await consumer.beginning_offsets([place]))[place]
                    end = (await consumer.end_offsets([place]))[place]
                    consumer.seek(place, max(first, start))
                    while len(records) < limit and await consumer.position(place) < end:
                        batches = await consumer.getmany(place, timeout_ms=1000, max_records=limit - len(records))
                        records += [to_log_record(record) for record in batches.get(place, ())]
            finally:
                await stop_consumer(consumer)
        return records

    async def check(self) -> None:
        with translated("asking Kafka"):
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self._made()
                async with self._admin() as admin:
                    await admin.describe_cluster()

    async def _publish(self, records: Sequence[NewRecord]) -> list[Offset]:
        for record in records:
            refuse_oversize(record)
        await self._made()
        return await self._producer.send(
            [Addressed(record, self.partition_of(record.topic, record.key)) for record in records]
        )

    def _count(self, topic: str) -> int:
        count = self._counts.get(topic)
        if count is None:
            raise Unavailable(f"there is no topic {topic}")
        return count

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self._config.connection())
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    async def _made(self) -> None:
        """Makes the topics that could not be made so far."""
        if not self._missing:
            return
        async with self._ensuring:
            with translated("making topics"):
                async with asyncio.timeout(ENSURE_TIMEOUT_S), self._admin() as admin:
                    while True:
                        for name in await self._ready_topics(admin):
                            del self._missing[name]
                        if not self._missing:
                            return
                        await self._make(admin)
                        await asyncio.sleep(_RETRY_S)

    async def _make(self, admin: AIOKafkaAdminClient) -> None:
        wanted = [
            NewTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                replication_factor=self._config.replication_factor,
                topic_configs=self._config.topic_settings(topic.name),
            )
            for topic in self._missing.values()
        ]
        try:
            answer = await admin.create_topics(wanted)
        except AttributeError as error:
            # What the client stumbles over where the metadata names no controller.
            raise Unavailable("making topics: Kafka has no controller now") from error
        for name, code, *_ in answer.topic_errors:
            failure = for_code(code)
            if failure not in (NoError, TopicAlreadyExistsError):
                raise KafkaError(f"{name}: {failure.description}")

    async def _ready_topics(self, admin: AIOKafkaAdminClient) -> set[str]:
        """The topics whose partitions all have a leader. Their partitions are counted in passing."""
        ready = set()
        # All of them: to ask for one by its name may make it, with the broker's defaults.
        for topic in await admin.describe_topics():
            partitions = topic["partitions"]
            if topic["topic"] in self._missing and partitions and all(each["leader"] >= 0 for each in partitions):
                self._counts[topic["topic"]] = len(partitions)
                ready.add(topic["topic"])
        return ready
