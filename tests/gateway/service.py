"""A gateway on real embedded stores, with a processor behind it, for the tests of the REST side."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from PIL import Image
from starlette.applications import Starlette

from contracts import topics
from gateway.app import build_app
from gateway.config import GatewayConfig
from gateway.services import GatewayHooks
from storage.blobs import open_directory
from storage.collections import ALL
from storage.documents.sqlite import SqliteDocuments
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.sources import SystemClock, Uuid7
from storage.sqlite import Database
from storage.stores import Stores
from tests.ai import ScriptedEngine
from tests.gateway.processor import TestProcessor

CONFIG = GatewayConfig(version="1.2.3", default_wait=10.0, idempotency_lease=0.0)


@asynccontextmanager
async def embedded(directory: Path) -> AsyncIterator[Stores]:
    """The embedded stores in a directory."""
    database = await Database.open(directory / "tokstream.db")
    try:
        clock, ids = SystemClock(), Uuid7()
        log = SqliteEventLog(database, clock)
        await log.ensure(topics.all_topics())
        journal = await SqliteJournal.open(database, ids)
        documents = SqliteDocuments(database)
        await documents.prepare(ALL)
        blobs = await open_directory(directory / "blobs")
        yield Stores(
            log=log,
            journal=journal,
            feed=SqliteFeed(journal, log),
            documents=documents,
            blobs=blobs,
            clock=clock,
            ids=ids,
        )
    finally:
        await database.close()


@dataclass
class Service:
    """What a test drives: the client of the gateway, and what stands behind it."""

    app: Starlette
    client: httpx.AsyncClient
    stores: Stores
    processor: TestProcessor

    async def session(self) -> str:
        """A new session."""
        response = await self.client.post("/sessions")
        assert response.status_code == 200, response.text
        identifier: str = response.json()["session_id"]
        return identifier

    async def upload(self, session_id: str, data: bytes | None = None) -> str:
        """A new screenshot in the session."""
        response = await self.client.post(f"/sessions/{session_id}/upload", files={"file": data or png()})
        assert response.status_code == 200, response.text
        identifier: str = response.json()["screenshot_id"]
        return identifier

    async def process(self, session_id: str, **headers: str) -> httpx.Response:
        """Processes the session with ordinary parameters; `headers` with underscores for hyphens."""
        parameters = {"relationship": "FRIEND", "relationship_info": "2년 지기"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/sessions/{session_id}/process", params=parameters, headers=named)

    async def processed_session(self, screenshots: int = 1) -> str:
        """A session that has been processed."""
        session_id = await self.session()
        for _ in range(screenshots):
            await self.upload(session_id)
        response = await self.process(session_id)
        assert response.status_code == 200, response.text
        return session_id


@asynccontextmanager
async def gateway(
    directory: Path,
    config: GatewayConfig = CONFIG,
    hooks: GatewayHooks | None = None,
    wrap: Callable[[Stores], Stores] = lambda stores: stores,
    open_stores: Callable[[Path], AbstractAsyncContextManager[Stores]] = embedded,
) -> AsyncIterator[Service]:
    """A gateway inside the context. `stores_changed` replaces stores that the gateway sees; the processor keeps the
    real ones."""
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(directory))
        processor = await stack.enter_async_context(TestProcessor(stores).running())
        app = build_app(wrap(stores), config, hooks or GatewayHooks(models=ScriptedEngine().models))
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app)
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30.0)
        await stack.enter_async_context(client)
        yield Service(app, client, stores, processor)


def png(width: int = 200, height: int = 400, colour: tuple[int, int, int] = (171, 193, 209)) -> bytes:
    """A plain PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()
