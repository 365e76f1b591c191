"""The connection to MongoDB that documents and journal share, and what its errors mean to them.

Everything is written with `w=majority, journal=true` and read with majority concern: what was acknowledged outlives a
killed server and a failover, and nothing is read that a failover could take back.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure, PyMongoError

from contracts.base import Record
from storage.errors import RecordTooLarge, Unavailable

DUPLICATE_KEY_CODE = 11000
_OBJECT_TOO_LARGE_CODE = 10334

MongoDocument = dict[str, Any]
"""A document as the driver hands it over; it stays within the two adapters."""


class MongoConfig(Record, frozen=True):
    """`uri` as in https://www.mongodb.com/docs/manual/reference/connection-string/, of a replica set where possible:
    inserting several documents is one transaction there, and only undone step by step on a server of its own.

    Times in seconds: `selection_seconds` bounds the search for a primary, `operation_seconds` each operation as a
    whole.
    """

    uri: str
    database: str = "tokstream"
    selection_seconds: float = 3.0
    operation_seconds: float = 10.0


class MongoDatabase:
    """Made by `open`. The driver reconnects by itself."""

    def __init__(self, client: AsyncIOMotorClient[MongoDocument], config: MongoConfig) -> None:
        self.client = client
        self.config = config
        self.database: AsyncIOMotorDatabase[MongoDocument] = client[config.database]

    @classmethod
    async def open(cls, config: MongoConfig) -> "MongoDatabase":
        """Connects with the first operation, so a server that is down now is no error yet. Raises ValueError for a
        bad URI.
        """
        try:
            client: AsyncIOMotorClient[MongoDocument] = AsyncIOMotorClient(
                config.uri,
                w="majority",
                journal=True,
                readConcernLevel="majority",
                readPreference="primary",
                serverSelectionTimeoutMS=round(config.selection_seconds * 1000),
                connectTimeoutMS=round(config.selection_seconds * 1000),
                timeoutMS=round(config.operation_seconds * 1000),
                appname="tokstream",
            )
        except PyMongoError as error:
            raise ValueError(f"the MongoDB URI cannot be used: {error}") from error
        return cls(client, config)

    async def close(self) -> None:
        """Later operations raise Unavailable. Safe to repeat."""
        self.client.close()

    @contextlib.asynccontextmanager
    async def operation(self) -> AsyncIterator[None]:
        """Bounds what is awaited within it, and raises the driver's errors as ours (see `mongo_errors`).

        The driver's own limits begin when one of motor's threads takes the operation up. They are few: while a server
        hangs, the operations that wait for a thread must not wait for those before them.
        """
        try:
            async with asyncio.timeout(self.config.operation_seconds):
                with mongo_errors():
                    yield
        except TimeoutError as error:
            raise Unavailable(f"MongoDB did not answer within {self.config.operation_seconds:g} s") from error

    async def check(self) -> None:
        """Raises Unavailable where no primary answers within the selection time."""
        async with self.operation():
            await self.client.admin.command("ping")


@contextlib.contextmanager
def mongo_errors() -> Iterator[None]:
    """Turns the driver's errors into ours. Duplicate keys pass as DuplicateKeyError or BulkWriteError: what they mean
    depends on the collection."""
    try:
        yield
    except DuplicateKeyError:
        raise
    except BulkWriteError as error:
        if duplicate_key_errors(error):
            raise
        raise Unavailable(f"MongoDB refused a write: {error}") from error
    except DocumentTooLarge as error:
        raise RecordTooLarge(str(error)) from error
    except OperationFailure as error:
        if error.code == _OBJECT_TOO_LARGE_CODE:
            raise RecordTooLarge(str(error)) from error
        raise Unavailable(f"MongoDB refused an operation: {error}") from error
    except PyMongoError as error:
        raise Unavailable(f"MongoDB cannot be used now: {error}") from error


def duplicate_key_errors(error: BulkWriteError) -> list[MongoDocument]:
    """The duplicate keys among what stopped a bulk write."""
    failures: list[MongoDocument] = (error.details or {}).get("writeErrors", [])
    return [failure for failure in failures if failure.get("code") == DUPLICATE_KEY_CODE]
