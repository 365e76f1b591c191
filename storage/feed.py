"""Where processors and the gateway put events: into the journal, and from there onto the live topic.

A feed is the journal and the topic `tokstream.events` taken together. Embedded, both are written in one transaction
(`storage/journal/sqlite.py` offers a feed of its own); with separate stores the journal comes first, because it is
the truth, and a redelivered command publishes again what may not have been published.
"""

from collections.abc import Sequence
from typing import Protocol

from contracts import topics
from contracts.cloudevents import Envelope, to_headers
from storage.journal.port import Journal, NewEvent, StoredEvent
from storage.log.port import EventLog, NewRecord

SOURCE = "/tokstream"


class EventFeed(Protocol):
    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        """As `Journal.append`, and the events are on the live topic when it returns. Raises Unavailable."""
        ...


def to_record(event: StoredEvent) -> NewRecord:
    """The record of the live topic for an event of the journal."""
    envelope = Envelope(
        id=event.id,
        type=event.type,
        source=SOURCE,
        subject=event.stream,
        time=event.time,
        epoch=event.epoch,
        seq=event.seq,
    )
    return NewRecord(topics.EVENTS, event.stream, event.data, to_headers(envelope))


class JournalThenLog:
    """A feed over a journal and a log that share nothing."""

    def __init__(self, journal: Journal, log: EventLog) -> None:
        self._journal = journal
        self._log = log

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        stored = await self._journal.append(stream, events)
        await self._log.publish_many([to_record(event) for event in stored])
        return stored
