"""The websocket against uvicorn on a real port, with the `websockets` client and bare sockets."""

import asyncio
import base64
import os
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from contracts.base import decode, encode
from contracts.cloudevents import Envelope, to_headers
from contracts.errors import CONNECT_TIMEOUT, PONG_TIMEOUT, SHUTTING_DOWN, SLOW_CLIENT, UNAUTHORIZED
from contracts.events import STREAM_DELETED
from contracts.realtime import (
    MAX_GARBAGE,
    SUBPROTOCOL_JSON,
    SUBPROTOCOL_MSGPACK,
    Cancel,
    Cancelled,
    CommandAccepted,
    CommandMessage,
    Connect,
    ErrorReply,
    Goodbye,
    Ping,
    Pong,
    Push,
    ServerPing,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)
from contracts.streams import Cursor
from contracts.topics import EVENTS
from gateway.realtime.config import RealtimeConfig
from storage.log.port import NewRecord
from tests.gateway.realtime.service import (
    SECONDS,
    STREAM,
    TIME,
    Client,
    Gateway,
    OpenAccess,
    Stores,
    connected_client,
    open_stores,
    running_gateway,
)


async def test_events_arrive_live_after_the_snapshot(gateway: Gateway, stores: Stores) -> None:
    for number in (1, 2):
        await stores.append(number)
    async with connected_client(gateway) as client:
        subscribed = await client.subscribe()
        assert [event.seq for event in subscribed.events] == [1, 2]
        assert subscribed.recovered
        assert subscribed.position.seq == 2
        await stores.append(3)
        push = await client.expect(Push)
        assert (push.stream, push.seq, push.type_) == (STREAM, 3, "bubble.read")
        assert decode(bytes(push.data), dict[str, object])["number"] == 3


async def test_a_cursor_resumes_and_a_foreign_one_starts_again(gateway: Gateway, stores: Stores) -> None:
    for number in range(1, 6):
        stored = await stores.append(number)
    async with connected_client(gateway) as client:
        resumed = await client.subscribe(since=Cursor(epoch=stored.epoch, seq=3))
        assert resumed.recovered
        assert [event.seq for event in resumed.events] == [4, 5]
    async with connected_client(gateway) as client:
        foreign = await client.subscribe(since=Cursor(epoch="another", seq=3))
        assert not foreign.recovered
        assert [event.seq for event in foreign.events] == [1, 2, 3, 4, 5]


async def test_msgpack_carries_the_same_in_binary_frames(gateway: Gateway, stores: Stores) -> None:
    await stores.append(1)
    async with connect(gateway.websocket_url, subprotocols=[Subprotocol(SUBPROTOCOL_MSGPACK)]) as connection:
        await connection.send(msgspec.msgpack.encode([Connect(id="1"), Subscribe(id="2", stream=STREAM)]))
        found: list[dict[str, object]] = []
        while len(found) < 2:
            found += unpacked(await connection.recv())
        assert [message["type"] for message in found] == ["connected", "subscribed"]
        events = msgspec.convert(found[1]["events"], list[dict[str, object]])
        assert events[0]["data"] == {"number": 1, "filling": ""}
        await stores.append(2)
        (push,) = unpacked(await connection.recv())
        assert (push["type"], push["seq"], push["data"]) == ("event", 2, {"number": 2, "filling": ""})


def unpacked(frame: str | bytes) -> list[dict[str, object]]:
    assert isinstance(frame, bytes)
    decoded = msgspec.msgpack.decode(frame)
    return decoded if isinstance(decoded, list) else [decoded]


