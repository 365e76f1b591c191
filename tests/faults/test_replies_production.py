"""kill −9 of gateway and processor, each by itself, in the middle of replies over Kafka, MongoDB and S3."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.production import Gateway, Processor
from tests.e2e.test_production import ready
from tests.e2e.test_production import settings as production
from tests.faults.replies import CLIENTS, QUERIES, check, check_all, client, outcome, reply, settings
from tests.servers.ai import Script, fake_openai
from tests.servers.kafka import KafkaServer
from tests.servers.process import ServerProcess
from tests.servers.s3 import S3Server


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_turn_ends_once_whichever_process_dies(
    tmp_path: Path, kafka: KafkaServer, mongo_uri: str, s3: S3Server
) -> None:
    stores = production(kafka.bootstrap, mongo_uri, s3, s3.make_bucket(f"replies-{os.getpid()}"))
    async with fake_openai() as model:
        model.usual = Script(text=reply, between=0.02)
        environment = {**stores, **settings(model)}
        gateway = Gateway(tmp_path, environment)
        speakers = [Processor(tmp_path, f"conversation-{number}", environment, ["conversation"]) for number in range(2)]
        running: list[ServerProcess] = [gateway, *speakers]
        try:
            await asyncio.gather(*(asyncio.to_thread(process.start) for process in running))
            await ready(gateway.url)
            async with asyncio.TaskGroup() as group:
                for number in range(CLIENTS):
                    group.create_task(client(gateway.url, number))
                await asyncio.sleep(1.0)  # into the middle of the first replies
                os.kill(speakers[0].pid, signal.SIGKILL)
                await asyncio.to_thread(speakers[0].restart)
            await check_all(gateway.url)
            # The gateway after that: what it has accepted is spoken without it, and told by the next one.
            async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as http:
                body = {"relationship": "FRIEND"}
                accepted = await http.post("/start-conversation", json=body, headers={"Prefer": "respond-async"})
            os.kill(gateway.pid, signal.SIGKILL)
            await asyncio.to_thread(gateway.restart)
            await ready(gateway.url)
            async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as http, asyncio.timeout(60):
                answer = await outcome(http, accepted.json()["location"])
                thread = answer.json()["thread_id"]
                await check(http, (await http.get(f"/conversations/{thread}")).json())
        finally:
            for process in running:
                await asyncio.to_thread(process.stop)
    assert len(model.chats) > CLIENTS * QUERIES  # kills hit replies that were under way
