"""The journey of the specification: make, upload, process, read; and what each answer holds."""

import asyncio
from pathlib import Path

from contracts.base import decode
from contracts.commands import ProcessSession, ReadScreenshot
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import (
    MessageList,
    ProcessResult,
    ScreenshotUploaded,
    SearchResult,
    SessionCreated,
    SessionPage,
    SessionView,
    TaskAccepted,
    TaskView,
    ViewResult,
)
from contracts.streams import session_stream
from storage.collections import EXTRACTIONS, MESSAGES, SCREENSHOTS, TASKS
from tests.gateway.service import gateway, png


async def test_a_session_goes_from_upload_to_messages(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        created = decode((await service.client.post("/sessions")).content, SessionCreated)
        assert created.status == "processing"
        url = f"/sessions/{created.session_id}"
        for order in (1, 2):
            response = await service.client.post(f"{url}/upload", files={"file": ("a.png", png(), "image/png")})
            assert response.status_code == 200
            uploaded = decode(response.content, ScreenshotUploaded)
            assert uploaded.upload_order == order
            assert uploaded.session_id == created.session_id
            assert uploaded.processed is False
            assert uploaded.message == f"Screenshot uploaded successfully (order: {order})"
        result = decode((await service.process(created.session_id)).content, ProcessResult)
        assert result.status == "completed"
        assert result.total_screenshots == 2
        assert result.total_messages == 3
        assert result.external_api_called is False
        messages = decode((await service.client.get(f"{url}/messages")).content, MessageList)
        assert [message.order for message in messages.messages] == [0, 1, 2]
        assert messages.total_screenshots == 2
        view = decode((await service.client.get(url)).content, SessionView)
        assert view.status == "completed"
        assert [shot.upload_order for shot in view.screenshots] == [1, 2]
        events = await service.stores.journal.read(session_stream(created.session_id), 0, 100)
        types = [event.type for event in events]
        assert types[:2] == ["session.created", "screenshot.accepted"]
        assert types[-1] == "session.completed"


async def test_upload_stores_the_image_and_asks_for_it_to_be_read(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        data = png(120, 300)
        screenshot_id = await service.upload(session_id, data)
        found = await service.stores.documents.get(SCREENSHOTS, screenshot_id)
        assert found is not None
        assert (found.document.image_width, found.document.image_height) == (120, 300)
        assert await service.stores.blobs.get(found.document.blob_key) == data
        image = await service.client.get(f"/sessions/{session_id}/screenshots/{screenshot_id}")
        assert image.content == data
        assert image.headers["content-type"] == "image/png"
        assert image.headers["x-content-type-options"] == "nosniff"
        await service.process(session_id)
        read = [command for command in service.processor.seen if isinstance(command, ReadScreenshot)]
        assert [command.screenshot_id for command in read] == [screenshot_id]


async def test_uploads_at_once_get_each_an_order_of_their_own(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await asyncio.gather(*(service.upload(session_id) for _ in range(12)))
        view = decode((await service.client.get(f"/sessions/{session_id}")).content, SessionView)
        assert [shot.upload_order for shot in view.screenshots] == list(range(1, 13))


async def test_process_answers_202_when_asked_not_to_wait(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        response = await service.process(session_id, Prefer="respond-async")
        assert response.status_code == 202
        assert response.headers["preference-applied"] == "respond-async"
        accepted = decode(response.content, TaskAccepted)
        assert response.headers["location"] == accepted.location == f"/result/{accepted.task_id}"
        assert accepted.stream == session_stream(session_id)
        running = decode((await service.client.get(accepted.location)).content, TaskView)
        assert running.status == "processing"
        refused = await service.process(session_id)
        assert refused.status_code == 409
        assert refused.json()["code"] == "already-running"
        service.processor.go.set()
        again = await service.client.get(f"/sessions/{session_id}")
        assert again.json()["status"] in ("processing", "completed")


async def test_process_answers_202_when_the_wait_is_over(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        response = await service.process(session_id, Prefer="wait=1")
        assert response.status_code == 202
        assert response.headers["preference-applied"] == "wait=1"
        service.processor.go.set()


async def test_processing_twice_at_once_runs_once(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        requests = [asyncio.create_task(service.process(session_id)) for _ in range(6)]
        done, waiting = await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 5:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        assert {task.result().status_code for task in done} == {409}
        service.processor.go.set()
        last = await waiting.pop()
        assert last.status_code == 200
        commands = [command for command in service.processor.seen if isinstance(command, ProcessSession)]
        assert len({command.task_id for command in commands}) == 1
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 1


async def test_processing_again_replaces_and_upload_while_processing_is_taken(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        service.processor.go.clear()
        running = asyncio.create_task(service.process(session_id))
        second = await service.upload(session_id)
        service.processor.go.set()
        assert (await running).status_code == 200
        response = await service.process(session_id)
        result = decode(response.content, ProcessResult)
        assert result.total_screenshots == 2
        assert second in result.merge_info.order
        messages = decode((await service.client.get(f"/sessions/{session_id}/messages")).content, MessageList)
        assert messages.total_messages == 3


async def test_a_failed_task_answers_its_problem(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.problem = TokstreamError(AI_ENGINE_FAILED, "It said no.").problem()
        response = await service.process(session_id)
        assert response.status_code == 502
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"] == "It said no."
        assert (await service.client.get(f"/sessions/{session_id}")).json()["status"] == "failed"
        service.processor.problem = None
        assert (await service.process(session_id)).status_code == 200


async def test_search_and_view_answer_what_the_processor_found(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        response = await service.client.post(f"/sessions/{session_id}/search", files={"file": png()})
        assert response.status_code == 200, response.text
        assert decode(response.content, SearchResult).matched
        files = [("files", ("a.png", png(), "image/png")), ("files", ("b.png", png(90, 90), "image/png"))]
        response = await service.client.post(f"/sessions/{session_id}/view", files=files)
        view = decode(response.content, ViewResult)
        assert view.total_ocr_extracted == 2
        response = await service.client.post(
            f"/sessions/{session_id}/search", files={"file": png()}, headers={"Prefer": "respond-async"}
        )
        assert response.status_code == 202


async def test_sessions_are_listed_by_pages_newest_first(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        made = [await service.session() for _ in range(5)]
        listed: list[str] = []
        after: str | None = None
        while True:
            parameters = {"limit": "2"} | ({"after": after} if after else {})
            page = decode((await service.client.get("/sessions", params=parameters)).content, SessionPage)
            listed += [session.session_id for session in page.sessions]
            if (after := page.next) is None:
                break
        assert listed == made[::-1]


async def test_deleting_a_session_leaves_nothing(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        other = await service.processed_session()
        response = await service.client.delete(f"/sessions/{session_id}")
        assert response.status_code == 204
        documents = service.stores.documents
        for count in (
            await documents.count(SCREENSHOTS, {"session_id": session_id}),
            await documents.count(EXTRACTIONS, {"session_id": session_id}),
            await documents.count(MESSAGES, {"session_id": session_id}),
            await documents.count(TASKS, {"session_id": session_id}),
        ):
            assert count == 0
        assert await service.stores.journal.read(session_stream(session_id), 0, 10) == []
        assert list((tmp_path / "blobs").rglob(f"*{session_id}*/*")) == []
        for path in ("", "/messages", "/transcript"):
            assert (await service.client.get(f"/sessions/{session_id}{path}")).status_code == 404
        assert (await service.client.delete(f"/sessions/{session_id}")).status_code == 404
        assert (await service.client.get(f"/sessions/{other}/messages")).status_code == 200


async def test_annotated_is_a_png_of_the_same_size(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        service.processor.go.clear()
        data = png(200, 400)
        screenshot_id = await service.upload(session_id, data)
        url = f"/sessions/{session_id}/screenshots/{screenshot_id}"
        response = await service.client.get(url, params={"annotated": "1"})
        assert response.status_code == 409
        assert response.json()["code"] == "screenshot-not-read"
        service.processor.go.set()
        await service.process(session_id)
        response = await service.client.get(url, params={"annotated": "1"})
        assert response.status_code == 200
        assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
        assert response.content != data
