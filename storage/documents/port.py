"""Documents: typed collections of Structs with declared indexes and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from contracts.base import Record

D = TypeVar("D", bound=Record)

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Index:
    """Top-level fields of the Struct that can be searched by equality in this order, the last also by range and
    order."""

    fields: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Collection(Generic[D]):
    """`key` names the field that identifies a document."""

    name: str
    kind: type[D]
    key: str
    indexes: tuple[Index, ...] = ()


class Versioned(NamedTuple, Generic[D]):
    """A document and its version: 1 when inserted, one more each time it is replaced."""

    document: D
    version: int


class Page(NamedTuple, Generic[D]):
    documents: Sequence[D]
    next: str | None
    """An opaque cursor to pass as `after`, or None at the end."""


class Documents(Protocol):
    """All raise Unavailable where the store cannot be reached or written. Writes are durable when they return."""

    async def prepare(self, collections: Sequence[Collection[Any]]) -> None:
        """Makes tables and indexes that are missing."""
        ...

    async def get(self, collection: Collection[D], key: str) -> Versioned[D] | None: ...

    async def insert(self, collection: Collection[D], documents: Sequence[D]) -> None:
        """All or none. Raises DuplicateKey."""
        ...

    async def replace(self, collection: Collection[D], document: D, expected: int) -> int:
        """Replaces the document of the same key if its version is `expected`; returns the new version.
        Raises VersionConflict (also where the document is gone) and DuplicateKey."""
        ...

    async def put(self, collection: Collection[D], documents: Sequence[D]) -> None:
        """Inserts or replaces whatever is there, each document atomically: for results that a rerun computes again."""
        ...

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
        """Documents whose fields equal `where` (fields of one declared index), ordered by `order_by` (the field
        that follows
        them in that index; by key where None), within [`at_least`, `below`) of it, from the cursor `after` on.
        Raises ValueError for a combination that no index serves or a cursor that is malformed."""
        ...

    async def count(self, collection: Collection[D], where: Mapping[str, Value]) -> int: ...

    async def delete(self, collection: Collection[D], where: Mapping[str, Value]) -> int:
        """Deletes the documents that match (by key or a declared index); returns how many."""
        ...

    async def check(self) -> None: ...
