"""A reader that asks for events instead of being called: for SSE, the long poll, and REST that waits for an outcome."""

import asyncio
from collections import deque

from contracts.errors import TokstreamError
from contracts.realtime import MAX_PENDING_BYTES
from contracts.streams import START, Cursor
from gateway.realtime.publication import Publication
from gateway.realtime.subscription import Subscription


class Watch:
    """Keeps at most `limit` bytes that were not asked for yet; beyond that it forgets them and reads them from the
    journal again when asked, so a reader may be as slow as it likes."""

    def __init__(self, limit: int = MAX_PENDING_BYTES) -> None:
        self.limit = limit
        self.pending: deque[Publication] = deque()
        self.bytes = 0
        self.start = START
        """Where the events begin: after the cursor asked for, or at the start where that was of another life."""
        self.taken = START
        self.wake = asyncio.Event()
        self.subscription: Subscription | None = None

    def begin(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.start = self.taken = subscription.cursor

    @property
    def recovered(self) -> bool:
        """False where the cursor asked for was of another life of the stream; reading then starts from the
        beginning."""
        return self.subscription is not None and self.subscription.recovered

    @property
    def position(self) -> Cursor:
        """The last event that was taken."""
        return self.taken

    async def batch(self) -> list[Publication]:
        """The next events, at least one. Raises Unavailable, and TokstreamError: STREAM_NOT_FOUND where the stream
        was deleted, SHUTTING_DOWN, UNAVAILABLE."""
        while True:
            batch = await self.stored()
            if batch:
                return batch
            self.wake.clear()
            await self.wake.wait()

    async def stored(self) -> list[Publication]:
        """As `batch`, but empty where there is nothing yet."""
        subscription = self.subscription
        if subscription is None:
            raise RuntimeError("the watch has not begun")
        batch = list(self.pending)
        self.pending.clear()
        self.bytes = 0
        if not batch and not subscription.live:
            batch = await subscription.catch_up()
        if batch:
            last = batch[-1].event
            self.taken = Cursor(epoch=last.epoch, seq=last.seq)
        return batch

    def push(self, subscription: Subscription, publication: Publication) -> None:
        if self.pending and self.bytes + publication.size > self.limit:
            self.pending.clear()
            self.bytes = 0
            subscription.rewind(self.taken)
        else:
            self.pending.append(publication)
            self.bytes += publication.size
        self.wake.set()

    def ended(self, subscription: Subscription, error: TokstreamError) -> None:
        self.wake.set()
