"""Deleting a stream: its events, and telling those who follow it."""

from contracts.cloudevents import Envelope, to_headers
from contracts.events import STREAM_DELETED
from contracts.topics import EVENTS
from storage.feed import SOURCE
from storage.log.port import NewRecord
from storage.sources import timestamp
from storage.stores import Stores


async def close_stream(stores: Stores, stream: str) -> None:
    """Deletes the stream's events for good, and tells those who follow it. Raises Unavailable."""
    await stores.journal.delete(stream)
    envelope = Envelope(
        id=f"{stream}:deleted", type=STREAM_DELETED, source=SOURCE, subject=stream, time=timestamp(stores.clock)
    )
    await stores.log.publish(NewRecord(EVENTS, stream, b"{}", to_headers(envelope)))