async def test_requests_are_answered_with_their_ids(gateway: Gateway) -> None:
    async with connected_client(gateway) as client:
        await client.subscribe()
        await client.send(Ping(id="p"))
        assert await client.expect(Pong) == Pong(id="p")
        data = msgspec.Raw(b'{"relationship":"FRIEND"}')
        await client.send(CommandMessage(id="c", stream=STREAM, name="process", data=data))
        assert await client.expect(CommandAccepted) == CommandAccepted(id="c", task_id="task-1", stream=STREAM)
        await client.send(CommandMessage(id="d", stream=STREAM, name="dance"))
        refused = await client.expect(ErrorReply)
        assert (refused.id, refused.error.code) == ("d", "bad-request")
        for _ in range(2):
            await client.send(Cancel(id="e", stream=STREAM))
            assert await client.expect(Cancelled) == Cancelled(id="e", stream=STREAM)
        await client.send(Unsubscribe(id="u", stream=STREAM))
        assert await client.expect(Unsubscribed) == Unsubscribed(id="u", stream=STREAM)
    assert gateway.commands.asked[0] == ("local", STREAM, "process", bytes(data))
    assert gateway.commands.cancelled == [STREAM, STREAM]


async def test_after_unsubscribing_nothing_comes(gateway: Gateway, stores: Stores) -> None:
    async with connected_client(gateway) as client:
        await client.subscribe()
        await client.send(Unsubscribe(id="u", stream=STREAM))
        await client.expect(Unsubscribed)
        await stores.append(1)
        await client.send(Ping(id="p"))
        await client.expect(Pong)
        assert (await client.subscribe()).position.seq == 1


async def test_one_socket_carries_many_streams(gateway: Gateway, stores: Stores) -> None:
    names = [f"session:{number}" for number in range(20)]
    async with connected_client(gateway) as client:
        for name in names:
            await client.subscribe(name)
        async with asyncio.TaskGroup() as group:
            for name in names:
                for number in range(10):
                    group.create_task(stores.append(number, name))
        seen: dict[str, list[int]] = {name: [] for name in names}
        for _ in range(len(names) * 10):
            push = await client.expect(Push)
            seen[push.stream].append(push.seq)
        assert all(seqs == list(range(1, 11)) for seqs in seen.values())


async def test_strangers_streams_are_not_found(stores: Stores) -> None:
    access = OpenAccess({"key-a": "a", "key-b": "b"}, {"a": {STREAM}})
    await stores.append(1)
    async with running_gateway(stores, access=access) as gateway:
        async with connected_client(gateway, "key-a") as client:
            assert (await client.subscribe()).position.seq == 1
        async with connected_client(gateway, "key-b") as client:
            for message in (
                Subscribe(id="1", stream=STREAM),
                Subscribe(id="1", stream="session:unknown"),
                CommandMessage(id="1", stream=STREAM, name="process"),
                Cancel(id="1", stream=STREAM),
            ):
                await client.send(message)
                error = (await client.expect(ErrorReply)).error
                assert (error.code, error.status) == ("stream-not-found", 404)
        assert gateway.commands.asked == []


async def test_may_read_is_asked_again_on_resume(stores: Stores) -> None:
    access = OpenAccess({"key": "a"}, {"a": {STREAM}})
    stored = await stores.append(1)
    async with running_gateway(stores, access=access) as gateway:
        async with connected_client(gateway, "key") as client:
            await client.subscribe()
            await client.send(Unsubscribe(id="u", stream=STREAM))
            await client.expect(Unsubscribed)
            access.readable = {}
            await client.send(Subscribe(id="again", stream=STREAM, since=Cursor(epoch=stored.epoch, seq=1)))
            assert (await client.expect(ErrorReply)).error.code == "stream-not-found"


async def test_a_bad_token_is_refused_for_good(stores: Stores) -> None:
    async with running_gateway(stores, access=OpenAccess({"key": "a"})) as gateway:
        async with connect(gateway.websocket_url) as connection:
            client = Client(connection)
            await client.send(Connect(id="c", token="wrong"))
            assert (await client.expect(ErrorReply)).error.code == "unauthorized"
            goodbye = await client.expect(Goodbye)
            assert (goodbye.code, goodbye.reconnect) == (UNAUTHORIZED.websocket, False)
            assert await close_code(client) == UNAUTHORIZED.websocket
        async with connect(gateway.websocket_url, additional_headers={"x-api-key": "key"}) as connection:
            await Client(connection).send(Connect(id="c"))
            assert b"connected" in encode(decode(await connection.recv(), msgspec.Raw))


