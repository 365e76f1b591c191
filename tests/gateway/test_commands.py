"""Commands over a socket do what the POST route does, and refuse what it refuses."""

from pathlib import Path

import msgspec
import pytest

from contracts.base import encode
from contracts.errors import TokstreamError
from contracts.resources import ProcessRequest
from contracts.streams import session_stream, task_stream
from gateway.chat_clients import ChatClients
from gateway.commands import StreamCommands
from gateway.conversations import Conversations
from gateway.images import ImageIntake
from gateway.services import no_models
from gateway.sessions import Sessions
from gateway.tasks import Tasks
from storage.collections import TASKS
from storage.stores import Stores
from tests.gateway.service import CONFIG, gateway

GOOD = encode(ProcessRequest(relationship="FRIEND", relationship_info="x"))


def commands_of(stores: Stores) -> StreamCommands:
    intake = ImageIntake(stores.blobs, CONFIG)
    conversations = Conversations(stores)
    clients = ChatClients(stores, conversations, no_models)
    return StreamCommands(Tasks(stores, CONFIG, Sessions(stores, intake), intake), conversations, clients, stores.ids)


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


async def test_only_sessions_are_processed_and_cancelling_nothing_is_no_error(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        commands = commands_of(service.stores)
        with pytest.raises(TokstreamError, match="not known on task streams"):
            await commands.run("local", task_stream("t"), "process", GOOD, "1")
        await commands.cancel("local", session_stream("s"))
        await commands.cancel("local", session_stream("s"))
