"""Servers that are away when a process starts, and that go away while it works: 503 now, work again when they
are back."""

import asyncio
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.conftest import provisioned
from tests.e2e.production import Gateway, Processor
from tests.e2e.service import Service, png, sample_shots
from tests.e2e.test_production import ready, settings
from tests.servers.kafka import KafkaServer
from tests.servers.mongo import MongoServer
from tests.servers.s3 import S3Server


def assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


async def until_created(http: httpx.AsyncClient) -> str:
    """A session, made as soon as the service can make one; everything before is a 503."""
    async with asyncio.timeout(120):
        while True:
            answer = await http.post("/sessions")
            if answer.status_code == 200:
                session_id: str = answer.json()["session_id"]
                return session_id
            assert_unavailable(answer)
            await asyncio.sleep(0.3)


async def complete(http: httpx.AsyncClient, session_id: str, shots: list[bytes]) -> int:
    """Uploads and processes, repeating what is answered with 503; returns the number of messages."""
    path = f"/sessions/{session_id}"
    for data in shots:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        async with asyncio.timeout(120):
            while (
                answer := await http.post(f"{path}/upload", files={"file": ("a.png", data)}, headers=key)
            ).status_code != 200:
                assert answer.status_code in (409, 503), answer.text
                await asyncio.sleep(0.3)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    parameters = {"relationship": "FRIEND", "relationship_info": "x"}
    async with asyncio.timeout(120):
        while (answer := await http.post(f"{path}/process", params=parameters, headers=key)).status_code != 200:
            assert answer.status_code in (202, 409, 503), answer.text
            await asyncio.sleep(0.3)
    total: int = answer.json()["total_messages"]
    return total


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_dead_servers_at_the_start_and_midway_are_waited_for(tmp_path: Path) -> None:
    kafka = provisioned(lambda: KafkaServer(tmp_path / "kafka"))
    (tmp_path / "mongo").mkdir()
    mongo = provisioned(lambda: MongoServer(tmp_path / "mongo"))
    s3 = provisioned(lambda: S3Server(tmp_path / "s3"))
    environment: Mapping[str, str] = settings(kafka.bootstrap, mongo.uri, s3, s3.make_bucket("outages"))
    gateway = Gateway(tmp_path, environment)
    processor = Processor(tmp_path, "all", environment, [])
    servers = (kafka, mongo, s3)
    shots = [png(shot) for shot in sample_shots()]
    try:
        # Nothing is up but the gateway.
        gateway.start()
        async with httpx.AsyncClient(base_url=gateway.url, timeout=60) as http:
            assert (await http.get("/healthcheck")).status_code == 200
            assert (await http.get("/readyz")).status_code == 503
            assert_unavailable(await http.post("/sessions"))
            assert_unavailable(await http.get("/sessions"))
            for server in servers:
                await asyncio.to_thread(server.start)
            await asyncio.to_thread(processor.start)
            await ready(gateway.url)
            total = await complete(http, await until_created(http), shots)
            assert total > 10

            for server in servers:
                session_id = await until_created(http)
                await asyncio.to_thread(server.kill9)
                answer = await http.post(f"/sessions/{session_id}/upload", files={"file": ("a.png", shots[0])})
                assert_unavailable(answer)
                assert (await http.get("/healthcheck")).status_code == 200
                await asyncio.to_thread(server.start)
                session_id = await until_created(http)
                assert await complete(http, session_id, shots) == total
    finally:
        for process in (gateway, processor, *servers):
            process.stop()


async def mount(*arguments: str) -> bool:
    """Whether the file system could be mounted."""
    done = await asyncio.to_thread(subprocess.run, ["mount", *arguments], check=False, capture_output=True)
    return done.returncode == 0


@pytest.mark.slow
async def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """The data directory lies on a file system of a few megabytes, which only root may mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not await mount("-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)):
        pytest.skip("a small file system can only be mounted by root")
    service = Service(tmp_path / "service", {"TOKSTREAM_DATA_DIR": str(disk / "data")})
    data = png(sample_shots()[0])
    acknowledged: list[str] = []
    try:
        service.start()
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
            session_id = await until_created(http)
            for _ in range(60):
                answer = await http.post(f"/sessions/{session_id}/upload", files={"file": ("a.png", data)})
                if answer.status_code != 200:
                    break
                acknowledged.append(answer.json()["screenshot_id"])
            assert_unavailable(answer)
            assert acknowledged
            assert (await http.get("/healthcheck")).status_code == 200
            assert await mount("-o", "remount,size=64m", str(disk))
            # Space came back: the same service goes on, with everything it had acknowledged.
            process = {"relationship": "FRIEND", "relationship_info": "x"}
            async with asyncio.timeout(120):
                while (answer := await http.post(f"/sessions/{session_id}/process", params=process)).status_code != 200:
                    assert answer.status_code in (202, 409, 503), answer.text
                    await asyncio.sleep(0.3)
            view = (await http.get(f"/sessions/{session_id}")).json()
            assert {shot["screenshot_id"] for shot in view["screenshots"]} >= set(acknowledged)
            assert view["status"] == "completed"
    finally:
        service.stop()
        await asyncio.to_thread(subprocess.run, ["umount", str(disk)], check=False)
