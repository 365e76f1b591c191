"""One reader of one stream: where it is, and how it gets from the journal to the live events without a gap or a
duplicate."""

from typing import TYPE_CHECKING, Protocol

from contracts.errors import STREAM_NOT_FOUND, TokstreamError
from contracts.streams import START, Cursor
from gateway.realtime.publication import Publication
from storage.errors import Unavailable

if TYPE_CHECKING:
    from gateway.realtime.channel import Channel

PAGE = 200
"""Events a read of the journal."""
PAGE_BYTES = 256 * 1024
"""Events handed out at a time: well below the 1 MiB that websocket clients take for a frame by default."""
ATTEMPTS = 50
"""Reads without a result, `SETTLE_SECONDS` of the hub apart, before a journal that stays behind the log counts as
unavailable."""


def deleted() -> TokstreamError:
    return TokstreamError(STREAM_NOT_FOUND, "the stream was deleted")


def made_anew() -> TokstreamError:
    return TokstreamError(STREAM_NOT_FOUND, "the stream was deleted and made anew")


def within(page: list[Publication], limit: int) -> tuple[list[Publication], bool]:
    """As many publications as `limit` bytes hold, at least one, and whether some were left out."""
    size = 0
    for count, publication in enumerate(page):
        size += publication.size
        if size > limit and count > 0:
            return page[:count], True
    return page, False


class Sink(Protocol):
    """Where the live events of a subscription go. Both are called in the middle of publishing: no waiting, no
    raising."""

    def push(self, subscription: "Subscription", publication: Publication) -> None:
        """The next event. A sink that has no room calls `subscription.rewind` and reads on from the journal later."""
        ...

    def ended(self, subscription: "Subscription", error: TokstreamError) -> None:
        """Nothing will come any more, because of this."""
        ...


class Source(Protocol):
    """What a subscription needs of the hub."""

    async def read(self, channel: "Channel", after: int, limit: int) -> list[Publication]: ...

    async def position(self, channel: "Channel") -> Cursor | None: ...

    def following(self, channel: "Channel") -> int | None:
        """The number of the tail that carries the channel's live events now, None where none does."""
        ...

    async def settle(self, channel: "Channel") -> None:
        """Waits until the live events are followed. Raises Unavailable when that takes too long."""
        ...

    def leave(self, channel: "Channel", subscription: "Subscription") -> None: ...


class Subscription:
    """`cursor` is the last event handed out, to the sink or by `catch_up`. While `live`, events go to the sink by
    themselves."""

    def __init__(self, source: Source, channel: "Channel", sink: Sink, since: Cursor | None) -> None:
        self.source = source
        self.channel = channel
        self.sink = sink
        self.since = since
        self.cursor = START
        self.recovered = True
        self.live = False
        self.closed = False
        self.error: TokstreamError | None = None
        """Why nothing will come any more."""

    @property
    def stream(self) -> str:
        return self.channel.stream

    async def open(self) -> None:
        """Decides where to begin: after `since`, or at the start where `since` is of another life of the stream.

        Raises Unavailable. The stream is registered already, so nothing that happens from here on is missed.
        """
        position = await self.source.position(self.channel)
        epoch = START.epoch if position is None else position.epoch
        since = self.since
        if since is None or since.seq == 0:
            self.cursor = Cursor(epoch=epoch, seq=0)
        elif position is not None and since.epoch == position.epoch and since.seq <= position.seq:
            self.cursor = since
        else:
            self.recovered = False
            self.cursor = Cursor(epoch=epoch, seq=0)

    async def catch_up(self) -> list[Publication]:
        """The next page of the journal; and when that is all there is, the subscription goes live.

        Empty only together with going live. The caller hands the page on before it awaits anything else, for the sink
        may be called from then on. Raises Unavailable, and the TokstreamError it ended with.
        """
        for _ in range(ATTEMPTS):
            self.check()
            tail = self.source.following(self.channel)
            before = self.cursor
            page = await self.source.read(self.channel, before.seq, PAGE)
            self.check()
            if self.cursor is not before:
                continue  # rewound meanwhile: the page does not follow on what the reader keeps
            complete = len(page) < PAGE
            page, cut = within(page, PAGE_BYTES)
            if page:
                first = page[0].event
                if self.cursor.seq > 0 and first.epoch != self.cursor.epoch:
                    self.end(made_anew())
                    continue
                self.advance(page[-1])
            whole = complete and not cut
            if whole and tail is not None and tail == self.source.following(self.channel) and self.channel.attach(self):
                self.live = True
                return page
            if page:
                return page
            await self.source.settle(self.channel)
            if self.cursor.seq > 0 and await self.source.position(self.channel) is None:
                self.end(deleted())
        raise Unavailable(f"the journal lacks events of {self.stream} that the log has announced")

    def deliver(self, publication: Publication) -> None:
        """Called by the channel, in order. Events that were read from the journal already are passed over."""
        if publication.event.seq > self.cursor.seq:
            self.advance(publication)
            self.sink.push(self, publication)

    def rewind(self, cursor: Cursor) -> None:
        """Stops being live; `catch_up` reads on after `cursor`, which the reader has seen."""
        self.live = False
        self.cursor = cursor
        self.channel.detach(self)

    def end(self, error: TokstreamError) -> None:
        """Nothing more will come: the stream was deleted, or cannot be read, or the service goes down."""
        if self.error is None and not self.closed:
            self.error = error
            self.live = False
            self.channel.detach(self)
            self.sink.ended(self, error)

    def close(self) -> None:
        """Leaves the stream; safe to repeat."""
        if not self.closed:
            self.closed = True
            self.live = False
            self.channel.detach(self)
            self.source.leave(self.channel, self)

    def advance(self, publication: Publication) -> None:
        self.cursor = Cursor(epoch=publication.event.epoch, seq=publication.event.seq)

    def check(self) -> None:
        if self.error is not None:
            raise self.error
