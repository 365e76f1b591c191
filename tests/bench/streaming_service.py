"""The service that `tests.bench.streaming` measures: gateway and turns in one process, and an engine that tells time.

    python -m tests.bench.streaming_service PORT CORE DATA_DIR     (production stores where TOKSTREAM_KAFKA is set)

Each piece that the engine says is the moment at which it said it, by the monotonic clock that all processes of a
machine share; the first also tells when it was asked.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from contracts.conversations import ChatMessage
from deploy.settings import load
from deploy.wiring import open_embedded, open_production
from gateway.app import build_app
from gateway.config import GatewayConfig
from gateway.realtime.server import UVICORN_SETTINGS
from gateway.services import GatewayHooks
from processors.conversation.handler import ConversationHandler
from processors.runtime.consumer import Consumer, ConsumerSettings
from storage.stores import Stores
from tests.ai import ScriptedEngine

FIRST_TOKEN_SECONDS = 0.2
"""What the engine takes to its first token."""


class TimingEngine(ScriptedEngine):
    """`say TOKENS RATE` is answered with so many tokens at so many a second."""

    async def _say(self, context: Sequence[ChatMessage]) -> AsyncGenerator[str, None]:
        asked = time.monotonic()
        words = context[-1].content.split() if context else ["say", "1", "50"]
        tokens, rate = int(words[1]), float(words[2])
        loop = asyncio.get_running_loop()
        start = loop.time() + FIRST_TOKEN_SECONDS
        for number in range(tokens):
            await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
            now = time.monotonic()
            yield f"{asked:.4f}>{now:.4f} " if number == 0 else f"{now:.4f} "


@asynccontextmanager
async def stores_of(data_dir: Path) -> AsyncIterator[Stores]:
    settings = load(data_dir=data_dir)
    if not settings.kafka:
        async with open_embedded(settings) as stores:
            yield stores
        return
    async with open_production(settings) as production:
        await production.prepared.wait()
        yield production.stores


async def serve(port: int, data_dir: Path) -> None:
    engine = TimingEngine()
    async with stores_of(data_dir) as stores, asyncio.TaskGroup() as group:
        app = build_app(stores, GatewayConfig(version="bench"), GatewayHooks(models=engine.models))
        handler = ConversationHandler(stores, engine, 8192)
        group.create_task(Consumer(stores.log, handler, ConsumerSettings(concurrency=256)).run(asyncio.Event()))
        listener = socket.create_server(("127.0.0.1", port), backlog=2048)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(app, lifespan="on", log_level="warning", backlog=2048, **UVICORN_SETTINGS)
        await uvicorn.Server(config).serve([listener])


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[2])})
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[3])))
