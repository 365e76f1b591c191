"""Killed processes, servers away or hanging, full disks: nothing acknowledged is lost, and it goes on by itself."""

import asyncio
import contextlib
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from contracts.cloudevents import from_headers
from contracts.topics import EVENTS, PARTITIONS, all_topics
from storage.documents.mongo import MongoDocuments
from storage.documents.sqlite import SqliteDocuments
from storage.errors import Unavailable
from storage.journal.mongo import MongoJournal
from storage.journal.port import Journal, NewEvent
from storage.journal.sqlite import SqliteJournal
from storage.log.sqlite import SqliteEventLog
from storage.mongo import MongoConfig, MongoDatabase
from storage.sources import Uuid7
from storage.sqlite import Database
from tests.contract.backends import MongoBackend, mongo_backend
from tests.contract.embedded_writer import ENTRIES, SHARED, WRITERS, Acknowledged, Entry
from tests.contract.mongo_writer import BATCH, batch
from tests.contract.mongo_writer import WRITERS as WRITERS_OF_BATCHES
from tests.servers.cache import NotProvisioned
from tests.servers.mongo import MongoServer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROUNDS = 4
_event_line = msgspec.json.Decoder(Acknowledged)
_entry_line = msgspec.json.Decoder(Entry)


def child(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"tests.contract.{module}", *arguments]


async def killed_after(acknowledgements: int, command: list[str]) -> tuple[list[Acknowledged], list[Entry]]:
    """Runs the writers, kills them in the midst of it, and returns what they were told."""
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(60):
            while len(lines) < acknowledgements:
                line = await process.stdout.readline()
                assert line, "the writers ended by themselves"
                lines.append(line)
    finally:
        process.kill()
    lines += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    # The kill may have cut the last line.
    whole = [line for line in lines if line.endswith(b"\n")]
    events = [_event_line.decode(line) for line in whole if b'"seq"' in line]
    return events, [_entry_line.decode(line) for line in whole if b'"seq"' not in line]


async def test_kill_9_loses_nothing_that_the_embedded_stores_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "tokstream.db"
    moments = random.Random(9)
    told: list[Acknowledged] = []
    entries: list[Entry] = []
    for number in range(ROUNDS):
        command = child("embedded_writer", str(path), str(number))
        events, documents = await killed_after(moments.randrange(20, 3000), command)
        told += events
        entries += documents
    assert told
    assert entries

    database = await Database.open(path)
    try:
        journal = await SqliteJournal.open(database, Uuid7())
        log = SqliteEventLog(database)
        await log.ensure(all_topics())
        published = [
            (envelope.subject, envelope.epoch, envelope.seq, envelope.id)
            for partition in range(PARTITIONS)
            for record in await log.read(EVENTS, partition, 0, 1_000_000)
            for envelope in (from_headers(record.headers),)
        ]
        journaled: list[tuple[str | None, str | None, int | None, str]] = []
        for stream in sorted({each.stream for each in told}):
            stored = await journal.read(stream, 0, 100_000)
            assert [each.seq for each in stored] == list(range(1, len(stored) + 1))
            assert len({each.id for each in stored}) == len(stored)
            journaled += [(each.stream, each.epoch, each.seq, each.id) for each in stored]
        assert {(each.stream, each.epoch, each.seq, each.id) for each in told} <= set(journaled)
        # Journal and live topic are one transaction: the same events, each once, in order within a stream.
        assert sorted(published, key=str) == sorted(journaled, key=str)
        for stream in {each.stream for each in told}:
            assert [seq for subject, _, seq, _ in published if subject == stream] == sorted(
                seq for subject, _, seq, _ in journaled if subject == stream and seq is not None
            )
        store = SqliteDocuments(database)
        await store.prepare([ENTRIES])
        for entry in entries:
            assert await store.get(ENTRIES, entry.entry_id) == (entry, 1)
        for writer in range(WRITERS):
            acknowledged = sum(entry.writer == str(writer) for entry in entries)
            assert await store.count(ENTRIES, {"writer": str(writer)}) >= acknowledged
    finally:
        await database.close()


