"""Server-sent events and the long poll, by httpx against uvicorn on a real port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from contracts.base import decode
from contracts.cloudevents import Envelope, to_headers
from contracts.events import STREAM_DELETED
from contracts.realtime import EventPage, StreamEvent, Unsubscribed
from contracts.streams import START, Cursor
from contracts.topics import EVENTS
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.longpoll import wait_of
from storage.log.port import NewRecord
from tests.gateway.realtime.service import (
    SECONDS,
    STREAM,
    TIME,
    Gateway,
    OpenAccess,
    Stores,
    running_gateway,
)

PATH = f"/streams/{STREAM}/events"
JSON = {"accept": "application/json"}


class EventSource:
    """As much of the EventSource of browsers as the tests need: fields of events by name, comments apart."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()
        self.comments: list[str] = []
        self.retry: str | None = None

    async def event(self) -> dict[str, str] | None:
        """The next event that has data; None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(SECONDS):
            async for line in self.lines:
                name, _, value = line.partition(": ")
                if not line and "data" in fields:
                    return fields
                if line.startswith(":"):
                    self.comments.append(line)
                elif name == "retry":
                    self.retry = value
                elif line:
                    fields[name] = value
        return None

    async def stream_event(self) -> StreamEvent:
        fields = await self.event()
        assert fields is not None
        event = decode(fields["data"], StreamEvent)
        assert fields["id"] == str(Cursor(epoch=event.epoch, seq=event.seq))
        assert fields["event"] == event.type
        return event


@asynccontextmanager
async def listening(gateway: Gateway, after: str | None = None, last: str | None = None) -> AsyncIterator[EventSource]:
    headers = {"accept": "text/event-stream"} | ({} if last is None else {"last-event-id": last})
    parameters = {} if after is None else {"after": after}
    async with httpx.AsyncClient(base_url=gateway.url, timeout=SECONDS) as client:
        async with client.stream("GET", PATH, headers=headers, params=parameters) as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield EventSource(response)


async def get(gateway: Gateway, headers: dict[str, str] | None = None, **parameters: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=SECONDS) as client:
        return await client.get(PATH, headers=JSON | (headers or {}), params=parameters)


def page_of(response: httpx.Response) -> EventPage:
    assert response.status_code == 200, response.text
    return decode(response.content, EventPage)


# ── Server-sent events ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_sse_tells_what_was_and_what_comes(gateway: Gateway, stores: Stores) -> None:
    await stores.append(1)
    async with listening(gateway) as source:
        assert (await source.stream_event()).seq == 1
        assert source.retry == "2000"
        await stores.append(2)
        assert (await source.stream_event()).seq == 2


async def test_sse_resumes_after_the_last_event_id_even_on_another_gateway(stores: Stores) -> None:
    for number in range(5):
        stored = await stores.append(number)
    async with running_gateway(stores) as first, listening(first) as source:
        seen = await source.stream_event()
    last = str(Cursor(epoch=seen.epoch, seq=seen.seq + 2))
    async with running_gateway(stores) as second:
        async with listening(second, after=str(START), last=last) as source:
            assert (await source.stream_event()).seq == 4
        async with listening(second, after=f"{stored.epoch}.4") as source:
            assert (await source.stream_event()).seq == 5


async def test_sse_says_when_it_could_not_recover(gateway: Gateway, stores: Stores) -> None:
    await stores.append(1)
    async with listening(gateway, last="another.7") as source:
        assert (await source.stream_event()).seq == 1
        assert source.comments == [": not recovered, from the start"]


async def test_sse_keeps_idle_connections_alive(stores: Stores) -> None:
    async with running_gateway(stores, RealtimeConfig(keep_alive_seconds=0.05)) as gateway:
        async with listening(gateway) as source, asyncio.timeout(SECONDS):
            async for line in source.lines:
                if line == ": keep-alive":
                    break
            await stores.append(1)
            assert (await source.stream_event()).seq == 1


async def test_sse_ends_when_the_stream_is_deleted(gateway: Gateway, stores: Stores) -> None:
    await stores.append(1)
    async with listening(gateway) as source:
        await source.stream_event()
        await stores.journal.delete(STREAM)
        envelope = Envelope(id="x", type=STREAM_DELETED, source="/tests", time=TIME, subject=STREAM)
        await stores.log.publish(NewRecord(EVENTS, STREAM, b"{}", to_headers(envelope)))
        last = await source.event()
        assert last is not None
        assert last["event"] == "unsubscribed"
        assert decode(last["data"], Unsubscribed).reason == "the stream was deleted"
        assert await source.event() is None


async def test_sse_ends_when_the_service_goes_down(stores: Stores) -> None:
    async with running_gateway(stores) as gateway, listening(gateway) as source:
        gateway.hub.stop()
        assert await source.event() is None


async def test_head_answers_at_once(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=SECONDS) as client:
        response = await client.head(PATH)
        assert response.headers["content-type"].startswith("text/event-stream")


# ── The long poll ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_polling_pages_through_a_stream(gateway: Gateway, stores: Stores) -> None:
    for number in range(7):
        await stores.append(number)
    seqs: list[int] = []
    position = ""
    for expected in (3, 3, 1, 0):
        page = page_of(await get(gateway, after=position, limit="3"))
        assert page.recovered
        assert len(page.events) == expected
        seqs += [event.seq for event in page.events]
        position = page.position
    assert seqs == [1, 2, 3, 4, 5, 6, 7]


async def test_polling_waits_for_the_first_event_as_long_as_preferred(gateway: Gateway, stores: Stores) -> None:
    stored = await stores.append(1)
    after = f"{stored.epoch}.1"
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(get(gateway, {"prefer": "wait=20"}, after=after))
        await stores.append(2)
    response = polling.result()
    assert response.headers["preference-applied"] == "wait=20"
    assert [event.seq for event in page_of(response).events] == [2]


async def test_polling_without_news_answers_with_the_cursor_given(gateway: Gateway, stores: Stores) -> None:
    stored = await stores.append(1)
    for prefer in ({}, {"prefer": "wait=1"}):
        page = page_of(await get(gateway, prefer, after=f"{stored.epoch}.1"))
        assert page == EventPage(
            stream=STREAM, epoch=stored.epoch, position=f"{stored.epoch}.1", recovered=True, events=()
        )


async def test_polling_with_a_foreign_cursor_starts_again(gateway: Gateway, stores: Stores) -> None:
    await stores.append(1)
    page = page_of(await get(gateway, after="another.5"))
    assert not page.recovered
    assert [event.seq for event in page.events] == [1]


@pytest.mark.parametrize("cursor", ["x", "x.", ".5", "x.-1", "x.1.5e3", "x." + "9" * 90, "x.99999999999999999999"])
async def test_a_malformed_cursor_is_refused(gateway: Gateway, cursor: str) -> None:
    response = await get(gateway, after=cursor)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid-cursor"
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        answer = await client.get(PATH, headers={"last-event-id": cursor})
        assert answer.status_code == 400


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "many", "1" * 30])
async def test_an_absurd_limit_is_refused(gateway: Gateway, limit: str) -> None:
    response = await get(gateway, limit=limit)
    assert (response.status_code, response.json()["field"]) == (400, "limit")


async def test_strangers_are_told_nothing(stores: Stores) -> None:
    await stores.append(1)
    access = OpenAccess({"key-a": "a", "key-b": "b"}, {"a": {STREAM}})
    async with running_gateway(stores, access=access) as gateway:
        assert page_of(await get(gateway, {"x-api-key": "key-a"})).events
        assert page_of(await get(gateway, {"authorization": "Bearer key-a"})).events
        assert page_of(await get(gateway, ticket="key-a")).events
        assert (await get(gateway, {"x-api-key": "key-b"})).status_code == 404
        assert (await get(gateway)).status_code == 401
        async with httpx.AsyncClient(base_url=gateway.url) as client:
            for name in ("session:unknown", "nonsense", "session:"):
                answer = await client.get(f"/streams/{name}/events", headers={"x-api-key": "key-a"})
                assert answer.status_code == 404
                assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=5", 5.0),
        ('respond-async, WAIT="7"', 7.0),
        ("wait=9999", 60.0),
        ("wait=-1", 0.0),
        ("wait=soon", 0.0),
        ("waiting=5", 0.0),
        ("wait=3; foo=1", 3.0),
        ("", 0.0),
    ],
)
def test_preferences_that_cannot_be_understood_are_ignored(prefer: str, seconds: float) -> None:
    assert wait_of(prefer, RealtimeConfig()) == seconds
