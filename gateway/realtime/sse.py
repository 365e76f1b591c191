"""Server-sent events: a stream as `text/event-stream`, from a cursor on, for as long as the client listens.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncIterator

from contracts.base import encode
from contracts.errors import STREAM_NOT_FOUND, TokstreamError
from contracts.realtime import StreamEvent, Unsubscribed
from contracts.streams import Cursor
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.hub import Hub
from gateway.realtime.watch import Watch
from storage.errors import StorageError

KEEP_ALIVE = b": keep-alive\n\n"


async def event_stream(hub: Hub, stream: str, since: Cursor | None, config: RealtimeConfig) -> AsyncIterator[bytes]:
    """The body. It ends where the stream was deleted (after an event `unsubscribed`), where the service goes down,
    and where storage is lost; in the two latter cases the client reconnects by itself and loses nothing.

    Raises Unavailable and TokstreamError before its first part, which is to be taken before the answer begins, and
    nothing after it.
    """
    async with hub.watch(stream, since) as watch:
        yield opening(watch, config)
        async for part in parts_of(watch, stream, config):
            yield part


async def parts_of(watch: Watch, stream: str, config: RealtimeConfig) -> AsyncIterator[bytes]:
    while True:
        try:
            batch = await asyncio.wait_for(watch.batch(), config.keep_alive_seconds)
        except TimeoutError:
            yield KEEP_ALIVE
        except TokstreamError as error:
            if error.kind is STREAM_NOT_FOUND:
                yield ended(stream, error.detail)
            return
        except StorageError:
            return
        else:
            yield b"".join(encoded(publication.event) for publication in batch)


def opening(watch: Watch, config: RealtimeConfig) -> bytes:
    """The retry hint, and a comment where the cursor was of another life: the events then start from the beginning."""
    hint = f"retry: {config.retry_milliseconds}\n\n"
    return hint.encode() if watch.recovered else (hint + ": not recovered, from the start\n\n").encode()


def encoded(event: StreamEvent) -> bytes:
    """One event. JSON has no line ends outside of insignificant white space, but each line needs its own `data:`."""
    data = encode(event).replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\ndata: ")
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (
        str(Cursor(epoch=event.epoch, seq=event.seq)).encode(),
        event.type.encode(),
        data,
    )


def ended(stream: str, reason: str) -> bytes:
    return b"event: unsubscribed\ndata: %s\n\n" % encode(Unsubscribed(stream=stream, reason=reason))
