"""The consumer loop that every capability shares.

Poll → lane of the key → handler, off the poll loop and with bounded concurrency, so that slow work never holds up
the group's
heartbeat (aiokafka issue 848). Offsets are committed by this loop alone, at the end of the longest finished run. A
record is
finished when its command was handled, was handed on to the retry topic, or was laid among the dead letters: never
before.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contracts.errors import INTERNAL, Problem, TokstreamError
from contracts.topics import retry_topic
from processors.runtime.breaker import Breaker
from processors.runtime.deadletters import dead_record
from processors.runtime.decoding import Undecodable, decode_record
from processors.runtime.handler import Handler, Permanent, Transient
from processors.runtime.ordering import KeyLanes, OffsetTracker
from processors.runtime.retry import RetryPolicy, attempt_of, due_at, retry_record
from storage.errors import Unavailable
from storage.log.port import EventLog, LogRecord, Subscription, TopicPartition

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """`concurrency` commands run at once, up to `queue_limit` more are held ready; times in seconds."""

    concurrency: int = 16
    queue_limit: int = 64
    poll_seconds: float = 0.5
    drain_seconds: float = 20.0
    revoke_seconds: float = 10.0
    unexpected_attempts: int = 3


@dataclass(frozen=True, slots=True)
class ConsumerStatus:
    """How a consumer is doing: `polled` seconds since its last poll, `oldest` seconds that the oldest running
    command runs."""

    name: str
    joined: bool
    polled: float
    running: int
    queued: int
    oldest: float
    stopped_by_breaker: bool


class Consumer:
    """Runs one handler as a member of its consumer group."""

    def __init__(
        self,
        log: EventLog,
        handler: Handler,
        settings: ConsumerSettings | None = None,
        policy: RetryPolicy | None = None,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._handler = handler
        self._settings = settings or ConsumerSettings()
        self._policy = policy or RetryPolicy()
        self._wall = wall
        self._monotonic = monotonic
        self._breaker = Breaker(monotonic)
        self._types = {command.TYPE: command for command in handler.commands}
        origins = sorted({command.TOPIC for command in handler.commands})
        self._topics = [*origins, *(retry_topic(topic) for topic in origins)]
        self._reset()

    def _reset(self) -> None:
        self._tracker = OffsetTracker()
        self._lanes = KeyLanes()
        self._running: dict[asyncio.Task[None], tuple[LogRecord, float]] = {}
        self._delayed: dict[TopicPartition, int] = {}
        self._dirty = asyncio.Event()
        self._subscription: Subscription | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._last_poll = self._monotonic()

    def status(self) -> ConsumerStatus:
        now = self._monotonic()
        return ConsumerStatus(
            name=self._handler.name,
            joined=self._subscription is not None,
            polled=now - self._last_poll,
            running=self._lanes.running,
            queued=self._lanes.queued,
            oldest=max((now - started for _, started in self._running.values()), default=0.0),
            stopped_by_breaker=self._breaker.is_open,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Consumes until `stop` is set, then drains: running commands get `drain_seconds` to finish, the rest is
        left to whoever consumes next. Outages of the log are waited out."""
        failures = 0
        while not stop.is_set():
            self._reset()
            try:
                async with self._log.consume(self._topics, f"tokstream.{self._handler.name}", self._revoked) as member:
                    failures = 0
                    await self._serve(member, stop)
            except* Unavailable as outage:
                failures += 1
                wait = self._policy.delay(min(failures, 6))
                logger.warning("%s: event log unavailable, again in %.1f s: %s", self._handler.name, wait, outage)
                await _wait_for(stop, wait)

    async def _serve(self, member: Subscription, stop: asyncio.Event) -> None:
        self._subscription = member
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                committer = tasks.create_task(self._commit_finished(member))
                while not stop.is_set():
                    self._throttle(member)
                    for record in await member.poll(self._settings.queue_limit, self._settings.poll_seconds):
                        self._tracker.start(record)
                        self._admit_when_due(record)
                    self._last_poll = self._monotonic()
                    self._start_ready()
                await self._drain()
                committer.cancel()
            await self._commit(member)
        finally:
            self._subscription = None
            self._tasks = None

    def _throttle(self, member: Subscription) -> None:
        """Pauses what is not to be polled for now: everything while the lanes are full or the breaker is open, the
        retry topics while too many of their records wait for their time."""
        full = self._lanes.queued >= self._settings.queue_limit or self._breaker.is_open
        assigned = member.assignment()
        paused = [
            partition for partition in assigned if full or self._delayed.get(partition, 0) >= self._settings.queue_limit
        ]
        member.pause(paused)
        member.resume([partition for partition in assigned if partition not in set(paused)])

    def _admit_when_due(self, record: LogRecord) -> None:
        wait = due_at(record.headers) - self._wall()
        if wait <= 0:
            self._lanes.push(record)
            return
        partition = TopicPartition(record.topic, record.partition)
        self._delayed[partition] = self._delayed.get(partition, 0) + 1
        asyncio.get_running_loop().call_later(wait, self._admit_delayed, record, self._lanes)

    def _admit_delayed(self, record: LogRecord, lanes: KeyLanes) -> None:
        partition = TopicPartition(record.topic, record.partition)
        if lanes is not self._lanes or partition not in self._delayed:
            return  # the group was left, or the partition taken away: whoever has it now polls the record again
        self._delayed[partition] -= 1
        lanes.push(record)
        self._start_ready()

    def _start_ready(self) -> None:
        if self._tasks is None:
            return
        while self._lanes.running < self._settings.concurrency and (record := self._lanes.pop()) is not None:
            task = self._tasks.create_task(self._run(record))
            self._running[task] = (record, self._monotonic())

    async def _run(self, record: LogRecord) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await self._settle(record)
            if self._tracker.finish(record):
                self._dirty.set()
        finally:
            self._running.pop(task, None)
            self._lanes.done(record)
        self._start_ready()

    async def _settle(self, record: LogRecord) -> None:
        """Returns when nothing more is to be done about the record."""
        try:
            envelope, command = decode_record(record, self._types)
        except Undecodable as error:
            await self._bury(record, error)
            return
        failed = attempt_of(record.headers)
        unexpected = outages = 0
        while True:
            await self._wait_for_breaker()
            try:
                await self._handler.handle(command, envelope)
            except (Permanent, TokstreamError) as error:
                self._breaker.success()
                problem = error.problem if isinstance(error, Permanent) else error.problem()
                await self._insist(lambda p=problem: self._handler.give_up(command, p))  # type: ignore[misc]
                return
            except Unavailable as error:
                outages += 1
                wait = self._policy.delay(min(outages, 6))
                logger.warning("%s: %s: %s; again in %.1f s", self._handler.name, envelope.type, error, wait)
            except Transient as error:
                failed += 1
                wait = self._policy.delay(failed, error.after)
                if failed >= self._policy.attempts:
                    self._breaker.failure()
                    await self._give_up(record, command, error)
                    return
                if failed >= self._policy.in_place:
                    self._breaker.failure()
                    retried = retry_record(record, failed, self._wall() + wait, str(error))
                    await self._insist(lambda r=retried: self._log.publish(r))  # type: ignore[misc]
                    return
            except Exception as error:
                unexpected += 1
                wait = self._policy.delay(unexpected)
                logger.exception("%s: %s failed", self._handler.name, envelope.type)
                if unexpected >= self._settings.unexpected_attempts:
                    self._breaker.failure()
                    await self._give_up(record, command, error)
                    return
            else:
                self._breaker.success()
                return
            self._breaker.failure()
            await asyncio.sleep(wait)

    async def _give_up(self, record: LogRecord, command: object, error: Exception) -> None:
        """Lays the record among the dead letters and tells the client; the reason is for operators, not for clients."""
        await self._bury(record, error)
        problem: Problem = TokstreamError(INTERNAL, "The work failed and was set aside for the operators").problem()
        await self._insist(lambda: self._handler.give_up(command, problem))  # type: ignore[arg-type]

    async def _bury(self, record: LogRecord, error: Exception) -> None:
        logger.error("dead letter from %s/%d@%d: %s", record.topic, record.partition, record.offset, error)
        letter = dead_record(record, error)
        await self._insist(lambda: self._log.publish(letter))

    async def _insist(self, action: Callable[[], Awaitable[object]]) -> None:
        """Does what must not be lost, however long storage is away; a cancelled drain leaves the record uncommitted."""
        attempt = 0
        while True:
            try:
                await action()
            except Unavailable as error:
                attempt += 1
                logger.warning("%s: %s; trying on", self._handler.name, error)
                await asyncio.sleep(self._policy.delay(min(attempt, 6)))
            else:
                return

    async def _wait_for_breaker(self) -> None:
        # The breaker opens by the passing of time alone: there is no event to wait for.
        while not self._breaker.may_start():  # noqa: ASYNC110
            await asyncio.sleep(max(0.02, self._breaker.seconds_to_trial()))

    async def _commit_finished(self, member: Subscription) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            if not await self._commit(member):
                await asyncio.sleep(self._policy.delay(3))
                self._dirty.set()

    async def _commit(self, member: Subscription) -> bool:
        offsets = self._tracker.take_committable()
        if not offsets:
            return True
        try:
            await member.commit(offsets)
        except Unavailable as error:
            logger.warning("%s: could not commit: %s", self._handler.name, error)
            self._tracker.give_back(offsets)
            return False
        return True

    async def _drain(self) -> None:
        """Lets running commands finish within the bound; queued ones are not started."""
        self._tasks = None
        await self._finish(list(self._running), self._settings.drain_seconds)

    async def _revoked(self, partitions: frozenset[TopicPartition]) -> None:
        self._lanes.drop(partitions)
        concerned = [
            task
            for task, (record, _) in self._running.items()
            if TopicPartition(record.topic, record.partition) in partitions
        ]
        await self._finish(concerned, self._settings.revoke_seconds)
        if self._subscription is not None:
            await self._commit(self._subscription)
        self._tracker.forget(partitions)
        for partition in partitions:
            self._delayed.pop(partition, None)

    @staticmethod
    async def _finish(tasks: list[asyncio.Task[None]], seconds: float) -> None:
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=5.0)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
