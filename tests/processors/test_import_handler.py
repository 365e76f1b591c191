"""Imports on real stores: an export is taken as a whole or not at all, whenever the process dies or the session is
deleted."""

from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.base import decode
from contracts.errors import EXPORT_TOO_LONG, Problem
from contracts.imports import ImportResult
from contracts.streams import task_stream
from processors.imports import handler as imports_handler
from processors.ocr.handler import OcrPool
from processors.runtime.pool import WorkerPool
from storage.collections import EXTRACTIONS, MESSAGES, SCREENSHOTS, SESSIONS, TASKS
from storage.documents.port import Collection
from tests.processors.handling import SESSION, Bench, Deleting, Fuse, bench, files_below, told
from tests.processors.scripted import ScriptedServer, screenshot

TEXTS = ["안녕하세요", "네 반가워요", "오늘 뭐 하세요?", "집에서 책을 읽어요", "저도 그러려고요", "좋은 하루 보내세요"]
EXPORT = "민지 님과 카카오톡 대화\n\n" + "".join(
    f"2026년 3월 1일 오후 1:2{n}, {'지우' if n % 2 else '민지'} : {text}\n" for n, text in enumerate(TEXTS[:4])
)
pytestmark = pytest.mark.asyncio(loop_scope="module")
Story = Callable[[Bench], Coroutine[Any, Any, None]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[OcrPool]:
    async with WorkerPool(ScriptedServer, 1) as pool:
        yield pool


async def mixed(at: Bench) -> None:
    """A screenshot that goes on where an export ends, processed while both are unread."""
    await at.open(a=screenshot(*TEXTS[2:]))
    await at.bring(EXPORT.encode())
    await at.process()
    await at.work()


async def alone(at: Bench) -> None:
    """Nothing but an export, processed while it is unread."""
    await at.open()
    await at.bring(EXPORT.encode())
    await at.process()
    await at.work()


async def refused(at: Bench) -> None:
    """A screenshot, and something that is no export."""
    await at.open(a=screenshot(*TEXTS[:2]))
    await at.bring(b"no export")
    await at.process()
    await at.work()


async def alone_and_refused(at: Bench) -> None:
    """Nothing but an export in which nobody has the name that was given."""
    await at.open()
    await at.bring(EXPORT.encode(), me="누구")
    await at.process()
    await at.work()


async def outcome(at: Bench, folder: Path) -> tuple[Any, ...]:
    files = sorted(path.name for path in files_below(folder / "blobs"))
    return await at.documents(), told(await at.events()), told(await at.events(task_stream("i1"))), files


async def test_an_export_and_a_screenshot_become_one_conversation(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await mixed(at)
        page = await at.stores.documents.find(MESSAGES, {"session_id": SESSION, "revision": 1}, order_by="order")
        assert [stored.message.text for stored in page.documents] == TEXTS
        assert page.documents[0].message.sent_at == "2026-03-01T13:20"
        assert page.documents[0].message.sender == "민지"
        task = await at.stores.documents.get(TASKS, "i1")
        assert task is not None
        result = decode(bytes(task.document.result), ImportResult)
        assert (result.messages, result.participants, result.upload_order) == (4, ("민지", "지우"), 100)
        assert (result.first_sent_at, result.last_sent_at) == ("2026-03-01T13:20", "2026-03-01T13:23")
        types = [event.type for event in await at.events() if b"export-i1" in event.data]
        assert types[:2] == ["screenshot.accepted", "screenshot.read"]


async def test_of_a_refused_export_nothing_stays_and_the_session_goes_on(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await refused(at)
        assert await at.stores.documents.get(SCREENSHOTS, "export-i1") is None
        assert await at.stores.documents.get(EXTRACTIONS, "export-i1") is None
        assert not any("export" in path.name for path in files_below(tmp_path / "blobs"))
        assert b"export-i1" not in b"".join(event.data for event in await at.events())
        task, process = [await at.stores.documents.get(TASKS, name) for name in ("i1", "t1")]
        assert task is not None
        assert process is not None
        assert decode(bytes(task.document.problem), Problem).code == "unknown-export"
        assert process.document.status == "done"


async def test_a_session_whose_only_upload_was_refused_is_empty(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await alone_and_refused(at)
        task = await at.stores.documents.get(TASKS, "t1")
        assert task is not None
        assert decode(bytes(task.document.problem), Problem).code == "session-empty"


async def test_texts_that_are_too_large_together_are_refused(
    pool: OcrPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_handler, "MOST_BYTES", 500)
    async with bench(tmp_path, pool) as at:
        await at.open()
        await at.bring(EXPORT.encode())
        await at.work()
        task = await at.stores.documents.get(TASKS, "i1")
        assert task is not None
        assert decode(bytes(task.document.problem), Problem).code == EXPORT_TOO_LONG.code


@pytest.mark.parametrize("story", [mixed, refused])
async def test_every_command_handled_twice_ends_in_the_same_state(story: Story, pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path / "once", pool) as at:
        await story(at)
        expected = await outcome(at, tmp_path / "once")
    async with bench(tmp_path / "twice", pool) as at:
        at.repeat = 2
        await story(at)
        assert await outcome(at, tmp_path / "twice") == expected


@pytest.mark.timeout(300)
@pytest.mark.parametrize("story", [alone, alone_and_refused])
async def test_a_crash_after_any_call_of_a_store_changes_nothing(story: Story, pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path / "whole", pool) as at:
        await story(at)
        expected, calls = await outcome(at, tmp_path / "whole"), at.fuse.count
    crashed = 0
    for call in range(1, calls + 1):
        async with bench(tmp_path / str(call), pool) as at:
            at.fuse = Fuse(call)
            await story(at)
            crashed += at.fuse.count >= call
            assert await outcome(at, tmp_path / str(call)) == expected, f"after a crash at call {call}"
    assert crashed >= 0.8 * calls


@pytest.mark.timeout(300)
@pytest.mark.parametrize("story", [alone, alone_and_refused])
async def test_a_session_deleted_at_any_moment_leaves_nothing_behind(
    story: Story, pool: OcrPool, tmp_path: Path
) -> None:
    async with bench(tmp_path / "whole", pool) as at:
        await story(at)
        calls = at.fuse.count
    deleted = 0
    for call in range(1, calls + 1, 2):
        async with bench(tmp_path / str(call), pool) as at:
            at.fuse = deleting = Deleting(call, at)
            await story(at)
            if deleting.count < call:
                continue
            deleted += 1
            assert await at.stores.documents.get(SESSIONS, SESSION) is None
            collections: tuple[Collection[Any], ...] = (SCREENSHOTS, EXTRACTIONS, MESSAGES, TASKS)
            for collection in collections:
                left = await at.stores.documents.count(collection, {"session_id": SESSION})
                assert left == 0, f"{collection.name} after a deletion at call {call}"
            assert files_below(tmp_path / str(call) / "blobs") == [], f"after a deletion at call {call}"
    assert deleted >= 0.4 * calls


async def test_an_unread_export_is_asked_for_again_by_process(pool: OcrPool, tmp_path: Path) -> None:
    """A gateway that dies between the documents and the command leaves nobody waiting."""
    async with bench(tmp_path, pool) as at:
        await at.open()
        await at.bring(EXPORT.encode(), asked=False)
        await at.process()
        await at.work()
        task = await at.stores.documents.get(TASKS, "t1")
        assert task is not None
        assert task.document.status == "done"