async def close_code(client: Client) -> int:
    """The code with which the server closes; messages before are passed over."""
    try:
        while True:
            await client.receive()
    except ConnectionClosed as closed:
        return 1006 if closed.rcvd is None else closed.rcvd.code


async def test_who_never_connects_is_closed(stores: Stores) -> None:
    async with running_gateway(stores, RealtimeConfig(connect_seconds=0.1)) as gateway:
        async with connect(gateway.websocket_url) as connection:
            assert await close_code(Client(connection)) == CONNECT_TIMEOUT.websocket


async def test_who_does_not_answer_pings_is_closed(stores: Stores) -> None:
    async with running_gateway(stores, RealtimeConfig(ping_seconds=0.1, pong_seconds=0.1)) as gateway:
        async with connected_client(gateway) as client:
            await client.expect(ServerPing)
            await client.send(msgspec.Raw(b'{"type":"pong"}'))
            await client.expect(ServerPing)
            assert await close_code(client) == PONG_TIMEOUT.websocket


async def test_garbage_is_answered_and_then_closed(gateway: Gateway) -> None:
    async with connected_client(gateway) as client:
        for _ in range(MAX_GARBAGE):
            await client.connection.send(b"\x00\xff garbage")
            assert (await client.expect(ErrorReply)).error.code == "malformed-message"
        assert not (await client.expect(Goodbye)).reconnect


