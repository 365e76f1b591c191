"""What becomes of one record: handled, handed on to the retry topic, or laid among the dead letters. Never nothing.

Whatever a handler does, it does not end the consumer: a command that did would end it again after every restart.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from contracts.cloudevents import Envelope
from contracts.commands import Command
from contracts.errors import INTERNAL, Problem, TokstreamError
from processors.runtime.breaker import Breaker
from processors.runtime.deadletters import dead_record, dead_stub
from processors.runtime.decoding import Undecodable, decode_record
from processors.runtime.handler import Handler, Permanent, Transient
from processors.runtime.retry import RetryPolicy, attempt_of, retry_record
from storage.errors import RecordTooLarge, Unavailable
from storage.log.port import EventLog, LogRecord

logger = logging.getLogger(__name__)

LONGEST_BACKOFF = 6
"""Attempts after which waiting for a store that is away grows no longer."""


class StrayCancellation(Exception):
    """The handler's work was cancelled by nobody who may: a library let a CancelledError of its own out."""


class Settler:
    """Settles the records of one consumer, each in a task of its own."""

    def __init__(
        self,
        log: EventLog,
        handler: Handler,
        policy: RetryPolicy,
        breaker: Breaker,
        wall: Callable[[], float],
        unexpected_attempts: int,
    ) -> None:
        self._log = log
        self._handler = handler
        self._policy = policy
        self._breaker = breaker
        self._wall = wall
        self._unexpected_attempts = unexpected_attempts
        self._types = {command.TYPE: command for command in handler.commands}
        self._resting: set[asyncio.Task[object]] = set()
        self._leaving: set[asyncio.Task[object]] = set()

    async def settle(self, record: LogRecord) -> None:
        """Returns when nothing more is to be done about the record."""
        try:
            envelope, command = decode_record(record, self._types)
        except Undecodable as error:
            await self._bury(record, error)
            return
        try:
            await self._handle(record, envelope, command)
        finally:
            self._breaker.abandon(envelope.id)

    async def finish(self, tasks: Sequence[asyncio.Task[None]], seconds: float, cancel_seconds: float) -> None:
        """Lets tasks that settle records finish within the bound. Those that only wait for another attempt are not
        waited for: their records stay uncommitted, and whoever has them next tries."""
        if not tasks:
            return
        self._leaving.update(tasks)
        try:
            _cancel(task for task in tasks if task in self._resting)
            _, late = await asyncio.wait(tasks, timeout=seconds)
            _cancel(late)
            if late:
                await asyncio.wait(late, timeout=cancel_seconds)
        finally:
            self._leaving.difference_update(tasks)

    async def _handle(self, record: LogRecord, envelope: Envelope, command: Command) -> None:
        failed = attempt_of(record.headers)
        unexpected = outages = 0
        while True:
            await self._wait_for_breaker(envelope.id)
            try:
                await self._attempt(command, envelope)
            except (Permanent, TokstreamError) as error:
                self._breaker.success()
                await self._tell(record, command, error.problem if isinstance(error, Permanent) else error.problem())
                return
            except Unavailable as error:
                outages += 1
                wait = self._policy.delay(min(outages, LONGEST_BACKOFF))
                logger.warning("%s: %s: %s; again in %.1f s", self._handler.name, envelope.type, error, wait)
            except Transient as error:
                failed += 1
                wait = self._policy.delay(failed, error.after)
                if failed >= self._policy.in_place:
                    self._breaker.failure(envelope.id)
                    if failed >= self._policy.attempts or not await self._hand_on(record, failed, wait, error):
                        await self._give_up(record, command, error)
                    return
            except Exception as error:
                unexpected += 1
                wait = self._policy.delay(unexpected)
                logger.exception("%s: %s failed", self._handler.name, envelope.type)
                if unexpected >= self._unexpected_attempts:
                    self._breaker.failure(envelope.id)
                    await self._give_up(record, command, error)
                    return
            else:
                self._breaker.success()
                return
            self._breaker.failure(envelope.id)
            await self._rest(wait)

    async def _attempt(self, command: Command, envelope: Envelope) -> None:
        task = asyncio.current_task()
        try:
            await self._handler.handle(command, envelope)
        except asyncio.CancelledError as error:
            if task is None or task.cancelling():
                raise
            # Taken for our own it would leave the record open for ever, and its partition uncommitted.
            raise StrayCancellation(f"{envelope.type} was cancelled from within") from error

    async def _hand_on(self, record: LogRecord, failed: int, wait: float, error: Transient) -> bool:
        """Publishes the record on its retry topic; False where it does not fit there."""
        retried = retry_record(record, failed, self._wall() + wait, str(error))
        try:
            await self._insist(lambda: self._log.publish(retried))
        except RecordTooLarge:
            return False
        return True

    async def _give_up(self, record: LogRecord, command: Command, error: Exception) -> None:
        """Lays the record among the dead letters and tells the client; the reason is for operators, not for clients."""
        await self._bury(record, error)
        problem = TokstreamError(INTERNAL, "The work failed and was set aside for the operators").problem()
        await self._tell(record, command, problem)

    async def _tell(self, record: LogRecord, command: Command, problem: Problem) -> None:
        try:
            await self._insist(lambda: self._handler.give_up(command, problem))
        except Exception as error:
            logger.exception("%s: the client could not be told of the failure", self._handler.name)
            await self._bury(record, error)

    async def _bury(self, record: LogRecord, error: Exception) -> None:
        logger.error("dead letter from %s/%d@%d: %s", record.topic, record.partition, record.offset, error)
        letter = dead_record(record, error)
        try:
            await self._insist(lambda: self._log.publish(letter))
        except RecordTooLarge:
            stub = dead_stub(record, error)
            await self._insist(lambda: self._log.publish(stub))

    async def _insist(self, action: Callable[[], Awaitable[object]]) -> None:
        """Does what must not be lost, however long storage is away; a cancelled drain leaves the record uncommitted."""
        attempt = 0
        while True:
            try:
                await action()
            except Unavailable as error:
                attempt += 1
                logger.warning("%s: %s; trying on", self._handler.name, error)
                await self._rest(self._policy.delay(min(attempt, LONGEST_BACKOFF)))
            else:
                return

    async def _wait_for_breaker(self, command: str) -> None:
        # The breaker opens by the passing of time alone: there is no event to wait for.
        while not self._breaker.may_start(command):
            await self._rest(max(0.02, self._breaker.seconds_to_trial()))

    async def _rest(self, seconds: float) -> None:
        task = asyncio.current_task()
        if task is None or task in self._leaving:
            raise asyncio.CancelledError
        self._resting.add(task)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._resting.discard(task)


def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
