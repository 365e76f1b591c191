"""Reading from Kafka: members of consumer groups, and tails without a group."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalStateError, KafkaError

from storage.errors import Unavailable
from storage.log.kafka_config import MAX_BATCH_BYTES, KafkaConfig, translated
from storage.log.kafka_stopping import stop_consumer
from storage.log.port import LogRecord, RevocationHandler, TopicPartition

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 15.0
TAIL_BATCH = 500
TAIL_WAIT_S = 5.0

# A broker answers the requests of one connection one after the other, so whatever else a consumer asks, and partitions
# that are resumed, wait for the fetch under way. Records end that wait at once; an idle one must be short.
FETCH_WAIT_MS = 50


def new_consumer(config: KafkaConfig, group: str | None = None) -> AIOKafkaConsumer:
    """A consumer that commits only what it is told to, and begins at the earliest record where it has no position."""
    return AIOKafkaConsumer(
        **config.connection(),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_partition_fetch_bytes=MAX_BATCH_BYTES,
        session_timeout_ms=int(config.session_timeout * 1000),
        heartbeat_interval_ms=int(config.session_timeout * 1000 / 5),
        rebalance_timeout_ms=int((config.revocation_timeout + config.session_timeout) * 1000),
    )


async def start_consumer(consumer: AIOKafkaConsumer) -> None:
    """Connects it. Raises what aiokafka raises, or TimeoutError; then it is stopped already."""
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            await consumer.start()
    except BaseException:
        await stop_consumer(consumer)
        raise


def to_log_record(record: Any) -> LogRecord:
    """A record of aiokafka as ours."""
    return LogRecord(
        record.topic,
        record.partition,
        record.offset,
        (record.key or b"").decode("utf-8", "replace"),
        record.value or b"",
        {name: value.decode("utf-8", "replace") for name, value in record.headers},
        record.timestamp / 1000,
    )


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Tells the member before its partitions are taken. In Kafka's classic protocol a rebalance takes all of them:
    those that come back are read from the committed offset on, as if they were new."""

    def __init__(self, group: str, handler: RevocationHandler, timeout: float) -> None:
        self._group = group
        self._handler = handler
        self._timeout = timeout

    async def on_partitions_revoked(self, revoked: set[KafkaPartition]) -> None:
        if revoked:
            try:
                async with asyncio.timeout(self._timeout):
                    await self._handler(frozenset(TopicPartition(*place) for place in revoked))
            except TimeoutError:
                logger.warning("group %s: partitions were taken before their work was finished", self._group)

    async def on_partitions_assigned(self, assigned: set[KafkaPartition]) -> None:
        pass


