"""Who may do what: keys, tickets, strangers, host names and origins."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from contracts.base import decode
from contracts.resources import SessionPage, TicketIssued
from contracts.streams import session_stream, task_stream
from gateway.access import Access, key_digest
from gateway.config import ApiKey
from tests.gateway.service import CONFIG, embedded, gateway, png

KEYS = (ApiKey(digest=key_digest("ann-key"), owner="ann"), ApiKey(digest=key_digest("bob-key").upper(), owner="bob"))
KEYED = msgspec.structs.replace(CONFIG, keys=KEYS)
ANN = {"x-api-key": "ann-key"}
BOB = {"Authorization": "Bearer bob-key"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "wrong"},
        {"x-api-key": ""},
        {"x-api-key": key_digest("ann-key")},
        {"Authorization": "Basic YW5uLWtleTo="},
        {"Authorization": "Bearer"},
        {"Authorization": "ann-key"},
        {"x-api-key": "wrong", "Authorization": "Bearer bob-key"},
    ],
)
async def test_without_a_valid_key_everything_is_401(tmp_path: Path, headers: dict[str, str]) -> None:
    async with gateway(tmp_path, KEYED) as service:
        for method, path in (
            ("POST", "/sessions"),
            ("GET", "/sessions"),
            ("GET", "/sessions/x"),
            ("POST", "/sessions/x/upload"),
            ("GET", "/result/x"),
            ("POST", "/tickets"),
            ("GET", "/streams/session:x/events"),
        ):
            response = await service.client.request(method, path, headers=headers)
            assert response.status_code == 401, path
            assert response.json()["code"] == "unauthorized"
            assert response.headers["www-authenticate"] == "Bearer"


async def test_what_is_public_needs_no_key(tmp_path: Path) -> None:
    async with gateway(tmp_path, KEYED) as service:
        for path in ("/healthcheck", "/readyz", "/info", "/openapi.json", "/asyncapi.json", "/docs"):
            assert (await service.client.get(path)).status_code == 200, path


async def test_a_strangers_session_is_404_and_unharmed(tmp_path: Path) -> None:
    async with gateway(tmp_path, KEYED) as service:
        made = await service.client.post("/sessions", headers=ANN)
        session_id = made.json()["session_id"]
        base = f"/sessions/{session_id}"
        uploaded = await service.client.post(f"{base}/upload", files={"file": png()}, headers=ANN)
        screenshot_id = uploaded.json()["screenshot_id"]
        parameters = {"relationship": "FRIEND", "relationship_info": "x"}
        done = await service.client.post(f"{base}/process", params=parameters, headers=ANN)
        task_id = done.json()["task_id"]
        strange = [
            await service.client.get(base, headers=BOB),
            await service.client.delete(base, headers=BOB),
            await service.client.post(f"{base}/upload", files={"file": png()}, headers=BOB),
            await service.client.post(f"{base}/process", params=parameters, headers=BOB),
            await service.client.get(f"{base}/messages", headers=BOB),
            await service.client.get(f"{base}/transcript", headers=BOB),
            await service.client.post(f"{base}/search", files={"file": png()}, headers=BOB),
            await service.client.post(f"{base}/view", files={"files": png()}, headers=BOB),
            await service.client.get(f"{base}/screenshots/{screenshot_id}", headers=BOB),
            await service.client.get(f"/result/{task_id}", headers=BOB),
            await service.client.get(f"/streams/{session_stream(session_id)}/events", headers=BOB),
            await service.client.get(f"/streams/{task_stream(task_id)}/events", headers=BOB),
        ]
        unknown = await service.client.get("/sessions/unknown", headers=BOB)
        for response in strange:
            assert response.status_code == 404, response.url
        assert strange[0].content == unknown.content
        listed = decode((await service.client.get("/sessions", headers=BOB)).content, SessionPage)
        assert listed.sessions == ()
        assert (await service.client.get(f"{base}/messages", headers=ANN)).status_code == 200


class SetClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


async def test_a_ticket_stands_for_its_owner_for_a_short_while(tmp_path: Path) -> None:
    async with embedded(tmp_path) as stores:
        clock = SetClock()
        access = Access(replace(stores, clock=clock), KEYED)
        issued = access.issue_ticket("ann")
        assert await access.owner(issued.ticket) == "ann"
        assert access.issue_ticket("ann").ticket != issued.ticket
        clock.time += timedelta(seconds=issued.expires_in - 1)
        assert await access.owner(issued.ticket) == "ann"
        clock.time += timedelta(seconds=1)
        assert await access.owner(issued.ticket) is None


async def test_a_forged_ticket_stands_for_nobody(tmp_path: Path) -> None:
    async with embedded(tmp_path) as stores:
        access = Access(stores, KEYED)
        other = Access(stores, KEYED)
        shared = msgspec.structs.replace(KEYED, ticket_secret="shared")
        ticket = access.issue_ticket("ann").ticket
        payload, _, signature = ticket.partition(".")
        bobs_payload, _, _ = other.issue_ticket("bob").ticket.partition(".")
        for forged in (
            other.issue_ticket("ann").ticket,
            f"{bobs_payload}.{signature}",
            payload,
            f"{payload}.",
            f"{payload}.{signature}x",
            "tkt_",
            "tkt_.",
            "tkt_한글.한글",
            "tkt_====.====",
        ):
            assert await access.owner(forged) is None, forged
        theirs = Access(stores, shared).issue_ticket("ann").ticket
        assert await Access(stores, shared).owner(theirs) == "ann"


async def test_a_ticket_opens_streams_but_no_routes(tmp_path: Path) -> None:
    async with gateway(tmp_path, KEYED) as service:
        session_id = (await service.client.post("/sessions", headers=ANN)).json()["session_id"]
        response = await service.client.post("/tickets", headers={**ANN, "Idempotency-Key": "t"})
        assert response.headers["cache-control"] == "no-store"
        ticket = decode(response.content, TicketIssued).ticket
        again = await service.client.post("/tickets", headers={**ANN, "Idempotency-Key": "t"})
        assert again.json()["ticket"] != ticket
        assert (await service.client.get("/sessions", headers={"x-api-key": ticket})).status_code == 401
        url = f"/streams/{session_stream(session_id)}/events"
        page = await service.client.get(url, params={"ticket": ticket}, headers={"Accept": "application/json"})
        assert page.status_code == 200
        assert [event["type"] for event in page.json()["events"]] == ["session.created"]


async def test_streams_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    async with gateway(tmp_path, KEYED) as service:
        session_id = (await service.client.post("/sessions", headers=ANN)).json()["session_id"]
        access = Access(service.stores, KEYED)
        assert await access.may_read("ann", session_stream(session_id))
        for owner, stream in (
            ("bob", session_stream(session_id)),
            ("ann", session_stream("unknown")),
            ("ann", task_stream(session_id)),
            ("ann", f"conversation:{session_id}"),
            ("ann", session_id),
            ("ann", ""),
        ):
            assert not await access.may_read(owner, stream), stream


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "127.8.8.8:99"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "localhost.evil.example:8000"}, 403),
        ({"Host": "192.168.0.7"}, 403),
        ({"Host": "", "Origin": ""}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ({"Host": "localhost:8000", "Origin": "http://127.0.0.1:5173"}, 200),
        ({"Host": "localhost:8000", "Origin": "https://evil.example"}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost.evil.example"}, 403),
        ({"Host": "localhost:8000", "Origin": "null"}, 403),
        ({"Host": "localhost:8000", "Origin": "https://chat.example"}, 200),
        ({"Host": "box.local"}, 200),
    ],
)
async def test_without_keys_only_local_names_and_pages_are_answered(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    config = msgspec.structs.replace(CONFIG, allowed_origins=("https://chat.example",), allowed_hosts=("box.local",))
    async with gateway(tmp_path, config) as service:
        response = await service.client.post("/sessions", headers=headers)
        assert response.status_code == status, response.text


async def test_with_keys_any_host_name_is_answered(tmp_path: Path) -> None:
    async with gateway(tmp_path, KEYED) as service:
        headers = {**ANN, "Host": "api.example", "Origin": "https://elsewhere.example"}
        assert (await service.client.post("/sessions", headers=headers)).status_code == 200


async def preflight(client: httpx.AsyncClient, origin: str) -> Mapping[str, str]:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "idempotency-key",
    }
    return (await client.options("/sessions", headers=headers)).headers


async def test_pages_of_allowed_origins_may_read_answers_and_errors(tmp_path: Path) -> None:
    config = msgspec.structs.replace(KEYED, allowed_origins=("https://chat.example",))
    async with gateway(tmp_path, config) as service:
        allowed = await preflight(service.client, "https://chat.example")
        assert allowed["access-control-allow-origin"] == "https://chat.example"
        assert "idempotency-key" in allowed["access-control-allow-headers"].lower()
        assert "access-control-allow-origin" not in await preflight(service.client, "https://evil.example")
        refused = await service.client.get("/sessions", headers={"Origin": "https://chat.example"})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == "https://chat.example"
        assert "Retry-After" in refused.headers["access-control-expose-headers"]


async def test_without_allowed_origins_there_is_no_cors(tmp_path: Path) -> None:
    async with gateway(tmp_path, KEYED) as service:
        assert "access-control-allow-origin" not in await preflight(service.client, "https://chat.example")
