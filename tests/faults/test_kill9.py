"""kill −9 of the whole embedded service at random moments, while twenty clients upload and process."""

import asyncio
import os
import random
import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.service import Service, png
from tests.faults.crowd import Crowd, check_session
from tests.screenshots.conversations import converse
from tests.screenshots.scenes import scroll

CLIENTS = 20
KILLS = 50
SHORTEST, LONGEST = 0.05, 3.5
"""Seconds from one start to the next kill: some fall into the start itself, some into reading, merging and
answering."""
JOURNEYS = 4


def journeys() -> list[list[bytes]]:
    """Small screenshots, so that a session takes long enough to be hit and short enough to get many done."""
    found = []
    for seed in range(JOURNEYS):
        conversation = converse(seed, 12)
        found.append(
            [png(shot) for shot in scroll(conversation, "kakao-pc-light", overlap=0.4, count=2, seed=seed).shots]
        )
    return found


async def expected_texts(url: str, shots: list[bytes]) -> list[str]:
    """What the service reads when nobody disturbs it."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        session = (await http.post("/sessions")).raise_for_status().json()["session_id"]
        for data in shots:
            answer = await http.post(f"/sessions/{session}/upload", files={"file": ("shot.png", data)})
            answer.raise_for_status()
        parameters = {"relationship": "FRIEND", "relationship_info": "친구"}
        (await http.post(f"/sessions/{session}/process", params=parameters)).raise_for_status()
        messages = (await http.get(f"/sessions/{session}/messages")).raise_for_status().json()["messages"]
    return [message["text"] for message in messages]


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    service = Service(tmp_path)
    chance = random.Random(20261123)
    shots = journeys()
    service.start()
    try:
        expected = [await expected_texts(service.url, one) for one in shots]
        crowd = Crowd(service.url, shots)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for number in range(CLIENTS):
                tasks.create_task(crowd.client(number, stop))
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(SHORTEST, LONGEST))
                # The main process alone: its workers must notice by themselves that they are orphans.
                os.kill(service.pid, signal.SIGKILL)
                await asyncio.to_thread(service.restart)
            stop.set()
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
            for told in crowd.sessions:
                await check_session(http, told, expected[told.journey])
    finally:
        service.stop()
    assert len(crowd.sessions) >= CLIENTS
    print(f"{KILLS} kills, {len(crowd.sessions)} sessions, {crowd.repetitions} requests repeated")
