"""The websocket protocol, version 1: what clients send, what the server answers and pushes; and the page of a long
poll.

Messages are tagged by `type`. Those of the client carry an `id` of its choice, and the answer to each carries the
same `id`. A frame holds one message, or an array of messages where several were waiting; both sides may send either.
Subprotocols `tokstream.v1.json` (text frames) and `tokstream.v1.msgpack` (binary frames) carry the same Structs;
without a subprotocol it is JSON.

The server sends `ping` when it has heard nothing for `PING_SECONDS`; the client answers `pong` (any message will do)
within `PONG_SECONDS`. These are messages, not websocket control frames, because a browser shows its page no control
frames and the page, too, must notice a dead server.
"""

from typing import Annotated, Literal

import msgspec

from contracts.base import Record
from contracts.errors import Problem
from contracts.streams import Cursor

SUBPROTOCOL_JSON = "tokstream.v1.json"
SUBPROTOCOL_MSGPACK = "tokstream.v1.msgpack"
Subprotocol = Literal["tokstream.v1.json", "tokstream.v1.msgpack"]

CONNECT_SECONDS = 10.0
PING_SECONDS = 25.0
PONG_SECONDS = 8.0
MAX_MESSAGE_BYTES = 64 * 1024
"""Largest frame of a client."""
MAX_PENDING_BYTES = 1024 * 1024
"""Pushes that wait for one connection. Beyond it they are dropped and read from the journal once the client has
caught up."""
SLOW_SECONDS = 10.0
"""A connection that stays behind for longer than this is closed with `slow-client`, to reconnect and resume."""
MAX_SUBSCRIPTIONS = 200
MAX_REQUESTS = 64
"""Requests of one connection that may wait for their answer at a time."""
MAX_GARBAGE = 10
"""Messages that are not of the protocol, in a row, before the connection is closed."""
BATCH_SECONDS = 0.010
"""At most this long a push waits for others to share its frame, and only after a frame has just been sent."""

MessageId = Annotated[str, msgspec.Meta(max_length=128)]
StreamName = Annotated[str, msgspec.Meta(max_length=160)]


class Connect(Record, frozen=True, tag="connect"):
    """Must come first, within `CONNECT_SECONDS`. `token` is an API key or a ticket; without keys it may be left out."""

    id: MessageId
    token: Annotated[str, msgspec.Meta(max_length=4096)] | None = None


class Subscribe(Record, frozen=True, tag="subscribe"):
    """Without `since` the answer holds a snapshot of the events so far and the live events follow it; with it, all
    after it."""

    id: MessageId
    stream: StreamName
    since: Cursor | None = None


class Unsubscribe(Record, frozen=True, tag="unsubscribe"):
    id: MessageId
    stream: StreamName


NO_DATA = msgspec.Raw(b"{}")


class CommandMessage(Record, frozen=True, tag="command"):
    """Asks for what a POST route does, with the parameters of the route in `data`.

    On `session:` streams: `process`, `analyze` (both with `relationship` and `relationship_info`, the second also with
    `all`) and `predict-next`; on `conversation:` streams `say` with `message`. A command that is sent again with the
    same `key`, on any connection, is not done again: the answer names the task of the first.
    """

    id: MessageId
    stream: StreamName
    name: Annotated[str, msgspec.Meta(max_length=64)]
    data: msgspec.Raw = msgspec.field(default_factory=lambda: NO_DATA)
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=255)] | None = None


class Cancel(Record, frozen=True, tag="cancel"):
    """Stops the work of a stream. Idempotent; nothing to stop is no error."""

    id: MessageId
    stream: StreamName


class Ping(Record, frozen=True, tag="ping"):
    """Asks for a `pong` with the same id."""

    id: MessageId


class ClientPong(Record, frozen=True, tag="pong"):
    """Answers the server's `ping`; is not answered itself."""


ClientMessage = Connect | Subscribe | Unsubscribe | CommandMessage | Cancel | Ping | ClientPong


class StreamEvent(Record, frozen=True):
    """One event of a stream, as SSE, long poll and `subscribed` show it. `data` is the Struct of `contracts.events`
    for `type`."""

    stream: str
    epoch: str
    seq: int
    type: str
    time: str
    data: msgspec.Raw


class EventPage(Record, frozen=True):
    """The answer of the long poll: the events after the cursor, oldest first, and the cursor to ask with next.

    `recovered` is false where the cursor was of another life of the stream; `events` then starts from the beginning.
    `position` is `<epoch>.<seq>` of the last event in `events`, or of the cursor given where there is none.
    """

    stream: str
    epoch: str
    position: str
    recovered: bool
    events: tuple[StreamEvent, ...]


class Connected(Record, frozen=True, tag="connected"):
    """`ping` and `pong` in seconds: after how much silence the server pings, and how long it then waits for an
    answer."""

    id: str
    connection: str
    version: str
    ping: float = PING_SECONDS
    pong: float = PONG_SECONDS


class Subscribed(Record, frozen=True, tag="subscribed"):
    """`recovered` is true when every event after `since` follows (or is in `events`) without a gap; false when the
    cursor was of another life of the stream, and then `events` starts from the beginning. Events up to `position` are
    in `events`; where there are too many for one message the rest follows as pushes."""

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
    """`stream` carries the progress of the task."""

    id: str
    task_id: str
    stream: str


class Cancelled(Record, frozen=True, tag="cancelled"):
    id: str
    stream: str


class Pong(Record, frozen=True, tag="pong"):
    id: str


class ServerPing(Record, frozen=True, tag="ping"):
    """The server has heard nothing for a while: answer `pong`."""


class ErrorReply(Record, frozen=True, tag="error"):
    """`id` is null where the message had none that could be read."""

    error: Problem
    id: str | None = None


class Push(Record, frozen=True, tag="event"):
    """A live event. `event` is its type, `data` the Struct of `contracts.events` of that type."""

    stream: str
    epoch: str
    seq: int
    type_: str = msgspec.field(name="event")
    time: str
    data: msgspec.Raw


class Goodbye(Record, frozen=True, tag="goodbye"):
    """Sent before the server closes with `code`. `resume` says up to where each stream was sent: subscribe again
    `since` there, or since the last event that arrived, which is never later."""

    code: int
    reason: str
    reconnect: bool
    resume: dict[str, Cursor] = msgspec.field(default_factory=dict)


ServerMessage = (
    Connected
    | Subscribed
    | Unsubscribed
    | CommandAccepted
    | Cancelled
    | Pong
    | ServerPing
    | ErrorReply
    | Push
    | Goodbye
)
