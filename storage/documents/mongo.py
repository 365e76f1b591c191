"""Documents in MongoDB: the Struct as JSON in `body`, the indexed fields beside it under `fields`, the version in
`version`.

The body is text and not BSON, so that a document is decoded exactly as it was encoded, whatever types the Struct has.

The driver sends a write again when the connection breaks before the answer. A server that was killed in between may
have done it and forgotten that it did: the second time it then finds a duplicate, or another version. So each write
leaves a `mark` of its own in the document, by which it recognises its own work.
"""

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from contracts.base import decode, encode
from storage.documents.plan import (
    Search,
    check_collection,
    document_key,
    index_values,
    indexed_fields,
    page_end,
    plan,
    served_equality,
)
from storage.documents.port import Collection, D, Index, Page, Value, Versioned
from storage.errors import DuplicateKey, VersionConflict
from storage.mongo import MongoDatabase, MongoDocument, duplicate_key_errors, mongo_errors

MAX_ATTEMPTS = 10
"""Times a write that met another one is tried again."""
_TRANSACTIONS_NOT_SUPPORTED_CODE = 20


class MongoDocuments:
    """Implements `Documents`. Call `prepare` for the collections first."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database

    async def prepare(self, collections: Sequence[Collection[Any]]) -> None:
        """See the port. A field that is indexed for the first time is filled in from the documents there are."""
        for collection in collections:
            check_collection(collection)
        for collection in collections:
            async with self._database.operation():
                present = await self._collection(collection).index_information()
            missing = [index for index in collection.indexes if _index_name(index) not in present]
            if missing:
                await self._fill_in(collection)
            for index in missing:
                await self._make_index(collection, index)

    async def get(self, collection: Collection[D], key: str) -> Versioned[D] | None:
        async with self._database.operation():
            found = await self._collection(collection).find_one({"_id": key})
        return None if found is None else Versioned(decode(found["body"], collection.kind), found["version"])

    async def insert(self, collection: Collection[D], documents: Sequence[D]) -> None:
        rows = [_row(collection, document) for document in documents]
        if not rows:
            return
        async with self._writing(collection):
            if len(rows) == 1:
                await self._insert_one(self._collection(collection), rows[0])
            else:
                await self._insert_all_or_none(self._collection(collection), rows)

    async def replace(self, collection: Collection[D], document: D, expected: int) -> int:
        key = document_key(collection, document)
        change = _change(collection, document)
        async with self._writing(collection):
            target = self._collection(collection)
            result = await target.update_one({"_id": key, "version": expected}, change)
            done = result.matched_count > 0 or await _holds_mark(target, key, change["$set"]["mark"])
        if not done:
            raise VersionConflict(f"{collection.name} {key!r} is not at version {expected} any more")
        return expected + 1

    async def put(self, collection: Collection[D], documents: Sequence[D]) -> None:
        changes = [
            UpdateOne({"_id": document_key(collection, document)}, _change(collection, document), upsert=True)
            for document in documents
        ]
        for attempt in range(MAX_ATTEMPTS):
            if not changes:
                return
            try:
                async with self._writing(collection):
                    await self._collection(collection).bulk_write(changes, ordered=True)
                return
            except DuplicateKey as error:
                # Two upserts of a new key at once: one of them inserts, the other then replaces when it tries again.
                if error.index != (collection.key,) or attempt == MAX_ATTEMPTS - 1:
                    raise

    async def find(
        self,
        collection: Collection[D],
        where: Mapping[str, Value],
        *,
        order_by: str | None = None,
        descending: bool = False,
        at_least: Value = None,
        below: Value = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> Page[D]:
        search = plan(collection, where, order_by, descending, at_least, below, after, limit)
        ordered = "_id" if search.order_by is None else _path(collection, search.order_by)
        direction = DESCENDING if search.descending else ASCENDING
        order = [("_id", direction)] if search.order_by is None else [(ordered, direction), ("_id", direction)]
        async with self._database.operation():
            cursor = self._collection(collection).find(_filter(collection, search, ordered)).sort(order)
            rows = await cursor.limit(limit + 1).to_list(limit + 1)
        places = [(None if search.order_by is None else row["fields"][search.order_by], row["_id"]) for row in rows]
        return Page([decode(row["body"], collection.kind) for row in rows[:limit]], page_end(search, places))

    async def count(self, collection: Collection[D], where: Mapping[str, Value]) -> int:
        async with self._database.operation():
            return await self._collection(collection).count_documents(_equality(collection, where))

    async def delete(self, collection: Collection[D], where: Mapping[str, Value]) -> int:
        if not where:
            raise ValueError("deleting a whole collection is not offered")
        async with self._database.operation():
            return (await self._collection(collection).delete_many(_equality(collection, where))).deleted_count

    async def check(self) -> None:
        await self._database.check()

    def _collection(self, collection: Collection[D]) -> AsyncIOMotorCollection[MongoDocument]:
        return self._database.database[f"documents_{collection.name}"]

    @asynccontextmanager
    async def _writing(self, collection: Collection[D]) -> AsyncIterator[None]:
        """An operation whose duplicate keys become DuplicateKey."""
        try:
            async with self._database.operation():
                yield
        except DuplicateKeyError as error:
            raise _duplicate(collection, error.details or {}) from error
        except BulkWriteError as error:
            raise _duplicate(collection, duplicate_key_errors(error)[0]) from error

    async def _insert_one(self, target: AsyncIOMotorCollection[MongoDocument], row: MongoDocument) -> None:
        try:
            await target.insert_one(row)
        except DuplicateKeyError:
            if not await _holds_mark(target, row["_id"], row["mark"]):
                raise

    async def _insert_all_or_none(
        self, target: AsyncIOMotorCollection[MongoDocument], rows: list[MongoDocument]
    ) -> None:
        for attempt in range(MAX_ATTEMPTS):
            try:
                async with await self._database.client.start_session() as session:
                    await _insert_in_transaction(session, target, rows)
                return
            except OperationFailure as error:
                if error.code == _TRANSACTIONS_NOT_SUPPORTED_CODE:
                    await insert_or_undo(target, rows)
                    return
                # The server says so where another transaction was in the way, and nothing of this one is left.
                if not error.has_error_label("TransientTransactionError") or attempt == MAX_ATTEMPTS - 1:
                    raise

    async def _fill_in(self, collection: Collection[D]) -> None:
        fields = indexed_fields(collection)
        target = self._collection(collection)
        with mongo_errors():
            lacking = {"$or": [{f"fields.{field}": {"$exists": False}} for field in fields]}
            async for row in target.find(lacking):
                values = index_values(collection, decode(row["body"], collection.kind))
                # Where the version has moved on, whoever moved it has filled in the fields.
                await target.update_one({"_id": row["_id"], "version": row["version"]}, {"$set": {"fields": values}})

    async def _make_index(self, collection: Collection[D], index: Index) -> None:
        paths = [(f"fields.{field}", ASCENDING) for field in index.fields]
        if not index.unique:
            # The key comes last so that documents of equal fields are found in the order of their keys without sorting.
            paths.append(("_id", ASCENDING))
        async with self._writing(collection):
            await self._collection(collection).create_index(paths, unique=index.unique, name=_index_name(index))


async def _insert_in_transaction(
    session: AsyncIOMotorClientSession, target: AsyncIOMotorCollection[MongoDocument], rows: list[MongoDocument]
) -> None:
    async with session.start_transaction():
        await target.insert_many(rows, session=session)


async def insert_or_undo(target: AsyncIOMotorCollection[MongoDocument], rows: list[MongoDocument]) -> None:
    """Inserts all, or takes back those inserted before one is refused: for a server without transactions, which is no
    replica set. A process killed in between leaves the first documents behind. Raises BulkWriteError.
    """
    try:
        await target.insert_many(rows, ordered=True)
    except BulkWriteError as error:
        inserted = error.details["nInserted"]
        await target.delete_many({"_id": {"$in": [row["_id"] for row in rows[:inserted]]}})
        raise


async def _holds_mark(target: AsyncIOMotorCollection[MongoDocument], key: str, mark: str) -> bool:
    return await target.find_one({"_id": key, "mark": mark}, {"_id": True}) is not None


def _duplicate(collection: Collection[D], failure: Mapping[str, Any]) -> DuplicateKey:
    paths = tuple(failure.get("keyPattern", {"_id": 1}))
    index = (collection.key,) if paths == ("_id",) else tuple(path.removeprefix("fields.") for path in paths)
    return DuplicateKey(f"{collection.name} holds a document with this {', '.join(index)}", index)


def _path(collection: Collection[D], field: str) -> str:
    return "_id" if field == collection.key else f"fields.{field}"


def _index_name(index: Index) -> str:
    return "__".join([*index.fields, *(["unique"] if index.unique else [])])


def _row(collection: Collection[D], document: D) -> MongoDocument:
    return {
        "_id": document_key(collection, document),
        "version": 1,
        "mark": uuid.uuid4().hex,
        "body": encode(document).decode(),
        "fields": index_values(collection, document),
    }


def _change(collection: Collection[D], document: D) -> MongoDocument:
    """The update that sets everything and counts the version on; a document inserted by it starts at 1."""
    changed = {
        "mark": uuid.uuid4().hex,
        "body": encode(document).decode(),
        "fields": index_values(collection, document),
    }
    return {"$set": changed, "$inc": {"version": 1}}


def _equality(collection: Collection[D], where: Mapping[str, Value]) -> MongoDocument:
    return {_path(collection, field): value for field, value in served_equality(collection, where)}


def _filter(collection: Collection[D], search: Search, ordered: str) -> MongoDocument:
    conditions: list[MongoDocument] = [_equality(collection, dict(search.equal))]
    if search.at_least is not None:
        conditions.append({ordered: {"$gte": search.at_least}})
    if search.below is not None:
        conditions.append({ordered: {"$lt": search.below}})
    if search.after is not None:
        conditions.append(_behind(search, ordered, search.after))
    conditions = [condition for condition in conditions if condition]
    return conditions[0] if len(conditions) == 1 else {"$and": conditions} if conditions else {}


def _behind(search: Search, ordered: str, place: tuple[Value, str]) -> MongoDocument:
    """The condition that a document comes behind the place. MongoDB orders nulls before everything else."""
    value, key = place
    further = "$lt" if search.descending else "$gt"
    if search.order_by is None:
        return {"_id": {further: key}}
    alternatives: list[MongoDocument] = [{ordered: value, "_id": {further: key}}]
    if value is not None:
        # Comparisons never match null, so nulls that come last have to be named.
        alternatives.append({ordered: {further: value}})
        if search.descending:
            alternatives.append({ordered: None})
    elif not search.descending:
        alternatives.append({ordered: {"$ne": None}})
    return {"$or": alternatives}
