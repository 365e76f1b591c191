"""How long a screenshot takes from the upload to its bubbles, through the running service.

    python -m tests.bench.latency [--rounds 10] [--core 0]

A warm `tokstream serve` reads screenshots of 1080 × 2340 pixels one at a time, pinned to one core. Measured from
the answer to
the upload to the arrival of the first and of the last `bubble.read` at a websocket client. Beside it, measured in
the same run:
where the time goes inside the reader, and the price of decoding the same image with Pillow, which no reader can do
without.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import httpx
import websockets
from rich.console import Console
from rich.table import Table

from contracts.resources import Bubble
from processors.ocr.engines.port import Box, Image, RegionReader, RegionText
from processors.ocr.engines.select import open_reader
from processors.ocr.reader import ScreenshotReader
from storage.pixels import decode
from tests.e2e.service import Service, png
from tests.screenshots.conversations import converse
from tests.screenshots.scenes import Device, draw

PHONE = Device(width=1080, height=2340, scale=2.8125)
LOOK = "kakao-android-light"
FIRST_LIMIT, ALL_LIMIT = 0.6, 1.2
"""Seconds (issue: the main job)."""
WARM_UP = 3


class Timing(NamedTuple):
    """Seconds since the upload was accepted."""

    first: float
    last: float
    bubbles: int


class Stopwatch:
    """A region reader that notes how long finding and recognising lines takes."""

    def __init__(self, inner: RegionReader) -> None:
        self.inner = inner
        self.engine = inner.engine
        self.seconds = 0.0

    def read(self, image: Image, region: Box) -> RegionText:
        return self.read_many(image, [region])[0]

    def read_many(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> Sequence[RegionText]:
        started = time.perf_counter()
        try:
            return self.inner.read_many(image, regions, rows)
        finally:
            self.seconds += time.perf_counter() - started


def shots(count: int) -> list[bytes]:
    return [png(draw(converse(seed, 60), LOOK, seed, device=PHONE)) for seed in range(count)]


async def through_the_service(service: Service, images: list[bytes]) -> list[Timing]:
    """One upload after the other, each watched over a websocket."""
    timings = []
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
        for data in images:
            session = (await http.post("/sessions")).raise_for_status().json()["session_id"]
            async with websockets.connect(service.socket_url, max_size=None) as socket:
                await socket.send(json.dumps({"type": "connect", "id": "1"}))
                await socket.send(json.dumps({"type": "subscribe", "id": "2", "stream": f"session:{session}"}))
                watching = asyncio.create_task(arrivals(socket))
                answer = await http.post(f"/sessions/{session}/upload", files={"file": ("a.png", data)})
                accepted = time.perf_counter()
                answer.raise_for_status()
                async with asyncio.timeout(60):
                    times = await watching
            if times:
                timings.append(Timing(times[0] - accepted, times[-1] - accepted, len(times)))
    return timings


async def arrivals(socket: websockets.ClientConnection) -> list[float]:
    """When each bubble came, until the screenshot is read."""
    times: list[float] = []
    while True:
        frame = json.loads(await socket.recv())
        now = time.perf_counter()
        for message in frame if isinstance(frame, list) else [frame]:
            if message.get("event") == "bubble.read":
                times.append(now)
            elif message.get("event") in ("screenshot.read", "screenshot.failed"):
                return times


def inside_the_reader(images: list[bytes]) -> tuple[float, float, float]:
    """Median seconds: decoding, everything of ours besides lines, finding and recognising lines."""
    cv2.setNumThreads(1)
    watch = Stopwatch(open_reader("auto"))
    reader = ScreenshotReader(watch)
    decoding, ours, lines = [], [], []
    for number, data in enumerate(images):
        started = time.perf_counter()
        image = decode(data)
        decoded = time.perf_counter()
        watch.seconds = 0.0
        found: list[Bubble] = list(reader.read(image))
        ended = time.perf_counter()
        if number >= WARM_UP and found:
            decoding.append(decoded - started)
            lines.append(watch.seconds)
            ours.append(ended - decoded - watch.seconds)
    return statistics.median(decoding), statistics.median(ours), statistics.median(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--core", type=int, default=0, help="the core that the service and the reader are pinned to")
    options = parser.parse_args()
    console = Console()
    with console.status("drawing screenshots"):
        images = shots(options.rounds + WARM_UP)
    with tempfile.TemporaryDirectory() as folder, console.status("reading through the service"):
        service = Service(Path(folder), {"TOKSTREAM_LOG_LEVEL": "WARNING", "TOKSTREAM_OCR_WORKERS": "1"})
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {options.core})  # inherited by the service
        service.start()
        os.sched_setaffinity(0, everywhere)
        try:
            timings = asyncio.run(through_the_service(service, images))[WARM_UP:]
        finally:
            service.stop()
    os.sched_setaffinity(0, {options.core})
    with console.status("reading inside one process"):
        decoding, ours, lines = inside_the_reader(images)
    table = Table("from the accepted upload to", "median s", "worst s", "limit s", title="1080 × 2340, one core, warm")
    for name, values, limit in (
        ("the first bubble", [t.first for t in timings], FIRST_LIMIT),
        ("the last bubble", [t.last for t in timings], ALL_LIMIT),
    ):
        verdict = "" if statistics.median(values) <= limit else "  MISSED"
        table.add_row(name, f"{statistics.median(values):.3f}", f"{max(values):.3f}", f"{limit:.1f}{verdict}")
    console.print(table)
    inside = Table("inside the reader", "median s", "share", title="where the time goes")
    total = decoding + ours + lines
    for name, value in (("decoding", decoding), ("finding and reading lines", lines), ("everything else", ours)):
        inside.add_row(name, f"{value:.3f}", f"{value / total:.0%}")
    console.print(inside)


if __name__ == "__main__":
    main()
