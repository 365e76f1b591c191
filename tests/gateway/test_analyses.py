"""`analyze` and `predict-next`: what they answer, what they refuse, and that only one run is at work in a session."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.commands import ProcessSession, ReanalyzeSession, SuggestReplies
from contracts.conversations import STYLES
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, ErrorKind, TokstreamError
from contracts.resources import Task
from storage.collections import TASKS
from storage.updates import update
from tests.gateway.service import Service, gateway


async def post(service: Service, session_id: str, path: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await service.client.post(f"/sessions/{session_id}/{path}", headers=named)


async def messages_of(service: Service, session_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await service.client.get(f"/sessions/{session_id}/messages")).json()["messages"]
    return found


async def test_analyze_answers_as_process_and_its_judgements_are_shown(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session(screenshots=2)
        assert [message["score"] for message in await messages_of(service, session_id)] == [None] * 3
        response = await post(service, session_id, "analyze")
        assert response.status_code == 200
        answered = response.json()
        assert (answered["session_id"], answered["status"]) == (session_id, "completed")
        assert (answered["total_messages"], answered["total_screenshots"]) == (3, 2)
        assert len(answered["merge_info"]["order"]) == 2
        _, own, _ = await messages_of(service, session_id)
        assert own["score"] == len(own["text"])
        assert own["ai_message"].endswith("to FRIEND")
        table = (await service.client.get(f"/sessions/{session_id}/transcript?format=csv")).text
        assert f",{own['score']:g},NEUTRAL,1," in table
        told = await service.client.get(f"/result/{answered['task_id']}")
        assert (told.json()["kind"], told.json()["result"]) == ("analyze", answered)


async def test_the_relationship_may_be_given_anew_and_stays(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        for path in ("analyze?relationship=SUPERIOR", "analyze?all=true"):
            assert (await post(service, session_id, path)).status_code == 200
        assert [asked.relationship.relationship for asked in service.processor.engine.windows] == ["SUPERIOR"] * 2
        assert service.processor.engine.windows[0].relationship.relationship_info == "2년 지기"
        view = (await service.client.get(f"/sessions/{session_id}")).json()
        assert (view["relationship"], view["relationship_info"]) == ("SUPERIOR", "2년 지기")


async def test_predict_next_answers_as_specified(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        response = await post(service, session_id, "predict-next")
        assert response.status_code == 200
        answered = response.json()
        suggestions = answered.pop("suggestions")
        assert answered == {
            "session_id": session_id,
            "relationship": "FRIEND",
            "relationship_info": "2년 지기",
            "total_messages": 3,
            "engine": "scripted",
        }
        assert [list(one) for one in suggestions] == [["style", "text", "expected_impact", "explanation"]] * 3
        assert tuple(one["style"] for one in suggestions) == STYLES


@pytest.mark.parametrize("path", ["analyze", "predict-next"])
async def test_a_session_that_is_not_processed_or_not_there_is_refused(path: str, tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        refused = await post(service, session_id, path)
        assert (refused.status_code, refused.json()["code"]) == (400, "session-not-processed")
        missing = await post(service, "none", path)
        assert (missing.status_code, missing.json()["detail"]) == (404, "Session not found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("all=yes", "all"),
        (f"relationship={'x' * 201}", "relationship"),
        (f"relationship_info={'x' * 4001}", "relationship_info"),
    ],
)
async def test_parameters_that_are_wrong_are_named(query: str, field: str, tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        refused = await post(service, session_id, f"analyze?{query}")
        assert (refused.status_code, refused.json()["field"]) == (400, field)


async def test_a_conversation_without_messages_is_not_replied_to(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        service.processor.messages = 0
        session_id = await service.processed_session()
        refused = await post(service, session_id, "predict-next")
        assert refused.status_code == 400
        assert "no messages" in refused.json()["detail"]


@pytest.mark.parametrize("path", ["analyze", "predict-next"])
@pytest.mark.parametrize("kind", [AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT])
async def test_an_engine_that_fails_is_told_and_a_repetition_tries_again(
    kind: ErrorKind, path: str, tmp_path: Path
) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        engine = service.processor.engine
        engine.failure, engine.failing = kind, {text["text"] for text in await messages_of(service, session_id)}
        failed = await post(service, session_id, path, Idempotency_Key="k")
        assert (failed.status_code, failed.json()["code"]) == (kind.status, kind.code)
        if path == "analyze":
            assert (await service.client.get(f"/sessions/{session_id}")).json()["status"] == "failed"
        assert len(await messages_of(service, session_id)) == 3
        engine.failing = set()
        assert (await post(service, session_id, path, Idempotency_Key="k")).status_code == 200
        assert (await service.client.get(f"/sessions/{session_id}")).json()["status"] == "completed"


@pytest.mark.parametrize(("path", "kind"), [("analyze", ReanalyzeSession), ("predict-next", SuggestReplies)])
async def test_a_repetition_with_its_key_is_answered_the_same_and_asks_nothing(
    path: str, kind: type, tmp_path: Path
) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        answers = [await post(service, session_id, path, Idempotency_Key="k") for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["idempotent-replay"] == "true"
        assert len([command for command in service.processor.seen if isinstance(command, kind)]) == 1


@pytest.mark.parametrize("path", ["analyze", "predict-next"])
async def test_who_does_not_wait_finds_the_result_later(path: str, tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        accepted = await post(service, session_id, path, Prefer="respond-async")
        assert accepted.status_code == 202
        stream = accepted.json()["stream"]
        task_id = accepted.json()["task_id"]
        assert stream == (f"session:{session_id}" if path == "analyze" else f"task:{task_id}")
        async with asyncio.timeout(10):
            while (found := await service.client.get(accepted.headers["location"])).json()["status"] == "processing":
                await service.client.get("/healthcheck")
        assert found.json()["result"]["session_id"] == session_id


async def test_only_one_run_is_at_work_in_a_session_whatever_it_is(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        service.processor.go.clear()
        first = await post(service, session_id, "analyze", Prefer="respond-async")
        assert first.status_code == 202
        assert (await service.client.get(f"/sessions/{session_id}")).json()["status"] == "processing"
        refusals = [await post(service, session_id, "analyze"), await service.process(session_id)]
        assert [(refused.status_code, refused.json()["code"]) for refused in refusals] == [(409, "already-running")] * 2
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 2, "one process, one analyze"
        suggesting = await post(service, session_id, "predict-next", Prefer="respond-async")
        assert suggesting.status_code == 202, "it only reads"
        service.processor.go.set()


async def test_an_analysis_whose_command_was_never_sent_is_asked_for_again(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        service.processor.problem = TokstreamError(AI_ENGINE_FAILED, "x").problem()
        task_id = (await post(service, session_id, "analyze", Prefer="respond-async")).json()["task_id"]
        async with asyncio.timeout(10):
            while (await service.client.get(f"/result/{task_id}")).json()["status"] == "processing":
                await service.client.get("/healthcheck")
        service.processor.problem = None
        past = (service.stores.clock.now() - timedelta(seconds=60)).isoformat(timespec="microseconds")

        def unsent(task: Task) -> Task:
            return Task(
                task_id=task_id,
                owner="local",
                kind="analyze",
                created_at=past,
                updated_at=past,
                session_id=session_id,
                relationship="FRIEND",
                relationship_info="x",
            )

        await update(service.stores.documents, TASKS, task_id, unsent)
        assert (await service.process(session_id)).status_code == 409
        async with asyncio.timeout(10):
            while (await service.client.get(f"/result/{task_id}")).json()["status"] == "processing":
                await service.client.get("/healthcheck")
        assert (await service.client.get(f"/result/{task_id}")).json()["status"] == "done"
        assert [type(command) for command in service.processor.seen].count(ProcessSession) == 1
