"""Documents in the embedded SQLite file: one table a collection, the Struct as JSON, and a column an indexed field."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

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
from storage.sqlite import Database

T = TypeVar("T")


class SqliteDocuments:
    """Implements `Documents`. Call `prepare` for the collections first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prepare(self, collections: Sequence[Collection[Any]]) -> None:
        """See the port. A field that is indexed for the first time is filled in from the documents there are."""
        for collection in collections:
            check_collection(collection)

        def make(connection: sqlite3.Connection) -> None:
            for collection in collections:
                _make_table(connection, collection)

        await self._database.write(make)

    async def get(self, collection: Collection[D], key: str) -> Versioned[D] | None:
        statement = f"SELECT body, version FROM {_table(collection)} WHERE key = ?"
        row = await self._database.read(lambda connection: connection.execute(statement, (key,)).fetchone())
        return None if row is None else Versioned(decode(row[0], collection.kind), row[1])

    async def insert(self, collection: Collection[D], documents: Sequence[D]) -> None:
        fields = indexed_fields(collection)
        statement = _insertion(collection, fields)
        rows = [_row(collection, document) for document in documents]
        if rows:
            await self._write(collection, lambda connection: connection.executemany(statement, rows))

    async def replace(self, collection: Collection[D], document: D, expected: int) -> int:
        fields = indexed_fields(collection)
        key, body, *values = _row(collection, document)
        assignments = ", ".join(["body = ?", "version = version + 1", *(f"{_column(field)} = ?" for field in fields)])
        statement = f"UPDATE {_table(collection)} SET {assignments} WHERE key = ? AND version = ?"
        arguments = (body, *values, key, expected)
        changed = await self._write(collection, lambda connection: connection.execute(statement, arguments).rowcount)
        if changed == 0:
            raise VersionConflict(f"{collection.name} {key!r} is not at version {expected} any more")
        return expected + 1

    async def put(self, collection: Collection[D], documents: Sequence[D]) -> None:
        fields = indexed_fields(collection)
        changes = ["body = excluded.body", "version = version + 1"]
        changes += [f"{_column(field)} = excluded.{_column(field)}" for field in fields]
        statement = f"{_insertion(collection, fields)} ON CONFLICT (key) DO UPDATE SET {', '.join(changes)}"
        rows = [_row(collection, document) for document in documents]
        if rows:
            await self._write(collection, lambda connection: connection.executemany(statement, rows))

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
        statement, arguments = _selection(collection, search)
        rows = await self._database.read(lambda connection: connection.execute(statement, arguments).fetchall())
        documents = [decode(body, collection.kind) for body, _, _ in rows[:limit]]
        return Page(documents, page_end(search, [(value, key) for _, value, key in rows]))

    async def count(self, collection: Collection[D], where: Mapping[str, Value]) -> int:
        condition, arguments = _equality(collection, where)
        statement = f"SELECT count(*) FROM {_table(collection)} WHERE {condition}"
        row = await self._database.read(lambda connection: connection.execute(statement, arguments).fetchone())
        return int(row[0])

    async def delete(self, collection: Collection[D], where: Mapping[str, Value]) -> int:
        if not where:
            raise ValueError("deleting a whole collection is not offered")
        condition, arguments = _equality(collection, where)
        statement = f"DELETE FROM {_table(collection)} WHERE {condition}"
        return await self._database.write(lambda connection: connection.execute(statement, arguments).rowcount)

    async def check(self) -> None:
        await self._database.check()

    async def _write(self, collection: Collection[D], change: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await self._database.write(change)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname not in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
                raise
            raise _duplicate(collection, error) from error


def _table(collection: Collection[D]) -> str:
    return f"documents_{collection.name}"


def _column(field: str) -> str:
    """The prefix keeps fields of the Struct apart from the columns `key`, `version` and `body`."""
    return f"field_{field}"


def _where_column(collection: Collection[D], field: str) -> str:
    return "key" if field == collection.key else _column(field)


def _make_table(connection: sqlite3.Connection, collection: Collection[D]) -> None:
    table = _table(collection)
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {table}"
        " (key TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL)"
    )
    present = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    missing = [field for field in indexed_fields(collection) if _column(field) not in present]
    for field in missing:
        # No declared type: SQLite then keeps every value as it is given.
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {_column(field)}")
    if missing:
        _fill_in(connection, collection, missing)
    for index in collection.indexes:
        connection.execute(_index_definition(table, index))


