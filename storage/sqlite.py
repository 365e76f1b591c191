"""One SQLite file for everything the embedded service keeps: one writer with group commit, a few readers.

SQLite allows one writer at a time, and what a commit costs is its fsync. So a single thread owns the write connection:
it takes every write that is waiting, runs each in a savepoint of its own inside one transaction, and commits them
together. Fifty concurrent writers share one fsync, and one that fails takes nobody else with it.

Write-ahead logging keeps readers and the writer out of each other's way; `synchronous = FULL` makes a commit durable
against the loss of power, not only of the process. https://www.sqlite.org/wal.html
"""

import asyncio
import concurrent.futures
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from storage.errors import Unavailable
from storage.filelock import FileLock

T = TypeVar("T")

APPLICATION_ID = 0x544F4B53
"""'TOKS' in the header of the file, so that `file` and a newcomer can tell whose it is."""
SCHEMA_VERSION = 1

MAX_BATCH = 512
"""Writes in one transaction: bounds how long the first of them waits for the last."""
MAX_WAITING = 20_000
"""Operations waiting for a thread before further ones are refused."""
READERS = 4
BUSY_TIMEOUT_MS = 5_000
CHECK_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 30.0

_UNAVAILABLE_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


@dataclass(slots=True, eq=False)
class _Write(Generic[T]):
    run: Callable[[sqlite3.Connection], T]
    future: "asyncio.Future[T]"
    committed: Callable[[T], None] | None
    result: T | None = None
    error: Exception | None = None

    def resolve(self) -> None:
        """On the event loop: hands the outcome over."""
        if self.error is None and self.committed is not None:
            self.committed(self.result)  # type: ignore[arg-type]
        if self.future.cancelled():
            return
        if self.error is None:
            self.future.set_result(self.result)  # type: ignore[arg-type]
        else:
            self.future.set_exception(self.error)


