"""The analysis of a session on real stores: in windows, told as it goes, each message judged once whatever happens."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.base import decode
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, ErrorKind, Problem
from contracts.resources import Message, ProcessResult, Task
from processors.analysis.handler import AnalysisHandler
from processors.analysis.judging import WINDOWS_AT_ONCE
from processors.analysis.windows import OWN_MESSAGES
from processors.runtime.consumer import Consumer
from processors.runtime.retry import RetryPolicy
from storage.collections import MESSAGES, SESSIONS, TASKS
from storage.documents.port import Collection
from tests.processors.analysis.chats import analyzed, chat, merged, message, own, session_of, shown
from tests.processors.handling import SESSION, Bench, Deleting, Fuse, bench, told
from tests.processors.judging_engine import JudgingEngine

WINDOW = 2 * OWN_MESSAGES
"""Messages of one window of a conversation in turns."""


async def task_of(at: Bench, task_id: str) -> Task:
    found = await at.stores.documents.get(TASKS, task_id)
    assert found is not None
    return found.document


async def problem_of(at: Bench, task_id: str) -> Problem:
    return decode(bytes((await task_of(at, task_id)).problem), Problem)


async def test_own_messages_are_judged_and_told_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    engine = JudgingEngine(external=True)
    messages = [*chat(3), message(3, "", kind="photo"), message(4, "left", kind="system", speaker="user")]
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, messages)
        await at.work()
        events, documents = told(await at.events()), await shown(at)
        result = decode(bytes((await task_of(at, "t1")).result), ProcessResult)
        judgements, session = await analyzed(at), await session_of(at)
    assert [kind for _, kind, _ in events[1:]] == [
        "session.analyzing",
        "message.analyzed",
        "message.analyzed",
        "session.completed",
    ]
    assert [event_id for event_id, _, _ in events[1:4]] == ["t1:analyzing", "t1:1", "t1:3"]
    assert events[1][2]["own_messages"] == 2
    text, photo = judgements
    assert (text.message_id, text.order, text.score, text.ai_message) == ("m1", 1, 6.0, "text 1, to FRIEND")
    assert text.suggested_alternative == "TEXT 1"
    assert (photo.order, photo.score, photo.ai_message) == (3, None, None), (
        "an opinion that is not there is not made up"
    )
    assert [one.message.score for one in documents] == [None, 6.0, None, None, None]
    assert (result.total_messages, result.total_screenshots) == (5, 2)
    assert result.merge_info.order == ("a", "b")
    assert (result.engine, result.external_api_called) == ("scripted", True)
    assert (session.status, session.processed, session.revision) == ("completed", True, 1)
    assert (session.relationship, session.relationship_info) == ("FRIEND", "2년 지기")


async def test_a_long_session_is_judged_in_windows_side_by_side_with_a_bound(tmp_path: Path) -> None:
    engine = JudgingEngine()
    full = asyncio.Event()
    windows = 2 * WINDOWS_AT_ONCE

    async def wait_for_others(texts: tuple[str, ...]) -> None:
        if engine.running == WINDOWS_AT_ONCE:
            full.set()
        # Would wait for ever if windows came one after the other.
        await full.wait()

    engine.entered = wait_for_others
    messages = chat(windows * WINDOW)
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, messages)
        async with asyncio.timeout(30):
            await at.work()
        judgements, documents = await analyzed(at), await shown(at)
    assert len(engine.windows) == windows
    assert engine.most_running == WINDOWS_AT_ONCE
    assert Counter(engine.judged) == Counter(own(messages)), "each once"
    assert sorted(one.order for one in judgements) == list(range(1, len(messages), 2))
    assert all((one.message.score is not None) == (one.message.speaker == "user") for one in documents)
    later = next(asked for asked in engine.windows if "text 41" in asked.messages)
    assert later.context == tuple(f"text {n}" for n in range(29, 41))


async def test_a_window_is_told_and_stored_while_another_is_still_being_judged(tmp_path: Path) -> None:
    engine = JudgingEngine()
    slow = asyncio.Event()

    async def hold_first(texts: tuple[str, ...]) -> None:
        if "text 1" in texts:
            await slow.wait()

    engine.entered = hold_first
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(2 * WINDOW))
        working = asyncio.create_task(at.work())
        async with asyncio.timeout(30):
            while len([event for event in await at.events() if event.type == "message.analyzed"]) < OWN_MESSAGES:
                await asyncio.sleep(0.01)
            early = await analyzed(at)
            status = (await task_of(at, "t1")).status
            slow.set()
            await working
        events = told(await at.events())
    assert [one.order for one in early] == list(range(WINDOW + 1, 2 * WINDOW, 2))
    assert status == "processing"
    assert events[-1][1] == "session.completed"


async def outcome(at: Bench) -> Any:
    """Documents and events, the judgements in the order of the conversation."""
    events = told(await at.events())
    documents = await at.documents()
    return documents, sorted(events, key=lambda event: (event[1] == "session.completed", event[0]))


async def process(at: Bench, messages: list[Message]) -> None:
    """The analysis of `process`; the crash or the deletion comes in it."""
    await merged(at, messages)


async def analyze(at: Bench, messages: list[Message]) -> None:
    """Everything again, after an analysis by an engine of another name."""
    before = Bench(at.stores, None, JudgingEngine(name="before"))
    await merged(before, messages)
    await before.work()
    await at.analyze("t2", every_message=True)


Story = Callable[[Bench, list[Message]], Coroutine[Any, Any, None]]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("story", [process, analyze])
async def test_a_crash_after_any_call_of_a_store_repeats_no_judgement_that_was_told(
    story: Story, tmp_path: Path
) -> None:
    messages = chat(2 * WINDOW + 6)
    async with bench(tmp_path / "whole") as at:
        await story(at, messages)
        await at.work()
        expected, calls = await outcome(at), at.fuse.count
    assert calls >= 10
    crashed = 0
    for call in range(1, calls + 1):
        engine = JudgingEngine()
        async with bench(tmp_path / str(call), engine=engine) as at:
            await story(at, messages)
            at.fuse = Fuse(call)
            crashed += await at.work()
            assert await outcome(at) == expected, f"after a crash at call {call}"
        assert Counter(engine.judged) == Counter(own(messages)), f"after a crash at call {call}"
    # Windows that end together get in each other's way and try again, so how many calls there are varies, by much on a
    # busy machine; where a run has fewer than the first had, its last fuses never blow.
    assert crashed >= 10


async def test_a_command_handled_twice_judges_once(tmp_path: Path) -> None:
    engine = JudgingEngine()
    async with bench(tmp_path, engine=engine) as at:
        at.repeat = 2
        await merged(at, chat(WINDOW))
        await at.work()
        events = told(await at.events())
    assert len(engine.windows) == 1
    assert [kind for _, kind, _ in events].count("session.completed") == 1


@pytest.mark.parametrize("kind", [AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT])
async def test_a_failed_analysis_keeps_the_transcript_and_what_was_judged(kind: ErrorKind, tmp_path: Path) -> None:
    engine = JudgingEngine()
    engine.failing, engine.failure = {"text 41"}, kind
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(3 * WINDOW))
        await at.work()
        events, session, documents = told(await at.events()), await session_of(at), await shown(at)
        problem = await problem_of(at, "t1")
    assert (problem.code, problem.status) == (kind.code, kind.status)
    assert events[-1][1] == "session.failed"
    assert events[-1][2]["problem"]["detail"] == "the script fails here"
    assert (session.status, session.processed, session.revision) == ("failed", True, 1)
    assert session.total_messages == len(documents) == 3 * WINDOW
    judged = {one.order for one in documents if one.message.score is not None}
    assert judged == {n for n in range(3 * WINDOW) if n % 2 and not WINDOW <= n < 2 * WINDOW}


async def test_no_window_is_begun_after_one_has_failed(tmp_path: Path) -> None:
    engine = JudgingEngine()
    messages = chat(4 * WINDOWS_AT_ONCE * WINDOW)
    engine.failing = set(own(messages))
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, messages)
        await at.work()
    assert len(engine.windows) == WINDOWS_AT_ONCE


async def test_analyze_alone_judges_only_what_has_no_judgement(tmp_path: Path) -> None:
    engine = JudgingEngine()
    engine.failing = {"text 41"}
    messages = chat(3 * WINDOW)
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, messages)
        await at.work()
        engine.failing = set()
        await at.analyze("t2")
        await at.work()
        session, documents, task = await session_of(at), await shown(at), await task_of(at, "t2")
        judgements = await analyzed(at, "t2")
        last = told(await at.events())[-1]
    assert Counter(engine.judged) == Counter(own(messages)), "each once in both runs together"
    assert [one.order for one in judgements] == list(range(WINDOW + 1, 2 * WINDOW, 2))
    assert all(one.message.score is not None for one in documents if one.message.speaker == "user")
    assert (session.status, session.revision) == ("completed", 1)
    result = decode(bytes(task.result), ProcessResult)
    assert (last[1], last[2]["task_id"]) == ("session.completed", "t2")
    assert (result.total_messages, result.total_screenshots) == (3 * WINDOW, 2)
    assert result.merge_info.total_merged == 3 * WINDOW


@pytest.mark.parametrize(
    ("fields", "again"),
    [
        ({}, False),
        ({"relationship": "FRIEND"}, False),
        ({"relationship": "SUPERIOR"}, True),
        ({"relationship_info": "어제 만난 사이"}, True),
        ({"every_message": True}, True),
    ],
)
async def test_all_is_judged_again_for_another_relationship_or_if_asked_for(
    fields: dict[str, Any], again: bool, tmp_path: Path
) -> None:
    engine = JudgingEngine()
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(6))
        await at.work()
        engine.windows.clear()
        at.repeat = 2
        await at.analyze("t2", **fields)
        await at.work()
        session, documents = await session_of(at), await shown(at)
    assert len(engine.windows) == again
    relationship = fields.get("relationship", "FRIEND")
    assert session.relationship == relationship
    assert documents[1].message.ai_message == f"text 1, to {relationship}"


async def test_another_engine_judges_all_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        await merged(at, chat(6))
        await at.work()
        engine = JudgingEngine(name="better", external=True)
        better = Bench(at.stores, None, engine)
        await better.analyze("t2")
        await better.work()
        session = await session_of(at)
    assert engine.judged == ["text 1", "text 3", "text 5"]
    assert (session.engine, session.external_api_called) == ("better", True)


async def test_analyze_that_fails_leaves_the_session_as_it_was_and_says_so(tmp_path: Path) -> None:
    engine = JudgingEngine()
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(6))
        await at.work()
        engine.failing = {"text 3"}
        await at.analyze("t2", every_message=True)
        await at.work()
        session, documents = await session_of(at), await shown(at)
        last = told(await at.events())[-1]
    assert (last[1], last[2]["task_id"]) == ("session.failed", "t2")
    assert (session.status, session.revision, session.total_messages) == ("failed", 1, 6)
    assert documents[1].message.score == 6.0, "the old judgement stands"


async def test_processing_again_replaces_the_messages_also_where_the_analysis_fails(tmp_path: Path) -> None:
    engine = JudgingEngine()
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(6))
        await at.work()
        engine.failing = {"text 7"}
        await merged(at, chat(8), "t2", revision=2)
        await at.work()
        session, documents = await session_of(at), await shown(at)
        count = await at.stores.documents.count(MESSAGES, {"session_id": SESSION})
    assert (session.status, session.revision, session.total_messages) == ("failed", 2, 8)
    assert count == len(documents) == 8


async def test_a_run_that_another_has_taken_the_place_of_changes_nothing(tmp_path: Path) -> None:
    engine = JudgingEngine()
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(6))
        run = msgspec.structs.replace(await task_of(at, "t1"), task_id="t2", status="queued", kind="process")
        await at.start(run)
        await at.work()
        session, problem = await session_of(at), await problem_of(at, "t1")
    assert problem.code == "already-running"
    assert engine.windows == []
    assert (session.status, session.processed, session.task_id) == ("processing", False, "t2")


async def test_a_command_that_nobody_can_handle_keeps_the_transcript_too(tmp_path: Path) -> None:
    engine = JudgingEngine()

    async def stumble(texts: tuple[str, ...]) -> None:
        raise RuntimeError("a defect")

    engine.entered = stumble
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(6))
        policy = RetryPolicy(in_place=1, attempts=1, first=0.01, longest=0.02)
        consumer = Consumer(at.stores.log, AnalysisHandler(at.stores, engine), policy=policy)
        stop = asyncio.Event()
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(consumer.run(stop))
            while (await task_of(at, "t1")).status != "failed":
                await asyncio.sleep(0.02)
            stop.set()
        session, documents, problem = await session_of(at), await shown(at), await problem_of(at, "t1")
    assert problem.code == "internal"
    assert (session.status, session.processed, len(documents)) == ("failed", True, 6)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("failing", [set(), {"text 41"}])
@pytest.mark.parametrize("story", [process, analyze])
async def test_a_session_deleted_at_any_moment_leaves_nothing_behind(
    story: Story, failing: set[str], tmp_path: Path
) -> None:
    messages = chat(2 * WINDOW + 6)
    engine = JudgingEngine()
    engine.failing = failing
    async with bench(tmp_path / "whole", engine=engine) as at:
        await story(at, messages)
        await at.work()
        calls = at.fuse.count
    assert calls >= 10
    deleted = 0
    for call in range(1, calls + 1):
        async with bench(tmp_path / str(call), engine=engine) as at:
            await story(at, messages)
            at.fuse = deleting = Deleting(call, at)
            await at.work()
            if deleting.count < call:
                continue  # windows that end together get in each other's way: there were fewer calls this time
            deleted += 1
            assert await at.stores.documents.get(SESSIONS, SESSION) is None
            collections: tuple[Collection[Any], ...] = (MESSAGES, TASKS)
            for collection in collections:
                left = await at.stores.documents.count(collection, {"session_id": SESSION})
                assert left == 0, f"{collection.name} after a deletion at call {call}"
            assert not await at.events()
    assert deleted >= 0.8 * calls
