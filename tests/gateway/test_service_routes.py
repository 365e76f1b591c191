"""Health, readiness, information; stores that go away; defects that nobody expected."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from contracts.base import decode
from contracts.errors import Problem
from contracts.resources import ConsumerProgress, EngineInfo, Readiness, ServiceInfo
from gateway.services import GatewayHooks
from storage.stores import Stores
from tests.gateway.faults import Failing
from tests.gateway.service import CONFIG, gateway, png

STORES = ("documents", "log", "feed", "blobs", "journal")


async def test_health_is_told_without_the_stores(tmp_path: Path) -> None:
    async with gateway(tmp_path, wrap=lambda stores: replace(stores, documents=Failing(stores.documents))) as service:
        assert (await service.client.get("/healthcheck")).json() == {"status": "ok"}


async def test_readiness_names_the_store_that_is_away(tmp_path: Path) -> None:
    doors: list[Failing] = []

    def wrap(stores: Stores) -> Stores:
        doors.append(Failing(stores.blobs))
        return replace(stores, blobs=doors[0])

    async with gateway(tmp_path, wrap=wrap) as service:
        ready = await service.client.get("/readyz")
        assert ready.status_code == 200
        assert decode(ready.content, Readiness).ready
        doors[0].broken = True
        away = await service.client.get("/readyz")
        assert away.status_code == 503
        found = decode(away.content, Readiness)
        assert [check.name for check in found.checks if not check.ok] == ["blobs"]
        assert "db-7.internal" not in away.text
        doors[0].mend()
        assert (await service.client.get("/readyz")).status_code == 200


async def test_readiness_waits_for_no_store_and_no_hook(tmp_path: Path) -> None:
    async def never() -> tuple[ConsumerProgress, ...]:
        await asyncio.Event().wait()
        return ()

    config = msgspec.structs.replace(CONFIG, check_timeout=0.05)
    async with gateway(tmp_path, config, GatewayHooks(progress=never)) as service:
        response = await service.client.get("/readyz")
        assert response.status_code == 503
        assert not decode(response.content, Readiness).consumers[0].ok


async def test_consumers_without_progress_make_it_not_ready(tmp_path: Path) -> None:
    async def stuck() -> tuple[ConsumerProgress, ...]:
        return (ConsumerProgress(capability="ocr", ok=False, lag=12),)

    async with gateway(tmp_path, hooks=GatewayHooks(progress=stuck)) as service:
        response = await service.client.get("/readyz")
        assert response.status_code == 503
        assert decode(response.content, Readiness).consumers[0].lag == 12


async def test_info_tells_version_engines_and_limits(tmp_path: Path) -> None:
    async def engines() -> tuple[EngineInfo, ...]:
        return (EngineInfo(capability="ocr", name="tokstream", available=True),)

    async with gateway(tmp_path, hooks=GatewayHooks(engines=engines)) as service:
        info = decode((await service.client.get("/info")).content, ServiceInfo)
        assert info.version == "1.2.3"
        assert info.engines[0].name == "tokstream"
        assert info.limits == CONFIG.limits


@pytest.mark.parametrize("store", STORES)
async def test_a_store_that_is_away_is_503_until_it_is_back(tmp_path: Path, store: str) -> None:
    doors: list[Failing] = []

    def wrap(stores: Stores) -> Stores:
        doors.append(Failing(getattr(stores, store)))
        return replace(stores, **{store: doors[0]})

    async with gateway(tmp_path, wrap=wrap) as service:
        session_id = await service.processed_session()
        doors[0].broken = True
        answers = [
            await service.client.post(f"/sessions/{session_id}/upload", files={"file": png()}),
            await service.process(session_id, Prefer="wait=1"),
            await service.client.post(f"/sessions/{session_id}/search", files={"file": png()}),
            await service.client.delete(f"/sessions/{session_id}"),
        ]
        away = [response for response in answers if response.status_code == 503]
        assert away, [response.status_code for response in answers]
        assert all(response.status_code in (200, 202, 204, 409, 503) for response in answers)
        for response in away:
            assert int(response.headers["retry-after"]) >= 1
            assert decode(response.content, Problem).code == "unavailable"
            assert "db-7.internal" not in response.text
        doors[0].mend()
        assert (await service.client.get("/sessions")).status_code == 200
        assert await service.processed_session()


async def test_a_defect_is_a_500_that_tells_nothing_but_where_to_look(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> tuple[EngineInfo, ...]:
        raise RuntimeError("secret inside")

    async with gateway(tmp_path, hooks=GatewayHooks(engines=broken)) as service:
        response = await service.client.get("/info")
        assert response.status_code == 500
        problem = decode(response.content, Problem)
        assert problem.instance is not None
        assert "secret" not in response.text
        assert "Traceback" not in response.text
        logged = [record for record in caplog.records if problem.instance in record.getMessage()]
        assert logged[0].exc_info is not None


async def test_each_request_is_one_log_line_without_private_parts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tokstream.access")
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        caplog.clear()
        await service.process(session_id)
        (record,) = [record for record in caplog.records if record.name == "tokstream.access"]
        assert "FRIEND" not in record.getMessage()
        fields = record.__dict__
        assert fields["path"] == f"/sessions/{session_id}/process"
        assert (fields["method"], fields["status"], fields["owner"]) == ("POST", 400, "local")
