"""Commands over a socket do what the POST route does, and refuse what it refuses."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from contracts.base import decode, encode
from contracts.conversations import SuggestionList
from contracts.errors import TokstreamError
from contracts.resources import AnalyzeRequest, ProcessRequest, Task
from contracts.streams import session_stream, task_stream
from gateway.analyses import Analyses
from gateway.commands import StreamCommands, session_actions
from gateway.images import ImageIntake
from gateway.sessions import Sessions
from gateway.tasks import Tasks
from storage.collections import TASKS
from storage.stores import Stores
from tests.gateway.service import CONFIG, Service, gateway

GOOD = encode(ProcessRequest(relationship="FRIEND", relationship_info="x"))


def commands_of(stores: Stores) -> StreamCommands:
    intake = ImageIntake(stores.blobs, CONFIG)
    sessions = Sessions(stores, intake)
    tasks = Tasks(stores, CONFIG, sessions, intake)
    return StreamCommands(session_actions(tasks, Analyses(stores, sessions, tasks)), {}, stores.ids)


async def test_process_starts_a_task_and_does_not_wait(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        accepted = await commands_of(service.stores).run("local", session_stream(session_id), "process", GOOD, "7")
        assert accepted.id == "7"
        found = await service.stores.documents.get(TASKS, accepted.task_id)
        assert found is not None
        assert found.document.relationship == "FRIEND"
        service.processor.go.set()


@pytest.mark.parametrize(
    ("owner", "name", "data", "code"),
    [
        ("local", "dance", GOOD, "unknown-message"),
        ("local", "process", b"{}", "missing-parameter"),
        ("local", "process", b"", "missing-parameter"),
        ("local", "process", b"[]", "bad-request"),
        ("local", "process", b"{", "bad-request"),
        ("local", "process", msgspec.json.encode({"relationship": 1}), "bad-request"),
        ("somebody", "process", GOOD, "session-not-found"),
        ("local", "analyze", b"{}", "session-not-processed"),
        ("local", "analyze", b'{"all": "yes"}', "bad-request"),
        ("somebody", "analyze", b"", "session-not-found"),
        ("local", "predict-next", b"", "session-not-processed"),
        ("somebody", "predict-next", b"", "session-not-found"),
    ],
)
async def test_what_the_route_refuses_is_refused(tmp_path: Path, owner: str, name: str, data: bytes, code: str) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        with pytest.raises(TokstreamError) as refused:
            await commands_of(service.stores).run(owner, session_stream(session_id), name, data, "1")
        assert refused.value.kind.code == code
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 0


async def test_analyze_is_told_on_the_session_and_judges_what_it_is_told_to(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        commands, stream = commands_of(service.stores), session_stream(session_id)
        for data, relationship, every in (
            (b"", "FRIEND", False),
            (encode(AnalyzeRequest(relationship="SUPERIOR", all=True)), "SUPERIOR", True),
        ):
            accepted = await commands.run("local", stream, "analyze", data, "7")
            assert (accepted.id, accepted.stream) == ("7", stream)
            task = await ended(service, accepted.task_id)
            assert (task.kind, task.status) == ("analyze", "done")
            assert (task.relationship, task.every_message) == (relationship, every)


async def test_predict_next_is_told_on_the_stream_of_its_task(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        accepted = await commands_of(service.stores).run("local", session_stream(session_id), "predict-next", b"", "7")
        assert accepted.stream == task_stream(accepted.task_id)
        task = await ended(service, accepted.task_id)
        assert decode(bytes(task.result), SuggestionList).session_id == session_id
        async with asyncio.timeout(10):
            # The document is written before the event.
            while not (events := await service.stores.journal.read(accepted.stream, 0, 10)):
                await service.client.get("/healthcheck")
        assert [event.type for event in events] == ["task.completed"]


async def ended(service: Service, task_id: str) -> Task:
    async with asyncio.timeout(10):
        while True:
            found = await service.stores.documents.get(TASKS, task_id)
            assert found is not None
            if found.document.status in ("done", "failed"):
                return found.document
            await service.client.get("/healthcheck")


async def test_only_sessions_are_processed_and_cancelling_nothing_is_no_error(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        commands = commands_of(service.stores)
        with pytest.raises(TokstreamError, match="not known on task streams"):
            await commands.run("local", task_stream("t"), "process", GOOD, "1")
        await commands.cancel("local", session_stream("s"))
        await commands.cancel("local", session_stream("s"))


async def test_a_command_repeated_with_its_key_is_done_once(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        commands, stream = commands_of(service.stores), session_stream(session_id)
        first = await commands.run("local", stream, "process", GOOD, "1", "k")
        again = await commands.run("local", stream, "process", GOOD, "2", "k")
        assert again.task_id == first.task_id
        assert again.id == "2"
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 1


async def test_a_command_whose_connection_is_lost_is_started_all_the_same(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        commands = commands_of(service.stores)
        running = asyncio.create_task(commands.run("local", session_stream(session_id), "process", GOOD, "1", "k"))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        async with asyncio.timeout(10):
            while not (await service.client.get(f"/sessions/{session_id}")).json()["total_messages"]:
                await asyncio.sleep(0.02)
    assert running.cancelled()
