"""How live a reply is: `python -m tests.bench.streaming [--kafka]`.

The whole path (websocket or REST → log → engine → journal → live topic → client) runs in one process pinned to one
core, the clients in this one. The engine tells the time of every token, so what is measured is what the path adds:

- to the first token: from sending to the first text received, less the engine's own time from being asked to it;
- to every token of 200 replies at once, 50 tokens a second each: from the engine to the client, early and late in the
  run. What falls behind has a lag that grows; deltas are coalesced for up to 50 ms on purpose.

Beside it, in the same run, a bare websocket server that only sends the same number of messages of the same size at the
same pace, on the same core: what the machine itself takes.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import psutil  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect

from contracts.realtime import SUBPROTOCOL_JSON
from tests.servers.kafka import KafkaServer
from tests.servers.mongo import MongoServer
from tests.servers.process import HOST, ServerProcess, free_ports

S = TypeVar("S", bound=ServerProcess)

TTFT_P50, TTFT_P99 = 0.030, 0.080
"""Seconds (issue: AI that scores, coaches and talks)."""
SECONDS = 60.0
TURNS_A_THREAD = 20
"""The tests' server of MongoDB's wire protocol sorts without an index: it slows down as a stream grows, as MongoDB does
not."""


class Bench(ServerProcess):
    def __init__(self, folder: Path, core: int, settings: Mapping[str, str]) -> None:
        (port,) = free_ports(1)
        command = (sys.executable, "-m", "tests.bench.streaming_service", str(port), str(core), str(folder / "data"))
        super().__init__("streaming service", command, port, folder / "service.log", settings)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Peer(ServerProcess):
    """The bare server."""

    def __init__(self, folder: Path, core: int) -> None:
        (port,) = free_ports(1)
        command = (sys.executable, "-m", "tests.bench.streaming_peer", str(port), str(core))
        super().__init__("bare server", command, port, folder / "peer.log", {})


@contextmanager
def running(server: S) -> Iterator[S]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def production(wanted: bool, folder: Path) -> Iterator[dict[str, str]]:
    """The settings of a deployment: nothing, or real servers of Kafka and of MongoDB's wire protocol."""
    if not wanted:
        yield {}
        return
    with running(KafkaServer(folder / "kafka")) as kafka, running(MongoServer(folder / "mongo")) as mongo:
        blobs = folder / "blobs"
        blobs.mkdir()
        yield {"TOKSTREAM_KAFKA": kafka.bootstrap, "TOKSTREAM_MONGODB": mongo.uri, "TOKSTREAM_BLOBS": blobs.as_uri()}


class Load(NamedTuple):
    """Seconds from engine to client of the tokens in the first and the last third, messages received, and the share of
    its core that the server used."""

    early: list[float]
    late: list[float]
    messages: int
    cpu: float


