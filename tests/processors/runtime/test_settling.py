"""What no handler and no record may do to the consumer: end it, hold it up, or lose a record."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.commands import Command, ReadScreenshot
from contracts.errors import IMAGE_UNREADABLE, Problem, TokstreamError
from contracts.topics import COMMANDS_OCR, all_topics
from processors.runtime import deadletters
from processors.runtime.consumer import Consumer, ConsumerSettings
from processors.runtime.handler import Permanent
from storage.errors import Unavailable
from storage.log.port import LogRecord, NewRecord, Subscription, TopicPartition
from storage.log.sqlite import SqliteEventLog
from storage.sqlite import Database
from tests.processors.runtime.test_consumer import Recorder, consuming, log, send

__all__ = ["log"]


async def test_a_handler_that_cannot_tell_the_client_does_not_end_the_consumer(
    log: SqliteEventLog, tmp_path: Path
) -> None:
    class Mute(Recorder):
        async def give_up(self, command: Command, problem: Problem) -> None:
            raise KeyError("no such client")

    async def refuse(command: ReadScreenshot) -> None:
        if command.blob_key == "bad":
            raise Permanent.of(TokstreamError(IMAGE_UNREADABLE, "no image"))

    handler = Mute(refuse)
    await send(log, tmp_path, ["bad", "good"], key="k")
    async with consuming(log, handler):
        await handler.until(lambda: handler.handled == ["good"])
    (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
    assert "no such client" in letter.error


async def test_work_that_is_cancelled_from_within_is_a_defect_and_not_forgotten(
    log: SqliteEventLog, tmp_path: Path
) -> None:
    async def lost(command: ReadScreenshot) -> None:
        if command.blob_key == "bad":
            raise asyncio.CancelledError

    handler = Recorder(lost)
    await send(log, tmp_path, ["bad", "good"], key="k")
    async with consuming(log, handler):
        await handler.until(lambda: handler.handled == ["good"])
    (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
    assert "StrayCancellation" in letter.error
    second = Recorder()
    await send(log, tmp_path, ["next"], key="k")
    async with consuming(log, second):
        await second.until(lambda: bool(second.handled))
    assert second.handled == ["next"], "what was settled is committed"


async def test_a_record_too_large_for_its_reason_is_buried_without_its_body(
    log: SqliteEventLog, tmp_path: Path
) -> None:
    await log.publish(NewRecord(COMMANDS_OCR, "k", b"{}", {"x": "y" * 62_000}))
    await log.publish(
        NewRecord(COMMANDS_OCR, "k", b"{}", {"ce_id": "\N{HANGUL SYLLABLE GA}", "ts_attempt": "9" * 6000})
    )
    await send(log, tmp_path, ["good"], key="k")
    handler = Recorder()
    async with consuming(log, handler):
        await handler.until(lambda: handler.handled == ["good"])
    letters = await deadletters.list_letters(log, COMMANDS_OCR)
    assert [letter.source_offset for letter in letters] == ["0", "1"]
    assert all("ce_specversion" in letter.error for letter in letters)


async def test_an_error_that_is_no_unicode_can_be_buried(log: SqliteEventLog, tmp_path: Path) -> None:
    async def stumble(command: ReadScreenshot) -> None:
        raise ValueError("\ud800")

    handler = Recorder(stumble)
    await send(log, tmp_path, ["a"])
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.given_up) == 1)
    (letter,) = await deadletters.list_letters(log, COMMANDS_OCR)
    assert "\\ud800" in letter.error


@pytest.mark.parametrize("moment", ["nan", "inf", "-1", "soon", ""])
async def test_a_senseless_time_in_a_retried_record_does_not_hold_it_up(
    log: SqliteEventLog, tmp_path: Path, moment: str
) -> None:
    await send(log, tmp_path, ["a"])
    (record,) = [r for p in range(6) for r in await log.read(COMMANDS_OCR, p, 0, 1)]
    headers = {**record.headers, "ts_not_before": moment, "ts_attempt": "9" * 5000}
    await log.publish(NewRecord(f"{COMMANDS_OCR}.retry", record.key, record.value, headers))
    handler = Recorder()
    async with consuming(log, handler):
        await handler.until(lambda: handler.handled == ["a", "a"])


async def test_a_drain_does_not_wait_for_commands_that_only_wait_for_storage(
    log: SqliteEventLog, tmp_path: Path
) -> None:
    tried = asyncio.Event()

    async def depend(command: ReadScreenshot) -> None:
        tried.set()
        raise Unavailable("database is away")

    await send(log, tmp_path, [f"n{number}" for number in range(20)])
    loop = asyncio.get_running_loop()
    async with consuming(log, Recorder(depend), ConsumerSettings(drain_seconds=30, poll_seconds=0.05)) as consumer:
        async with asyncio.timeout(10):
            await tried.wait()
            while not consumer.status().stopped_by_breaker:
                await asyncio.sleep(0.01)
        asked = loop.time()
    assert loop.time() - asked < 5
    handler = Recorder()
    async with consuming(log, handler):
        await handler.until(lambda: len(handler.handled) == 20)


class FlakyLog(SqliteEventLog):
    """Fails some polls, as a broker that changes its leader does; `take` takes all partitions away and gives them
    back, as a rebalance in Kafka's classic protocol does."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.failures = 0
        self.slow = False
        self.subscription: Subscription | None = None
        self.commits = 0

    async def before_commit(self) -> None:
        """The first commit never comes back from the broker before it is cut off."""
        self.commits += 1
        if self.commits == 1 and self.slow:
            await asyncio.Event().wait()

    def consume(self, topics, group, on_revoke=None):  # type: ignore[no-untyped-def]
        return self._flaky(topics, group, on_revoke)

    @asynccontextmanager
    async def _flaky(self, topics, group, on_revoke):  # type: ignore[no-untyped-def]
        async with super().consume(topics, group, on_revoke) as member:
            flaky = FlakyMember(self, member)
            self.revoke = on_revoke
            self.subscription = flaky
            yield flaky


