"""The shared SQLite file: group commit, isolation of failures, readers, the lock."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage import sqlite
from storage.errors import InUse, Unavailable
from storage.sqlite import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "data" / "tokstream.db")
    await database.write(lambda c: c.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)") and None)
    try:
        yield database
    finally:
        await database.close()


def insert(a: int, b: str) -> Callable[[sqlite3.Connection], int]:
    def run(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO t VALUES (?, ?)", (a, b))
        return a

    return run


def rows(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    return connection.execute("SELECT a, b FROM t ORDER BY a").fetchall()


async def test_a_write_is_visible_to_readers_once_it_returns(database: Database) -> None:
    assert await database.write(insert(1, "x")) == 1
    assert await database.read(rows) == [(1, "x")]


async def test_a_failing_write_undoes_only_itself(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (100, 'half')")
        raise ValueError("no")

    outcomes = await asyncio.gather(
        database.write(insert(1, "a")),
        database.write(half),
        database.write(insert(2, "a")),
        database.write(insert(3, "c")),
        return_exceptions=True,
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], ValueError)
    assert isinstance(outcomes[2], sqlite3.IntegrityError)
    assert outcomes[3] == 3
    assert await database.read(rows) == [(1, "a"), (3, "c")]


async def test_concurrent_writes_share_commits(database: Database) -> None:
    commits = 0

    def counted(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    await database.write(lambda c: c.set_trace_callback(counted))
    commits = 0
    await asyncio.gather(*(database.write(insert(n, str(n))) for n in range(300)))
    assert 1 <= commits < 100
    assert len(await database.read(rows)) == 300


async def test_committed_is_called_even_where_the_writer_was_cancelled(database: Database) -> None:
    seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def run(connection: sqlite3.Connection) -> int:
        loop.call_soon_threadsafe(started.set)
        connection.execute("INSERT INTO t VALUES (7, 'seven')")
        # Holds the transaction open until the caller is gone.
        asyncio.run_coroutine_threadsafe(cancelled.wait(), loop).result(5)
        return 7

    cancelled = asyncio.Event()
    task = asyncio.create_task(database.write(run, committed=seen.set_result))
    await asyncio.wait_for(started.wait(), 5)
    task.cancel()
    cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.wait_for(seen, 5) == 7
    assert await database.read(rows) == [(7, "seven")]


async def test_a_reader_sees_one_snapshot_and_cannot_write(database: Database) -> None:
    await database.write(insert(1, "a"))
    loop = asyncio.get_running_loop()

    def twice(connection: sqlite3.Connection) -> tuple[int, int]:
        first = len(rows(connection))
        asyncio.run_coroutine_threadsafe(database.write(insert(2, "b")), loop).result(5)
        return first, len(rows(connection))

    assert await database.read(twice) == (1, 1)
    with pytest.raises(Unavailable, match="readonly"):
        await database.read(insert(3, "c"))
    assert len(await database.read(rows)) == 2


async def test_a_full_disk_is_unavailable_and_passes(database: Database) -> None:
    pages = await database.write(lambda c: int(c.execute("PRAGMA page_count").fetchone()[0]))
    await database.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone())
    with pytest.raises(Unavailable):
        await database.write(insert(1, "x" * 100_000))
    # Whoever shares the batch with the write that fills the disk is either stored or told.
    outcomes = await asyncio.gather(
        database.write(insert(2, "two")), database.write(insert(3, "y" * 100_000)), return_exceptions=True
    )
    assert isinstance(outcomes[1], Unavailable)
    stored = {a for a, _ in await database.read(rows)}
    assert stored == ({2} if outcomes[0] == 2 else set())
    await database.write(lambda c: c.execute("PRAGMA max_page_count = 1073741823").fetchone())
    assert await database.write(insert(4, "z" * 100_000)) == 4
    await database.check()


async def test_a_mistake_in_sql_is_not_called_unavailable(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await database.write(lambda c: c.execute("SELECT * FROM missing") and None)
    with pytest.raises(sqlite3.OperationalError):
        await database.read(lambda c: c.execute("SELECT * FROM missing").fetchall())


async def test_too_many_waiting_writes_are_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "MAX_WAITING", 3)
    outcomes = await asyncio.gather(*(database.write(insert(n, str(n))) for n in range(200)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert refused
    assert len(await database.read(rows)) == 200 - len(refused)


async def test_closing_finishes_what_waits_and_refuses_the_rest(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "tokstream.db")
    await database.write(lambda c: c.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)") and None)
    writes = [asyncio.create_task(database.write(insert(n, str(n)))) for n in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*writes) == list(range(100))
    with pytest.raises(Unavailable):
        await database.write(insert(200, "late"))
    with pytest.raises(Unavailable):
        await database.read(rows)
    again = await Database.open(tmp_path / "tokstream.db")
    assert len(await again.read(rows)) == 100
    await again.close()


async def test_the_file_is_opened_once(database: Database) -> None:
    with pytest.raises(InUse, match="in use by this process"):
        await Database.open(database.path)
    script = (
        "import asyncio, sys, pathlib\n"
        "from storage.sqlite import Database\n"
        "asyncio.run(Database.open(pathlib.Path(sys.argv[1])))\n"
    )
    other = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script, str(database.path)], capture_output=True, text=True, timeout=60
    )
    assert other.returncode != 0
    assert "in use by another process (pid" in other.stderr


async def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    with pytest.raises(Unavailable, match="another program"):
        await Database.open(foreign)
    text = tmp_path / "text.db"
    text.write_bytes(b"this is no database file, whatever its name may say" * 100)
    with pytest.raises(Unavailable):
        await Database.open(text)
    assert text.read_bytes().startswith(b"this is no")
