"""The embedded documents against a model that searches a list, and cursors against whatever a client may send."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import Record
from storage.documents.plan import plan
from storage.documents.port import Collection, Index, Value
from storage.documents.sqlite import SqliteDocuments
from storage.sqlite import Database


class Item(Record, frozen=True):
    item_id: str
    group: str
    rank: int | None
    label: str | None


ITEMS = Collection(
    "items", Item, "item_id", (Index(("group", "rank")), Index(("group", "label")), Index(("rank",)), Index(("label",)))
)
groups = st.sampled_from(["a", "b"])
ranks = st.none() | st.integers(-2, 2) | st.sampled_from([2**63 - 1, -(2**63)])
labels = st.none() | st.text(alphabet="aB\x00é가𝔘 ", max_size=3)
items = st.lists(
    st.builds(Item, item_id=st.text(alphabet="xyZ-é𝔘", min_size=1, max_size=3), group=groups, rank=ranks, label=labels),
    max_size=12,
    unique_by=lambda item: item.item_id,
)
SEARCHES: list[tuple[tuple[str, ...], str | None]] = [
    (("group",), "rank"),
    (("group",), "label"),
    (("group",), None),
    ((), "rank"),
    ((), "label"),
    ((), None),
    (("group", "rank"), None),
    (("label",), None),
]


@pytest.fixture
async def documents(tmp_path: Path) -> AsyncIterator[SqliteDocuments]:
    database = await Database.open(tmp_path / "tokstream.db")
    yield SqliteDocuments(database)
    await database.close()


def order_key(item: Item, order_by: str | None) -> tuple[Any, ...]:
    """Nulls first, numbers by size, texts by their UTF-8 bytes, ties by key."""
    key = item.item_id.encode()
    if order_by is None:
        return (key,)
    value = getattr(item, order_by)
    return (value is not None, as_bytes(value) or (0 if order_by == "rank" else b""), key)


def within(item: Item, order_by: str | None, at_least: Value, below: Value) -> bool:
    value = item.item_id if order_by is None else getattr(item, order_by)
    if at_least is None and below is None:
        return True
    if value is None:
        return False
    # By bytes, as both stores compare: code units of UTF-16, say, would be in another order.
    comparable, low, high = (as_bytes(each) for each in (value, at_least, below))
    return (low is None or comparable >= low) and (high is None or comparable < high)


def as_bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_every_page_is_what_a_list_would_give(documents: SqliteDocuments, data: st.DataObject) -> None:
    await documents.prepare([ITEMS])
    for each in (await documents.find(ITEMS, {})).documents:
        await documents.delete(ITEMS, {"item_id": each.item_id})
    stored = data.draw(items)
    await documents.insert(ITEMS, stored)
    fields, order_by = data.draw(st.sampled_from(SEARCHES))
    where = {field: data.draw({"group": groups, "rank": ranks, "label": labels}[field]) for field in fields}
    descending = data.draw(st.booleans())
    bounds = {"rank": ranks, "label": labels, None: st.none() | st.text(alphabet="xyZ", max_size=2)}[order_by]
    at_least, below = data.draw(bounds), data.draw(bounds)
    limit = data.draw(st.integers(1, 5))

    found: list[Item] = []
    after = None
    for _ in range(20):
        page = await documents.find(
            ITEMS,
            where,
            order_by=order_by,
            descending=descending,
            at_least=at_least,
            below=below,
            after=after,
            limit=limit,
        )
        found += page.documents
        after = page.next
        if after is None:
            break
    expected = [
        item
        for item in stored
        if all(getattr(item, field) == value for field, value in where.items())
        and within(item, order_by, at_least, below)
    ]
    assert found == sorted(expected, key=lambda item: order_key(item, order_by), reverse=descending)
    assert await documents.count(ITEMS, where) == sum(
        all(getattr(item, field) == value for field, value in where.items()) for item in stored
    )


@given(cursor=st.text() | st.text(alphabet="ABCDEFabcdef0123456789-_=", max_size=80))
def test_a_cursor_made_up_by_a_client_is_a_value_error(cursor: str) -> None:
    with pytest.raises(ValueError):
        plan(ITEMS, {"group": "a"}, "rank", False, None, None, cursor, 10)


@given(value=ranks, key=st.text(min_size=1))
def test_a_cursor_leads_back_to_its_place(value: int | None, key: str) -> None:
    search = plan(ITEMS, {"group": "a"}, "rank", True, None, None, None, 10)
    again = plan(ITEMS, {"group": "a"}, "rank", True, None, None, search.cursor(value, key), 10)
    assert again.after == (value, key)