def small_disk(directory: Path) -> list[str]:
    """The start of a command line that runs what follows with `directory` on a file system of 6 MB, half of it filled.

    Skips where this user may not mount one in a namespace of its own.
    """
    script = 'mount -t tmpfs -o size=6m none "$0" && head -c 3m /dev/zero > "$0/filler" && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(directory)]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system is not allowed here")
    return command


@pytest.mark.parametrize("kind", ["limit", "disk"])
async def test_a_full_disk_refuses_writes_until_there_is_room(tmp_path: Path, kind: str) -> None:
    command = child("embedded_full", str(tmp_path), kind)
    if kind == "disk":
        command = [*small_disk(tmp_path), *command]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(120):
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MongoServer]:
    """A server of its own, not yet started: what is done to it must not disturb other tests."""
    try:
        server = MongoServer(tmp_path)
    except NotProvisioned as error:
        pytest.skip(str(error))
    yield server
    server.kill9()


@pytest.fixture
async def database(server: MongoServer) -> AsyncIterator[MongoDatabase]:
    config = MongoConfig(uri=server.uri, selection_seconds=1.0, operation_seconds=2.0)
    database = await MongoDatabase.open(config)
    yield database
    await database.close()


def event(name: str) -> NewEvent:
    return NewEvent(name, "bubble.read", b'{"n":1}', "2026-11-23T09:00:00.000000+00:00")


async def append_until_taken(journal: Journal, stream: str, name: str) -> int:
    """As a redelivered command does: again and again, under the same id. Returns the sequence number."""
    while True:
        with contextlib.suppress(Unavailable):
            (stored,) = await journal.append(stream, [event(name)])
            assert stored.id == name
            return stored.seq


async def test_kill_9_of_mongodb_loses_nothing_acknowledged_and_writers_go_on_by_themselves(
    server: MongoServer,
) -> None:
    server.start()
    backend = MongoBackend(server.uri, selection_seconds=3.0, operation_seconds=5.0)
    moments = random.Random(9)
    async with backend.open() as opened:
        await opened.documents.prepare([ENTRIES])
        told: dict[tuple[str, str], int] = {}
        entries: list[Entry] = []
        killed = 0
        progress = asyncio.Condition()

        async def write(writer: int) -> None:
            number = 0
            while killed < ROUNDS or number < 5:
                number += 1
                for stream in ("session:shared", f"session:{writer}"):
                    name = f"{writer}/{number}"
                    told[stream, name] = await append_until_taken(opened.journal, stream, name)
                entry = Entry(entry_id=f"{writer}/{number}", writer=str(writer))
                with contextlib.suppress(Unavailable):
                    await opened.documents.insert(ENTRIES, [entry])
                    entries.append(entry)
                async with progress:
                    progress.notify_all()

        async def kill() -> None:
            nonlocal killed
            for _ in range(ROUNDS):
                goal = len(told) + moments.randrange(5, 60)
                async with progress:
                    await progress.wait_for(lambda goal=goal: len(told) >= goal)  # type: ignore[misc]
                await asyncio.to_thread(server.restart)
                killed += 1

        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            tasks.create_task(kill())
            for writer in range(6):
                tasks.create_task(write(writer))
        await asyncio.to_thread(server.restart)
    async with backend.open() as opened:
        for stream in {stream for stream, _ in told}:
            stored = await opened.journal.read(stream, 0, 100_000)
            assert [each.seq for each in stored] == list(range(1, len(stored) + 1))
            assert len({each.epoch for each in stored}) == 1
            assert {each.id: each.seq for each in stored} == {
                name: seq for (of, name), seq in told.items() if of == stream
            }
        for entry in entries:
            assert await opened.documents.get(ENTRIES, entry.entry_id) == (entry, 1)