class KafkaSubscription:
    """A member of a consumer group. It heals by itself; what it cannot heal makes it join anew at the next poll."""

    def __init__(
        self, config: KafkaConfig, topics: Sequence[str], group: str, on_revoke: RevocationHandler | None
    ) -> None:
        self._config = config
        self._topics = list(topics)
        self._group = group
        self._listener = None if on_revoke is None else _Listener(group, on_revoke, config.revocation_timeout)
        self._consumer: AIOKafkaConsumer | None = None
        self._closed = False

    async def start(self) -> None:
        """Joins. Raises Unavailable."""
        await self._running()

    async def close(self) -> None:
        """Leaves the group."""
        self._closed = True
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await stop_consumer(consumer)

    async def poll(self, max_records: int, timeout: float) -> Sequence[LogRecord]:
        consumer = await self._running()
        try:
            # The timeout that `getmany` takes does not bound its wait for a rebalance.
            async with asyncio.timeout(timeout):
                batches = await consumer.getmany(timeout_ms=int(timeout * 1000), max_records=max_records)
        except TimeoutError:
            return ()
        except (KafkaError, ConsumerStoppedError) as error:
            if not getattr(error, "retriable", False):
                await self._lose(consumer)
            raise Unavailable(f"polling {', '.join(self._topics)}: {error}") from error
        return [to_log_record(record) for batch in batches.values() for record in batch]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        assigned = consumer.assignment()
        ours = {
            place: offset
            for (topic, partition), offset in offsets.items()
            if (place := KafkaPartition(topic, partition)) in assigned
        }
        if ours:
            try:
                with translated(f"committing offsets of {self._group}"):
                    async with asyncio.timeout(self._config.request_timeout):
                        await consumer.commit(ours)
            except Unavailable as error:
                # Taken away while the commit was on its way: no longer ours to commit.
                if not isinstance(error.__cause__, CommitFailedError | IllegalStateError):
                    raise

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        if self._consumer is not None:
            self._consumer.pause(*self._assigned(partitions))

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        if self._consumer is not None:
            self._consumer.resume(*self._assigned(partitions))

    def assignment(self) -> frozenset[TopicPartition]:
        if self._consumer is None:
            return frozenset()
        return frozenset(TopicPartition(*place) for place in self._consumer.assignment())

    async def lag(self) -> int:
        consumer = self._consumer
        places = [] if consumer is None else list(consumer.assignment())
        if consumer is None or not places:
            return 0
        with translated(f"asking for the lag of {self._group}"):
            async with asyncio.timeout(self._config.request_timeout):
                ends = await consumer.end_offsets(places)
                firsts = await consumer.beginning_offsets(places)
                lag = 0
                for place in places:
                    committed = await consumer.committed(place)
                    lag += max(0, ends[place] - max(committed or 0, firsts[place]))
                return lag

    def _assigned(self, partitions: Sequence[TopicPartition]) -> list[KafkaPartition]:
        assigned = self._consumer.assignment() if self._consumer is not None else ()
        return [KafkaPartition(*place) for place in partitions if KafkaPartition(*place) in assigned]

    async def _running(self) -> AIOKafkaConsumer:
        if self._closed:
            raise Unavailable(f"the subscription of {self._group} is closed")
        if self._consumer is None:
            with translated(f"joining {self._group}"):
                consumer = new_consumer(self._config, self._group)
                consumer.subscribe(self._topics, listener=self._listener)
                await start_consumer(consumer)
            self._consumer = consumer
        return self._consumer

    async def _lose(self, consumer: AIOKafkaConsumer) -> None:
        """Gives the membership up where it cannot go on: the next poll joins anew, at the committed offsets."""
        lost = set(consumer.assignment())
        self._consumer = None
        try:
            if self._listener is not None:
                await self._listener.on_partitions_revoked(lost)
        finally:
            await stop_consumer(consumer)


class KafkaTail:
    """Follows partitions of one topic. All are assigned to its consumer, those not followed are paused: so the set
    changes without a new assignment, which would forget every position."""

    def __init__(self, config: KafkaConfig, topic: str, partition_count: int) -> None:
        self._config = config
        self._consumer = new_consumer(config)
        self._topic = topic
        self._places = {partition: KafkaPartition(topic, partition) for partition in range(partition_count)}
        # Of each partition followed: the offset from which on its records are wanted.
        self._wanted: dict[int, int] = {}

    async def start(self, partitions: Sequence[int], start: Mapping[int, int]) -> None:
        """Raises Unavailable."""
        with translated(f"tailing {self._topic}"):
            self._consumer.assign(list(self._places.values()))
            self._consumer.pause(*self._places.values())
            await start_consumer(self._consumer)
            try:
                await self._add({partition: start.get(partition) for partition in partitions})
            except BaseException:
                await self.close()
                raise

    async def close(self) -> None:
        await stop_consumer(self._consumer)

    async def follow(self, partitions: Sequence[int]) -> None:
        with translated(f"tailing {self._topic}"):
            for partition in self._wanted.keys() - set(partitions):
                self._consumer.pause(self._places[partition])
                del self._wanted[partition]
            await self._add({partition: None for partition in partitions if partition not in self._wanted})

    async def records(self) -> AsyncIterator[LogRecord]:
        while True:
            with translated(f"tailing {self._topic}"):
                batches = await self._consumer.getmany(timeout_ms=int(TAIL_WAIT_S * 1000), max_records=TAIL_BATCH)
            for place, batch in batches.items():
                for record in batch:
                    wanted = self._wanted.get(place.partition)
                    if wanted is not None and record.offset >= wanted:
                        yield to_log_record(record)

    async def _add(self, starts: Mapping[int, int | None]) -> None:
        """Follows partitions from the offsets given or, where that is None, from what comes next."""
        unknown = [self._places[partition] for partition, start in starts.items() if start is None]
        ends: Mapping[KafkaPartition, int] = {}
        if unknown:
            async with asyncio.timeout(self._config.request_timeout):
                ends = await self._consumer.end_offsets(unknown)
        for partition, start in starts.items():
            place = self._places[partition]
            self._wanted[partition] = ends[place] if start is None else start
            self._consumer.seek(place, self._wanted[partition])
            self._consumer.resume(place)
