"""A process whose disk is full: it writes until nothing more is taken, gets room again, and goes on without a restart.

    python -m tests.contract.embedded_full DIRECTORY limit|disk

`limit`: no file may get larger than LIMIT. `disk`: the directory is a small file system, with a file `filler` to
delete. It ends with status 0 where everything went as the ports promise.
"""

import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from contracts.topics import all_topics
from storage.blobs import open_directory
from storage.documents.sqlite import SqliteDocuments
from storage.errors import NotFound, Unavailable
from storage.journal.port import NewEvent
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.sources import Uuid7
from storage.sqlite import Database
from tests.contract.embedded_writer import ENTRIES, Entry

LIMIT = 2 * 1024 * 1024
DATA = b'"' + b"x" * 20_000 + b'"'
STREAM = "session:1"


async def until_full(write: Callable[[int], Awaitable[object]]) -> int:
    """How many writes were taken before one was refused."""
    for number in range(10_000):
        try:
            await write(number)
        except Unavailable:
            return number
    raise AssertionError("the disk never got full")


async def main(directory: Path, make_full: Callable[[], None], make_room: Callable[[], None]) -> None:
    database = await Database.open(directory / "tokstream.db")
    journal = await SqliteJournal.open(database, Uuid7())
    documents = SqliteDocuments(database)
    await documents.prepare([ENTRIES])
    log = SqliteEventLog(database)
    await log.ensure(all_topics())
    feed = SqliteFeed(journal, log)
    blobs = await open_directory(directory / "blobs")
    make_full()

    def new(number: int) -> NewEvent:
        return NewEvent(f"e{number}", "bubble.read", DATA, "2026-11-23T09:00:00.000000+00:00")

    def entry(number: int) -> Entry:
        return Entry(entry_id=f"d{number}", writer="x" * 20_000)

    appended = await until_full(lambda number: feed.append(STREAM, [new(number)]))
    inserted = await until_full(lambda number: documents.insert(ENTRIES, [entry(number)]))
    assert appended > 10
    try:
        await blobs.put("large", b"x" * (LIMIT + 1))
    except Unavailable:
        pass
    else:
        raise AssertionError("a blob was taken that has no room")

    async def verify(events: int, entries: int) -> None:
        stored = await journal.read(STREAM, 0, 10_000)
        assert [each.id for each in stored] == [f"e{number}" for number in range(events)]
        assert [each.seq for each in stored] == list(range(1, events + 1))
        assert all(each.data == DATA for each in stored)
        assert await documents.count(ENTRIES, {}) == entries
        try:
            await blobs.get("large")
        except NotFound:
            return
        raise AssertionError("a blob that was refused is there")

    await verify(appended, inserted)
    make_room()
    for number in range(appended, appended + 20):
        await feed.append(STREAM, [new(number)])
        await documents.insert(ENTRIES, [entry(inserted + number - appended)])
    await verify(appended + 20, inserted + 20)
    await blobs.put("small", b"x")
    assert await blobs.get("small") == b"x"
    await asyncio.gather(database.check(), blobs.check())
    await database.close()


def set_limit(size: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    if sys.argv[2] == "limit":
        asyncio.run(main(folder, lambda: set_limit(LIMIT), lambda: set_limit(resource.RLIM_INFINITY)))
    else:
        asyncio.run(main(folder, lambda: None, (folder / "filler").unlink))
