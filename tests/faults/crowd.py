"""Clients that do the whole job, over and over, whatever happens to the service meanwhile, and note what they were
told.

Every request carries an Idempotency-Key and is repeated until it is answered: that is what the interface asks of a
client that wants its work done exactly once.
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

RETRY_SECONDS = 0.1
GIVE_UP_SECONDS = 800.0


@dataclass
class Told:
    """What a client was told about one session: this much must be true for ever."""

    session_id: str
    journey: int
    """Which of the journeys it took."""
    uploads: dict[str, int] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None


class Crowd:
    """`sessions` collects what was acknowledged, in the order of its beginning."""

    def __init__(self, url: str, journeys: Sequence[Sequence[bytes]], headers: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._journeys = journeys
        self._headers = dict(headers or {})
        self.sessions: list[Told] = []
        self.repetitions = 0

    async def client(self, number: int, stop: asyncio.Event) -> None:
        """One session after the other until told to stop; the session begun is always finished."""
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=self._url, timeout=60, limits=limits, headers=self._headers) as http:
            turn = number
            while not stop.is_set():
                await self._journey(http, turn % len(self._journeys))
                turn += 1

    async def once(self, journey: int) -> Told:
        """One session alone."""
        async with httpx.AsyncClient(base_url=self._url, timeout=60, headers=self._headers) as http:
            await self._journey(http, journey)
        return self.sessions[-1]

    async def _journey(self, http: httpx.AsyncClient, journey: int) -> None:
        created = await self._post(http, "/sessions")
        told = Told(created["session_id"], journey)
        self.sessions.append(told)
        path = f"/sessions/{told.session_id}"
        for data in self._journeys[journey]:
            uploaded = await self._post(http, f"{path}/upload", files={"file": ("shot.png", data)})
            told.uploads[uploaded["screenshot_id"]] = uploaded["upload_order"]
        parameters = {"relationship": "FRIEND", "relationship_info": "친구"}
        told.result = await self._post(http, f"{path}/process", params=parameters)

    async def _post(self, http: httpx.AsyncClient, path: str, **options: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while True:
                try:
                    answer = await http.post(path, headers=headers, **options)
                except httpx.TransportError:
                    self.repetitions += 1
                else:
                    if answer.status_code == 200:
                        body: dict[str, Any] = answer.json()
                        return body
                    if answer.status_code == 202:
                        # The work takes longer than a request may wait. The same key brings the same answer, so what
                        # came of it is asked where the answer says.
                        return await self._result(http, answer.headers["location"])
                    if answer.status_code not in (409, 503):
                        raise AssertionError(f"POST {path}: {answer.status_code} {answer.text}")
                await asyncio.sleep(RETRY_SECONDS)

    async def _result(self, http: httpx.AsyncClient, location: str) -> dict[str, Any]:
        while True:
            try:
                answer = await http.get(location)
            except httpx.TransportError:
                self.repetitions += 1
            else:
                if answer.status_code == 200:
                    task: dict[str, Any] = answer.json()
                    assert task["status"] != "failed", task
                    if task["status"] == "done":
                        result: dict[str, Any] = task["result"]
                        return result
                else:
                    assert answer.status_code == 503, answer.text
            await asyncio.sleep(RETRY_SECONDS)


async def whole_stream(http: httpx.AsyncClient, stream: str) -> list[dict[str, Any]]:
    """Every event of a stream, page by page."""
    events: list[dict[str, Any]] = []
    after = ""
    while True:
        parameters = {"limit": "500", **({"after": after} if after else {})}
        answer = await http.get(f"/streams/{stream}/events", params=parameters, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        events += page["events"]
        if not page["events"]:
            return events
        after = f"{page['events'][-1]['epoch']}.{page['events'][-1]['seq']}"


async def check_session(http: httpx.AsyncClient, told: Told, expected: Sequence[str]) -> None:
    """Asserts that everything the client was told holds: nothing lost, nothing twice, no gap. `expected` are the texts
    of the messages."""
    path = f"/sessions/{told.session_id}"
    view = (await http.get(path)).raise_for_status().json()
    assert view["status"] == "completed", view
    assert {shot["screenshot_id"]: shot["upload_order"] for shot in view["screenshots"]} == told.uploads
    assert all(shot["processed"] for shot in view["screenshots"])
    assert told.result is not None
    assert told.result["status"] == "completed"

    messages = (await http.get(f"{path}/messages")).raise_for_status().json()["messages"]
    assert [message["text"] for message in messages] == list(expected)
    assert len({message["message_id"] for message in messages}) == len(messages)

    events = await whole_stream(http, f"session:{told.session_id}")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["epoch"] for event in events}) == 1
    types = [event["type"] for event in events]
    for once in ("session.created", "session.processing", "session.merged", "session.completed"):
        assert types.count(once) == 1, types
    for screenshot_id in told.uploads:
        mine = [event for event in events if event["data"].get("screenshot_id") == screenshot_id]
        orders = [event["data"]["bubble"]["order"] for event in mine if event["type"] == "bubble.read"]
        assert orders == list(range(len(orders)))
        (read,) = [event for event in mine if event["type"] == "screenshot.read"]
        assert read["data"]["bubbles"] == len(orders)
