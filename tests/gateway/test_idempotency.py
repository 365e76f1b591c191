"""Idempotency-Key: repeated requests are answered once, whatever died in between."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from starlette.responses import Response

from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.streams import session_stream
from contracts.topics import COMMANDS_MERGE
from gateway.access import key_digest
from gateway.config import ApiKey
from gateway.idempotency import Idempotency, Subject
from storage.collections import IDEMPOTENCY, SCREENSHOTS, SESSIONS, TASKS, IdempotentRequest
from storage.sources import IdSource, timestamp
from storage.stores import Stores
from tests.gateway.faults import Failing
from tests.gateway.service import CONFIG, Service, embedded, gateway, png

KEY = {"Idempotency-Key": "k-1"}


async def upload(service: Service, session_id: str, data: bytes, key: str = "k-1") -> httpx.Response:
    """An upload under a key, with a multipart boundary of its own."""
    return await service.client.post(
        f"/sessions/{session_id}/upload", files={"file": ("a.png", data, "image/png")}, headers={"Idempotency-Key": key}
    )


async def test_a_repetition_gets_the_stored_answer(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        first = await service.client.post("/sessions", headers=KEY)
        second = await service.client.post("/sessions", headers=KEY)
        assert first.content == second.content
        assert "idempotent-replay" not in first.headers
        assert second.headers["idempotent-replay"] == "true"
        session_id = first.json()["session_id"]
        data = png()
        uploaded = await upload(service, session_id, data)
        repeated = await upload(service, session_id, data)
        assert repeated.content == uploaded.content
        assert repeated.headers["idempotent-replay"] == "true"
        assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == 1


async def test_another_request_under_the_key_is_422(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        mine, other = await service.session(), await service.session()
        assert (await upload(service, mine, png())).status_code == 200
        for response in (
            await upload(service, mine, png(99, 99)),
            await upload(service, other, png()),
        ):
            assert response.status_code == 422
            assert response.json()["code"] == "idempotency-mismatch"
        assert (await upload(service, other, png(), "k-2")).status_code == 200


async def test_keys_of_two_owners_are_two_keys(tmp_path: Path) -> None:
    keys = tuple(ApiKey(digest=key_digest(name), owner=name) for name in ("ann", "bob"))
    async with gateway(tmp_path, msgspec.structs.replace(CONFIG, keys=keys)) as service:
        ann = await service.client.post("/sessions", headers={**KEY, "x-api-key": "ann"})
        bob = await service.client.post("/sessions", headers={**KEY, "x-api-key": "bob"})
        assert ann.status_code == bob.status_code == 200
        assert ann.json()["session_id"] != bob.json()["session_id"]


async def test_a_repetition_while_the_first_runs_is_409(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        requests = [asyncio.create_task(service.process(session_id, Idempotency_Key="p")) for _ in range(2)]
        done, waiting = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
        refused = done.pop().result()
        assert refused.status_code == 409
        assert refused.json()["code"] == "idempotency-conflict"
        assert refused.headers["retry-after"]
        service.processor.go.set()
        assert (await waiting.pop()).status_code == 200


async def test_a_stored_202_is_replayed_with_its_location(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        first = await service.process(session_id, Prefer="respond-async", Idempotency_Key="p")
        second = await service.process(session_id, Prefer="respond-async", Idempotency_Key="p")
        assert (first.status_code, second.status_code) == (202, 202)
        assert second.headers["location"] == first.headers["location"]


async def test_a_failure_that_may_pass_is_not_stored(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.problem = TokstreamError(AI_ENGINE_FAILED, "It said no.").problem()
        assert (await service.process(session_id, Idempotency_Key="p")).status_code == 502
        service.processor.problem = None
        again = await service.process(session_id, Idempotency_Key="p")
        assert again.status_code == 200
        assert "idempotent-replay" not in again.headers


async def test_a_refusal_that_stays_is_stored(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        assert (await upload(service, session_id, b"text")).status_code == 415
        again = await upload(service, session_id, b"text")
        assert again.status_code == 415
        assert again.headers["content-type"] == "application/problem+json"
        assert again.headers["idempotent-replay"] == "true"


@pytest.mark.parametrize("calls", range(9))
@pytest.mark.parametrize("store", ["documents", "log", "feed", "blobs"])
async def test_an_upload_cut_off_anywhere_is_finished_by_its_repetition(tmp_path: Path, store: str, calls: int) -> None:
    """A store goes away after some calls; the repetition of the upload ends with one screenshot, read once."""
    doors: list[Failing] = []

    def wrap(stores: Stores) -> Stores:
        doors.append(Failing(getattr(stores, store)))
        return replace(stores, **{store: doors[0]})

    async with gateway(tmp_path, wrap=wrap) as service:
        session_id = await service.session()
        doors[0].after = calls
        first = await upload(service, session_id, png())
        assert first.status_code in (200, 503)
        if first.status_code == 503:
            assert first.headers["retry-after"]
        doors[0].mend()
        repeated = await upload(service, session_id, png())
        assert repeated.status_code == 200, repeated.text
        if first.status_code == 200:
            assert repeated.content == first.content
        assert repeated.json()["upload_order"] == 1
        result = await service.process(session_id)
        assert result.json()["total_screenshots"] == 1
        accepted = await service.stores.journal.read(session_stream(session_id), 0, 100)
        assert [event.type for event in accepted].count("screenshot.accepted") == 1


async def test_a_request_whose_gateway_died_is_taken_over_under_the_same_ids(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        dying = asyncio.create_task(service.process(session_id, Idempotency_Key="p"))
        async with asyncio.timeout(10):
            # Its command is on the log: the task is made, and nobody has answered.
            async with service.stores.log.consume([COMMANDS_MERGE], "watching") as watching:
                await watching.poll(1, 10.0)
        task_id = (await service.stores.documents.find(TASKS, {"session_id": session_id})).documents[0].task_id
        dying.cancel()
        await asyncio.wait([dying])
        service.processor.go.set()
    async with gateway(tmp_path) as service:
        response = await service.process(session_id, Idempotency_Key="p")
        assert response.status_code == 200, response.text
        assert response.json()["task_id"] == task_id
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 1


async def test_a_request_of_another_gateway_is_left_alone_until_its_lease_ends(tmp_path: Path) -> None:
    async with embedded(tmp_path) as stores:
        config = msgspec.structs.replace(CONFIG, idempotency_lease=60.0)
        busy = asyncio.Event()
        started = asyncio.Event()

        async def stuck(ids: IdSource) -> Response:
            started.set()
            await busy.wait()
            return Response("first")

        async def quick(ids: IdSource) -> Response:
            return Response("second")

        async def ask(gateway_keys: Idempotency, perform: Callable[[IdSource], Awaitable[Response]]) -> Response:
            return await gateway_keys.answer(
                owner="o", route="POST /x", key="k", fingerprint="f", subject=Subject(), perform=perform
            )

        first = asyncio.create_task(ask(Idempotency(stores, config), stuck))
        await started.wait()
        with pytest.raises(TokstreamError, match="still running"):
            await ask(Idempotency(stores, config), quick)
        patient = replace(stores, clock=Later(61.0))
        assert (await ask(Idempotency(patient, config), quick)).body == b"second"
        busy.set()
        assert (await first).body == b"first"
        # The answer that counts is that of whoever holds the claim.
        assert (await ask(Idempotency(stores, config), stuck)).body == b"second"


async def test_old_keys_are_swept(tmp_path: Path) -> None:
    async with embedded(tmp_path) as stores:
        keys = Idempotency(stores, CONFIG)
        now = timestamp(stores.clock)
        old = (stores.clock.now() - timedelta(days=2)).isoformat(timespec="microseconds")
        records = [
            IdempotentRequest(id=name, owner="o", fingerprint="f", created_at=at, status=200)
            for name, at in (("old", old), ("new", now))
        ]
        await stores.documents.insert(IDEMPOTENCY, records)
        assert await keys.sweep() == 1
        assert await stores.documents.get(IDEMPOTENCY, "old") is None
        assert await stores.documents.get(IDEMPOTENCY, "new") is not None


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tinside"])
async def test_a_malformed_key_is_400(tmp_path: Path, key: str) -> None:
    async with gateway(tmp_path) as service:
        response = await service.client.post("/sessions", headers={"Idempotency-Key": key})
        assert response.status_code == 400
        assert response.json()["field"] == "Idempotency-Key"
        assert await service.stores.documents.count(SESSIONS, {"owner": "local"}) == 0


async def test_deleting_a_session_deletes_the_answers_about_it(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await upload(service, session_id, png())
        await service.client.delete(f"/sessions/{session_id}")
        assert await service.stores.documents.count(IDEMPOTENCY, {"session_id": session_id}) == 0


class Later:
    """A clock that is ahead by some seconds."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead
