"""`POST /sessions/{session_id}/import` on real stores, with the processor's own handler behind it."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from contracts.base import decode
from contracts.commands import ReadExport
from contracts.errors import Problem
from contracts.imports import BrokenLine, ImportResult
from contracts.resources import SessionView, TaskAccepted, TaskView
from contracts.streams import session_stream, task_stream
from gateway.config import GatewayConfig
from storage.collections import EXTRACTIONS, SCREENSHOTS, TASKS
from tests.gateway.service import CONFIG, Service, gateway
from tests.gateway.test_on_mongodb import on_mongodb

KAKAO = """민지 님과 카카오톡 대화
저장한 날짜 : 2026년 3월 4일 오후 3:05

2026년 3월 1일 오후 1:23, 민지 : 점심 먹었어?
2026년 13월 1일 오후 1:23, 민지 : 없는 달
2026년 3월 2일 오후 1:24, 지우 : 아직
"""
GROUP = KAKAO + "2026년 3월 3일 오후 1:25, 서준 : 저도요\n"


async def send(
    service: Service, session_id: str, text: str | bytes, name: str = "KakaoTalk.txt", **form: str
) -> httpx.Response:
    data = text.encode() if isinstance(text, str) else text
    headers = {"Prefer": "wait=20"}
    return await service.client.post(
        f"/sessions/{session_id}/import", files={"file": (name, data)}, data=form, headers=headers
    )


async def refused(service: Service, session_id: str, text: str | bytes, **form: str) -> Problem:
    """The problem of an export of which nothing stays."""
    stored = await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id})
    before = await service.stores.journal.position(session_stream(session_id))
    response = await send(service, session_id, text, **form)
    assert response.headers["content-type"] == "application/problem+json"
    assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == stored
    assert await service.stores.documents.count(EXTRACTIONS, {"session_id": session_id}) == 0
    assert await service.stores.journal.position(session_stream(session_id)) == before
    problem = decode(response.content, Problem)
    assert problem.status == response.status_code
    return problem


async def test_an_export_becomes_a_part_of_the_session(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        response = await send(service, session_id, KAKAO)
        assert response.status_code == 200, response.text
        result = decode(response.content, ImportResult)
        assert result == ImportResult(
            session_id=session_id,
            screenshot_id=result.screenshot_id,
            upload_order=2,
            format="kakaotalk-mobile",
            messages=2,
            participants=("민지", "지우"),
            me="지우",
            first_sent_at="2026-03-01T13:23",
            last_sent_at="2026-03-02T13:24",
            broken_lines=(BrokenLine(line=5, reason="names a day or time that does not exist"),),
            broken_total=1,
        )
        extraction = await service.stores.documents.get(EXTRACTIONS, result.screenshot_id)
        assert extraction is not None
        assert [(bubble.speaker, bubble.sender) for bubble in extraction.document.bubbles] == [
            ("interlocutor", "민지"),
            ("user", None),
        ]
        view = decode((await service.client.get(f"/sessions/{session_id}")).content, SessionView)
        assert [(shot.media_type, shot.status) for shot in view.screenshots][1] == ("text/plain", "read")
        assert await service.stores.blobs.get(f"sessions/{session_id}/{result.screenshot_id}") == KAKAO.encode()
        (task,) = (await service.stores.documents.find(TASKS, {"session_id": session_id, "status": "done"})).documents
        (told,) = await service.stores.journal.read(task_stream(task.task_id), 0, 10)
        assert told.type == "task.completed"


async def test_me_and_the_days_are_fields_of_the_form(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        response = await send(service, session_id, GROUP, me=" 서준 ", since="2026-03-02", until="2026-03-03")
        result = decode(response.content, ImportResult)
        assert (result.me, result.messages, result.first_sent_at) == ("서준", 2, "2026-03-02T13:24")


async def test_a_table_is_known_as_one(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        text = 'Date,User,Message\n2026-03-01 13:23:45,"민지","안녕"\n2026-03-01 13:23:46,"지우","응"\n'
        response = await send(service, session_id, text, "KakaoTalk_Chat_민지_2026-03-04-15-05-33.csv")
        assert decode(response.content, ImportResult).me == "지우"
        view = decode((await service.client.get(f"/sessions/{session_id}")).content, SessionView)
        assert view.screenshots[0].media_type == "text/csv"


@pytest.mark.parametrize(
    ("text", "form", "status", "code", "word"),
    [
        ("이건 대화가 아닙니다", {}, 415, "unknown-export", "KakaoTalk"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), {}, 415, "unknown-export", "KakaoTalk"),
        (b"", {}, 415, "unknown-export", "empty"),
        (GROUP, {}, 400, "export-sides-unknown", "민지, 지우, 서준"),
        (KAKAO, {"me": "누구"}, 400, "export-sides-unknown", "민지, 지우"),
        (KAKAO, {"since": "2027-01-01"}, 400, "bad-request", "2026-03-02"),
        (KAKAO, {"since": "3월"}, 400, "bad-request", "since"),
        (KAKAO, {"since": "2026-03-02", "until": "2026-03-01"}, 400, "bad-request", "until"),
        (KAKAO, {"me": "가" * 201}, 400, "bad-request", "200"),
        (KAKAO + "2026년 3월 3일 오후 1:25, 지우 : 응\n" * 20_000, {}, 413, "export-too-long", "since"),
    ],
)
async def test_of_what_is_refused_nothing_stays(
    tmp_path: Path, text: str | bytes, form: Mapping[str, str], status: int, code: str, word: str
) -> None:
    async with gateway(tmp_path) as service:
        problem = await refused(service, await service.session(), text, **form)
        assert (problem.status, problem.code) == (status, code)
        assert word in problem.detail


async def test_a_request_without_a_file_or_session_is_told_so(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        response = await service.client.post(f"/sessions/{session_id}/import", data={"me": "지우"})
        assert decode(response.content, Problem).code == "missing-parameter"
        assert (await send(service, "none", KAKAO)).status_code == 404


async def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    async with gateway(tmp_path, GatewayConfig(version="1", max_upload_bytes=1024)) as service:
        response = await send(service, await service.session(), KAKAO * 2000)
        assert response.status_code == 413


async def test_a_repetition_imports_once(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        files = {"file": ("a.txt", KAKAO.encode())}
        answers = [
            await service.client.post(f"/sessions/{session_id}/import", files=files, headers={"Idempotency-Key": "k"})
            for _ in range(2)
        ]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["idempotent-replay"] == "true"
        assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == 1
        assert sum(isinstance(command, ReadExport) for command in service.processor.seen) == 1


async def test_the_outcome_of_an_import_that_was_not_waited_for_is_kept(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        service.processor.go.clear()
        files = {"file": ("a.txt", KAKAO.encode())}
        headers = {"Prefer": "respond-async"}
        response = await service.client.post(f"/sessions/{session_id}/import", files=files, headers=headers)
        assert response.status_code == 202
        accepted = decode(response.content, TaskAccepted)
        service.processor.go.set()
        url = f"/streams/{accepted.stream}/events"
        await service.client.get(url, headers={"Accept": "application/json", "Prefer": "wait=20"})
        view = decode((await service.client.get(accepted.location)).content, TaskView)
        assert (view.status, view.kind) == ("done", "import")
        assert decode(bytes(view.result), ImportResult).messages == 2


@pytest.mark.parametrize("query", ["", "?annotated=1"])
async def test_there_is_no_image_of_an_export(tmp_path: Path, query: str) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        imported = decode((await send(service, session_id, KAKAO)).content, ImportResult)
        response = await service.client.get(f"/sessions/{session_id}/screenshots/{imported.screenshot_id}{query}")
        assert response.status_code == 404
        assert "no image" in decode(response.content, Problem).detail


async def test_a_session_with_nothing_but_an_export_can_be_processed_and_deleted(tmp_path: Path) -> None:
    async with gateway(tmp_path, CONFIG) as service:
        session_id = await service.session()
        await send(service, session_id, KAKAO)
        assert (await service.process(session_id)).status_code == 200
        assert (await service.client.delete(f"/sessions/{session_id}")).status_code == 204
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 0
        assert await service.stores.documents.count(EXTRACTIONS, {"session_id": session_id}) == 0


async def test_on_mongodb_a_long_export_fits_and_a_refused_one_leaves_nothing(mongo_uri: str, tmp_path: Path) -> None:
    text = KAKAO + "".join(f"2026년 3월 3일 오후 1:25, 지우 : {number} {'가' * 60}\n" for number in range(19_000))
    async with on_mongodb(mongo_uri, tmp_path) as service:
        session_id = await service.session()
        assert (await refused(service, session_id, "아님")).status == 415
        result = decode((await send(service, session_id, text)).content, ImportResult)
        assert result.messages == 19_002
        found = await service.stores.documents.get(EXTRACTIONS, result.screenshot_id)
        assert found is not None
        assert len(found.document.bubbles) == 19_002