class Database:
    """An open file. Made by `open`; belongs to the event loop that opened it and, by a lock file, to one process."""

    def __init__(self, path: Path, lock: FileLock, writer: sqlite3.Connection) -> None:
        self.path = path
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._writer = writer
        self._writes: queue.SimpleQueue[_Write[Any] | None] = queue.SimpleQueue()
        self._reads_waiting = 0
        self._closed = False
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_guard = threading.Lock()
        self._executor = concurrent.futures.ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._thread = threading.Thread(target=self._write_forever, name="sqlite-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: Path) -> "Database":
        """Opens the file, or makes it and its folder.

        Raises InUse where another process (or this one) has it open, Unavailable where it cannot be opened or belongs
        to another program or a later version.
        """
        lock = FileLock(path.with_name(path.name + ".lock"))

        def connect() -> sqlite3.Connection:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            return _open_writer(path)

        try:
            writer = await asyncio.to_thread(connect)
        except (sqlite3.DatabaseError, OSError) as error:
            lock.release()
            raise Unavailable(f"cannot open {path}: {error}") from error
        except Unavailable:
            lock.release()
            raise
        return cls(path, lock, writer)

    async def close(self) -> None:
        """Finishes the writes that are waiting, then closes. Later calls raise Unavailable. Safe to repeat."""
        if self._closed:
            return
        self._closed = True
        self._writes.put(None)
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)
        await asyncio.to_thread(self._executor.shutdown, wait=True)
        for reader in self._readers:
            reader.close()
        self._lock.release()

    async def write(self, fn: Callable[[sqlite3.Connection], T], committed: Callable[[T], None] | None = None) -> T:
        """Runs `fn` on the writer's thread, within a transaction, and returns its result when it is durable.

        `fn` must not begin, commit or roll back; what it raises undoes what it did and is raised here. `committed` is
        called with its result on the event loop right after the commit, also where this call was cancelled meanwhile:
        the place to wake whoever waits for the data. Cancelling a write that has begun does not undo it.
        Raises Unavailable where the disk is full, cannot be written, or too many writes wait.
        """
        self._admit(self._writes.qsize())
        future: asyncio.Future[T] = self._loop.create_future()
        self._writes.put(_Write(fn, future, committed))
        return await future

    async def read(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `fn` on a reader's thread, within one snapshot of the file: everything committed so far, nothing later.

        Raises Unavailable as `write` does, and where `fn` tries to write.
        """
        self._admit(self._reads_waiting)
        self._reads_waiting += 1
        try:
            return await self._loop.run_in_executor(self._executor, self._read, fn)
        finally:
            self._reads_waiting -= 1

    async def check(self) -> None:
        """Raises Unavailable where nothing can be written now, within CHECK_TIMEOUT_S."""
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                # Setting the version to what it is dirties the first page: a real write, a real commit.
                await self.write(lambda connection: connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}"))
        except TimeoutError as error:
            raise Unavailable(f"{self.path} did not take a write within {CHECK_TIMEOUT_S:g} s") from error

    def _admit(self, waiting: int) -> None:
        if self._closed:
            raise Unavailable(f"{self.path} is closed")
        if waiting >= MAX_WAITING:
            raise Unavailable(f"{waiting} operations wait for {self.path} already")

    def _read(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = self._reader()
            connection.execute("BEGIN")
            try:
                return fn(connection)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise _translated(error) from error

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _connect(self.path)
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._readers_guard:
                self._readers.append(connection)
        return connection

    def _write_forever(self) -> None:
        """The writer's thread."""
        try:
            while (batch := self._take()) is not None:
                while batch:
                    finished, batch = _transaction(self._writer, batch)
                    self._hand_over(finished)
        finally:
            self._writer.close()

    def _take(self) -> list[_Write[Any]] | None:
        """What is waiting, at least one write; None when the end was reached."""
        first = self._writes.get()
        if first is None:
            return None
        batch = [first]
        with contextlib.suppress(queue.Empty):
            while len(batch) < MAX_BATCH:
                following = self._writes.get_nowait()
                if following is None:
                    self._writes.put(None)
                    break
                batch.append(following)
        return batch

    def _hand_over(self, finished: Sequence[_Write[Any]]) -> None:
        def resolve() -> None:
            for write in finished:
                write.resolve()

        # The loop may be gone where the program ends without closing; then nobody waits any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(resolve)


def _transaction(
    connection: sqlite3.Connection, batch: list[_Write[Any]]
) -> tuple[list[_Write[Any]], list[_Write[Any]]]:
    """Runs writes in one transaction. Returns those whose outcome is settled, and those to be run again because SQLite
    rolled the transaction back (a full disk, say) before their turn came."""
    wanted = [write for write in batch if not write.future.cancelled()]
    if not wanted:
        return [], []
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        return _failed(connection, wanted, error), []
    for position, write in enumerate(wanted):
        try:
            connection.execute("SAVEPOINT one")
            try:
                write.result = write.run(connection)
            except Exception as error:
                write.error = _translated(error)
                if not connection.in_transaction:
                    raise
                connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
        except Exception as error:
            settled = _failed(connection, wanted[: position + 1], error)
            return settled, wanted[position + 1 :]
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        return _failed(connection, wanted, error), []
    return wanted, []


def _failed(connection: sqlite3.Connection, writes: list[_Write[Any]], error: Exception) -> list[_Write[Any]]:
    """Rolls back, and gives the error to every write that has none of its own."""
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
    for write in writes:
        if write.error is None:
            write.error = Unavailable(f"the write was rolled back: {error}")
            write.error.__cause__ = error
    return writes


def _translated(error: Exception) -> Exception:
    """Unavailable for what may go away (a full disk, a lock), anything else as it is."""
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary result code, the rest says more. https://www.sqlite.org/rescode.html
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _UNAVAILABLE_CODES:
            unavailable = Unavailable(f"the database cannot be used now: {error}")
            unavailable.__cause__ = error
            return unavailable
    return error


def _connect(path: Path) -> sqlite3.Connection:
    # isolation_level=None: transactions are begun by us alone. The thread check is off because the connection is opened
    # and closed elsewhere than it is used; it is never used by two threads at once.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _open_writer(path: Path) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        application_id = int(connection.execute("PRAGMA application_id").fetchone()[0])
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if application_id != APPLICATION_ID and not empty:
            raise Unavailable(f"{path} belongs to another program")
        if version > SCHEMA_VERSION:
            raise Unavailable(f"{path} was written by a later version (schema {version}, known is {SCHEMA_VERSION})")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 2000")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection
