"""The long poll: the events after a cursor as JSON, waiting for the first one as long as the client prefers."""

import asyncio

from contracts.errors import BAD_REQUEST, TokstreamError
from contracts.realtime import EventPage, StreamEvent
from contracts.streams import Cursor
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.hub import Hub
from gateway.realtime.watch import Watch
from storage.errors import Unavailable

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
READ_SECONDS = 10.0
"""Bound of looking for events that are there already."""


async def poll_events(hub: Hub, stream: str, after: Cursor | None, limit: int, wait: float) -> EventPage:
    """Up to `limit` events after the cursor (None: from the start), waiting up to `wait` seconds where there is none
    yet.

    `limit` is met by cutting the page: the cursor in the answer continues it. Raises Unavailable and TokstreamError.
    """
    async with hub.watch(stream, after) as watch:
        events = await first_events(watch, wait)
        shown = tuple(events[:limit])
        position = after_last(shown, watch.start)
        return EventPage(
            stream=stream, epoch=position.epoch, position=str(position), recovered=watch.recovered, events=shown
        )


async def first_events(watch: Watch, wait: float) -> list[StreamEvent]:
    """The first batch. Live events count only while waiting; those of the journal always."""
    try:
        page = await asyncio.wait_for(watch.stored(), READ_SECONDS)
    except TimeoutError:
        raise Unavailable("the journal does not answer") from None
    if not page and wait > 0:
        try:
            page = await asyncio.wait_for(watch.batch(), wait)
        except TimeoutError:
            page = []
    return [publication.event for publication in page]


def after_last(events: tuple[StreamEvent, ...], start: Cursor) -> Cursor:
    return Cursor(epoch=events[-1].epoch, seq=events[-1].seq) if events else start


def limit_of(text: str | None) -> int:
    """The `limit` parameter, 1 to `MAX_LIMIT`. Raises TokstreamError."""
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= MAX_LIMIT):
        raise TokstreamError(BAD_REQUEST, f"limit is a number from 1 to {MAX_LIMIT}, not {text[:40]!r}", field="limit")
    return int(text)


def wait_of(prefer: str, config: RealtimeConfig) -> float:
    """Seconds of `Prefer: wait=N` (RFC 7240, section 4.3), at most what is allowed; 0 where it is missing or
    malformed: a preference that cannot be understood is ignored (section 2)."""
    for preference in prefer.split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        digits = value.strip().strip('"')
        if name.strip().lower() == "wait" and digits.isascii() and digits.isdigit() and len(digits) < 8:
            return min(float(digits), config.max_wait_seconds)
    return 0.0
