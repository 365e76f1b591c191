"""The tables of the embedded event log, and the statements on them. Runs on the threads of storage.sqlite.Database.

A partition is a *slot*, a small integer; the record at an offset has the row id `slot << 40 | offset`. So the records
of a partition lie together, in order, in the table's own tree: appending and reading on touch no second index.
"""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from contracts.base import Record, encode
from contracts.topics import EVENTS, TopicSpec
from storage.errors import Unavailable
from storage.log.port import LogRecord, NewRecord, Offset, TopicPartition
from storage.log.records import partition_for, refuse_oversize

OFFSET_BITS = 40
MAX_READ_BYTES = 16 * 1024 * 1024
"""Values read at a time: records of 5 MB are read a few at once, however many are asked for."""
TRIM_EVERY = 256
TRIM_AT_MOST = 1024

_TABLES = (
    """CREATE TABLE IF NOT EXISTS log_partitions (
        slot INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
        UNIQUE (topic, partition))""",
    """CREATE TABLE IF NOT EXISTS log_records (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL, headers BLOB NOT NULL, timestamp REAL NOT NULL,
        value BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS log_offsets (
        consumer_group TEXT NOT NULL, slot INTEGER NOT NULL, next_offset INTEGER NOT NULL,
        PRIMARY KEY (consumer_group, slot)) WITHOUT ROWID""",
)

_decode_headers = msgspec.json.Decoder(dict[str, str])


class Retention(Record, frozen=True):
    """What is kept. Topics that groups consume keep what one of them has not committed, and `consumed_records` more;
    the live topics, which are only tailed, keep `live_seconds` and at most `live_records` a partition. What no group
    has ever joined (dead letters) stays."""

    consumed_records: int = 1_000
    live_seconds: float = 3_600.0
    live_records: int = 50_000
    live_topics: tuple[str, ...] = (EVENTS,)


DEFAULT_RETENTION = Retention()


class Slot(NamedTuple):
    """A partition: `first` is the offset of its oldest record, `end` the one that the next record gets."""

    slot: int
    place: TopicPartition
    first: int
    end: int


def create(connection: sqlite3.Connection, topics: Sequence[TopicSpec]) -> list[Slot]:
    """Makes tables and topics that are missing; returns every partition there is."""
    for statement in _TABLES:
        connection.execute(statement)
    for topic in topics:
        if _partition_count(connection, topic.name) == 0:
            connection.executemany(
                "INSERT INTO log_partitions (topic, partition, next_offset) VALUES (?, ?, 0)",
                [(topic.name, partition) for partition in range(topic.partitions)],
            )
    rows = connection.execute("SELECT slot, topic, partition, next_offset FROM log_partitions").fetchall()
    return [
        Slot(slot, TopicPartition(topic, partition), _first(connection, slot, end), end)
        for slot, topic, partition, end in rows
    ]


def insert_record(
    connection: sqlite3.Connection,
    record: NewRecord,
    *,
    now: float | None = None,
    retention: Retention = DEFAULT_RETENTION,
) -> Offset:
    """Appends a record within the caller's transaction, so that it is published if, and only if, that is committed.

    `now` is in seconds since 1970. The caller wakes the readers with `SqliteEventLog.announce` after the commit.
    Every so often this also removes what `retention` no longer keeps, so that nothing else has to.
    Raises RecordTooLarge; Unavailable where there is no such topic.
    """
    refuse_oversize(record)
    partition = partition_for(record.key, _partition_count(connection, record.topic) or 1)
    row = connection.execute(
        "UPDATE log_partitions SET next_offset = next_offset + 1 WHERE topic = ? AND partition = ? "
        "RETURNING slot, next_offset",
        (record.topic, partition),
    ).fetchone()
    if row is None:
        raise Unavailable(f"there is no topic {record.topic}")
    slot, end = row
    timestamp = time.time() if now is None else now
    connection.execute(
        "INSERT INTO log_records (id, key, headers, timestamp, value) VALUES (?, ?, ?, ?, ?)",
        (_row_id(slot, end - 1), record.key, encode(record.headers), timestamp, record.value),
    )
    if end % TRIM_EVERY == 0:
        _trim(connection, record.topic, slot, end, timestamp, retention)
    return Offset(partition, end - 1)


