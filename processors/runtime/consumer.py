"""The consumer loop that every capability shares.

Poll → lane of the key → handler, off the poll loop and with bounded concurrency, so that slow work never holds up the
group's heartbeat (aiokafka issue 848). Offsets are committed by this loop alone, at the end of the longest finished
run. A record is finished when it is settled (processors/runtime/settling): never before.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from contracts.topics import retry_topic
from processors.runtime.breaker import Breaker
from processors.runtime.handler import Handler
from processors.runtime.ordering import KeyLanes, OffsetTracker
from processors.runtime.retry import RetryPolicy, due_at
from processors.runtime.settling import LONGEST_BACKOFF, Settler
from storage.errors import Unavailable
from storage.log.port import EventLog, LogRecord, Subscription, TopicPartition

logger = logging.getLogger(__name__)

CANCEL_SECONDS = 5.0
"""How long commands that were cut off get to let go."""


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
        self._settler = Settler(log, handler, self._policy, self._breaker, wall, self._settings.unexpected_attempts)
        origins = sorted({command.TOPIC for command in handler.commands})
        self._topics = [*origins, *(retry_topic(topic) for topic in origins)]
        self._reset()

    def _reset(self) -> None:
        """Forgets all of an earlier membership."""
        self._tracker = OffsetTracker()
        self._lanes = KeyLanes()
        self._running: dict[asyncio.Task[None], tuple[LogRecord, float]] = {}
        self._delayed: dict[TopicPartition, dict[int, asyncio.TimerHandle]] = {}
        self._dirty = asyncio.Event()
        self._committing = asyncio.Lock()
        self._subscription: Subscription | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._failed_polls = 0
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
                await self._wait_out(failures, outage, stop)

    async def _serve(self, member: Subscription, stop: asyncio.Event) -> None:
        self._subscription = member
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                committer = tasks.create_task(self._commit_finished(member))
                while not stop.is_set():
                    self._throttle(member)
                    for record in await self._poll(member, stop):
                        self._take(record)
                    self._start_ready()
                await self._drain()
                committer.cancel()
            await self._commit(member)
        finally:
            self._subscription = None
            self._tasks = None
            self._forget(list(self._delayed))

    async def _poll(self, member: Subscription, stop: asyncio.Event) -> Sequence[LogRecord]:
        """What the member polls; nothing while the log is away. What runs meanwhile runs on."""
        try:
            records = await member.poll(self._settings.queue_limit, self._settings.poll_seconds)
        except Unavailable as error:
            self._failed_polls += 1
            await self._wait_out(self._failed_polls, error, stop)
            return ()
        self._failed_polls = 0
        self._last_poll = self._monotonic()
        return records

    async def _wait_out(self, failures: int, outage: BaseException, stop: asyncio.Event) -> None:
        wait = self._policy.delay(min(failures, LONGEST_BACKOFF))
        reason = _reasons(outage)
        logger.warning("%s: event log unavailable, again in %.1f s: %s", self._handler.name, wait, reason)
        await _wait_for(stop, wait)

    def _take(self, record: LogRecord) -> None:
        try:
            self._tracker.start(record)
        except ValueError as error:
            # A broker that lost records sets the position back. What was noted of the partition no longer counts.
            logger.warning("%s: %s; reading on from there", self._handler.name, error)
            self._forget([TopicPartition(record.topic, record.partition)])
            self._tracker.start(record)
        self._admit_when_due(record)

    def _throttle(self, member: Subscription) -> None:
        """Pauses what is not to be polled for now: everything while the lanes are full, or while the breaker is open
        and enough is there to try with; the retry topics while too many of their records wait for their time."""
        limit = self._settings.queue_limit
        full = self._lanes.queued >= (1 if self._breaker.is_open else limit)
        assigned = member.assignment()
        paused = [partition for partition in assigned if full or len(self._delayed.get(partition, ())) >= limit]
        member.pause(paused)
        member.resume([partition for partition in assigned if partition not in set(paused)])

    def _admit_when_due(self, record: LogRecord) -> None:
        wait = min(due_at(record.headers) - self._wall(), self._policy.longest_wait)
        if wait <= 0:
            self._lanes.push(record)
            return
        waiting = self._delayed.setdefault(TopicPartition(record.topic, record.partition), {})
        waiting[record.offset] = asyncio.get_running_loop().call_later(wait, self._admit_delayed, record)

    def _admit_delayed(self, record: LogRecord) -> None:
        del self._delayed[TopicPartition(record.topic, record.partition)][record.offset]
        self._lanes.push(record)
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
            await self._settler.settle(record)
            if self._tracker.finish(record):
                self._dirty.set()
        finally:
            self._running.pop(task, None)
            self._lanes.done(record)
        self._start_ready()

    async def _commit_finished(self, member: Subscription) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            if not await self._commit(member):
                await asyncio.sleep(self._policy.delay(3))
                self._dirty.set()

    async def _commit(self, member: Subscription) -> bool:
        # One at a time: who leaves or lets partitions go must not overtake a commit that is on its way.
        async with self._committing:
            offsets = self._tracker.take_committable()
            if not offsets:
                return True
            try:
                await member.commit(offsets)
            except Unavailable as error:
                logger.warning("%s: could not commit: %s", self._handler.name, error)
                self._tracker.give_back(offsets)
                return False
            except asyncio.CancelledError:
                self._tracker.give_back(offsets)
                raise
            return True

    async def _drain(self) -> None:
        """Lets running commands finish within the bound; queued ones are not started."""
        self._tasks = None
        await self._settler.finish(list(self._running), self._settings.drain_seconds, CANCEL_SECONDS)

    async def _revoked(self, partitions: frozenset[TopicPartition]) -> None:
        self._lanes.drop(partitions)
        concerned = [
            task
            for task, (record, _) in self._running.items()
            if TopicPartition(record.topic, record.partition) in partitions
        ]
        try:
            await self._settler.finish(concerned, self._settings.revoke_seconds, CANCEL_SECONDS)
            if self._subscription is not None:
                await self._commit(self._subscription)
        finally:
            self._forget(partitions)

    def _forget(self, partitions: Iterable[TopicPartition]) -> None:
        self._tracker.forget(partitions)
        for partition in partitions:
            for timer in self._delayed.pop(partition, {}).values():
                timer.cancel()


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def _reasons(error: BaseException) -> str:
    """The messages of all errors in a group, in one line."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_reasons(part) for part in error.exceptions)
    return str(error)
