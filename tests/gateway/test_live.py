"""The whole gateway in uvicorn on a real port: uploads on one connection, their events on another."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
import uvicorn
import websockets

from contracts.base import encode
from contracts.realtime import (
    SUBPROTOCOL_JSON,
    CommandAccepted,
    Connect,
    Connected,
    ErrorReply,
    Push,
    Subscribe,
    Subscribed,
    Unsubscribed,
)
from contracts.realtime import CommandMessage as Command
from contracts.streams import session_stream
from gateway.access import key_digest
from gateway.config import ApiKey, GatewayConfig
from gateway.realtime.server import UVICORN_SETTINGS
from storage.collections import SCREENSHOTS, SESSIONS
from tests.gateway.realtime.service import Client, Server
from tests.gateway.service import CONFIG, Service, gateway, png

SECONDS = 20.0


@asynccontextmanager
async def listening(
    directory: Path, config: GatewayConfig = CONFIG
) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """A gateway and a client of its port."""
    async with gateway(directory, config) as service:
        listener = socket.create_server(("127.0.0.1", 0))
        server = Server(uvicorn.Config(service.app, lifespan="off", log_level="warning", **UVICORN_SETTINGS))
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server._serve([listener]))
            await server.listening.wait()
            try:
                url = f"http://127.0.0.1:{listener.getsockname()[1]}"
                async with httpx.AsyncClient(base_url=url, timeout=SECONDS) as client:
                    yield service, client
            finally:
                service.app.state.hub.stop()
                server.should_exit = True
                await serving


async def until(client: Client, kind: str) -> list[Push]:
    """The events up to the first of this type."""
    found: list[Push] = []
    while not found or found[-1].type_ != kind:
        message = await client.receive()
        if isinstance(message, Push):
            found.append(message)
    return found


async def test_every_step_of_a_session_comes_over_the_websocket(tmp_path: Path) -> None:
    config = msgspec.structs.replace(CONFIG, keys=(ApiKey(digest=key_digest("key"), owner="ann"),))
    async with listening(tmp_path, config) as (_, rest):
        rest.headers["x-api-key"] = "key"
        session_id = (await rest.post("/sessions")).json()["session_id"]
        ticket = (await rest.post("/tickets")).json()["ticket"]
        url = f"ws://{rest.base_url.host}:{rest.base_url.port}/ws"
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol(SUBPROTOCOL_JSON)]) as connection:
            live = Client(connection)
            await live.send(Connect(id="c", token=ticket))
            await live.expect(Connected)
            stream = session_stream(session_id)
            await live.send(Subscribe(id="s", stream=stream))
            assert [event.type for event in (await live.expect(Subscribed)).events] == ["session.created"]
            await rest.post(f"/sessions/{session_id}/upload", files={"file": png()})
            bubbles = await until(live, "bubble.read")
            assert [event.type_ for event in bubbles] == ["screenshot.accepted", "bubble.read"]
            await live.send(Command(id="p", stream=stream, name="process", data=msgspec.Raw(b'{"relationship":"F"}')))
            refused = await live.expect(ErrorReply)
            assert refused.id == "p"
            assert (refused.error.code, refused.error.field) == ("missing-parameter", "relationship_info")
            data = msgspec.Raw(encode({"relationship": "FRIEND", "relationship_info": "x"}))
            await live.send(Command(id="q", stream=stream, name="process", data=data))
            events: list[str] = []
            task_id = None
            while "session.completed" not in events or task_id is None:
                message = await live.receive()
                if isinstance(message, CommandAccepted):
                    task_id = message.task_id
                elif isinstance(message, Push):
                    events.append(message.type_)
            assert (await rest.get(f"/result/{task_id}")).json()["status"] == "done"
            await rest.delete(f"/sessions/{session_id}")
            ended = await live.expect(Unsubscribed)
            assert ended.stream == stream


async def test_judgements_and_suggestions_come_over_the_websocket(tmp_path: Path) -> None:
    async with listening(tmp_path) as (service, rest):
        session_id = await service.processed_session()
        stream = session_stream(session_id)
        url = f"ws://{rest.base_url.host}:{rest.base_url.port}/ws"
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol(SUBPROTOCOL_JSON)]) as connection:
            live = Client(connection)
            await live.send(Connect(id="c"))
            await live.expect(Connected)
            await live.send(Subscribe(id="s", stream=stream))
            await live.expect(Subscribed)
            await live.send(Command(id="a", stream=stream, name="analyze", data=msgspec.Raw(b'{"all": true}')))
            events = await until(live, "session.completed")
            assert [event.type_ for event in events] == ["session.analyzing", "message.analyzed", "session.completed"]
            await live.send(Command(id="p", stream=stream, name="predict-next"))
            # The answer to the first command may come after its events.
            accepted = await live.expect(CommandAccepted)
            while accepted.id != "p":
                accepted = await live.expect(CommandAccepted)
            assert accepted.stream == f"task:{accepted.task_id}"
            await live.send(Subscribe(id="t", stream=accepted.stream))
            told = list((await live.expect(Subscribed)).events)
            done = told[0].data if told else (await until(live, "task.completed"))[-1].data
            assert len(msgspec.json.decode(done)["result"]["suggestions"]) == 3


async def test_server_sent_events_come_to_who_may_read_them(tmp_path: Path) -> None:
    async with listening(tmp_path) as (_, rest):
        session_id = (await rest.post("/sessions")).json()["session_id"]
        await rest.post(f"/sessions/{session_id}/upload", files={"file": png()})
        async with rest.stream("GET", f"/streams/{session_stream(session_id)}/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            types: list[str] = []
            async with asyncio.timeout(SECONDS):
                async for line in response.aiter_lines():
                    if line.startswith("event:"):
                        types.append(line.removeprefix("event:").strip())
                    if "bubble.read" in types:
                        break
            assert types == ["session.created", "screenshot.accepted", "bubble.read"]


async def test_a_client_that_sends_too_much_still_hears_why(tmp_path: Path) -> None:
    config = msgspec.structs.replace(CONFIG, max_upload_bytes=1_000_000)
    async with listening(tmp_path, config) as (_, rest):
        session_id = (await rest.post("/sessions")).json()["session_id"]
        response = await rest.post(f"/sessions/{session_id}/upload", files={"file": b"\0" * 3_000_000})
        assert response.status_code == 413
        assert response.json()["code"] == "upload-too-large"


async def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path) as (service, rest):
        session_id = (await rest.post("/sessions")).json()["session_id"]
        reader, writer = await asyncio.open_connection(rest.base_url.host, rest.base_url.port)
        head = (
            f"POST /sessions/{session_id}/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        )
        writer.write(head.encode() + png()[:200])
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        del reader
        assert (await rest.get("/healthcheck")).status_code == 200
        assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == 0


async def test_a_web_page_of_elsewhere_gets_neither_route_nor_socket(tmp_path: Path) -> None:
    async with listening(tmp_path) as (service, rest):
        evil = {"Origin": "https://evil.example"}
        assert (await rest.post("/sessions", headers=evil)).status_code == 403
        url = f"ws://{rest.base_url.host}:{rest.base_url.port}/ws"
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(url, additional_headers=evil)
        assert await service.stores.documents.count(SESSIONS, {"owner": "local"}) == 0
