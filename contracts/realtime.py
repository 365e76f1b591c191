"""The websocket protocol, version 1: what clients send, what the server answers and pushes.

One socket carries many streams. Client messages are tagged by `type` and carry an `id` of the client's choice; the
answer to
each carries the same `id`. Frames hold one message, or an array of messages where several were waiting. Subprotocols
`tokstream.v1.json` (text frames) and `tokstream.v1.msgpack` (binary frames) carry the same Structs.
"""

from typing import Literal

import msgspec

from contracts.base import Record
from contracts.errors import Problem
from contracts.streams import Cursor

SUBPROTOCOL_JSON = "tokstream.v1.json"
SUBPROTOCOL_MSGPACK = "tokstream.v1.msgpack"

CONNECT_SECONDS = 10.0
PING_SECONDS = 25.0
PONG_SECONDS = 8.0
MAX_MESSAGE_BYTES = 64 * 1024
MAX_PENDING_BYTES = 1024 * 1024
MAX_SUBSCRIPTIONS = 200
BATCH_SECONDS = 0.010


class Connect(Record, frozen=True, tag="connect"):
    """Must come first, within `CONNECT_SECONDS`. `token` is an API key or a ticket; without keys it may be left out."""

    id: str
    token: str | None = None


class Subscribe(Record, frozen=True, tag="subscribe"):
    """Without `since` the answer holds a snapshot of the events so far and the live events follow it; with it, all
    after it."""

    id: str
    stream: str
    since: Cursor | None = None


class Unsubscribe(Record, frozen=True, tag="unsubscribe"):
    id: str
    stream: str


class CommandMessage(Record, frozen=True, tag="command"):
    """Asks for what a POST route does: `process` with `relationship` and `relationship_info` in `data`."""

    id: str
    stream: str
    name: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Cancel(Record, frozen=True, tag="cancel"):
    """Stops the work of a stream. Idempotent; nothing to stop is no error."""

    id: str
    stream: str


class Ping(Record, frozen=True, tag="ping"):
    id: str


ClientMessage = Connect | Subscribe | Unsubscribe | CommandMessage | Cancel | Ping


class StreamEvent(Record, frozen=True):
    """One event of a stream, as pushed, and as SSE and long poll show it. `data` is the Struct of
    `contracts.events` for `type`."""

    stream: str
    epoch: str
    seq: int
    type: str
    time: str
    data: msgspec.Raw


class Connected(Record, frozen=True, tag="connected"):
    """`ping` and `pong` in seconds: how often the server pings and how long it waits for the answer."""

    id: str
    connection: str
    version: str
    ping: float = PING_SECONDS
    pong: float = PONG_SECONDS


class Subscribed(Record, frozen=True, tag="subscribed"):
    """`recovered` is true when every event after `since` follows (or is in `events`) without a gap; false when the
    cursor was of
    another life of the stream, and then `events` starts from the beginning. Events up to `position` are in `events`."""

    id: str
    stream: str
    position: Cursor
    recovered: bool
    events: tuple[StreamEvent, ...] = ()


class Unsubscribed(Record, frozen=True, tag="unsubscribed"):
    """`id` is null where the server ended the subscription (the stream was deleted)."""

    stream: str
    id: str | None = None
    reason: str | None = None


class CommandAccepted(Record, frozen=True, tag="accepted"):
    id: str
    task_id: str
    stream: str


class Cancelled(Record, frozen=True, tag="cancelled"):
    id: str
    stream: str


class Pong(Record, frozen=True, tag="pong"):
    id: str


class ErrorReply(Record, frozen=True, tag="error"):
    """`id` is null where the message had none that could be read."""

    error: Problem
    id: str | None = None


class Push(Record, frozen=True, tag="event"):
    """A live event."""

    stream: str
    epoch: str
    seq: int
    type_: str = msgspec.field(name="event")
    time: str
    data: msgspec.Raw


class Goodbye(Record, frozen=True, tag="goodbye"):
    """Sent before the server closes. `resume` says where each stream can be taken up again."""

    code: int
    reason: str
    reconnect: bool
    resume: dict[str, Cursor] = msgspec.field(default_factory=dict)


ServerMessage = Connected | Subscribed | Unsubscribed | CommandAccepted | Cancelled | Pong | ErrorReply | Push | Goodbye
Subprotocol = Literal["tokstream.v1.json", "tokstream.v1.msgpack"]
