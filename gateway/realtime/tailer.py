"""Follows the live topic for the hub: one tail, on the partitions that are wanted, taken up again whenever it is
lost."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from typing import Final

from contracts import topics
from storage.errors import Unavailable
from storage.log.port import EventLog, LogRecord, Tail

FIRST_BACKOFF_SECONDS: Final = 0.1
LAST_BACKOFF_SECONDS: Final = 5.0
LINGER_SECONDS: Final = 5.0
"""How long a partition nobody needs any more is followed still: pages are reloaded, clients reconnect."""
RECORDS_A_TURN: Final = 32
"""Records handled before other tasks (those that write to the sockets) get a turn."""

logger = logging.getLogger(__name__)


class Tailer:
    """`wanted` says which partitions are needed, `received` takes each record, `resumed` hears of every new tail.

    What was published between two tails is not received: `resumed` must look into the journal.
    """

    def __init__(
        self,
        log: EventLog,
        wanted: Callable[[], frozenset[int]],
        received: Callable[[LogRecord], None],
        resumed: Callable[[], None],
    ) -> None:
        self.log = log
        self.wanted = wanted
        self.received = received
        self.resumed = resumed
        self.generation = 0
        """Counts tails, so that who sees the same number twice knows that none was lost in between."""
        self.followed: frozenset[int] = frozenset()
        self.stopped = False
        self.first_backoff = FIRST_BACKOFF_SECONDS
        self.changed = asyncio.Event()
        self.announced = asyncio.Event()

    def notice(self) -> None:
        """What is wanted has changed."""
        self.changed.set()

    async def until_followed(self, partition: int, seconds: float) -> None:
        """Waits until records of the partition are received. Raises Unavailable."""
        try:
            async with asyncio.timeout(seconds):
                while partition not in self.followed:
                    await self.announced.wait()
        except TimeoutError:
            raise Unavailable("the live events cannot be followed now") from None

    def stop(self) -> None:
        """Lets `run` end instead of trying again. Cancelling alone is not enough: where the tail is lost in the same
        moment, the task group of `follow` raises that and forgets the cancellation (CPython before 3.13)."""
        self.stopped = True

    async def run(self) -> None:
        """Until stopped or cancelled."""
        backoff = self.first_backoff
        while not self.stopped:
            while not self.wanted():
                self.changed.clear()
                await self.changed.wait()
            generation = self.generation
            try:
                await self.follow()
            except* Unavailable as lost:
                logger.warning("The live events are lost, trying again: %s", lost.exceptions[0])
            except* Exception:
                # A supervisor: whatever an adapter lets through, the subscribers must get their events again.
                logger.exception("Following the live events failed, trying again")
            finally:
                self.set_followed(frozenset())
            if self.generation > generation:
                backoff = self.first_backoff
            await asyncio.sleep(backoff * random.uniform(0.5, 1.0))
            backoff = min(2 * backoff, LAST_BACKOFF_SECONDS)

    async def follow(self) -> None:
        """One tail, until it is lost. Raises Unavailable, perhaps in a group."""
        partitions = self.wanted()
        async with self.log.tail(topics.EVENTS, sorted(partitions)) as tail:
            self.generation += 1
            self.set_followed(partitions)
            self.resumed()
            async with asyncio.TaskGroup() as group:
                group.create_task(self.adjust(tail))
                await self.pump(tail)

    async def pump(self, tail: Tail) -> None:
        """Passes the records on. Raises Unavailable in the end."""
        count = 0
        async for record in tail.records():
            self.received(record)
            count += 1
            if count % RECORDS_A_TURN == 0:
                await asyncio.sleep(0)
        raise Unavailable("the log ended a tail")

    async def adjust(self, tail: Tail) -> None:
        """Follows what is wanted, at once where a partition is missing and later where one is too many. Raises
        Unavailable."""
        while True:
            self.changed.clear()
            wanted = self.wanted()
            if wanted and wanted != self.followed:
                if wanted < self.followed:
                    await self.linger()
                    wanted = self.wanted() or self.followed
                # Who asks while the set is being changed must not count on a partition that is about to go.
                self.set_followed(self.followed & wanted)
                await tail.follow(sorted(wanted))
                self.set_followed(wanted)
            else:
                await self.changed.wait()

    async def linger(self) -> None:
        """Waits until something is missing, but no longer than a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while self.wanted() <= self.followed:
                    await self.changed.wait()
                    self.changed.clear()

    def set_followed(self, partitions: frozenset[int]) -> None:
        self.followed = partitions
        announced, self.announced = self.announced, asyncio.Event()
        announced.set()
