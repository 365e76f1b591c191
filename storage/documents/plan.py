"""What a search asks for, checked against the declared indexes before any store sees it.

Both adapters build their queries from the same plan, so a combination that one of them could serve by luck is
refused by both.
"""

import base64
import binascii
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from contracts.base import Record
from storage.documents.port import Collection, D, Value

MAX_LIMIT = 10_000
"""Documents on one page."""
MAX_CURSOR_CHARACTERS = 64 * 1024
_INT_RANGE = msgspec.Meta(ge=-(2**63), le=2**63 - 1)


class _Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a cursor holds: the last document seen, and a digest of the search it belongs to."""

    search: str
    value: Annotated[int, _INT_RANGE] | float | str | bool | None
    key: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search that an index serves.

    `order_by` is the field of the order, None for the key; ties are in the order of the key. `after` is the value of
    `order_by` (None where the order is by key) and the key of the last document already seen.
    """

    equal: tuple[tuple[str, Value], ...]
    order_by: str | None
    descending: bool
    at_least: Value
    below: Value
    after: tuple[Value, str] | None
    limit: int
    digest: str

    def cursor(self, value: Value, key: str) -> str:
        """The cursor that continues this search behind the document with this key and this value of `order_by`."""
        place = msgspec.json.encode(_Place(self.digest, value, key))
        return base64.urlsafe_b64encode(place).rstrip(b"=").decode()


def plan(
    collection: Collection[D],
    where: Mapping[str, Value],
    order_by: str | None,
    descending: bool,
    at_least: Value,
    below: Value,
    after: str | None,
    limit: int,
) -> Search:
    """The arguments of `Documents.find`, checked.

    Raises ValueError for what no index serves and for malformed cursors.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit is {limit}, not 1 to {MAX_LIMIT}")
    if order_by == collection.key:
        order_by = None
    equal = served_equality(collection, where)
    if order_by is not None and not _ordered_index_exists(collection, frozenset(where), order_by):
        raise ValueError(f"no index of {collection.name} serves {sorted(where)} ordered by {order_by!r}")
    for bound in (at_least, below):
        _check_value(bound)
    # Part of the cursor, so that a cursor of one search is not taken for a place in another.
    asked = repr((collection.name, equal, order_by, descending, at_least, below))
    digest = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = None if after is None else _parse(after, digest)
    return Search(equal, order_by, descending, at_least, below, place, limit, digest)


def served_equality(collection: Collection[D], where: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """The fields of `where` in a stable order. Raises ValueError where they are not the key and lead no index."""
    fields = frozenset(where)
    for value in where.values():
        _check_value(value)
    leads = any(frozenset(index.fields[: len(fields)]) == fields for index in collection.indexes)
    if fields and fields != {collection.key} and not leads:
        raise ValueError(f"no index of {collection.name} serves {sorted(where)}")
    return tuple(sorted(where.items()))


def indexed_fields(collection: Collection[D]) -> tuple[str, ...]:
    """Every field that an index names, once, in order of declaration."""
    return tuple(dict.fromkeys(field for index in collection.indexes for field in index.fields))


def index_values(collection: Collection[D], document: Record) -> dict[str, Value]:
    """The values of the indexed fields. Raises ValueError where one cannot be indexed.

    A null in a unique index is refused: MongoDB takes two nulls for equal, SQL for different.
    """
    values: dict[str, Value] = {}
    for field in indexed_fields(collection):
        value = getattr(document, field)
        _check_value(value)
        values[field] = value
    for index in collection.indexes:
        if index.unique and any(values[field] is None for field in index.fields):
            raise ValueError(f"a field of the unique index {index.fields} of {collection.name} is null")
    return values


def document_key(collection: Collection[D], document: Record) -> str:
    key = getattr(document, collection.key)
    if not isinstance(key, str) or not key:
        raise ValueError(
            f"the key {collection.key!r} of {collection.name} is {key!r}, not a string with something in it"
        )
    return key


def check_collection(collection: Collection[D]) -> None:
    """Raises ValueError where a declaration names fields that the Struct does not have."""
    known = {field.name for field in msgspec.structs.fields(collection.kind)}
    if not collection.name.isidentifier():
        raise ValueError(f"{collection.name!r} cannot be the name of a collection")
    for field in (collection.key, *indexed_fields(collection)):
        if field not in known:
            raise ValueError(f"{collection.kind.__name__} has no field {field!r}, which {collection.name} declares")


def _ordered_index_exists(collection: Collection[D], fields: frozenset[str], order_by: str) -> bool:
    return any(
        len(index.fields) > len(fields)
        and frozenset(index.fields[: len(fields)]) == fields
        and index.fields[len(fields)] == order_by
        for index in collection.indexes
    )


def _check_value(value: object) -> None:
    if isinstance(value, bool | str | None):
        return
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return
    if isinstance(value, float) and math.isfinite(value):
        return
    raise ValueError(f"{value!r} cannot be indexed or searched for")


def _parse(cursor: str, digest: str) -> tuple[Value, str]:
    try:
        if len(cursor) > MAX_CURSOR_CHARACTERS:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Place)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise ValueError(f"{cursor[:100]!r} is not a cursor") from error
    if place.search != digest:
        raise ValueError(f"{cursor[:100]!r} is the cursor of another search")
    return place.value, place.key


def page_end(search: Search, rows: Sequence[tuple[Value, str]]) -> str | None:
    """The cursor of the next page, from the (value, key) of the rows found: one more than `limit` was asked for."""
    if len(rows) <= search.limit:
        return None
    return search.cursor(*rows[search.limit - 1])
