"""The handlers together, on real stores and real workers: any command twice, a crash after any call of a store, a
session deleted at any moment, and images that kill whoever reads them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.base import decode
from contracts.errors import Problem
from contracts.resources import ProcessResult, SearchResult
from contracts.streams import task_stream
from processors.ocr.handler import OcrHandler, OcrPool
from processors.runtime import deadletters
from processors.runtime.consumer import Consumer
from processors.runtime.pool import WorkerPool
from processors.runtime.retry import RetryPolicy
from storage.collections import EXTRACTIONS, MESSAGES, SCREENSHOTS, SESSIONS, TASKS
from storage.documents.port import Collection
from tests.processors.handling import SESSION, Bench, Deleting, Fuse, bench, files_below, told
from tests.processors.scripted import DIE, REFUSE, ScriptedServer, screenshot

TEXTS = ["안녕하세요", "네 반가워요", "오늘 뭐 하세요?", "집에서 책을 읽어요", "저도 그러려고요", "좋은 하루 보내세요"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
Story = Callable[[Bench], Coroutine[Any, Any, None]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[OcrPool]:
    async with WorkerPool(ScriptedServer, 1) as pool:
        yield pool


async def journey(at: Bench) -> None:
    """Two overlapping screenshots and one that cannot be read, processed at once, then searched."""
    await at.open(a=screenshot(*TEXTS[:4]), b=screenshot(*TEXTS[2:]), c=screenshot(TEXTS[0], REFUSE))
    await at.process()
    await at.work()
    await at.search(screenshot(*TEXTS[2:4]))
    await at.work()


async def hopeless(at: Bench) -> None:
    """Nothing that could be read, and a probe that cannot be read either."""
    await at.open(a=screenshot(REFUSE), b=screenshot(TEXTS[0], REFUSE))
    await at.process()
    await at.search(screenshot(REFUSE))
    await at.work()


async def outcome(at: Bench) -> tuple[Any, ...]:
    return await at.documents(), told(await at.events()), told(await at.events(task_stream("p1")))


async def test_a_journey_ends_in_one_transcript_and_names_what_failed(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await journey(at)
        task, probe = await at.stores.documents.get(TASKS, "t1"), await at.stores.documents.get(TASKS, "p1")
        events = told(await at.events())
        left = await at.stores.documents.get(EXTRACTIONS, "p1/0")
    assert task is not None
    assert probe is not None
    result = decode(bytes(task.document.result), ProcessResult)
    assert result.total_messages == len(TEXTS)
    assert result.merge_info.failed == ("c",)
    assert len(decode(bytes(probe.document.result), SearchResult).results) == 2
    types = Counter(kind for _, kind, _ in events)
    assert types["bubble.read"] == 9
    assert types["screenshot.read"] == 2
    assert types["screenshot.failed"] == types["session.completed"] == 1
    assert events[-1][1] == "session.completed"
    assert left is None, "what was read of a probe is dropped"


async def test_a_session_in_which_nothing_can_be_read_fails_and_says_so(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await hopeless(at)
        task = await at.stores.documents.get(TASKS, "t1")
        events = told(await at.events())
        (probe,) = told(await at.events(task_stream("p1")))
    assert task is not None
    assert decode(bytes(task.document.problem), Problem).detail == "None of the screenshots could be read."
    assert events[-1][1] == "session.failed"
    failures = [data["problem"] for _, kind, data in events if kind == "screenshot.failed"]
    assert [problem["code"] for problem in failures] == ["image-unreadable"] * 2
    assert [problem["detail"] for problem in failures] == ["the script refuses"] * 2
    assert probe[1] == "task.failed"


@pytest.mark.parametrize("story", [journey, hopeless])
async def test_every_command_handled_twice_ends_in_the_same_state(story: Story, pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path / "once", pool) as at:
        await story(at)
        expected = await outcome(at)
    async with bench(tmp_path / "twice", pool) as at:
        at.repeat = 2
        await story(at)
        assert await outcome(at) == expected


@pytest.mark.timeout(300)
@pytest.mark.parametrize("story", [journey, hopeless])
async def test_a_crash_after_any_call_of_a_store_changes_nothing(story: Story, pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path / "whole", pool) as at:
        await story(at)
        expected, calls = await outcome(at), at.fuse.count
    assert calls > 20
    crashed = 0
    for call in range(1, calls + 1):
        async with bench(tmp_path / str(call), pool) as at:
            at.fuse = Fuse(call)
            await story(at)
            crashed += at.fuse.count >= call
            assert await outcome(at) == expected, f"after a crash at call {call}"
    # Bubbles that come together are written together, so how many calls there are is not the same every time.
    assert crashed >= 0.8 * calls


class DeletingUnderMerge(Deleting):
    """Deletes the session when the merge has fetched the image of this key, as the reader did before it."""

    def __init__(self, key: str, at: Bench) -> None:
        super().__init__(0, at)
        self._key = key
        self.fetched = 0

    async def burn(self, call: str, arguments: tuple[Any, ...]) -> None:
        if call == "get" and arguments == (self._key,):
            self.fetched += 1
            if self.fetched == 2:
                await self.delete()


@pytest.mark.timeout(300)
async def test_a_session_deleted_at_any_moment_leaves_nothing_behind(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path / "whole", pool) as at:
        await journey(at)
        calls = at.fuse.count
    deleted = 0
    for call in range(1, calls + 1, 2):
        async with bench(tmp_path / str(call), pool) as at:
            deleting = Deleting(call, at)
            at.fuse = deleting
            await at.open(a=screenshot(*TEXTS[:4]), b=screenshot(*TEXTS[2:]), c=screenshot(TEXTS[0], REFUSE))
            await at.process()
            await at.work()
            if deleting.count < call:
                await at.search(screenshot(*TEXTS[2:4]))
                await at.work()
            if deleting.count < call:
                continue  # bubbles that come together are written together: there were fewer calls this time
            deleted += 1
            where = {"session_id": SESSION}
            assert await at.stores.documents.get(SESSIONS, SESSION) is None
            collections: tuple[Collection[Any], ...] = (SCREENSHOTS, EXTRACTIONS, MESSAGES, TASKS)
            for collection in collections:
                left = await at.stores.documents.count(collection, where)
                assert left == 0, f"{collection.name} after a deletion at call {call}"
            assert not await at.events()
            assert files_below(tmp_path / str(call) / "blobs") == [], f"after a deletion at call {call}"
    assert deleted >= 0.4 * calls


async def test_a_row_signature_made_while_the_session_goes_does_not_outlive_it(pool: OcrPool, tmp_path: Path) -> None:
    """It is stored when the image is gone already; the merge then fails on the next reading, which is gone as well."""
    async with bench(tmp_path, pool) as at:
        at.fuse = deleting = DeletingUnderMerge(f"sessions/{SESSION}/a", at)
        await at.open(a=screenshot(*TEXTS[:4]), b=screenshot(*TEXTS[2:]))
        await at.process()
        await at.work()
        assert deleting.fetched == 2
    assert files_below(tmp_path / "blobs") == []


async def test_a_worker_serves_all_screenshots_and_is_not_started_anew(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await at.open(**{f"n{number}": screenshot(*TEXTS) for number in range(30)})
        await at.work()
        page = await at.stores.documents.find(EXTRACTIONS, {"session_id": SESSION})
    assert len(page.documents) == 30
    assert len({extraction.engine for extraction in page.documents}) == 1


async def test_an_image_that_kills_every_worker_ends_as_a_failed_screenshot(pool: OcrPool, tmp_path: Path) -> None:
    async with bench(tmp_path, pool) as at:
        await at.open(bad=screenshot(TEXTS[0], DIE), good=screenshot(*TEXTS))
        policy = RetryPolicy(in_place=2, attempts=4, first=0.01, longest=0.05)
        consumer = Consumer(at.stores.log, OcrHandler(at.stores, pool), policy=policy)
        stop = asyncio.Event()

        async def state() -> dict[str, str]:
            page = await at.stores.documents.find(SCREENSHOTS, {"session_id": SESSION})
            return {shot.screenshot_id: shot.status for shot in page.documents}

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(consumer.run(stop))
            while await state() != {"bad": "failed", "good": "read"}:
                await asyncio.sleep(0.02)
            while not [kind for _, kind, _ in told(await at.events()) if kind == "screenshot.failed"]:
                await asyncio.sleep(0.02)
            stop.set()
        (letter,) = await deadletters.list_letters(at.stores.log, "tokstream.commands.ocr")
        events = told(await at.events())
    assert "exit code -9" in letter.error
    assert [data["problem"]["code"] for _, kind, data in events if kind == "screenshot.failed"] == ["internal"]
