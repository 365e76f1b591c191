"""The hub: one for a gateway. Readers of streams register with it, read the journal, and get the live events from one
tail.

No gap and no duplicate, because a reader registers first (the partition of its stream is followed from then on), then
reads the journal, and goes live only where what it has read reaches what it would get. After a lost tail every stream
that is read live is filled up from the journal; its readers notice nothing but the delay.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec

from contracts import topics
from contracts.cloudevents import Envelope, from_headers
from contracts.errors import SHUTTING_DOWN, UNAVAILABLE, TokstreamError
from contracts.events import STREAM_DELETED
from contracts.realtime import StreamEvent
from contracts.streams import Cursor
from gateway.realtime.channel import Channel, Verdict
from gateway.realtime.publication import Publication
from gateway.realtime.subscription import PAGE, Sink, Subscription, deleted, made_anew
from gateway.realtime.tailer import Tailer
from gateway.realtime.watch import Watch
from storage.errors import StorageError, Unavailable
from storage.journal.port import Journal
from storage.log.port import EventLog, LogRecord

FOLLOW_SECONDS = 5.0
"""How long a new reader waits for the live events before it is told to come again."""
SETTLE_SECONDS = 0.05
READS_AT_ONCE = 16
"""Reads of the journal at a time: after a restart all clients come back at once."""
FILL_ATTEMPTS = 20
FILL_BACKOFF_SECONDS = 0.1
FILL_LONGEST_BACKOFF_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Hub:
    """Use it inside `running()`. `stopping` is set when the service goes down: connections say goodbye and close."""

    def __init__(self, log: EventLog, journal: Journal) -> None:
        self.log = log
        self.journal = journal
        self.channels: dict[str, Channel] = {}
        self.tailer = Tailer(log, self.partitions, self.receive, self.fill_all)
        self.reading = asyncio.Semaphore(READS_AT_ONCE)
        self.stopping = asyncio.Event()
        self.tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows the live events inside the context. Ends what is still open when it is left."""
        supervisor = asyncio.create_task(self.supervise())
        try:
            yield
        finally:
            self.stop()
            self.tailer.stop()
            supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervisor

    async def supervise(self) -> None:
        """Owns the tasks of the hub. Endless."""
        async with asyncio.TaskGroup() as group:
            self.tasks = group
            try:
                await self.tailer.run()
            finally:
                self.tasks = None

    def stop(self) -> None:
        """Ends all readers: websockets say goodbye, SSE and long polls end, whoever waits for an outcome hears
        SHUTTING_DOWN. To be called before the server stops taking connections; safe to repeat."""
        self.stopping.set()
        for channel in list(self.channels.values()):
            self.retire(channel, TokstreamError(SHUTTING_DOWN, "the server is going down", retry_after=1))

    # ── Readers ───────────────────────────────────────────────────────────────────────────────────────────────────

    def subscribe(self, stream: str, since: Cursor | None, sink: Sink) -> Subscription:
        """Registers a reader. `open` it, then `catch_up` until it is live; `close` it in the end.

        Raises Unavailable where the log is not there yet, and TokstreamError when the service goes down.
        """
        if self.stopping.is_set():
            raise TokstreamError(SHUTTING_DOWN, "the server is going down", retry_after=1)
        channel = self.channels.get(stream)
        if channel is None:
            channel = Channel(stream, self.log.partition_of(topics.EVENTS, stream))
            self.channels[stream] = channel
            self.tailer.notice()
        subscription = Subscription(self, channel, sink, since)
        channel.members[subscription] = None
        return subscription

    @asynccontextmanager
    async def watch(self, stream: str, since: Cursor | None = None) -> AsyncIterator[Watch]:
        """A reader that is asked for events. When the context is entered, nothing appended from then on will be missed.

        Raises Unavailable and TokstreamError (see `Watch.batch`), on entering and from the watch.
        """
        watch = Watch()
        subscription = self.subscribe(stream, since, watch)
        try:
            await subscription.open()
            watch.begin(subscription)
            yield watch
        finally:
            subscription.close()

    async def wait_for(
        self, stream: str, after: Cursor | None, predicate: Callable[[StreamEvent], bool], timeout: float
    ) -> StreamEvent | None:
        """The first event after `after` (of all events where None) for which the predicate holds; None after
        `timeout` seconds.

        An event that is there already counts, so it does not matter whether this is called before or after the
        command is published, as long as `after` is a cursor from before. Raises Unavailable and TokstreamError (see
        `Watch.batch`).
        """
        try:
            async with asyncio.timeout(timeout):
                async with self.watch(stream, after) as watch:
                    while True:
                        for publication in await watch.batch():
                            if predicate(publication.event):
                                return publication.event
        except TimeoutError:
            return None

    # ── What subscriptions need ───────────────────────────────────────────────────────────────────────────────────

    async def read(self, channel: Channel, after: int, limit: int) -> list[Publication]:
        async with self.reading:
            return [Publication.of(stored) for stored in await self.journal.read(channel.stream, after, limit)]

    async def position(self, channel: Channel) -> Cursor | None:
        async with self.reading:
            return await self.journal.position(channel.stream)

    def following(self, channel: Channel) -> int | None:
        return self.tailer.generation if channel.partition in self.tailer.followed else None

    async def settle(self, channel: Channel) -> None:
        if self.following(channel) is None:
            await self.tailer.until_followed(channel.partition, FOLLOW_SECONDS)
        else:
            await asyncio.sleep(SETTLE_SECONDS)

    def leave(self, channel: Channel, subscription: Subscription) -> None:
        channel.members.pop(subscription, None)
        if not channel.members and self.channels.get(channel.stream) is channel:
            del self.channels[channel.stream]
            self.tailer.notice()

    # ── What the tail brings ──────────────────────────────────────────────────────────────────────────────────────

    def partitions(self) -> frozenset[int]:
        return frozenset(channel.partition for channel in self.channels.values())

    def receive(self, record: LogRecord) -> None:
        """A record of the events topic; most are of streams nobody here reads."""
        channel = self.channels.get(record.key)
        if channel is None:
            return
        try:
            envelope = from_headers(record.headers)
        except ValueError as error:
            logger.warning("Record %s:%d of the live events is passed over: %s", record.key, record.offset, error)
            return
        if envelope.type == STREAM_DELETED:
            self.retire(channel, deleted())
        elif envelope.epoch is None or envelope.seq is None:
            logger.warning("Event %s of %s is passed over: it has no place in a stream", envelope.id, record.key)
        else:
            self.offer(channel, publication_of(record, envelope, envelope.epoch, envelope.seq))

    def offer(self, channel: Channel, publication: Publication) -> None:
        match channel.offer(publication):
            case Verdict.GAP:
                self.fill(channel)
            case Verdict.FOREIGN:
                self.retire(channel, made_anew())
            case Verdict.DONE:
                pass

    def fill_all(self) -> None:
        """After a tail was lost: whatever was published meanwhile is in the journal."""
        for channel in self.channels.values():
            if channel.head is not None:
                self.fill(channel)

    def retire(self, channel: Channel, error: TokstreamError) -> None:
        """Ends the readers of a stream; who comes after them begins with a channel of its own."""
        if self.channels.get(channel.stream) is channel:
            del self.channels[channel.stream]
            self.tailer.notice()
        channel.end(error)

    def is_read(self, channel: Channel) -> bool:
        return self.channels.get(channel.stream) is channel

    def fill(self, channel: Channel) -> None:
        channel.suspect = True
        if not channel.filling and self.tasks is not None:
            channel.filling = True
            self.tasks.create_task(self.fill_gap(channel))

    async def fill_gap(self, channel: Channel) -> None:
        """Publishes what the journal has after the head of the channel, until nothing is known to be missing."""
        backoff = FILL_BACKOFF_SECONDS
        empty = 0
        try:
            while self.is_read(channel) and empty < FILL_ATTEMPTS:
                channel.suspect = False
                try:
                    page = await self.read(channel, channel.head or 0, PAGE)
                    gone = not page and (channel.head or 0) > 0 and await self.position(channel) is None
                except StorageError as error:
                    logger.warning("The journal cannot be read for %s, trying again: %s", channel.stream, error)
                    await asyncio.sleep(backoff)
                    backoff = min(2 * backoff, FILL_LONGEST_BACKOFF_SECONDS)
                    continue
                if gone:
                    self.retire(channel, deleted())
                    return
                for publication in page:
                    if channel.epoch is not None and publication.event.epoch != channel.epoch:
                        self.retire(channel, made_anew())
                        return
                    channel.publish(publication)
                if len(page) < PAGE and not channel.behind() and not channel.suspect:
                    return
                if not page:
                    empty += 1
                    await asyncio.sleep(SETTLE_SECONDS)
            if self.is_read(channel):
                raise Unavailable(f"the journal lacks events of {channel.stream} that the log has announced")
        except Exception:
            # A supervisor: one stream that cannot be read must not take the others with it.
            logger.exception(
                "Reading the journal for %s failed; its readers are told to subscribe again", channel.stream
            )
            self.retire(channel, TokstreamError(UNAVAILABLE, "the stream cannot be read now: subscribe again"))
        finally:
            channel.filling = False


def publication_of(record: LogRecord, envelope: Envelope, epoch: str, seq: int) -> Publication:
    return Publication(
        StreamEvent(
            stream=record.key,
            epoch=epoch,
            seq=seq,
            type=envelope.type,
            time=envelope.time,
            data=msgspec.Raw(record.value),
        )
    )
