"""How many events a second the journal takes from concurrent writers, each waiting until its event is durable.

    python -m tests.bench.journal [--writers 50] [--seconds 5] [--directory DIR] [--mongodb URI]

What a durable append costs is the commit, so the rate of commits of the bare sqlite3 module on the same disk (one
thread, one row a commit, `synchronous = FULL`) is measured in the same run. Group commit is what lifts the journal
above it: everything that waits shares a commit. Once commits are cheap, the interpreter is the limit; the rate of
bare inserts of the same rows in batches of the number of writers shows how far.
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from contracts.topics import all_topics
from storage.journal.mongo import MongoJournal
from storage.journal.port import NewEvent, StoredEvent
from storage.journal.sqlite import SqliteFeed, SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.mongo import MongoConfig, MongoDatabase
from storage.sources import Uuid7
from storage.sqlite import Database

TARGET = 5_000
"""Events a second that issue 3 asks of the embedded journal."""

DATA = (
    b'{"screenshot_id":"019ab1c2-7d3e-7f00-8000-000000000000","bubble":{"text":"See you at seven. Bring the tickets!",'
    b'"speaker":"user","confidence":0.987,"position":{"x":412.0,"y":1310.5,"width":560.0,"height":96.0},"order":7,'
    b'"group_id":3,"kind":"text","sender":null,"sent_at":"19:04","partial":false,"uncertain":false,"lines":[]}}'
)
"""The size of a bubble without its lines."""

Append = Callable[[str, Sequence[NewEvent]], Awaitable[Sequence[StoredEvent]]]


class Rate(NamedTuple):
    """`seconds`: of each append, from the call until it is durable. `processor_seconds`: of all threads, an event."""

    events_per_second: float
    processor_seconds: float
    seconds: list[float]


async def measure(append: Append, name: str, writers: int, duration: float, one_stream: bool) -> Rate:
    """Appends one event at a time from every writer until the time is up."""
    latencies: list[float] = []
    processor_start = time.process_time()
    start = time.perf_counter()

    async def write(writer: int) -> None:
        stream = f"session:{name}" if one_stream else f"session:{name}-{writer}"
        number = 0
        while (before := time.perf_counter()) < start + duration:
            number += 1
            event = NewEvent(f"{writer}/{number}", "bubble.read", DATA, "2026-11-23T09:00:00.000000+00:00")
            (stored,) = await append(stream, [event])
            latencies.append(time.perf_counter() - before)
            if stored.id != event.id:
                raise AssertionError(f"appended {event.id}, got {stored.id}")

    await asyncio.gather(*(write(writer) for writer in range(writers)))
    elapsed, processor = time.perf_counter() - start, time.process_time() - processor_start
    return Rate(len(latencies) / elapsed, processor / len(latencies), latencies)


def bare_rate(path: Path, duration: float, rows_a_commit: int) -> float:
    """Rows a second of the sqlite3 module alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, data BLOB)")
    start = time.perf_counter()
    rows = 0
    while time.perf_counter() < start + duration:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(rows_a_commit):
            rows += 1
            connection.execute("INSERT INTO events VALUES (?, ?, ?)", (rows, f"0/{rows}", DATA))
        connection.execute("COMMIT")
    rate = rows / (time.perf_counter() - start)
    connection.close()
    return rate


async def embedded(folder: Path, writers: int, duration: float) -> bool:
    """Prints the figures of the embedded journal; true where it reaches the target."""
    commits = await asyncio.to_thread(bare_rate, folder / "commits.db", min(duration, 2.0), 1)
    batches = await asyncio.to_thread(bare_rate, folder / "batches.db", min(duration, 2.0), writers)
    print(
        f"limits      sqlite3 alone: {commits:,.0f} commits/s of one row, {batches:,.0f} rows/s in commits of {writers}"
    )
    database = await Database.open(folder / "tokstream.db")
    try:
        journal = await SqliteJournal.open(database, Uuid7())
        log = SqliteEventLog(database)
        await log.ensure(all_topics())
        feed = SqliteFeed(journal, log)
        apart = await measure(journal.append, "apart", writers, duration, False)
        show("journal", f"{writers} writers, a stream each", apart)
        together = await measure(journal.append, "together", writers, duration, True)
        show("journal", f"{writers} writers of one stream", together)
        published = await measure(feed.append, "feed", writers, duration, False)
        show("feed", f"{writers} writers, appended and published", published)
        alone = await measure(feed.append, "alone", 1, min(duration, 2.0), False)
        show("feed", "one writer", alone)
        for name, count in (("together", len(together.seconds)), ("alone-0", len(alone.seconds))):
            position = await journal.position(f"session:{name}")
            if position is None or position.seq != count:
                raise AssertionError(f"{count} events of {name} were acknowledged, the position is {position}")
    finally:
        await database.close()
    slowest = min(apart.events_per_second, together.events_per_second, published.events_per_second)
    verdict = "reached" if slowest >= TARGET else "MISSED"
    print(f"target      {TARGET:,} events/s from {writers} writers: {verdict} ({slowest:,.0f})")
    return slowest >= TARGET


async def mongodb(uri: str, writers: int, duration: float) -> None:
    database = await MongoDatabase.open(MongoConfig(uri=uri, database=f"bench-{os.getpid()}"))
    try:
        journal = await MongoJournal.open(database, Uuid7())
        apart = await measure(journal.append, "apart", writers, duration, False)
        show("mongodb", f"{writers} writers, a stream each", apart)
        together = await measure(journal.append, "together", writers, duration, True)
        show("mongodb", f"{writers} writers of one stream", together)
        await database.client.drop_database(database.config.database)
    finally:
        await database.close()


def show(store: str, what: str, rate: Rate) -> None:
    percentiles = statistics.quantiles(rate.seconds, n=100)
    print(
        f"{store:<11} {what}: {rate.events_per_second:,.0f} events/s, "
        f"append p50 {percentiles[49] * 1000:.1f} ms, p99 {percentiles[98] * 1000:.1f} ms, "
        f"{rate.processor_seconds * 1e6:.0f} µs of processor an event"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--directory", type=Path, help="where the files lie while it runs: on the disk to be measured")
    parser.add_argument("--mongodb", metavar="URI", help="measure the journal on this server too")
    arguments = parser.parse_args()
    print(f"machine     {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the run")
    with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
        reached = asyncio.run(embedded(Path(folder), arguments.writers, arguments.seconds))
    if arguments.mongodb:
        asyncio.run(mongodb(arguments.mongodb, arguments.writers, arguments.seconds))
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
