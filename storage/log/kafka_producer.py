"""Publishing to Kafka: one idempotent producer that is replaced when it can no longer go on."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from storage.log.kafka_config import MAX_BATCH_BYTES, KafkaConfig, translated
from storage.log.kafka_stopping import stop_producer
from storage.log.port import NewRecord, Offset


class Addressed(NamedTuple):
    """A record and the partition it goes to."""

    record: NewRecord
    partition: int


class ReplaceableProducer:
    """Starts with the first record. Idempotence keeps order and avoids duplicates across the client's own retries.

    A batch that fails for good leaves the sequence numbers of an idempotent producer with a hole, and from then on the
    broker refuses all it sends (aiokafka issue 1017). So after any failure the next record starts a new producer.
    """

    def __init__(self, config: KafkaConfig) -> None:
        self._config = config
        self._producer: AIOKafkaProducer | None = None
        self._retired: list[AIOKafkaProducer] = []
        self._starting = asyncio.Lock()

    async def send(self, records: Sequence[Addressed]) -> list[Offset]:
        """Returns where the records are, once all replicas in sync have them. Raises Unavailable, RecordTooLarge."""
        topics = sorted({record.topic for record, _ in records})
        with translated(f"publishing to {', '.join(topics)}"):
            async with asyncio.timeout(self._config.publish_timeout):
                producer = await self._started()
                try:
                    return await self._deliver(producer, records)
                except KafkaError:
                    self._retire(producer)
                    raise

    async def close(self) -> None:
        """Waits a little for what is under way."""
        async with self._starting:
            if self._producer is not None:
                self._retire(self._producer)
            await self._stop_retired()

    async def _deliver(self, producer: AIOKafkaProducer, records: Sequence[Addressed]) -> list[Offset]:
        deliveries: list[asyncio.Future[object]] = []
        for record, partition in records:
            # Returns when the record is in a batch; batches of a partition are sent in order.
            delivery = await producer.send(
                record.topic,
                record.value,
                record.key.encode(),
                partition=partition,
                headers=[(name, value.encode()) for name, value in record.headers.items()],
            )
            # Where this call is given up, nobody asks the future for its exception any more.
            delivery.add_done_callback(_retrieve)
            deliveries.append(delivery)
        return [Offset((stored := await delivery).partition, stored.offset) for delivery in deliveries]  # type: ignore[attr-defined]

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is not None:
            return self._producer
        async with self._starting:
            await self._stop_retired()
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._config.connection(),
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                    max_batch_size=64 * 1024,
                    max_request_size=MAX_BATCH_BYTES,
                    compression_type=self._config.compression,
                )
                try:
                    await producer.start()
                except BaseException:
                    await stop_producer(producer)
                    raise
                self._producer = producer
            return self._producer

    def _retire(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
            self._retired.append(producer)

    async def _stop_retired(self) -> None:
        while self._retired:
            await stop_producer(self._retired.pop())


def _retrieve(delivery: "asyncio.Future[object]") -> None:
    if not delivery.cancelled():
        delivery.exception()