class FlakyMember:
    """Delegates to a member of the embedded log."""

    def __init__(self, log: FlakyLog, member: Subscription) -> None:
        self._log = log
        self._member = member

    async def poll(self, max_records: int, timeout: float) -> Sequence[LogRecord]:
        if self._log.failures:
            self._log.failures -= 1
            raise Unavailable("the leader changes")
        return await self._member.poll(max_records, timeout)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        await self._log.before_commit()
        await self._member.commit(offsets)

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self._member.pause(partitions)

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self._member.resume(partitions)

    def assignment(self) -> frozenset[TopicPartition]:
        return self._member.assignment()

    async def lag(self) -> int:
        return await self._member.lag()


@pytest.fixture
async def flaky(tmp_path: Path) -> AsyncIterator[FlakyLog]:
    database = await Database.open(tmp_path / "flaky.sqlite")
    log = FlakyLog(database)
    await log.ensure(all_topics())
    yield log
    await database.close()


async def test_what_runs_runs_on_while_the_log_cannot_be_polled(
    flaky: FlakyLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    runs = 0

    async def wait(command: ReadScreenshot) -> None:
        nonlocal runs
        runs += 1
        started.set()
        await go_on.wait()

    handler = Recorder(wait)
    await send(flaky, tmp_path, ["a"])
    with caplog.at_level(logging.WARNING):
        async with consuming(flaky, handler, ConsumerSettings(poll_seconds=0.02)):
            async with asyncio.timeout(10):
                await started.wait()
                flaky.failures = 3
                while flaky.failures:
                    await asyncio.sleep(0.01)
            go_on.set()
            await handler.until(lambda: handler.handled == ["a"])
    assert runs == 1
    assert "event log unavailable" in caplog.text
    assert "the leader changes" in caplog.text


async def test_a_trial_that_a_rebalance_cuts_off_does_not_leave_the_breaker_open_for_ever(
    flaky: FlakyLog, tmp_path: Path
) -> None:
    down, hanging = True, asyncio.Event()
    consumers: list[Consumer] = []

    async def depend(command: ReadScreenshot) -> None:
        if down:
            if consumers[0].status().stopped_by_breaker:
                hanging.set()
                await asyncio.Event().wait()  # the trial
            raise Unavailable("database is away")

    handler = Recorder(depend)
    await send(flaky, tmp_path, [f"n{number}" for number in range(16)])
    settings = ConsumerSettings(poll_seconds=0.05, revoke_seconds=0.05)
    async with consuming(flaky, handler, settings) as consumer:
        consumers.append(consumer)
        async with asyncio.timeout(20):
            await hanging.wait()
            assert flaky.subscription is not None
            assert flaky.revoke is not None
            await flaky.revoke(flaky.subscription.assignment())
        down = False
        await send(flaky, tmp_path, ["after"])
        await handler.until(lambda: "after" in handler.handled)


async def test_a_commit_that_the_drain_cuts_off_is_made_again(flaky: FlakyLog, tmp_path: Path) -> None:
    flaky.slow = True
    first = Recorder()
    await send(flaky, tmp_path, ["a"])
    async with consuming(flaky, first, ConsumerSettings(poll_seconds=0.05)):
        async with asyncio.timeout(10):
            while not flaky.commits:
                await asyncio.sleep(0.01)
    assert first.handled == ["a"]
    second = Recorder()
    await send(flaky, tmp_path, ["b"])
    async with consuming(flaky, second):
        await second.until(lambda: bool(second.handled))
    assert second.handled == ["b"]