class Follower:
    """A websocket client that knows just enough of the protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def ask(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            async with asyncio.timeout(SECONDS):
                decoded = json.loads(await self.connection.recv())
            for message in decoded if isinstance(decoded, list) else [decoded]:
                yield message

    async def until(self, kind: str) -> dict[str, Any]:
        async for message in self.messages():
            if message["type"] == kind:
                return message
        raise RuntimeError("the connection ended")


@asynccontextmanager
async def following(url: str, stream: str) -> AsyncIterator[Follower]:
    address = f"{url.replace('http', 'ws', 1)}/ws"
    async with connect(address, subprotocols=[SUBPROTOCOL_JSON], compression=None, max_size=None) as connection:  # type: ignore[list-item]
        follower = Follower(connection)
        await follower.ask(type="connect", id="c")
        await follower.until("connected")
        await follower.ask(type="subscribe", id="s", stream=stream)
        await follower.until("subscribed")
        yield follower


async def start(http: httpx.AsyncClient) -> str:
    response = await http.post("/start-conversation", json={"relationship": "FRIEND"})
    response.raise_for_status()
    thread: str = response.json()["thread_id"]
    return f"conversation:{thread}"


def say(tokens: int, rate: float) -> dict[str, Any]:
    return {"message": f"say {tokens} {rate:g}"}


async def socket_overheads(http: httpx.AsyncClient, url: str, count: int) -> list[float]:
    found: list[float] = []
    while len(found) < count:
        found += await thread_overheads(url, await start(http), min(TURNS_A_THREAD, count - len(found)))
    return found


async def thread_overheads(url: str, stream: str, count: int) -> list[float]:
    found = []
    async with following(url, stream) as follower:
        for _ in range(count):
            sent = time.monotonic()
            await follower.ask(type="command", id="x", stream=stream, name="say", data=say(3, 50))
            arrived = None
            async for message in follower.messages():
                if message["type"] != "event":
                    continue
                if message["event"] == "message.delta" and arrived is None:
                    arrived = time.monotonic()
                    asked, first = message["data"]["text"].split()[0].split(">")
                if message["event"] == "message.completed":
                    break
            if arrived is not None:
                found.append(arrived - sent - (float(first) - float(asked)))
    return found


async def rest_overheads(http: httpx.AsyncClient, count: int) -> list[float]:
    found = []
    for _ in range(count):
        body = {"model": "scripted-1", "stream": True, "messages": [{"role": "user", "content": "say 3 50"}]}
        sent = time.monotonic()
        async with http.stream("POST", "/v1/chat/completions", json=body) as response:
            async for line in response.aiter_lines():
                if ">" in line:
                    text = json.loads(line.removeprefix("data: "))["choices"][0]["delta"]["content"]
                    asked, first = text.split()[0].split(">")
                    found.append(time.monotonic() - sent - (float(first) - float(asked)))
    return found


async def crowd(url: str, streams: Sequence[str], tokens: int, rate: float, pid: int) -> Load:
    """All replies at once."""
    lags: list[tuple[int, float]] = []
    messages = 0

    async def one(follower: Follower, stream: str) -> None:
        nonlocal messages
        await follower.ask(type="command", id="x", stream=stream, name="say", data=say(tokens, rate))
        number = 0
        async for message in follower.messages():
            now = time.monotonic()
            if message["type"] != "event":
                continue
            if message["event"] == "message.delta":
                messages += 1
                for token in message["data"]["text"].split():
                    lags.append((number, now - float(token.rpartition(">")[2])))
                    number += 1
            if message["event"] == "message.completed":
                return

    async with AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(following(url, stream)) for stream in streams]
        process = psutil.Process(pid)
        before, started = cpu_seconds(process), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for follower, stream in zip(followers, streams, strict=True):
                group.create_task(one(follower, stream))
        wall = time.monotonic() - started
        after = cpu_seconds(process)
    third = tokens / 3
    return Load(
        [lag for number, lag in lags if number < third],
        [lag for number, lag in lags if number >= 2 * third],
        messages,
        (after - before) / wall,
    )


async def peer_load(port: int, replies: int, messages_each: int, rate: float, pid: int) -> float:
    """The share of the core that the bare server used."""

    async def one(connection: ClientConnection) -> None:
        await connection.send(f"{messages_each} {rate}")
        for _ in range(messages_each):
            await connection.recv()

    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(connect(f"ws://{HOST}:{port}", compression=None)) for _ in range(replies)
        ]
        process = psutil.Process(pid)
        before, started = cpu_seconds(process), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(one(connection))
        wall = time.monotonic() - started
        after = cpu_seconds(process)
    return (after - before) / wall


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure(options: argparse.Namespace, settings: Mapping[str, str], folder: Path) -> None:
    console = Console()
    with running(Bench(folder, options.core, settings)) as service, running(Peer(folder, options.core)) as peer:
        async with httpx.AsyncClient(base_url=service.url, timeout=SECONDS) as http:
            await socket_overheads(http, service.url, 10)
            await rest_overheads(http, 5)
            table = Table("to the first token, beyond the engine's own", "p50 ms", "p99 ms", "within the limits")
            for name, seconds in (
                ("websocket `say`", await socket_overheads(http, service.url, options.turns)),
                ("POST /v1/chat/completions, stream", await rest_overheads(http, options.turns)),
            ):
                p50, p99 = statistics.median(seconds), percentile(seconds, 0.99)
                fine = "yes" if p50 <= TTFT_P50 and p99 <= TTFT_P99 else "NO"
                table.add_row(name, f"{p50 * 1e3:.1f}", f"{p99 * 1e3:.1f}", fine)
            console.print(table)
            streams = [await start(http) for _ in range(options.replies)]
            tokens = int(options.rate * options.seconds)
            load = await crowd(service.url, streams, tokens, options.rate, service.pid)
        each = max(1, load.messages // options.replies)
        bare = await peer_load(peer.port, options.replies, each, each / options.seconds, peer.pid)
    table = Table(
        f"{options.replies} replies, {options.rate:g} tokens/s each, {options.seconds:g} s",
        "p50 ms",
        "p99 ms",
        "worst ms",
    )
    for name, lags in (("engine to client, first third", load.early), ("last third", load.late)):
        table.add_row(
            name, *(f"{1e3 * value:.0f}" for value in (statistics.median(lags), percentile(lags, 0.99), max(lags)))
        )
    console.print(table)
    behind = statistics.median(load.late) > 2 * statistics.median(load.early) + 0.05
    console.print(
        f"{load.messages} deltas; the service used {load.cpu:.0%} of its core, a bare server for as many messages "
        f"{bare:.0%}; {'FALLS BEHIND' if behind else 'does not fall behind'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", action="store_true", help="on Kafka, MongoDB's wire and a directory of blobs")
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second of each reply")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--core", type=int, default=0, help="the core that the service runs on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, production(options.kafka, Path(name)) as settings:
        asyncio.run(measure(options, settings, Path(name)))


if __name__ == "__main__":
    main()