async def test_kill_9_of_processes_that_append_to_mongodb_leaves_one_dense_sequence(mongo_uri: str) -> None:
    """Two processes write one stream in batches and are killed, perhaps within one; a third does it all again."""
    moments = random.Random(9)
    async with mongo_backend(mongo_uri) as backend:
        commands = [child("mongo_writer", mongo_uri, backend.config.database, name) for name in ("one", "other")]
        runs = [killed_after(moments.randrange(60, 400), command) for command in commands]
        told = [each for events, _ in await asyncio.gather(*runs) for each in events]
        async with backend.open() as opened:
            before = await opened.journal.read(SHARED, 0, 100_000)
            assert [each.seq for each in before] == list(range(1, len(before) + 1))
            as_told = {(each.epoch, each.seq, each.id) for each in told}
            assert as_told <= {(each.epoch, each.seq, each.id) for each in before}
            for writer in range(WRITERS_OF_BATCHES):
                for name in ("one", "other"):
                    done = sum(each.id.startswith(f"{name}/{writer}/") for each in before)
                    for number in range(1, done // BATCH + 2):
                        again = await opened.journal.append(SHARED, batch(name, writer, number))
                        assert [each.id for each in again] == [each.id for each in batch(name, writer, number)]
            after = await opened.journal.read(SHARED, 0, 100_000)
            assert list(after[: len(before)]) == list(before)
            assert [each.seq for each in after] == list(range(1, len(after) + 1))
            assert len({each.id for each in after}) == len(after)
            assert len({each.epoch for each in after}) == 1
            assert len(after) % BATCH == 0


async def test_mongodb_down_at_the_start_is_unavailable_and_needs_no_new_connection(
    server: MongoServer, database: MongoDatabase
) -> None:
    documents = MongoDocuments(database)
    journal = MongoJournal(database, Uuid7())
    attempts = (
        documents.prepare([ENTRIES]),
        documents.get(ENTRIES, "a"),
        documents.insert(ENTRIES, [Entry(entry_id="a", writer="1")]),
        documents.find(ENTRIES, {}),
        journal.append("session:1", [event("a")]),
        journal.read("session:1", 0, 10),
        journal.position("session:1"),
        journal.delete("session:1"),
        database.check(),
    )
    async with asyncio.timeout(10):
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * len(attempts)
    await asyncio.to_thread(server.start)
    await database.check()
    await documents.prepare([ENTRIES])
    assert [each.seq for each in await journal.append("session:1", [event("a")])] == [1]


async def test_a_mongodb_that_hangs_is_unavailable_within_the_bound_for_all_who_wait(
    server: MongoServer, database: MongoDatabase
) -> None:
    await asyncio.to_thread(server.start)
    journal = await MongoJournal.open(database, Uuid7())
    await journal.append("session:1", [event("before")])
    server.suspend()
    try:
        async with asyncio.timeout(12):
            attempts = [journal.append("session:1", [event(f"{number}")]) for number in range(20)]
            outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    finally:
        server.resume()
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 20
    again = await asyncio.gather(*(journal.append("session:1", [event(f"{number}")]) for number in range(20)))
    assert sorted(stored[0].seq for stored in again) == list(range(2, 22))
    assert len(await journal.read("session:1", 0, 100)) == 21


@pytest.mark.parametrize("how", ["down", "hanging"])
async def test_many_who_wait_for_mongodb_are_all_refused_within_the_bound(
    server: MongoServer, database: MongoDatabase, how: str
) -> None:
    """motor has ten threads: the hundredth operation must not wait for ten rounds of timeouts."""
    await asyncio.to_thread(server.start)
    documents = MongoDocuments(database)
    await documents.prepare([ENTRIES])
    if how == "down":
        server.kill9()
    else:
        server.suspend()
    try:
        async with asyncio.timeout(8):
            attempts = [documents.get(ENTRIES, str(number)) for number in range(100)]
            outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    finally:
        if how == "hanging":
            server.resume()
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 100
    if how == "down":
        await asyncio.to_thread(server.start)
    await documents.insert(ENTRIES, [Entry(entry_id="a", writer="1"), Entry(entry_id="b", writer="1")])
    assert await documents.count(ENTRIES, {"writer": "1"}) == 2


async def test_what_cannot_be_a_mongodb_uri_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        await MongoDatabase.open(MongoConfig(uri="http://nowhere"))
