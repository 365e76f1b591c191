"""The stores that one contract suite runs on: each can be opened, closed and opened again on the same data."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storage.documents.mongo import MongoDocuments
from storage.documents.port import Documents
from storage.documents.sqlite import SqliteDocuments
from storage.journal.mongo import MongoJournal
from storage.journal.port import Journal
from storage.journal.sqlite import SqliteJournal
from storage.mongo import MongoConfig, MongoDatabase
from storage.sources import Uuid7
from storage.sqlite import Database


@dataclass(frozen=True, slots=True)
class Opened:
    documents: Documents
    journal: Journal


class Backend(Protocol):
    def open(self) -> AbstractAsyncContextManager[Opened]: ...


class SqliteBackend:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "tokstream.db"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        database = await Database.open(self.path)
        try:
            yield Opened(SqliteDocuments(database), await SqliteJournal.open(database, Uuid7()))
        finally:
            await database.close()


class MongoBackend:
    """`selection_seconds` and `operation_seconds` as in MongoConfig."""

    def __init__(self, uri: str, selection_seconds: float = 3.0, operation_seconds: float = 30.0) -> None:
        self.config = MongoConfig(
            uri=uri,
            database=f"test-{uuid.uuid4().hex[:12]}",
            selection_seconds=selection_seconds,
            operation_seconds=operation_seconds,
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Opened]:
        database = await MongoDatabase.open(self.config)
        try:
            yield Opened(MongoDocuments(database), await MongoJournal.open(database, Uuid7()))
        finally:
            await database.close()


@asynccontextmanager
async def mongo_backend(uri: str) -> AsyncIterator[MongoBackend]:
    """A database of its own, dropped at the end: the server may be one that stays."""
    backend = MongoBackend(uri)
    try:
        yield backend
    finally:
        database = await MongoDatabase.open(backend.config)
        await database.client.drop_database(backend.config.database)
        await database.close()
