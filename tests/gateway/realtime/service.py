"""What the realtime tests run against: real SQLite stores, the real hub, and the real routes in uvicorn on a free
port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from contracts import topics
from contracts.base import decode, encode
from contracts.errors import BAD_REQUEST, TokstreamError
from contracts.realtime import (
    SUBPROTOCOL_JSON,
    CommandAccepted,
    Connect,
    Connected,
    ServerMessage,
    Subscribe,
    Subscribed,
)
from contracts.streams import Cursor
from gateway.problems import EXCEPTION_HANDLERS
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.hub import Hub
from gateway.realtime.routes import realtime_routes
from gateway.realtime.server import UVICORN_SETTINGS
from storage.journal.port import NewEvent, StoredEvent
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.sources import Uuid7
from storage.sqlite import Database

M = TypeVar("M", bound=ServerMessage)

STREAM = "session:one"
TIME = "2026-11-23T00:00:00.000000+00:00"
SECONDS = 10.0
"""Bound of every wait of the tests."""


@dataclass
class Stores:
    database: Database
    log: SqliteEventLog
    journal: SqliteJournal
    feed: SqliteFeed

    async def append(self, number: int, stream: str = STREAM, size: int = 0) -> StoredEvent:
        """Appends the event with that number in its data, and `size` bytes more."""
        data = encode({"number": number, "filling": "x" * size})
        stored = await self.feed.append(stream, [NewEvent(uuid4().hex, "bubble.read", data, TIME)])
        return stored[0]


@asynccontextmanager
async def open_stores(directory: Path) -> AsyncIterator[Stores]:
    database = await Database.open(directory / "tokstream.db")
    try:
        log = SqliteEventLog(database)
        await log.ensure(topics.all_topics())
        journal = await SqliteJournal.open(database, Uuid7())
        yield Stores(database, log, journal, SqliteFeed(journal, log))
    finally:
        await database.close()


@dataclass
class OpenAccess:
    """Tokens are owners; every owner reads the streams listed for them, and without a list all streams."""

    owners: Mapping[str | None, str] = field(default_factory=lambda: {None: "local"})
    readable: dict[str, set[str]] | None = None

    async def owner(self, token: str | None) -> str | None:
        return self.owners.get(token)

    async def may_read(self, owner: str, stream: str) -> bool:
        return self.readable is None or stream in self.readable.get(owner, set())


@dataclass
class RecordedCommands:
    """Accepts `process` and remembers what was asked."""

    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    async def run(
        self, owner: str, stream: str, name: str, data: bytes, message_id: str, key: str | None = None
    ) -> CommandAccepted:
        self.asked.append((owner, stream, name, data))
        if name != "process":
            raise TokstreamError(BAD_REQUEST, f"there is no command {name}", field="name")
        return CommandAccepted(id=message_id, task_id="task-1", stream=stream)

    async def cancel(self, owner: str, stream: str) -> None:
        self.cancelled.append(stream)


@dataclass
class Gateway:
    hub: Hub
    port: int
    access: OpenAccess
    commands: RecordedCommands

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"


class Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def running_gateway(
    stores: Stores, config: RealtimeConfig | None = None, access: OpenAccess | None = None, port: int = 0
) -> AsyncIterator[Gateway]:
    """A gateway with the realtime routes only, listening when the context is entered."""
    hub = Hub(stores.log, stores.journal)
    access = access or OpenAccess()
    commands = RecordedCommands()
    app = Starlette(
        routes=realtime_routes(hub, access, commands, config or RealtimeConfig()),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    listener = socket.create_server(("127.0.0.1", port))
    server = Server(
        uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=5, **UVICORN_SETTINGS)
    )
    # Signals belong to the test runner.
    async with hub.running(), asyncio.TaskGroup() as group:
        serving = group.create_task(server._serve([listener]))
        await server.listening.wait()
        try:
            yield Gateway(hub, listener.getsockname()[1], access, commands)
        finally:
            hub.stop()
            server.should_exit = True
            await serving


class Client:
    """A websocket client that speaks Structs. One frame may bring several messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.ready: list[ServerMessage] = []

    async def send(self, *messages: object) -> None:
        await self.connection.send(encode(messages[0] if len(messages) == 1 else messages).decode())

    async def receive(self) -> ServerMessage:
        """The next message. Raises TimeoutError, websockets.ConnectionClosed."""
        while not self.ready:
            async with asyncio.timeout(SECONDS):
                frame = await self.connection.recv()
            decoded = decode(frame, ServerMessage | list[ServerMessage])  # type: ignore[arg-type]
            self.ready += decoded if isinstance(decoded, list) else [decoded]
        return self.ready.pop(0)

    async def expect(self, kind: type[M]) -> M:
        message = await self.receive()
        assert isinstance(message, kind), message
        return message

    async def subscribe(self, stream: str = STREAM, since: Cursor | None = None) -> Subscribed:
        await self.send(Subscribe(id="subscribe", stream=stream, since=since))
        return await self.expect(Subscribed)


@asynccontextmanager
async def connected_client(gateway: Gateway, token: str | None = None) -> AsyncIterator[Client]:
    """A client after a successful connect."""
    async with connect(gateway.websocket_url, subprotocols=[Subprotocol(SUBPROTOCOL_JSON)]) as connection:
        client = Client(connection)
        await client.send(Connect(id="connect", token=token))
        await client.expect(Connected)
        yield client
