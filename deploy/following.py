"""Following one stream of the service over its websocket, across lost connections."""

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from contracts.base import encode
from contracts.realtime import (
    SUBPROTOCOL_JSON,
    Cancel,
    Cancelled,
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
    Unsubscribed,
)
from contracts.streams import Cursor
from deploy.problems import ServiceError

CONNECTING_SECONDS = 10.0
GIVE_UP_SECONDS = 60.0
"""So long a service may be away before following it ends."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 3.0
_CANCEL_ID = "cancel"


class Following:
    """The events of `stream` after the cursor `since` (from its beginning without one), each once and in order.

    An async context manager and an async iterator. A connection that is lost is made again, and the service resumes
    after the last event that came; where the stream has begun a new life meanwhile its events come from the beginning.
    `cursor` is that of the last event. `lost` counts the connections that broke. Raises ServiceError where the service
    refuses, deletes the stream, or is away for `GIVE_UP_SECONDS`.
    """

    def __init__(self, url: str, key: str | None, stream: str, since: Cursor | None = None) -> None:
        self.cursor = since
        self.lost = 0
        self._url = "ws" + url.removeprefix("http") + "/ws"
        self._key = key
        self._stream = stream
        self._socket: ClientConnection | None = None
        self._events: deque[StreamEvent] = deque()
        self._cancelling = False
        self._away_since: float | None = None
        self._wait = FIRST_WAIT_SECONDS

    async def __aenter__(self) -> "Following":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()

    def __aiter__(self) -> "Following":
        return self

    async def __anext__(self) -> StreamEvent:
        while not self._events:
            try:
                if self._socket is None:
                    self._socket = await self._connect()
                await self._take(self._socket, await self._socket.recv())
            except InvalidStatus as error:
                refused = ServiceError.of(bytes(error.response.body or b""), error.response.status_code)
                if refused.status < 500:
                    raise refused from error
                await self._wait_for_service(refused)
            except (OSError, InvalidHandshake, ConnectionClosed) as error:
                await self._wait_for_service(error)
        event = self._events.popleft()
        self.cursor = Cursor(epoch=event.epoch, seq=event.seq)
        return event

    async def cancel(self) -> None:
        """Has the work of the stream stopped; asks again on the next connection where this one is lost."""
        self._cancelling = True
        if self._socket is not None:
            await self._ask_cancel(self._socket)

    async def _ask_cancel(self, socket: ClientConnection) -> None:
        # Where the connection is lost whoever reads finds out, and connects again.
        with contextlib.suppress(ConnectionClosed):
            await socket.send(encode(Cancel(id=_CANCEL_ID, stream=self._stream)).decode())

    async def _wait_for_service(self, reason: Exception) -> None:
        """Before the next attempt; longer from one to the next, until a subscription has succeeded."""
        self._socket = None
        self.lost += 1
        now = asyncio.get_running_loop().time()
        self._away_since = self._away_since or now
        if now - self._away_since > GIVE_UP_SECONDS:
            raise ServiceError(f"the service at {self._url} is away: {reason}", 503) from reason
        await asyncio.sleep(self._wait)
        self._wait = min(LONGEST_WAIT_SECONDS, self._wait * 2)

    async def _connect(self) -> ClientConnection:
        socket = await connect(
            self._url,
            subprotocols=[Subprotocol(SUBPROTOCOL_JSON)],
            max_size=None,
            proxy=None,
            open_timeout=CONNECTING_SECONDS,
        )
        hello = [
            Connect(id="connect", token=self._key),
            Subscribe(id="subscribe", stream=self._stream, since=self.cursor),
        ]
        for message in hello:
            await socket.send(encode(message).decode())
        if self._cancelling:
            await self._ask_cancel(socket)
        return socket

    async def _take(self, socket: ClientConnection, frame: str | bytes) -> None:
        for message in _messages(frame):
            match message:
                case Subscribed():
                    self._away_since, self._wait = None, FIRST_WAIT_SECONDS
                    self._events.extend(message.events)
                case Push():
                    self._events.append(_event(message))
                case Cancelled():
                    self._cancelling = False
                case ServerPing():
                    await socket.send(encode(ClientPong()).decode())
                case ErrorReply(error=problem):
                    if not problem.temporary:
                        raise ServiceError(problem.detail, problem.status, problem.code)
                    await socket.close()
                case Unsubscribed():
                    raise ServiceError(f"{self._stream} was deleted", 404)
                case Goodbye(reconnect=reconnect, reason=reason):
                    if not reconnect:
                        raise ServiceError(reason, 503)


def _messages(frame: str | bytes) -> list[ServerMessage]:
    kind: Any = ServerMessage | list[ServerMessage]
    decoded = msgspec.json.decode(frame, type=kind)
    return decoded if isinstance(decoded, list) else [decoded]


def _event(push: Push) -> StreamEvent:
    return StreamEvent(
        stream=push.stream, epoch=push.epoch, seq=push.seq, type=push.type_, time=push.time, data=push.data
    )