def read_records(
    connection: sqlite3.Connection, slots: Sequence[tuple[int, TopicPartition, int]], limit: int
) -> list[LogRecord]:
    """Up to `limit` records: of each (slot, partition, start offset) in turn, those from its start on, in order."""
    records: list[LogRecord] = []
    size = 0
    for slot, (topic, partition), start in slots:
        cursor = connection.execute(
            "SELECT id, key, headers, timestamp, value FROM log_records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
            (_row_id(slot, start), _row_id(slot + 1, 0), limit - len(records)),
        )
        for row_id, key, headers, timestamp, value in cursor:
            offset = row_id - _row_id(slot, 0)
            records.append(LogRecord(topic, partition, offset, key, value, _decode_headers.decode(headers), timestamp))
            size += len(value)
            if size >= MAX_READ_BYTES:
                return records
        if len(records) >= limit:
            break
    return records


def register_group(connection: sqlite3.Connection, group: str, slots: Sequence[int]) -> None:
    """Makes the group known, so that retention keeps what it has not committed also before its first commit."""
    connection.executemany(
        "INSERT INTO log_offsets (consumer_group, slot, next_offset) VALUES (?, ?, 0) "
        "ON CONFLICT (consumer_group, slot) DO NOTHING",
        [(group, slot) for slot in slots],
    )


def commit_offsets(connection: sqlite3.Connection, group: str, offsets: Mapping[int, int]) -> None:
    """Sets a group's next offset of each slot."""
    connection.executemany(
        "INSERT INTO log_offsets (consumer_group, slot, next_offset) VALUES (?, ?, ?) "
        "ON CONFLICT (consumer_group, slot) DO UPDATE SET next_offset = excluded.next_offset",
        [(group, slot, offset) for slot, offset in offsets.items()],
    )


def committed_offsets(connection: sqlite3.Connection, group: str) -> dict[int, int]:
    """The next offset of each slot that the group has joined: 0 before its first commit."""
    rows = connection.execute("SELECT slot, next_offset FROM log_offsets WHERE consumer_group = ?", (group,))
    return dict(rows.fetchall())


def _row_id(slot: int, offset: int) -> int:
    return (slot << OFFSET_BITS) + offset


def _partition_count(connection: sqlite3.Connection, topic: str) -> int:
    count: int = connection.execute("SELECT count(*) FROM log_partitions WHERE topic = ?", (topic,)).fetchone()[0]
    return count


def _first(connection: sqlite3.Connection, slot: int, end: int) -> int:
    row = connection.execute(
        "SELECT id FROM log_records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
        (_row_id(slot, 0), _row_id(slot + 1, 0)),
    ).fetchone()
    return end if row is None else row[0] - _row_id(slot, 0)


def _trim(connection: sqlite3.Connection, topic: str, slot: int, end: int, now: float, retention: Retention) -> None:
    if topic in retention.live_topics:
        surplus = _row_id(slot, max(0, end - retention.live_records))
        oldest = now - retention.live_seconds
    else:
        committed = connection.execute("SELECT min(next_offset) FROM log_offsets WHERE slot = ?", (slot,)).fetchone()[0]
        surplus = _row_id(slot, max(0, (committed or 0) - retention.consumed_records))
        oldest = float("-inf")
    connection.execute(
        "DELETE FROM log_records WHERE id IN (SELECT id FROM log_records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?) "
        "AND (id < ? OR timestamp < ?)",
        (_row_id(slot, 0), _row_id(slot, end), TRIM_AT_MOST, surplus, oldest),
    )
