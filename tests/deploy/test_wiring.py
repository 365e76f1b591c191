"""How the production stores are opened."""

import asyncio
from collections.abc import Sequence

import pytest

from contracts.topics import TopicSpec
from deploy.settings import Settings
from deploy.wiring import open_production
from storage.errors import Unavailable
from storage.log.kafka import KafkaEventLog

AWAY = Settings(
    kafka="127.0.0.1:1",
    mongodb="mongodb://127.0.0.1:1",
    blobs="s3://bucket",
    blobs_access_key="key",
    blobs_secret_key="secret",
)


async def test_servers_that_are_away_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def away(self: KafkaEventLog, topics: Sequence[TopicSpec]) -> None:
        asked.set()
        raise Unavailable("no broker")

    monkeypatch.setattr(KafkaEventLog, "ensure", away)
    async with asyncio.timeout(20), open_production(AWAY) as production:
        await asked.wait()
        assert not production.prepared.is_set()


async def test_what_no_waiting_mends_ends_the_process_instead_of_hanging_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forbidden(self: KafkaEventLog, topics: Sequence[TopicSpec]) -> None:
        raise PermissionError("topics may not be made")

    monkeypatch.setattr(KafkaEventLog, "ensure", forbidden)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(20), open_production(AWAY) as production:
            await production.prepared.wait()
    assert caught.group_contains(PermissionError, match="may not be made")
