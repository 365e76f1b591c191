"""The journal: the truth of every stream. Appending is idempotent on the event id and numbers events densely from 1."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from contracts.streams import Cursor


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
        deleted refuses (empty answer): late work must not bring it back to life.
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
