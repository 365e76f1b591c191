"""The journal in the embedded SQLite file, and the feed that appends and publishes in one transaction.

The one writer of the file (`storage/sqlite.py`) numbers the events of all streams, so no two writers ever compete for a
sequence number, and appends that arrive together share one commit.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from contracts.streams import Cursor
from contracts.topics import EVENTS
from storage.feed import to_record
from storage.journal.port import MAX_SEQ, NewEvent, StoredEvent, check_events, check_limit, new_epoch
from storage.log.port import Offset
from storage.log.sqlite import SqliteEventLog
from storage.log.sqlite_tables import insert_record
from storage.sources import IdSource
from storage.sqlite import Database

_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS streams (
        number INTEGER PRIMARY KEY,
        stream TEXT NOT NULL UNIQUE,
        epoch TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        deleted INTEGER NOT NULL
    )
    """,
    # Clustered by stream and seq: reading a stream is one range of the table.
    """
    CREATE TABLE IF NOT EXISTS events (
        stream_number INTEGER NOT NULL REFERENCES streams (number),
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        time TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (stream_number, seq),
        UNIQUE (stream_number, id)
    ) WITHOUT ROWID
    """,
)


class _Stream(NamedTuple):
    number: int
    epoch: str
    last_seq: int
    deleted: int


class _Appended(NamedTuple):
    """`stored` are all events asked for, `fresh` those of them that were not there before."""

    stored: Sequence[StoredEvent]
    fresh: Sequence[StoredEvent]


class _Published(NamedTuple):
    stored: Sequence[StoredEvent]
    offsets: Sequence[Offset]


class SqliteJournal:
    """Implements `Journal`. Made by `open`."""

    def __init__(self, database: Database, ids: IdSource) -> None:
        self.database = database
        self._ids = ids

    @classmethod
    async def open(cls, database: Database, ids: IdSource) -> "SqliteJournal":
        """Makes the tables that are missing. Raises Unavailable."""

        def make(connection: sqlite3.Connection) -> None:
            for statement in _SCHEMA:
                connection.execute(statement)

        await database.write(make)
        return cls(database, ids)

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        if not events:
            return ()
        check_events(events)
        return await self.database.write(lambda connection: self.append_within(connection, stream, events).stored)

    def append_within(self, connection: sqlite3.Connection, stream: str, events: Sequence[NewEvent]) -> _Appended:
        """Appends as part of a write that the caller runs (on the writer's thread)."""
        row = connection.execute(
            "SELECT number, epoch, last_seq, deleted FROM streams WHERE stream = ?", (stream,)
        ).fetchone()
        current = _begin(connection, stream, new_epoch(self._ids)) if row is None else _Stream(*row)
        if current.deleted:
            return _Appended((), ())
        stored: list[StoredEvent] = []
        fresh: list[StoredEvent] = []
        seq = current.last_seq
        for event in events:
            inserted = connection.execute(
                "INSERT INTO events (stream_number, seq, id, type, time, data) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (stream_number, id) DO NOTHING",
                (current.number, seq + 1, event.id, event.type, event.time, event.data),
            )
            if inserted.rowcount == 1:
                seq += 1
                appended = StoredEvent(stream, current.epoch, seq, event.id, event.type, event.time, event.data)
                fresh.append(appended)
                stored.append(appended)
            else:
                stored.append(_existing(connection, stream, current, event.id))
        if fresh:
            connection.execute("UPDATE streams SET last_seq = ? WHERE number = ?", (seq, current.number))
        return _Appended(stored, fresh)

    async def read(self, stream: str, after: int, limit: int) -> Sequence[StoredEvent]:
        check_limit(limit)
        if after >= MAX_SEQ:
            return ()
        rows = await self.database.read(
            lambda connection: connection.execute(
                "SELECT epoch, seq, id, type, time, data FROM streams JOIN events ON stream_number = number"
                " WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?",
                (stream, after, limit),
            ).fetchall()
        )
        return [StoredEvent(stream, *row) for row in rows]

    async def position(self, stream: str) -> Cursor | None:
        row = await self.database.read(
            lambda connection: connection.execute(
                "SELECT epoch, last_seq FROM streams WHERE stream = ? AND NOT deleted AND last_seq > 0", (stream,)
            ).fetchone()
        )
        return None if row is None else Cursor(epoch=row[0], seq=row[1])

    async def delete(self, stream: str) -> None:
        """See the port. The row of the stream stays behind, marked as deleted, so that late appends are refused."""
        epoch = new_epoch(self._ids)

        def bury(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO streams (stream, epoch, last_seq, deleted) VALUES (?, ?, 0, 1)"
                " ON CONFLICT (stream) DO UPDATE SET deleted = 1",
                (stream, epoch),
            )
            connection.execute(
                "DELETE FROM events WHERE stream_number = (SELECT number FROM streams WHERE stream = ?)", (stream,)
            )

        await self.database.write(bury)

    async def check(self) -> None:
        await self.database.check()


class SqliteFeed:
    """Implements `EventFeed`: what is in the journal is on the live topic, because one transaction put it into both.

    An event that was there before is therefore not published again.
    """

    def __init__(self, journal: SqliteJournal, log: SqliteEventLog) -> None:
        self._journal = journal
        self._log = log

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        if not events:
            return ()

        check_events(events)

        def append_and_publish(connection: sqlite3.Connection) -> _Published:
            appended = self._journal.append_within(connection, stream, events)
            offsets = [insert_record(connection, to_record(event)) for event in appended.fresh]
            return _Published(appended.stored, offsets)

        def wake(published: _Published) -> None:
            self._log.announce([(EVENTS, offset) for offset in published.offsets])

        # `wake` runs even where this call is cancelled after the commit: the tails must not miss what is in the log.
        return (await self._journal.database.write(append_and_publish, wake)).stored


def _begin(connection: sqlite3.Connection, stream: str, epoch: str) -> _Stream:
    cursor = connection.execute(
        "INSERT INTO streams (stream, epoch, last_seq, deleted) VALUES (?, ?, 0, 0) RETURNING number", (stream, epoch)
    )
    return _Stream(cursor.fetchone()[0], epoch, 0, 0)


def _existing(connection: sqlite3.Connection, stream: str, current: _Stream, event_id: str) -> StoredEvent:
    row = connection.execute(
        "SELECT seq, id, type, time, data FROM events WHERE stream_number = ? AND id = ?", (current.number, event_id)
    ).fetchone()
    return StoredEvent(stream, current.epoch, *row)
