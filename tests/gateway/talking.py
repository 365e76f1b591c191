"""A gateway with a real consumer of turns behind it, and a scripted engine that answers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from gateway.app import build_app
from gateway.config import GatewayConfig
from gateway.realtime.server import UVICORN_SETTINGS
from gateway.services import GatewayHooks
from processors.conversation.handler import ConversationHandler
from processors.runtime.consumer import Consumer, ConsumerSettings
from processors.runtime.handler import Handler
from storage.stores import Stores
from tests.ai import ScriptedEngine
from tests.gateway.realtime.service import Server
from tests.gateway.service import CONFIG, embedded


@dataclass
class Talk:
    """`url` is where it listens."""

    client: httpx.AsyncClient
    engine: ScriptedEngine
    stores: Stores
    url: str
    hub: Any

    @property
    def websocket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/ws"

    async def start(self, relationship: str = "연인", **headers: str) -> str:
        """A new thread; returns its id."""
        response = await self.client.post("/start-conversation", json={"relationship": relationship}, headers=headers)
        assert response.status_code == 200, response.text
        thread: str = response.json()["thread_id"]
        return thread

    async def say(self, thread: str, message: str, **headers: str) -> httpx.Response:
        """Goes on with a thread; `headers` with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"message": message, "thread_id": thread}
        return await self.client.post("/continue-conversation", json=body, headers=named)

    async def query(self, text: str, name: str = "민수", **headers: str) -> httpx.Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.post("/query", json={"input": text, "client_name": name}, headers=named)


def nothing_else(stores: Stores) -> Sequence[Handler]:
    """For a service that does nothing but talk."""
    return ()


@asynccontextmanager
async def talking(
    directory: Path,
    engine: ScriptedEngine | None = None,
    config: GatewayConfig = CONFIG,
    open_stores: Callable[[Path], AbstractAsyncContextManager[Stores]] = embedded,
    other_handlers: Callable[[Stores], Sequence[Handler]] = nothing_else,
) -> AsyncIterator[Talk]:
    """The service on a real port while the context is open; every start on the same directory has the same data.
    `other_handlers` are those of the other capabilities."""
    engine = engine or ScriptedEngine()
    stop = asyncio.Event()
    async with open_stores(directory) as stores:
        app = build_app(stores, config, GatewayHooks(models=engine.models))
        handlers = [ConversationHandler(stores, engine, 8192), *other_handlers(stores)]
        settings = ConsumerSettings(concurrency=64, poll_seconds=0.05)
        consumers = [Consumer(stores.log, handler, settings) for handler in handlers]
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = Server(uvicorn.Config(app, lifespan="off", log_level="warning", **UVICORN_SETTINGS))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with app.router.lifespan_context(app), asyncio.TaskGroup() as group:
            for consumer in consumers:
                group.create_task(consumer.run(stop))
            serving = group.create_task(server._serve([listener]))
            await server.listening.wait()
            try:
                async with httpx.AsyncClient(base_url=url, timeout=30.0) as client:
                    yield Talk(client, engine, stores, url, app.state.hub)
            finally:
                app.state.hub.stop()
                server.should_exit = True
                await serving
                stop.set()
