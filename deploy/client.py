"""A client of the service, as any other: REST and websocket, through aiohttp. The command line works through it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
import msgspec

from contracts.base import decode, encode
from contracts.realtime import (
    SUBPROTOCOL_JSON,
    ClientPong,
    Connect,
    ErrorReply,
    Goodbye,
    Push,
    ServerMessage,
    ServerPing,
    StreamEvent,
    Subscribe,
    Subscribed,
)
from contracts.resources import (
    MessageList,
    ProcessResult,
    ScreenshotUploaded,
    SessionCreated,
    SessionView,
    TaskAccepted,
    TaskView,
)

REQUEST_SECONDS = 300.0
POLL_SECONDS = 1.0
ACCEPTED = 202


class ServiceError(OSError):
    """The service answered with a problem; the message is its detail."""


class Client:
    """Use as an async context manager. Raises ServiceError for problems, aiohttp.ClientError where nobody answers."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self._url = url
        self._key = key
        headers = {"x-api-key": key} if key else {}
        self._http = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS))

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def _request(self, method: str, path: str, **options: Any) -> bytes:
        return (await self._send(method, path, **options))[1]

    async def _send(self, method: str, path: str, **options: Any) -> tuple[int, bytes]:
        async with self._http.request(method, self._url + path, **options) as response:
            body = await response.read()
        if response.status >= 300:
            raise ServiceError(_detail(body, response.status))
        return response.status, body

    async def create_session(self) -> SessionCreated:
        return decode(await self._request("POST", "/sessions"), SessionCreated)

    async def upload(self, session_id: str, path: Path) -> ScreenshotUploaded:
        # The key makes a repetition after a lost answer safe.
        form = aiohttp.FormData()
        form.add_field("file", path.read_bytes(), filename=path.name)
        body = await self._request(
            "POST", f"/sessions/{session_id}/upload", data=form, headers={"Idempotency-Key": str(uuid.uuid4())}
        )
        return decode(body, ScreenshotUploaded)

    async def process(self, session_id: str, relationship: str, relationship_info: str) -> ProcessResult:
        parameters = {"relationship": relationship, "relationship_info": relationship_info}
        options: dict[str, Any] = {"params": parameters, "headers": {"Prefer": "wait=120"}}
        status, body = await self._send("POST", f"/sessions/{session_id}/process", **options)
        if status != ACCEPTED:
            return decode(body, ProcessResult)
        # It takes longer than a request may wait: what came of it is asked where the answer says.
        location = decode(body, TaskAccepted).location
        while True:
            await asyncio.sleep(POLL_SECONDS)
            task = decode(await self._request("GET", location), TaskView)
            if task.status == "done":
                return decode(bytes(task.result), ProcessResult)
            if task.status == "failed":
                raise ServiceError(_detail(bytes(task.error), 500))

    async def session(self, session_id: str) -> SessionView:
        return decode(await self._request("GET", f"/sessions/{session_id}"), SessionView)

    async def messages(self, session_id: str) -> MessageList:
        return decode(await self._request("GET", f"/sessions/{session_id}/messages"), MessageList)

    async def transcript(self, session_id: str, form: str) -> str:
        """The transcript as json, txt, csv or md."""
        path = f"/sessions/{session_id}/transcript"
        return (await self._request("GET", path, params={"format": form})).decode()

    async def annotated(self, session_id: str, screenshot_id: str) -> bytes:
        """The screenshot with its bubbles drawn on it, PNG."""
        path = f"/sessions/{session_id}/screenshots/{screenshot_id}"
        return await self._request("GET", path, params={"annotated": "1"})

    async def events(self, stream: str) -> AsyncIterator[StreamEvent]:
        """The events of a stream from its beginning on, live, over the websocket. Ends when the server says goodbye."""
        async with self._http.ws_connect(
            self._url + "/ws", protocols=(SUBPROTOCOL_JSON,), autoping=True, max_msg_size=0
        ) as socket:
            await socket.send_str(encode(Connect(id="1", token=self._key)).decode())
            await socket.send_str(encode(Subscribe(id="2", stream=stream)).decode())
            async for frame in socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                for message in _messages(frame.data):
                    match message:
                        case Subscribed():
                            for event in message.events:
                                yield event
                        case Push():
                            yield StreamEvent(
                                stream=message.stream,
                                epoch=message.epoch,
                                seq=message.seq,
                                type=message.type_,
                                time=message.time,
                                data=message.data,
                            )
                        case ServerPing():
                            await socket.send_str(encode(ClientPong()).decode())
                        case ErrorReply():
                            raise ServiceError(message.error.detail)
                        case Goodbye():
                            return


def _messages(frame: str) -> list[ServerMessage]:
    kind: Any = ServerMessage | list[ServerMessage]
    decoded = msgspec.json.decode(frame, type=kind)
    return decoded if isinstance(decoded, list) else [decoded]


def _detail(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the service answered with status {status}"
