"""The journal: the truth of every stream. Appending is idempotent on the event id and numbers events densely from 1."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from contracts.streams import Cursor
from storage.errors import RecordTooLarge
from storage.log.port import MAX_RECORD_BYTES
from storage.sources import IdSource

MAX_SEQ = 2**53
"""No stream gets so long. Cursors come from clients and may name any number; MongoDB and SQLite take 64 bits."""
MAX_READ = 100_000
"""Events that one `read` may ask for."""


class NewEvent(NamedTuple):
    """`id` is chosen so that the same happening has the same id however often its cause is redelivered."""

    id: str
    type: str
    data: bytes
    """JSON."""
    time: str
    """RFC 3339."""


class StoredEvent(NamedTuple):
    stream: str
    epoch: str
    seq: int
    id: str
    type: str
    time: str
    data: bytes


class Journal(Protocol):
    """All raise Unavailable where the store cannot be reached or written."""

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        """Stores the events that are not there yet, in order, and returns all of them as stored, in the order given.

        When it returns they are durable. Several writers of one stream get one dense sequence. A stream that was
        deleted refuses (empty answer): late work must not bring it back to life. Raises RecordTooLarge: none is stored.
        """
        ...

    async def read(self, stream: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Up to `limit` events with seq > `after`, in order."""
        ...

    async def position(self, stream: str) -> Cursor | None:
        """The cursor of the last event; None for a stream without events."""
        ...

    async def delete(self, stream: str) -> None:
        """Deletes the events of the stream for good."""
        ...

    async def check(self) -> None: ...


def new_epoch(ids: IdSource) -> str:
    """The name of a new life of a stream: the last twelve characters of an id, random in a UUID of version 7."""
    return ids.new()[-12:]


def check_events(events: Sequence[NewEvent]) -> None:
    """Raises RecordTooLarge where one could not go onto the live topic: nobody could ever be told of it.
    Raises ValueError where a text is not Unicode."""
    for event in events:
        if len(event.data) > MAX_RECORD_BYTES:
            raise RecordTooLarge(f"event {event.id} has {len(event.data)} bytes, {MAX_RECORD_BYTES} are the most")
        for text in (event.id, event.type, event.time):
            # A lone surrogate can be stored nowhere. It must not fail others that are stored in the same batch.
            text.encode()


def check_limit(limit: int) -> None:
    """Raises ValueError where `limit` is no number of events to read."""
    if not 1 <= limit <= MAX_READ:
        raise ValueError(f"limit is {limit}, not 1 to {MAX_READ}")