async def test_frames_over_64_kib_are_refused(gateway: Gateway) -> None:
    async with connected_client(gateway) as client:
        await client.connection.send("x" * 70_000)
        assert await close_code(client) == 1009


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
async def test_foreign_pages_may_not_connect(gateway: Gateway, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(gateway.websocket_url, origin=Origin(origin)):
            pass
    assert refused.value.response.status_code == 403
    assert decode(bytes(refused.value.response.body or b""), dict[str, object])["code"] == "forbidden-origin"


async def test_own_and_allowed_pages_may_connect(stores: Stores) -> None:
    async with running_gateway(stores, RealtimeConfig(allowed_origins=("https://app.example",))) as gateway:
        for origin in (gateway.url, "http://localhost:3000", "https://app.example"):
            async with connect(gateway.websocket_url, origin=Origin(origin)):
                pass


async def test_unknown_subprotocols_are_refused(gateway: Gateway) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(gateway.websocket_url, subprotocols=[Subprotocol("graphql-ws")]):
            pass
    assert refused.value.response.status_code == 400


async def test_a_deleted_stream_ends_its_subscriptions(gateway: Gateway, stores: Stores) -> None:
    await stores.append(1)
    async with connected_client(gateway) as client:
        await client.subscribe()
        await stores.journal.delete(STREAM)
        envelope = Envelope(id="x", type=STREAM_DELETED, source="/tests", time=TIME, subject=STREAM)
        await stores.log.publish(NewRecord(EVENTS, STREAM, b"{}", to_headers(envelope)))
        ended = await client.expect(Unsubscribed)
        assert (ended.stream, ended.id, ended.reason) == (STREAM, None, "the stream was deleted")


async def test_a_long_history_comes_in_order_while_new_events_are_appended(gateway: Gateway, stores: Stores) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(1500):
            group.create_task(stores.append(number, size=1000))
    async with connected_client(gateway) as client, asyncio.TaskGroup() as group:
        subscribed = await client.subscribe()
        for number in range(100):
            group.create_task(stores.append(number))
        seqs = [event.seq for event in subscribed.events]
        assert len(seqs) < 1500
        while len(seqs) < 1600:
            seqs.append((await client.expect(Push)).seq)
        assert seqs == list(range(1, 1601))


async def test_clients_resume_after_a_restart_of_the_gateway(tmp_path: Path) -> None:
    async with open_stores(tmp_path) as stores, running_gateway(stores) as gateway:
        for number in range(3):
            await stores.append(number)
        async with connected_client(gateway) as client:
            await client.subscribe()
            gateway.hub.stop()
            goodbye = await client.expect(Goodbye)
            assert (goodbye.code, goodbye.reconnect) == (SHUTTING_DOWN.websocket, True)
            assert goodbye.resume[STREAM].seq == 3
            assert await close_code(client) == SHUTTING_DOWN.websocket
    async with open_stores(tmp_path) as stores, running_gateway(stores) as gateway:
        await stores.append(4)
        async with connected_client(gateway) as client:
            resumed = await client.subscribe(since=goodbye.resume[STREAM])
            assert resumed.recovered
            assert [event.seq for event in resumed.events] == [4]


# ── Clients that read slowly or not at all ────────────────────────────────────────────────────────────────────────────


async def deaf_client(gateway: Gateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A subscribed client on a bare socket, with a small receive buffer, that has read the handshake only."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1024)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET /ws HTTP/1.1", f"Host: 127.0.0.1:{gateway.port}", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
    writer.write("\r\n".join(lines).encode())
    await reader.readuntil(b"\r\n\r\n")
    body = encode([Connect(id="c"), Subscribe(id="s", stream=STREAM)])
    # A masked text frame with an extended length; a mask of zeros changes nothing (RFC 6455, section 5.2).
    writer.write(bytes([0x81, 0x80 | 126]) + len(body).to_bytes(2, "big") + bytes(4) + body)
    await writer.drain()
    return reader, writer


async def test_a_client_that_never_reads_blocks_nobody_and_is_cut_off(stores: Stores) -> None:
    config = RealtimeConfig(slow_seconds=0.5, close_seconds=0.2, max_pending_bytes=100_000)
    async with running_gateway(stores, config) as gateway, connected_client(gateway) as client:
        await client.subscribe()
        _, writer = await deaf_client(gateway)
        async with asyncio.timeout(SECONDS):
            while len(gateway.hub.channels[STREAM].live) < 2:
                await asyncio.sleep(0)
        tracemalloc.start()
        for number in range(300):
            await stores.append(number, size=40_000)  # 12 MB in all: more than socket buffers take
            assert (await client.expect(Push)).seq == number + 1
        grown = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert grown < 4_000_000
        async with asyncio.timeout(SECONDS):
            while len(gateway.hub.channels[STREAM].members) > 1:
                await asyncio.sleep(0.01)
        await stores.append(301)
        assert (await client.expect(Push)).seq == 301
        writer.transport.abort()


async def test_a_slow_client_misses_nothing(stores: Stores) -> None:
    config = RealtimeConfig(max_pending_bytes=50_000)
    async with running_gateway(stores, config) as gateway, connected_client(gateway) as client:
        await client.subscribe()
        client.connection.transport.pause_reading()
        async with asyncio.TaskGroup() as group:
            for number in range(400):
                group.create_task(stores.append(number, size=40_000))
        client.connection.transport.resume_reading()
        seqs = [(await client.expect(Push)).seq for _ in range(400)]
        assert seqs == list(range(1, 401))


async def test_a_client_that_stays_behind_is_told_where_to_resume(stores: Stores) -> None:
    config = RealtimeConfig(max_pending_bytes=50_000, slow_seconds=0.3, close_seconds=SECONDS)
    async with running_gateway(stores, config) as gateway:
        async with connected_client(gateway) as client:
            await client.subscribe()
            client.connection.transport.pause_reading()
            for number in range(400):
                await stores.append(number, size=40_000)
            await asyncio.sleep(0.5)  # the time is what is tested: longer than `slow_seconds` behind
            client.connection.transport.resume_reading()
            seen = 0
            message = await client.receive()
            while isinstance(message, Push):
                assert message.seq == seen + 1
                seen = message.seq
                message = await client.receive()
            assert isinstance(message, Goodbye)
            assert (message.code, message.reconnect) == (SLOW_CLIENT.websocket, True)
            assert message.resume[STREAM].seq == seen
        async with connected_client(gateway) as client:
            subscribed = await client.subscribe(since=message.resume[STREAM])
            seqs = [event.seq for event in subscribed.events]
            while len(seqs) < 400 - seen:
                seqs.append((await client.expect(Push)).seq)
            assert seqs == list(range(seen + 1, 401))


def test_subprotocol_names_are_those_of_the_contract() -> None:
    assert (SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK) == ("tokstream.v1.json", "tokstream.v1.msgpack")
    assert Subscribed.__struct_config__.tag == "subscribed"