def _fill_in(connection: sqlite3.Connection, collection: Collection[D], fields: Sequence[str]) -> None:
    assignments = ", ".join(f"{_column(field)} = ?" for field in fields)
    rows = connection.execute(f"SELECT key, body FROM {_table(collection)}").fetchall()
    for key, body in rows:
        values = index_values(collection, decode(body, collection.kind))
        connection.execute(
            f"UPDATE {_table(collection)} SET {assignments} WHERE key = ?", (*(values[field] for field in fields), key)
        )


def _index_definition(table: str, index: Index) -> str:
    columns = [_column(field) for field in index.fields]
    name = "__".join([table, *index.fields, *(["unique"] if index.unique else [])])
    if index.unique:
        return f"CREATE UNIQUE INDEX IF NOT EXISTS {name} ON {table} ({', '.join(columns)})"
    # The key comes last so that documents of equal fields are found in the order of their keys without sorting.
    return f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({', '.join([*columns, 'key'])})"


def _row(collection: Collection[D], document: D) -> tuple[Value | bytes, ...]:
    values = index_values(collection, document)
    return document_key(collection, document), encode(document), *values.values()


def _insertion(collection: Collection[D], fields: Sequence[str]) -> str:
    columns = ", ".join(["key", "version", "body", *(_column(field) for field in fields)])
    marks = ", ".join(["?", "1", "?", *("?" for _ in fields)])
    return f"INSERT INTO {_table(collection)} ({columns}) VALUES ({marks})"


def _equality(collection: Collection[D], where: Mapping[str, Value]) -> tuple[str, list[Value]]:
    equal = served_equality(collection, where)
    conditions = [f"{_where_column(collection, field)} IS ?" for field, _ in equal]
    return " AND ".join(conditions) or "TRUE", [value for _, value in equal]


def _selection(collection: Collection[D], search: Search) -> tuple[str, list[Value]]:
    """The statement whose rows are (body, value of the order, key), one more than the limit."""
    condition, arguments = _equality(collection, dict(search.equal))
    conditions = [condition]
    ordered = "key" if search.order_by is None else _column(search.order_by)
    for bound, comparison in ((search.at_least, ">="), (search.below, "<")):
        if bound is not None:
            conditions.append(f"{ordered} {comparison} ?")
            arguments.append(bound)
    if search.after is not None:
        behind, behind_arguments = _behind(search, ordered, search.after)
        conditions.append(behind)
        arguments += behind_arguments
    direction = "DESC" if search.descending else "ASC"
    order = f"key {direction}" if search.order_by is None else f"{ordered} {direction}, key {direction}"
    value = "NULL" if search.order_by is None else ordered
    arguments.append(search.limit + 1)
    statement = (
        f"SELECT body, {value}, key FROM {_table(collection)} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
    )
    return statement, arguments


def _behind(search: Search, ordered: str, place: tuple[Value, str]) -> tuple[str, list[Value]]:
    """The condition that a row comes behind the place. SQLite orders nulls before everything else."""
    value, key = place
    further = "<" if search.descending else ">"
    if search.order_by is None:
        return f"key {further} ?", [key]
    tie = f"({ordered} IS ? AND key {further} ?)"
    if value is None:
        beyond = "FALSE" if search.descending else f"{ordered} IS NOT NULL"
        return f"({beyond} OR {tie})", [value, key]
    if search.descending:
        return f"({ordered} < ? OR {ordered} IS NULL OR {tie})", [value, value, key]
    # Said so that SQLite starts at the place in its index instead of passing over what comes before.
    return f"({ordered} >= ? AND ({ordered} > ? OR key > ?))", [value, value, key]


def _duplicate(collection: Collection[D], error: sqlite3.IntegrityError) -> DuplicateKey:
    # "UNIQUE constraint failed: documents_x.field_a, documents_x.field_b"
    _, _, columns = str(error).partition(": ")
    names = tuple(column.rpartition(".")[2].removeprefix("field_") for column in columns.split(", "))
    index = (collection.key,) if names == ("key",) else names
    return DuplicateKey(f"{collection.name} holds a document with this {', '.join(index)}", index)
