"""The protocol core, driven without a socket and without a clock."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from contracts.base import encode
from contracts.errors import (
    CONNECT_TIMEOUT,
    MALFORMED_MESSAGE,
    PONG_TIMEOUT,
    SHUTTING_DOWN,
    SLOW_CLIENT,
    STREAM_NOT_FOUND,
    UNAUTHORIZED,
    ErrorKind,
    TokstreamError,
)
from contracts.realtime import (
    MAX_GARBAGE,
    MAX_REQUESTS,
    SUBPROTOCOL_JSON,
    SUBPROTOCOL_MSGPACK,
    Cancel,
    Cancelled,
    ClientPong,
    CommandAccepted,
    CommandMessage,
    Connect,
    Connected,
    ErrorReply,
    Ping,
    Pong,
    ServerPing,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)
from contracts.streams import START, Cursor
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
from gateway.realtime.codec import codec_for
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.protocol import Connection, State, goodbye

STREAM = "session:one"
CONFIG = RealtimeConfig(version="1.2.3", max_subscriptions=3)


def text(*messages: object) -> str:
    return encode(messages[0] if len(messages) == 1 else messages).decode()


def new_connection(subprotocol: str = SUBPROTOCOL_JSON) -> Connection:
    return Connection("c1", codec_for(subprotocol), CONFIG, now=0.0)


def ready_connection() -> Connection:
    connection = new_connection()
    connection.received(text(Connect(id="1")), 0.0)
    connection.authenticated("somebody")
    return connection


def errors(actions: list[Action]) -> list[tuple[str | None, str]]:
    return [
        (action.message.id, action.message.error.code)
        for action in actions
        if isinstance(action, Send) and isinstance(action.message, ErrorReply)
    ]


def test_connect_is_answered_with_its_id_once_the_token_is_checked() -> None:
    connection = new_connection()
    assert connection.received(text(Connect(id="a", token="secret")), 1.0) == [Authenticate("secret")]
    assert connection.authenticated("somebody") == [
        Send(Connected(id="a", connection="c1", version="1.2.3", ping=25.0, pong=8.0))
    ]
    assert connection.owner == "somebody"


def test_a_bad_token_is_answered_and_final() -> None:
    connection = new_connection()
    connection.received(text(Connect(id="a", token="wrong")), 1.0)
    actions = connection.authenticated(None)
    assert errors(actions) == [("a", "unauthorized")]
    assert isinstance(actions[-1], Close)
    assert actions[-1].kind is UNAUTHORIZED
    assert connection.received(text(Ping(id="b")), 2.0) == []


def test_connect_must_come_within_ten_seconds() -> None:
    connection = new_connection()
    assert connection.deadline() == 10.0
    assert connection.tick(9.99) == []
    connection.received("rubbish does not count as connecting", 9.0)
    assert kinds_of_close(connection.tick(10.0)) == [CONNECT_TIMEOUT]


def test_connect_must_come_first() -> None:
    connection = new_connection()
    assert errors(connection.received(text(Subscribe(id="s", stream=STREAM)), 0.0)) == [("s", "not-connected")]


def test_connecting_twice_is_refused_and_changes_nothing() -> None:
    connection = ready_connection()
    assert errors(connection.received(text(Connect(id="2")), 0.0)) == [("2", "bad-request")]
    assert connection.state is State.READY


def test_what_follows_connect_at_once_waits_for_its_answer() -> None:
    connection = new_connection()
    frame = text(Connect(id="1"), Subscribe(id="2", stream=STREAM), Ping(id="3"))
    assert connection.received(frame, 0.0) == [Authenticate(None)]
    sent = connection.authenticated("somebody")
    assert isinstance(sent[0], Send)
    assert isinstance(sent[0].message, Connected)
    assert sent[1:] == [OpenStream(STREAM, None), Send(Pong(id="3"))]


def test_subscribing_opens_the_stream_and_is_answered_with_its_id() -> None:
    connection = ready_connection()
    since = Cursor(epoch="e", seq=4)
    assert connection.received(text(Subscribe(id="s", stream=STREAM, since=since)), 0.0) == [OpenStream(STREAM, since)]
    position = Cursor(epoch="e", seq=9)
    assert connection.subscribed(STREAM, position, True, ()) == [
        Send(Subscribed(id="s", stream=STREAM, position=position, recovered=True))
    ]


def test_a_stream_can_be_subscribed_once_at_a_time() -> None:
    connection = ready_connection()
    connection.received(text(Subscribe(id="1", stream=STREAM)), 0.0)
    assert errors(connection.received(text(Subscribe(id="2", stream=STREAM)), 0.0)) == [("2", "already-subscribed")]
    connection.refused(STREAM, TokstreamError(STREAM_NOT_FOUND, "no"))
    assert connection.received(text(Subscribe(id="3", stream=STREAM)), 0.0) == [OpenStream(STREAM, None)]


def test_a_connection_has_a_bounded_number_of_subscriptions() -> None:
    connection = ready_connection()
    for number in range(CONFIG.max_subscriptions):
        connection.received(text(Subscribe(id="x", stream=f"session:{number}")), 0.0)
    refused = connection.received(text(Subscribe(id="y", stream=STREAM)), 0.0)
    assert errors(refused) == [("y", "too-many-subscriptions")]


@pytest.mark.parametrize("name", ["", "session:", "session:a b", "room:1", "session:one\n", "session:" + "x" * 129])
def test_a_name_that_is_no_stream_is_a_stream_that_is_not_there(name: str) -> None:
    connection = ready_connection()
    assert errors(connection.received(text(Subscribe(id="s", stream=name)), 0.0)) == [("s", "stream-not-found")]


def test_unsubscribing_leaves_the_stream() -> None:
    connection = ready_connection()
    connection.received(text(Subscribe(id="1", stream=STREAM)), 0.0)
    connection.subscribed(STREAM, START, True, ())
    assert connection.received(text(Unsubscribe(id="2", stream=STREAM)), 0.0) == [
        LeaveStream(STREAM),
        Send(Unsubscribed(id="2", stream=STREAM)),
    ]
    assert errors(connection.received(text(Unsubscribe(id="3", stream=STREAM)), 0.0)) == [("3", "not-subscribed")]


def test_unsubscribing_while_subscribing_is_answered_after_the_subscription() -> None:
    connection = ready_connection()
    connection.received(text(Subscribe(id="1", stream=STREAM)), 0.0)
    assert connection.received(text(Unsubscribe(id="2", stream=STREAM)), 0.0) == []
    actions = connection.subscribed(STREAM, START, True, ())
    assert actions[1:] == [LeaveStream(STREAM), Send(Unsubscribed(id="2", stream=STREAM))]
    assert connection.memberships == {}


def test_the_server_ends_a_subscription_without_an_id() -> None:
    connection = ready_connection()
    connection.received(text(Subscribe(id="1", stream=STREAM)), 0.0)
    connection.subscribed(STREAM, START, True, ())
    assert connection.ended(STREAM, "gone") == [
        LeaveStream(STREAM),
        Send(Unsubscribed(stream=STREAM, reason="gone")),
    ]
    assert connection.ended(STREAM, "gone") == []


def test_commands_and_cancels_go_out_and_come_back_with_their_ids() -> None:
    connection = ready_connection()
    command = CommandMessage(id="c", stream=STREAM, name="process", data=msgspec.Raw(b'{"a":1}'))
    assert connection.received(text(command), 0.0) == [RunCommand("c", STREAM, "process", b'{"a":1}')]
    assert connection.received(text(Cancel(id="d", stream=STREAM)), 0.0) == [CancelWork("d", STREAM)]
    accepted = CommandAccepted(id="c", task_id="t", stream=STREAM)
    assert connection.completed(accepted) == [Send(accepted)]
    assert connection.completed(Cancelled(id="d", stream=STREAM)) == [Send(Cancelled(id="d", stream=STREAM))]
    assert connection.requests == 0


@pytest.mark.parametrize("subprotocol", [SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK])
def test_commands_without_data_have_an_empty_object(subprotocol: str) -> None:
    connection = new_connection(subprotocol)
    connection.state = State.READY
    message = {"type": "command", "id": "c", "stream": STREAM, "name": "process"}
    frame = text(message) if subprotocol == SUBPROTOCOL_JSON else packed(message)
    assert connection.received(frame, 0.0) == [RunCommand("c", STREAM, "process", b"{}")]


def test_requests_that_wait_for_their_answer_are_bounded() -> None:
    connection = ready_connection()
    frames = [text(Cancel(id=str(number), stream=STREAM)) for number in range(MAX_REQUESTS + 1)]
    answers = [connection.received(frame, 0.0) for frame in frames]
    assert all(isinstance(answer[0], CancelWork) for answer in answers[:-1])
    assert errors(answers[-1]) == [(str(MAX_REQUESTS), "rate-limited")]
    connection.completed(Cancelled(id="0", stream=STREAM))
    assert connection.received(text(Cancel(id="z", stream=STREAM)), 0.0) == [CancelWork("z", STREAM)]


def test_silence_is_answered_with_a_ping_and_then_with_the_end() -> None:
    connection = ready_connection()
    connection.received(text(Ping(id="x")), 100.0)
    assert connection.deadline() == 125.0
    assert connection.tick(125.0) == [Send(ServerPing())]
    assert connection.deadline() == 133.0
    assert connection.tick(132.9) == []
    assert kinds_of_close(connection.tick(133.0)) == [PONG_TIMEOUT]


def test_a_pong_keeps_the_connection() -> None:
    connection = ready_connection()
    connection.tick(25.0)
    assert connection.received(text(ClientPong()), 26.0) == []
    assert connection.deadline() == 51.0


def test_garbage_is_answered_with_the_id_where_it_can_be_read() -> None:
    connection = ready_connection()
    answers = [
        connection.received(frame, 0.0)
        for frame in ('{"type":"nonsense","id":"7"}', '{"type":"subscribe","id":"8"}', "{", b"\x00")
    ]
    assert [errors(answer) for answer in answers] == [
        [("7", "unknown-message")],
        [("8", "malformed-message")],
        [(None, "malformed-message")],
        [(None, "malformed-message")],
    ]


def test_repeated_garbage_closes() -> None:
    connection = ready_connection()
    for _ in range(MAX_GARBAGE - 1):
        assert kinds_of_close(connection.received("{", 0.0)) == []
    assert kinds_of_close(connection.received("{", 0.0)) == [MALFORMED_MESSAGE]
    assert connection.state is State.CLOSED


def test_a_good_message_between_garbage_is_forgiving() -> None:
    connection = ready_connection()
    for _ in range(3 * MAX_GARBAGE):
        assert kinds_of_close(connection.received("{", 0.0)) == []
        connection.received(text(Ping(id="x")), 0.0)


def test_reconnecting_is_advised_by_the_range_of_the_code() -> None:
    resume = {STREAM: Cursor(epoch="e", seq=3)}
    assert goodbye(SLOW_CLIENT, "slow", resume).reconnect
    assert goodbye(SHUTTING_DOWN, "down", resume).resume == resume
    assert not goodbye(UNAUTHORIZED, "no", {}).reconnect


# ── Whatever comes in ─────────────────────────────────────────────────────────────────────────────────────────────────


def kinds_of_close(actions: list[Action]) -> list[ErrorKind]:
    return [action.kind for action in actions if isinstance(action, Close)]


IDS = st.text(max_size=5)
STREAMS = st.sampled_from([STREAM, "task:two", "nowhere", ""])
MESSAGES = st.one_of(
    st.builds(Connect, id=IDS, token=st.none() | IDS),
    st.builds(Subscribe, id=IDS, stream=STREAMS, since=st.none() | st.builds(Cursor, epoch=IDS, seq=st.integers())),
    st.builds(Unsubscribe, id=IDS, stream=STREAMS),
    st.builds(CommandMessage, id=IDS, stream=STREAMS, name=IDS, data=st.just(msgspec.Raw(b"{}"))),
    st.builds(Cancel, id=IDS, stream=STREAMS),
    st.builds(Ping, id=IDS),
    st.just(ClientPong()),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "id", "stream", "x"]), inner),
    max_leaves=12,
)


def allowed_answers(actions: list[Action]) -> None:
    """Only what a shell can carry out; errors have codes; nothing follows a close."""
    for place, action in enumerate(actions):
        if isinstance(action, Close):
            assert place == len(actions) - 1
            assert action.kind.websocket >= 4000
        if isinstance(action, Send) and isinstance(action.message, ErrorReply):
            assert action.message.error.code
            assert action.message.error.detail


@given(frames=st.lists(st.binary(max_size=300) | st.text(max_size=300) | JSON_VALUES.map(lambda value: text(value))))
@pytest.mark.parametrize("subprotocol", [SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK])
def test_no_frame_whatever_is_in_it_raises(subprotocol: str, frames: list[str | bytes]) -> None:
    connection = new_connection(subprotocol)
    for frame in frames:
        allowed_answers(connection.received(frame, 0.0))


@given(value=JSON_VALUES | st.binary(max_size=20) | st.dictionaries(st.integers(), st.integers(), max_size=2))
def test_msgpack_commands_are_answered_or_run_with_json(value: Any) -> None:
    connection = Connection("c", codec_for(SUBPROTOCOL_MSGPACK), CONFIG, now=0.0)
    connection.state = State.READY
    message = {"type": "command", "id": "c", "stream": STREAM, "name": "n", "data": value}
    for action in connection.received(packed(message), 0.0):
        if isinstance(action, RunCommand):
            msgspec.json.decode(action.data)
        else:
            assert errors([action]) == [("c", "malformed-message")]


def packed(value: object) -> bytes:
    try:
        return msgspec.msgpack.encode(value)
    except OverflowError:
        reject()  # an integer that MessagePack cannot hold


@given(steps=st.lists(MESSAGES | st.sampled_from(["authenticate", "refuse", "opened", "missing", "ended", "tick"])))
def test_any_conversation_keeps_its_books(steps: list[Any]) -> None:
    """Every request gets exactly one answer or is still counted, and the streams are those that were opened."""
    connection = new_connection()
    now = 0.0
    opening: list[str] = []
    running = 0
    for step in steps:
        now += 1.0
        match step:
            case "authenticate":
                actions = connection.authenticated("somebody")
            case "refuse":
                actions = connection.authenticated(None)
            case "opened" | "missing" if opening:
                stream = opening.pop()
                if step == "opened":
                    actions = connection.subscribed(stream, START, True, ())
                else:
                    actions = connection.refused(stream, TokstreamError(STREAM_NOT_FOUND, "no"))
            case "ended":
                actions = connection.ended(STREAM, "gone")
            case "tick":
                actions = connection.tick(now)
            case str():
                actions = []
            case message:
                actions = connection.received(text(message), now)
        allowed_answers(actions)
        opening += [action.stream for action in actions if isinstance(action, OpenStream)]
        running += sum(isinstance(action, RunCommand | CancelWork) for action in actions)
        if connection.state is State.CLOSED:
            return
        assert connection.requests == len(opening) + running
        assert len(connection.memberships) <= CONFIG.max_subscriptions
