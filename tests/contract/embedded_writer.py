"""A process to be killed: ten writers on the embedded stores, telling on standard output what was acknowledged.

python -m tests.contract.embedded_writer FILE ROUND
"""

import asyncio
import os
import sys
from pathlib import Path

from contracts.base import Record, encode
from contracts.topics import all_topics
from storage.documents.port import Collection, Index
from storage.documents.sqlite import SqliteDocuments
from storage.journal.port import NewEvent
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.sources import Uuid7
from storage.sqlite import Database

WRITERS = 10
SHARED = "session:shared"


class Entry(Record, frozen=True):
    """A document, and the line that tells of it."""

    entry_id: str
    writer: str


class Acknowledged(Record, frozen=True):
    """The line that tells of an event."""

    stream: str
    epoch: str
    seq: int
    id: str


ENTRIES = Collection("entries", Entry, "entry_id", (Index(("writer",)),))


def own_stream(writer: int) -> str:
    return f"session:{writer}"


async def main(path: Path, turn: str) -> None:
    database = await Database.open(path)
    documents = SqliteDocuments(database)
    await documents.prepare([ENTRIES])
    log = SqliteEventLog(database)
    await log.ensure(all_topics())
    feed = SqliteFeed(await SqliteJournal.open(database, Uuid7()), log)

    async def write(writer: int) -> None:
        number = 0
        while True:
            number += 1
            # Two events, of which the second comes again with the next append, as from a redelivered command.
            names = [f"{turn}/{writer}/{number}", f"{turn}/{writer}/{number + 1}"]
            for stream in (SHARED, own_stream(writer)):
                new = [NewEvent(name, "bubble.read", b"{}", "2026-11-23T09:00:00.000000+00:00") for name in names]
                stored = await feed.append(stream, new)
                tell(*(Acknowledged(stream=stream, epoch=each.epoch, seq=each.seq, id=each.id) for each in stored))
            entry = Entry(entry_id=names[0], writer=str(writer))
            await documents.insert(ENTRIES, [entry])
            tell(entry)

    async with asyncio.TaskGroup() as tasks:
        for writer in range(WRITERS):
            tasks.create_task(write(writer))


def tell(*lines: Record) -> None:
    # Past Python's buffers: what is told must outlive the kill.
    os.write(1, b"".join(encode(line) + b"\n" for line in lines))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
