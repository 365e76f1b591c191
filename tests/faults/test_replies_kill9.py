"""kill −9 of the whole service in the middle of replies that stream from a model far away."""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from tests.e2e.service import Service
from tests.faults.replies import CLIENTS, QUERIES, check_all, client, reply, settings
from tests.servers.ai import Script, fake_openai

KILLS = 6


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_turn_ends_once_and_its_deltas_fold_to_its_text(tmp_path: Path) -> None:
    chance = random.Random(20261127)
    async with fake_openai() as model:
        model.usual = Script(text=reply, between=0.02)
        service = Service(tmp_path, settings(model))
        await asyncio.to_thread(service.start)
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(CLIENTS):
                    group.create_task(client(service.url, number))
                for _ in range(KILLS):
                    await asyncio.sleep(chance.uniform(0.3, 2.0))
                    os.kill(service.pid, signal.SIGKILL)
                    await asyncio.to_thread(service.restart)
            await check_all(service.url)
        finally:
            await asyncio.to_thread(service.stop)
    assert len(model.chats) > CLIENTS * QUERIES  # kills hit replies that were under way
