"""The consumer loop over a real event log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.cloudevents import Envelope
from contracts.commands import Command, ReadScreenshot
from contracts.errors import IMAGE_UNREADABLE, Problem, TokstreamError
from contracts.topics import COMMANDS_OCR, all_topics
from processors.runtime import deadletters
from processors.runtime.consumer import Consumer, ConsumerSettings
from processors.runtime.handler import Permanent, Transient
from processors.runtime.retry import RetryPolicy
from storage.errors import Unavailable
from storage.log.port import NewRecord
from storage.log.sqlite import SqliteEventLog
from storage.publishing import command_record
from storage.sqlite import Database
from tests.processors.stores import embedded_stores

FAST = RetryPolicy(in_place=2, attempts=4, first=0.01, longest=0.05)
Action = Callable[[ReadScreenshot], Awaitable[None]]


class Recorder:
    """A handler whose behaviour the test gives, and which notes what it was asked."""

    name = "ocr"
    commands = (ReadScreenshot,)

    def __init__(self, action: Action | None = None) -> None:
        self.action = action
        self.handled: list[str] = []
        self.given_up: list[tuple[str, Problem]] = []
        self.changed = asyncio.Condition()

    async def _note(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def handle(self, command: Command, envelope: Envelope) -> None:
        assert isinstance(command, ReadScreenshot)
        if self.action is not None:
            await self.action(command)
        self.handled.append(command.blob_key)
        await self._note()

    async def give_up(self, command: Command, problem: Problem) -> None:
        assert isinstance(command, ReadScreenshot)
        self.given_up.append((command.blob_key, problem))
        await self._note()

    async def until(self, predicate: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            async with self.changed:
                await self.changed.wait_for(predicate)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteEventLog]:
    database = await Database.open(tmp_path / "log.sqlite")
    log = SqliteEventLog(database)
    await log.ensure(all_topics())
    yield log
    await database.close()


async def send(log: SqliteEventLog, tmp_path: Path, names: list[str], key: str | None = None) -> None:
    async with embedded_stores(tmp_path / "other") as stores:
        for name in names:
            command = ReadScreenshot(session_id="s", screenshot_id=key or name, blob_key=name)
            await log.publish(command_record(stores, command, "me"))


@asynccontextmanager
async def consuming(
    log: SqliteEventLog, handler: Recorder, settings: ConsumerSettings | None = None
) -> AsyncIterator[Consumer]:
    consumer = Consumer(log, handler, settings, FAST)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(consumer.run(stop))
        try:
            yield consumer
        finally:
            stop.set()


async def test_commands_of_a_key_run_in_order_and_keys_side_by_side(log: SqliteEventLog, tmp_path: Path) -> None:
    both = asyncio.Barrier(2)

    async def meet(command: ReadScreenshot) -> None:
        if command.blob_key in ("a0", "b0"):
            async with asyncio.timeout(10):
                await both.wait()  # passes only where two keys run at the same time

    handler = Recorder(meet)
    await send(log, tmp_path, ["a0", "a1", "a2"], key="a")
    await send(log, tmp_path, ["b0", "b1", "b2"], key="b")
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.handled) == 6)
    assert [n for n in handler.handled if n[0] == "a"] == ["a0", "a1", "a2"]
    assert [n for n in handler.handled if n[0] == "b"] == ["b0", "b1", "b2"]


async def test_what_was_handled_is_not_handled_again_after_a_restart(log: SqliteEventLog, tmp_path: Path) -> None:
    await send(log, tmp_path, ["a", "b", "c"])
    first = Recorder()
    async with consuming(log, first):
        await first.until(lambda: len(first.handled) == 3)
    await send(log, tmp_path, ["d"])
    second = Recorder()
    async with consuming(log, second):
        await second.until(lambda: bool(second.handled))
    assert second.handled == ["d"]


async def test_what_a_drain_cuts_off_is_handled_by_the_next(log: SqliteEventLog, tmp_path: Path) -> None:
    started = asyncio.Event()

    async def hang(command: ReadScreenshot) -> None:
        started.set()
        await asyncio.Event().wait()

    await send(log, tmp_path, ["a"])
    async with consuming(log, Recorder(hang), ConsumerSettings(drain_seconds=0.05)):
        async with asyncio.timeout(10):
            await started.wait()
    second = Recorder()
    async with consuming(log, second):
        await second.until(lambda: second.handled == ["a"])


async def test_a_running_command_may_finish_during_the_drain(log: SqliteEventLog, tmp_path: Path) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def wait(command: ReadScreenshot) -> None:
        started.set()
        await go_on.wait()

    handler = Recorder(wait)
    await send(log, tmp_path, ["a"])
    async with consuming(log, handler):
        async with asyncio.timeout(10):
            await started.wait()
        asyncio.get_running_loop().call_later(0.1, go_on.set)
    assert handler.handled == ["a"]


async def test_transient_failures_go_through_the_retry_topic_until_they_pass(
    log: SqliteEventLog, tmp_path: Path
) -> None:
    failures = 3

    async def fail_thrice(command: ReadScreenshot) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise Transient("not yet")

    handler = Recorder(fail_thrice)
    await send(log, tmp_path, ["a"])
    async with consuming(log, handler):
        await handler.until(lambda: handler.handled == ["a"])
    retried = [r for p in range(6) for r in await log.read(f"{COMMANDS_OCR}.retry", p, 0, 10)]
    assert [r.headers["ts_attempt"] for r in retried] == ["2", "3"]
    assert not handler.given_up


async def test_attempts_end_among_the_dead_letters_and_the_client_is_told(log: SqliteEventLog, tmp_path: Path) -> None:
    async def fail(command: ReadScreenshot) -> None:
        raise Transient("never")

    handler = Recorder(fail)
    await send(log, tmp_path, ["a"])
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.given_up) == 1)
    (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
    assert letter.error == "Transient: never"
    assert handler.given_up[0][1].code == "internal"


async def test_a_permanent_failure_is_told_and_done(log: SqliteEventLog, tmp_path: Path) -> None:
    async def refuse(command: ReadScreenshot) -> None:
        raise Permanent.of(TokstreamError(IMAGE_UNREADABLE, "no image"))

    handler = Recorder(refuse)
    await send(log, tmp_path, ["a"])
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.given_up) == 1)
    assert handler.given_up[0][1].detail == "no image"
    assert not await deadletters.list_letters(log, COMMANDS_OCR)


async def test_a_defect_is_buried_with_its_traceback_and_the_rest_goes_on(log: SqliteEventLog, tmp_path: Path) -> None:
    async def stumble(command: ReadScreenshot) -> None:
        if command.blob_key == "bad":
            raise KeyError("oops")

    handler = Recorder(stumble)
    await send(log, tmp_path, ["bad", "good"])
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.given_up) == 1 and handler.handled == ["good"])
    (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
    assert "stumble" in letter.traceback
    assert letter.topic == COMMANDS_OCR


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"{}", "ce_specversion is missing"),
        ({"type": "tokstream.command.unknown"}, b"{}", "no handler"),
        ({"type": ReadScreenshot.TYPE}, b'{"session_id": "s"}', "missing required field"),
        ({"type": ReadScreenshot.TYPE}, b"\xff", "malformed"),
    ],
)
async def test_a_record_that_is_no_command_is_buried_with_the_reason(
    log: SqliteEventLog, tmp_path: Path, headers: dict[str, str], body: bytes, reason: str
) -> None:
    if "type" in headers:
        headers = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/test", "ce_type": headers["type"]}
    await log.publish(NewRecord(COMMANDS_OCR, "k", body, headers))
    await send(log, tmp_path, ["good"], key="k")
    handler = Recorder()
    async with consuming(log, handler):
        await handler.until(lambda: handler.handled == ["good"])
    (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
    assert reason in letter.error
    assert letter.value == body
    assert letter.source_offset == "0"


async def test_a_replayed_dead_letter_is_handled_like_new(log: SqliteEventLog, tmp_path: Path) -> None:
    broken = True

    async def stumble(command: ReadScreenshot) -> None:
        if broken:
            raise KeyError("oops")

    handler = Recorder(stumble)
    await send(log, tmp_path, ["a"])
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.given_up) == 1)
        broken = False
        (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
        found = await deadletters.find_letter(log, COMMANDS_OCR, letter.id)
        assert found == letter
        await deadletters.replay(log, letter)
        await handler.until(lambda: handler.handled == ["a"])


async def test_an_outage_of_storage_stops_the_consumer_and_buries_nothing(log: SqliteEventLog, tmp_path: Path) -> None:
    down = True

    async def depend(command: ReadScreenshot) -> None:
        if down:
            raise Unavailable("database is away")

    handler = Recorder(depend)
    await send(log, tmp_path, [f"n{i}" for i in range(30)])
    async with consuming(log, handler) as consumer:
        async with asyncio.timeout(20):
            while not consumer.status().stopped_by_breaker:
                await asyncio.sleep(0.01)
        down = False
        await handler.until(lambda: len(handler.handled) == 30)
    assert sorted(handler.handled) == sorted(f"n{i}" for i in range(30))
    assert not handler.given_up
    assert not await deadletters.list_letters(log, COMMANDS_OCR)


async def test_the_queue_is_bounded_while_commands_are_slow(log: SqliteEventLog, tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def wait(command: ReadScreenshot) -> None:
        await go_on.wait()

    handler = Recorder(wait)
    await send(log, tmp_path, [f"n{i}" for i in range(60)])
    settings = ConsumerSettings(concurrency=2, queue_limit=8, poll_seconds=0.02)
    async with consuming(log, handler, settings) as consumer:
        async with asyncio.timeout(10):
            while consumer.status().queued < 8:
                await asyncio.sleep(0.01)
        most = 0
        for _ in range(20):
            most = max(most, consumer.status().queued)
            await asyncio.sleep(0.01)
        assert most <= 16  # one more poll may come on top of a nearly full queue
        assert consumer.status().running == 2
        go_on.set()
        await handler.until(lambda: len(handler.handled) == 60)
