"""The same journey over Kafka, MongoDB and S3, with gateway and processors as processes of their own."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from tests.e2e.production import Gateway, Processor
from tests.e2e.service import png, sample_shots
from tests.faults.crowd import Crowd, check_session
from tests.screenshots.samples import sample
from tests.servers.kafka import KafkaServer
from tests.servers.s3 import S3Server

CLIENTS = 6


def settings(kafka: str, mongo_uri: str, s3: S3Server, bucket: str) -> Mapping[str, str]:
    return {
        "TOKSTREAM_KAFKA": kafka,
        "TOKSTREAM_MONGODB": mongo_uri,
        "TOKSTREAM_MONGODB_DATABASE": bucket.replace("-", "_"),
        "TOKSTREAM_BLOBS": f"s3://{bucket}",
        "TOKSTREAM_BLOBS_ENDPOINT": s3.endpoint,
        "TOKSTREAM_BLOBS_REGION": s3.region,
        "TOKSTREAM_BLOBS_ACCESS_KEY": s3.access_key,
        "TOKSTREAM_BLOBS_SECRET_KEY": s3.secret_key,
        "TOKSTREAM_OCR_WORKERS": "1",
    }


@pytest.fixture(scope="module")
def environment(kafka: KafkaServer, mongo_uri: str, s3: S3Server) -> Mapping[str, str]:
    return settings(kafka.bootstrap, mongo_uri, s3, s3.make_bucket(f"journey-{os.getpid()}"))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Iterator[Gateway]:
    running = Gateway(tmp_path_factory.mktemp("gateway"), environment)
    running.start()
    yield running
    running.stop()


async def ready(url: str) -> None:
    """Waits until the gateway has its stores."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as http, asyncio.timeout(90):
        while (await http.get("/readyz")).status_code != 200 or (await http.get("/sessions")).status_code != 200:
            await asyncio.sleep(0.2)


async def journey_texts(url: str, shots: list[bytes]) -> list[str]:
    told = await Crowd(url, [shots]).once(0)
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        path = f"/sessions/{told.session_id}/messages"
        return [message["text"] for message in (await http.get(path)).raise_for_status().json()["messages"]]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_processor_killed_midway_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, gateway: Gateway, environment: Mapping[str, str]
) -> None:
    shots = [png(shot) for shot in sample_shots()]
    readers = [Processor(tmp_path, f"ocr-{number}", environment, ["ocr"]) for number in range(2)]
    rest = Processor(tmp_path, "rest", environment, ["imports", "merge", "analysis"])
    running = [*readers, rest]
    try:
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in running))
        await ready(gateway.url)
        expected = await journey_texts(gateway.url, shots)
        assert len(expected) == len(sample().truth.merged)

        crowd = Crowd(gateway.url, [shots])
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for number in range(CLIENTS):
                tasks.create_task(crowd.client(number, stop))
            await asyncio.sleep(1.0)  # into the middle of the reading
            os.kill(readers[0].pid, signal.SIGKILL)
            await asyncio.sleep(1.0)
            os.kill(rest.pid, signal.SIGKILL)
            await asyncio.to_thread(rest.restart)
            stop.set()
        async with httpx.AsyncClient(base_url=gateway.url, timeout=60) as http:
            for told in crowd.sessions:
                await check_session(http, told, expected)
        assert len(crowd.sessions) >= CLIENTS
    finally:
        for process in running:
            process.stop()
