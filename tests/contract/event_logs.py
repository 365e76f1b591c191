"""The event logs that the contract suite runs on, and what its tests share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from contracts.topics import TopicSpec
from storage.log.kafka import KafkaConfig, KafkaEventLog
from storage.log.port import EventLog, LogRecord, NewRecord, Subscription, Tail, TopicPartition
from storage.log.sqlite import SqliteEventLog
from storage.sqlite import Database
from tests.servers.kafka import KafkaServer

PATIENCE_S = 60.0
"""How long a test waits for what must happen: only ever used up by a failure."""
REVOCATION_TIMEOUT_S = 2.0
"""Short, for the tests of members that do not let go."""


class Logs(Protocol):
    """Opens logs on the same data, each as a process that has just started would."""

    def opened(self) -> AbstractAsyncContextManager[EventLog]: ...


class SqliteLogs:
    """One file. Only one log at a time has it open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[EventLog]:
        database = await Database.open(self._path)
        try:
            yield SqliteEventLog(database, revocation_timeout=REVOCATION_TIMEOUT_S)
        finally:
            await database.close()


class KafkaLogs:
    """One broker."""

    def __init__(self, server: KafkaServer) -> None:
        self.server = server

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[EventLog]:
        log = KafkaEventLog(
            KafkaConfig(
                bootstrap=self.server.bootstrap,
                publish_timeout=PATIENCE_S,
                revocation_timeout=REVOCATION_TIMEOUT_S,
            )
        )
        try:
            yield log
        finally:
            await log.close()


def new_topic(partitions: int = 3) -> TopicSpec:
    """A topic that no other test has, also where tests share a broker."""
    return TopicSpec(name=f"test.{uuid4().hex}", partitions=partitions)


def record(topic: TopicSpec, key: str, value: object) -> NewRecord:
    return NewRecord(topic.name, key, str(value).encode(), {})


def values(records: Sequence[LogRecord]) -> list[str]:
    return [each.value.decode() for each in records]


def next_offsets(records: Sequence[LogRecord]) -> dict[TopicPartition, int]:
    """What to commit once these are done."""
    return {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}


async def take(subscription: Subscription, count: int) -> list[LogRecord]:
    """Polls until there are `count` records."""
    records: list[LogRecord] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(records) < count:
            records += await subscription.poll(count - len(records), 1.0)
    return records


async def take_tail(tail: Tail, count: int) -> list[LogRecord]:
    """The next `count` records of a tail."""
    records: list[LogRecord] = []
    async with asyncio.timeout(PATIENCE_S):
        async for each in tail.records():
            records.append(each)
            if len(records) == count:
                break
    return records


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Waits for a condition."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            met = condition()
            if not isinstance(met, bool):
                met = await met
            if met:
                return
            await asyncio.sleep(0.02)
