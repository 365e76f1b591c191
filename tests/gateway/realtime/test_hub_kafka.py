"""The hub on a real broker: live events, a `kill -9` of the broker, and what was appended meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest

from contracts import topics
from gateway.realtime import hub as hub_module
from gateway.realtime.hub import Hub
from gateway.realtime.watch import Watch
from storage.errors import Unavailable
from storage.feed import JournalThenLog
from storage.journal.port import NewEvent, StoredEvent
from storage.log.kafka import KafkaConfig, KafkaEventLog
from tests.gateway.realtime.service import TIME, Stores
from tests.servers.kafka import KafkaServer

BROKER_SECONDS = 60.0
"""A broker starts in some seconds, and its clients need some more to find it again."""


@pytest.fixture
async def log(kafka: KafkaServer) -> AsyncIterator[KafkaEventLog]:
    log = KafkaEventLog(KafkaConfig(bootstrap=kafka.bootstrap))
    try:
        await log.ensure(topics.all_topics())
        yield log
    finally:
        await log.close()


@pytest.mark.slow
async def test_readers_stay_while_the_broker_is_killed_and_miss_nothing(
    kafka: KafkaServer, log: KafkaEventLog, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "FOLLOW_SECONDS", BROKER_SECONDS)
    feed = JournalThenLog(stores.journal, log)
    stream = f"session:{uuid4()}"
    hub = Hub(log, stores.journal)
    async with hub.running(), hub.watch(stream) as watch:
        while await watch.stored():
            pass
        await feed.append(stream, new_event())
        assert await sequence(watch, 1) == [1]
        kafka.kill9()
        # The journal is the truth: what the broker could not take is found there when the tail is back.
        await stores.journal.append(stream, new_event())
        await asyncio.to_thread(kafka.restart)
        await publish_when_possible(feed, stream)
        assert await sequence(watch, 3) == [2, 3]


def new_event() -> Sequence[NewEvent]:
    return [NewEvent(uuid4().hex, "bubble.read", b"{}", TIME)]


async def publish_when_possible(feed: JournalThenLog, stream: str) -> Sequence[StoredEvent]:
    """As a redelivered command does: the same event again until it is published."""
    event = new_event()
    async with asyncio.timeout(BROKER_SECONDS):
        while True:
            try:
                return await feed.append(stream, event)
            except Unavailable:
                await asyncio.sleep(0.2)


async def sequence(watch: Watch, last: int) -> list[int]:
    found: list[int] = []
    async with asyncio.timeout(BROKER_SECONDS):
        while not found or found[-1] < last:
            found += [publication.event.seq for publication in await watch.batch()]
    return found
