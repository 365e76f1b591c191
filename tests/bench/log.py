"""How fast the event logs are: `python -m tests.bench.log [sqlite|kafka …]`.

Throughput with many publishers is what a busy service sees, the latencies of one publisher what a user waits for: from
the call to the acknowledgement, and from the call to a tail in the same process. Kafka is a real broker on this machine
started for the occasion; its figures include its share of the cores.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from contracts.topics import TopicSpec
from storage.log.kafka import KafkaConfig, KafkaEventLog
from storage.log.port import EventLog, NewRecord, TopicPartition
from storage.log.sqlite import SqliteEventLog
from storage.sqlite import Database
from tests.servers.kafka import KafkaServer

PUBLISHERS = 50
SECONDS = 4.0
ONE_BY_ONE = 300
BODY = b"x" * 400
HEADERS = {"content-type": "application/json", "ce_id": "0" * 36, "ce_type": "bubble.read", "ce_subject": "s" * 44}
TOPIC = TopicSpec(name="bench.events", partitions=6)


class Figures(NamedTuple):
    """Records a second, and milliseconds at the median and the 99th percentile."""

    published: float
    consumed: float
    acknowledged: tuple[float, float]
    tailed: tuple[float, float]


@asynccontextmanager
async def sqlite_log(folder: Path) -> AsyncIterator[EventLog]:
    database = await Database.open(folder / "bench.db")
    try:
        yield SqliteEventLog(database)
    finally:
        await database.close()


@asynccontextmanager
async def kafka_log(folder: Path) -> AsyncIterator[EventLog]:
    server = await asyncio.to_thread(KafkaServer, folder)
    await asyncio.to_thread(server.start)
    log = KafkaEventLog(KafkaConfig(bootstrap=server.bootstrap))
    try:
        yield log
    finally:
        await log.close()
        await asyncio.to_thread(server.stop)


LOGS = {"sqlite": sqlite_log, "kafka": kafka_log}


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


async def measured(log: EventLog) -> Figures:
    await log.ensure([TOPIC])
    for n in range(20):  # The first records wait for connections and metadata.
        await log.publish(NewRecord(TOPIC.name, f"warm-{n}", BODY, HEADERS))
    acknowledged, tailed = await latencies(log)
    count = 0
    end = time.perf_counter() + SECONDS

    async def publish(publisher: int) -> None:
        nonlocal count
        while time.perf_counter() < end:
            await log.publish(NewRecord(TOPIC.name, f"stream-{publisher}", BODY, HEADERS))
            count += 1

    started = time.perf_counter()
    await asyncio.gather(*(publish(publisher) for publisher in range(PUBLISHERS)))
    published = count / (time.perf_counter() - started)
    return Figures(published, await consumed(log, count), percentiles(acknowledged), percentiles(tailed))


async def latencies(log: EventLog) -> tuple[list[float], list[float]]:
    acknowledged: list[float] = []
    tailed: list[float] = []
    async with log.tail(TOPIC.name, range(TOPIC.partitions)) as tail:
        records = aiter(tail.records())
        for n in range(ONE_BY_ONE):
            seen = asyncio.ensure_future(anext(records))
            started = time.perf_counter()
            await log.publish(NewRecord(TOPIC.name, f"stream-{n}", BODY, HEADERS))
            acknowledged.append(time.perf_counter() - started)
            await seen
            tailed.append(time.perf_counter() - started)
    return acknowledged, tailed


async def consumed(log: EventLog, count: int) -> float:
    found = 0
    async with log.consume([TOPIC.name], "bench") as subscription:
        while not subscription.assignment():
            await subscription.poll(1, 0.05)
        started = time.perf_counter()
        while found < count:
            records = await subscription.poll(500, 5.0)
            found += len(records)
            await subscription.commit({TopicPartition(r.topic, r.partition): r.offset + 1 for r in records})
        return found / (time.perf_counter() - started)


async def main(names: Sequence[str]) -> None:
    table = Table("log", "published/s", "consumed/s", "acknowledged ms p50 / p99", "tailed ms p50 / p99")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            async with LOGS[name](Path(folder)) as log:
                figures = await measured(log)
        table.add_row(
            name,
            f"{figures.published:,.0f}",
            f"{figures.consumed:,.0f}",
            *(f"{middle:.2f} / {late:.2f}" for middle, late in (figures.acknowledged, figures.tailed)),
        )
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or list(LOGS)))
