"""The websocket protocol of one connection as a state machine: frames, outcomes and the time go in, actions come out.

No sockets, no clock, no tasks: whoever drives it (`gateway/realtime/websocket.py`, the tests) passes the time in and
carries the actions out in order.

    waiting ──connect──▶ authenticating ──authenticated──▶ ready ──▶ closed (from anywhere)
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from contracts.errors import (
    ALREADY_SUBSCRIBED,
    BAD_REQUEST,
    CONNECT_TIMEOUT,
    MALFORMED_MESSAGE,
    NOT_CONNECTED,
    NOT_SUBSCRIBED,
    PONG_TIMEOUT,
    RATE_LIMITED,
    STREAM_NOT_FOUND,
    TOO_MANY_SUBSCRIPTIONS,
    UNAUTHORIZED,
    ErrorKind,
    TokstreamError,
)
from contracts.realtime import (
    MAX_GARBAGE,
    MAX_REQUESTS,
    Cancel,
    Cancelled,
    ClientMessage,
    ClientPong,
    CommandAccepted,
    CommandMessage,
    Connect,
    Connected,
    ErrorReply,
    Goodbye,
    Ping,
    Pong,
    ServerPing,
    StreamEvent,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)
from contracts.streams import Cursor, split
from gateway.realtime.actions import (
    Action,
    Authenticate,
    CancelWork,
    Close,
    LeaveStream,
    OpenStream,
    RunCommand,
    Send,
)
from gateway.realtime.codec import Codec, Frame, Malformed
from gateway.realtime.config import RealtimeConfig


class State(Enum):
    WAITING = "waiting"
    AUTHENTICATING = "authenticating"
    READY = "ready"
    CLOSED = "closed"


@dataclass(slots=True)
class Membership:
    """A stream of the connection: subscribing until `active`. An unsubscribe that comes earlier waits for that."""

    request_id: str
    active: bool = False
    unsubscribe_ids: list[str] = field(default_factory=list)


class Connection:
    """`now` is in seconds of any monotonic clock, the same one in every call."""

    def __init__(self, name: str, codec: Codec, config: RealtimeConfig, now: float) -> None:
        self.name = name
        self.codec = codec
        self.config = config
        self.state = State.WAITING
        self.owner: str | None = None
        self.memberships: dict[str, Membership] = {}
        self.requests = 0
        self.garbage = 0
        self.connect_id = ""
        self.early: deque[ClientMessage] = deque()
        self.opened_at = now
        self.heard_at = now
        self.pinged_at: float | None = None

    # ── What the client does ──────────────────────────────────────────────────────────────────────────────────────

    def received(self, frame: Frame, now: float) -> list[Action]:
        """A frame of the client, whatever is in it. Never raises."""
        if self.state is State.CLOSED:
            return []
        self.heard_at = now
        self.pinged_at = None
        try:
            messages = self.codec.decode(frame)
        except Malformed as error:
            return self.throw_back(error, error.id)
        actions: list[Action] = []
        for message in messages:
            actions += self.handle(message)
        return actions

    def handle(self, message: ClientMessage) -> list[Action]:
        if self.state is State.CLOSED:
            return []
        if isinstance(message, ClientPong):
            return []
        if self.state is State.AUTHENTICATING:
            if len(self.early) >= MAX_REQUESTS:
                return [refusal(message.id, RATE_LIMITED, "too many messages before the answer to connect")]
            self.early.append(message)
            return []
        if self.state is State.WAITING:
            if not isinstance(message, Connect):
                return self.throw_back(TokstreamError(NOT_CONNECTED, "the first message must be connect"), message.id)
            self.state = State.AUTHENTICATING
            self.connect_id = message.id
            return [Authenticate(message.token)]
        self.garbage = 0
        return self.serve(message)

    def serve(self, message: ClientMessage) -> list[Action]:
        """A message of a client that is connected."""
        match message:
            case Connect(id=id):
                return [refusal(id, BAD_REQUEST, "this connection is connected already")]
            case Ping(id=id):
                return [Send(Pong(id=id))]
            case Subscribe():
                return self.subscribe(message)
            case Unsubscribe():
                return self.unsubscribe(message)
            case CommandMessage() | Cancel():
                return self.request(message)
            case ClientPong():
                return []

    def subscribe(self, message: Subscribe) -> list[Action]:
        stream = message.stream
        unusable = self.unusable(message.id, stream)
        if unusable:
            return unusable
        if stream in self.memberships:
            return [refusal(message.id, ALREADY_SUBSCRIBED, f"{stream} is subscribed on this connection already")]
        if len(self.memberships) >= self.config.max_subscriptions:
            detail = f"one connection may have {self.config.max_subscriptions} subscriptions"
            return [refusal(message.id, TOO_MANY_SUBSCRIPTIONS, detail)]
        self.requests += 1
        self.memberships[stream] = Membership(message.id)
        return [OpenStream(stream, message.since)]

    def unsubscribe(self, message: Unsubscribe) -> list[Action]:
        membership = self.memberships.get(message.stream)
        if membership is None or membership.unsubscribe_ids:
            return [refusal(message.id, NOT_SUBSCRIBED, f"{message.stream} is not subscribed on this connection")]
        if not membership.active:
            membership.unsubscribe_ids.append(message.id)
            return []
        del self.memberships[message.stream]
        return [LeaveStream(message.stream), Send(Unsubscribed(id=message.id, stream=message.stream))]

    def request(self, message: CommandMessage | Cancel) -> list[Action]:
        unusable = self.unusable(message.id, message.stream)
        if unusable:
            return unusable
        self.requests += 1
        if isinstance(message, Cancel):
            return [CancelWork(message.id, message.stream)]
        return [RunCommand(message.id, message.stream, message.name, bytes(message.data), message.key)]

    def unusable(self, message_id: str, stream: str) -> list[Action]:
        """The refusal of a request that cannot be taken on, or nothing. A name that is none is a stream that is not
        there."""
        try:
            split(stream)
        except ValueError as error:
            return [refusal(message_id, STREAM_NOT_FOUND, str(error), "stream")]
        if self.requests >= MAX_REQUESTS:
            return [refusal(message_id, RATE_LIMITED, f"{MAX_REQUESTS} requests wait for their answers already")]
        return []

    def throw_back(self, error: TokstreamError, message_id: str | None) -> list[Action]:
        """Answers a message that is not of the protocol, and closes when there are too many in a row."""
        self.garbage += 1
        actions: list[Action] = [Send(ErrorReply(id=message_id, error=error.problem()))]
        if self.garbage >= MAX_GARBAGE:
            actions += self.close(MALFORMED_MESSAGE, f"{self.garbage} messages in a row were not of the protocol")
        return actions

    # ── What became of actions ────────────────────────────────────────────────────────────────────────────────────

    def authenticated(self, owner: str | None) -> list[Action]:
        """Whose connection it is; None where the token is not valid."""
        if self.state is not State.AUTHENTICATING:
            return []
        if owner is None:
            detail = "the token is neither a key nor a ticket that is valid now"
            return [refusal(self.connect_id, UNAUTHORIZED, detail), *self.close(UNAUTHORIZED, detail)]
        self.state = State.READY
        self.owner = owner
        self.garbage = 0
        actions: list[Action] = [
            Send(
                Connected(
                    id=self.connect_id,
                    connection=self.name,
                    version=self.config.version,
                    ping=self.config.ping_seconds,
                    pong=self.config.pong_seconds,
                )
            )
        ]
        while self.early:
            actions += self.handle(self.early.popleft())
        return actions

    def subscribed(
        self, stream: str, position: Cursor, recovered: bool, events: tuple[StreamEvent, ...]
    ) -> list[Action]:
        """A stream was opened; `events` is what it begins with."""
        membership = self.memberships.get(stream)
        if membership is None or membership.active or self.state is State.CLOSED:
            return []
        self.requests -= 1
        membership.active = True
        reply = Subscribed(
            id=membership.request_id, stream=stream, position=position, recovered=recovered, events=events
        )
        actions: list[Action] = [Send(reply)]
        if membership.unsubscribe_ids:
            del self.memberships[stream]
            actions.append(LeaveStream(stream))
            actions += [Send(Unsubscribed(id=id, stream=stream)) for id in membership.unsubscribe_ids]
        return actions

    def refused(self, stream: str, error: TokstreamError) -> list[Action]:
        """A stream could not be opened."""
        membership = self.memberships.get(stream)
        if membership is None or membership.active or self.state is State.CLOSED:
            return []
        self.requests -= 1
        del self.memberships[stream]
        actions: list[Action] = [Send(ErrorReply(id=membership.request_id, error=error.problem()))]
        actions += [
            refusal(id, NOT_SUBSCRIBED, f"{stream} could not be subscribed") for id in membership.unsubscribe_ids
        ]
        return actions

    def ended(self, stream: str, reason: str) -> list[Action]:
        """An open stream ended: nothing will come any more."""
        membership = self.memberships.get(stream)
        if membership is None or not membership.active or self.state is State.CLOSED:
            return []
        del self.memberships[stream]
        return [LeaveStream(stream), Send(Unsubscribed(stream=stream, reason=reason))]

    def completed(self, reply: CommandAccepted | Cancelled | ErrorReply) -> list[Action]:
        """The answer to a command or a cancel, with the id of the request."""
        if self.state is State.CLOSED:
            return []
        self.requests -= 1
        return [Send(reply)]

    # ── Time, and the end ─────────────────────────────────────────────────────────────────────────────────────────

    def deadline(self) -> float | None:
        """When `tick` must be called at the latest."""
        if self.state is State.CLOSED:
            return None
        if self.state is State.WAITING:
            return self.opened_at + self.config.connect_seconds
        if self.pinged_at is not None:
            return self.pinged_at + self.config.pong_seconds
        return self.heard_at + self.config.ping_seconds

    def tick(self, now: float) -> list[Action]:
        """Does what is due by now; calling it early is harmless."""
        deadline = self.deadline()
        if deadline is None or now < deadline:
            return []
        if self.state is State.WAITING:
            return self.close(CONNECT_TIMEOUT, f"no connect within {self.config.connect_seconds:g} s")
        if self.pinged_at is not None:
            return self.close(PONG_TIMEOUT, f"no answer to a ping within {self.config.pong_seconds:g} s")
        self.pinged_at = now
        return [Send(ServerPing())]

    def close(self, kind: ErrorKind, reason: str) -> list[Action]:
        """Ends the connection for a reason of the registry."""
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        self.early.clear()
        return [Close(kind, reason)]


def refusal(message_id: str, kind: ErrorKind, detail: str, field: str | None = None) -> Send:
    return Send(ErrorReply(id=message_id, error=TokstreamError(kind, detail, field=field).problem()))


def goodbye(kind: ErrorKind, reason: str, resume: dict[str, Cursor]) -> Goodbye:
    """The last message. Codes 3000–3499 and 4000–4499 invite to reconnect, the others are final."""
    reconnect = 3000 <= kind.websocket < 3500 or 4000 <= kind.websocket < 4500
    return Goodbye(code=kind.websocket, reason=reason, reconnect=reconnect, resume=resume)
