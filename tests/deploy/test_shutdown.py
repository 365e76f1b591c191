"""Stopping `tokstream serve` while it reads."""

import asyncio
import io
import os
import signal
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.e2e.service import Service, png, sample_shots

DRAIN_SECONDS = 20.0
"""The default of TOKSTREAM_DRAIN_SECONDS."""


async def start_reading(http: httpx.AsyncClient) -> str:
    """A session with more screenshots than can be read at once, all acknowledged."""
    session_id: str = (await http.post("/sessions")).raise_for_status().json()["session_id"]
    for shot in sample_shots() * 2:
        files = {"file": ("a.png", png(shot))}
        (await http.post(f"/sessions/{session_id}/upload", files=files)).raise_for_status()
    return session_id


def long_screenshot() -> bytes:
    """A sample as long as eight, which takes a second or two to read."""
    (image, *_) = (shot.image for shot in sample_shots())
    long = Image.new("RGB", (image.width, 8 * image.height))
    for number in range(8):
        long.paste(image, (0, number * image.height))
    packed = io.BytesIO()
    long.save(packed, "PNG")
    return packed.getvalue()


async def exit_code(pid_of: Service) -> int:
    """How the service ended, within the bound that it drains in."""
    process = pid_of._process
    assert process is not None
    return await asyncio.to_thread(process.wait, DRAIN_SECONDS + 10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_that_is_stopped_while_it_reads_drains_and_goes_on_after_a_restart(
    tmp_path: Path, number: signal.Signals
) -> None:
    service = Service(tmp_path, {"TOKSTREAM_OCR_WORKERS": "1"})
    await asyncio.to_thread(service.start)
    try:
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
            session_id = await start_reading(http)
            os.kill(service.pid, number)
            assert await exit_code(service) == 0
        assert "Traceback" not in service.log_file.read_text()
        await asyncio.to_thread(service.restart)
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
            parameters = {"relationship": "FRIEND", "relationship_info": "x"}
            answer = await http.post(f"/sessions/{session_id}/process", params=parameters)
            assert answer.status_code == 200, answer.text
            assert answer.json()["total_screenshots"] == 6
    finally:
        service.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(tmp_path: Path, number: signal.Signals) -> None:
    service = Service(tmp_path, {"TOKSTREAM_OCR_WORKERS": "1"})
    await asyncio.to_thread(service.start)
    try:
        async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
            session_id = (await http.post("/sessions")).raise_for_status().json()["session_id"]
            files = {"file": ("long.png", await asyncio.to_thread(long_screenshot))}
            (await http.post(f"/sessions/{session_id}/upload", files=files)).raise_for_status()
            events, as_json = f"/streams/session:{session_id}/events", {"Accept": "application/json"}
            async with asyncio.timeout(30):
                while "bubble.read" not in (await http.get(events, headers=as_json)).text:
                    await asyncio.sleep(0.01)
        os.kill(service.pid, number)
        async with asyncio.timeout(10):
            while "stopping" not in service.log_file.read_text():
                await asyncio.sleep(0.01)
        os.kill(service.pid, number)
        async with asyncio.timeout(5):
            assert await exit_code(service) != 0
    finally:
        service.stop()
