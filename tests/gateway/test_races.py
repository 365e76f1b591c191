"""What happens when things meet: deletion and work, death and recovery."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec

from contracts.resources import Session, Task
from contracts.streams import session_stream
from contracts.topics import COMMANDS_MERGE
from storage.collections import SCREENSHOTS, SESSIONS, TASKS
from storage.feed import EventFeed
from storage.journal.port import NewEvent, StoredEvent
from storage.stores import Stores
from storage.updates import update
from tests.gateway.service import CONFIG, Service, gateway, png


async def test_who_waits_for_a_session_that_is_deleted_is_told(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        waiting = asyncio.create_task(service.process(session_id))
        while await service.stores.documents.count(TASKS, {"session_id": session_id}) == 0:
            await service.client.get("/healthcheck")
        assert (await service.client.delete(f"/sessions/{session_id}")).status_code == 204
        async with asyncio.timeout(5):
            response = await waiting
        assert response.status_code == 404
        service.processor.go.set()


async def test_who_waits_when_the_service_goes_down_is_told_where_the_result_will_be(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        waiting = asyncio.create_task(service.process(session_id))
        async with service.stores.log.consume([COMMANDS_MERGE], "watching") as watching:
            assert await watching.poll(1, 10.0)
        service.app.state.hub.stop()
        async with asyncio.timeout(5):
            response = await waiting
        assert response.status_code == 202
        service.processor.go.set()
        assert response.headers["location"].startswith("/result/")


class ClosedFeed:
    """Answers as a feed does for a stream that was deleted."""

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed
        self.closed = False

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        return () if self.closed else await self._feed.append(stream, events)


async def test_an_upload_to_a_session_that_is_deleted_meanwhile_leaves_nothing(tmp_path: Path) -> None:
    feeds: list[ClosedFeed] = []

    def wrap(stores: Stores) -> Stores:
        feeds.append(ClosedFeed(stores.feed))
        return replace(stores, feed=feeds[0])

    async with gateway(tmp_path, wrap=wrap) as service:
        session_id = await service.session()
        feeds[0].closed = True
        response = await service.client.post(f"/sessions/{session_id}/upload", files={"file": png()})
        assert response.status_code == 404
        assert await service.stores.documents.count(SCREENSHOTS, {"session_id": session_id}) == 0
        assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []
        assert service.processor.seen == []


async def abandoned_task(service: Service, session_id: str, ago: timedelta, status: str = "queued") -> str:
    """A session as a gateway leaves it that dies between claiming it and publishing the command."""
    past = (service.stores.clock.now() - ago).isoformat(timespec="microseconds")
    task = Task(
        task_id=f"task-of-{session_id}",
        owner="local",
        kind="process",
        created_at=past,
        updated_at=past,
        session_id=session_id,
        status="queued" if status == "queued" else "processing",
        relationship="FRIEND",
        relationship_info="x",
    )
    await service.stores.documents.insert(TASKS, [task])

    def claimed(session: Session) -> Session:
        return msgspec.structs.replace(session, task_id=task.task_id)

    await update(service.stores.documents, SESSIONS, session_id, claimed)
    return task.task_id


async def test_a_task_whose_command_was_never_published_is_woken(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        task_id = await abandoned_task(service, session_id, timedelta(minutes=1))
        response = await service.process(session_id)
        assert response.status_code == 409
        assert task_id in response.json()["detail"]
        url = f"/streams/{session_stream(session_id)}/events"
        wait = {"Accept": "application/json", "Prefer": "wait=10"}
        types: list[str] = []
        after: str | None = None
        async with asyncio.timeout(15):
            while "session.completed" not in types:
                page = (await service.client.get(url, params={"after": after} if after else {}, headers=wait)).json()
                types += [event["type"] for event in page["events"]]
                after = page["position"]
        assert (await service.client.get(f"/result/{task_id}")).json()["status"] == "done"
        assert (await service.process(session_id)).status_code == 200


async def test_a_task_that_was_lost_does_not_block_its_session_for_ever(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        await abandoned_task(service, session_id, timedelta(seconds=CONFIG.stalled_task + 1), "processing")
        assert (await service.process(session_id)).status_code == 200


async def test_a_deletion_that_was_cut_off_can_be_repeated(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        session_id = await service.processed_session()
        await service.stores.journal.delete(session_stream(session_id))
        assert (await service.process(session_id)).status_code == 404
        response = await service.client.post(f"/sessions/{session_id}/upload", files={"file": png()})
        assert response.status_code == 404
        await service.stores.documents.delete(SCREENSHOTS, {"session_id": session_id})
        assert (await service.client.delete(f"/sessions/{session_id}")).status_code == 204
        assert (await service.client.get(f"/sessions/{session_id}")).status_code == 404
        assert await service.stores.documents.count(TASKS, {"session_id": session_id}) == 0


async def test_twenty_sessions_at_once_keep_to_themselves(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:

        async def journey(number: int) -> None:
            session_id = await service.session()
            ids = [await service.upload(session_id, png(100 + number, 200)) for _ in range(3)]
            response = await service.process(session_id)
            assert response.status_code == 200
            assert response.json()["merge_info"]["order"] == ids

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(journey(number))
