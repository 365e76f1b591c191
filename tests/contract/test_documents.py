"""What `storage.documents.port` promises, asked of both implementations."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import pytest
from pymongo.errors import BulkWriteError

from contracts.base import Record, encode
from contracts.resources import Task
from storage import collections
from storage.documents.mongo import insert_or_undo
from storage.documents.port import Collection, Documents, Index, Page, Value
from storage.errors import DuplicateKey, VersionConflict
from storage.mongo import MongoDatabase
from tests.contract.backends import Backend, Opened, mongo_backend


class Note(Record, frozen=True):
    note_id: str
    owner: str
    place: int
    created_at: str = "2026-01-01"
    status: Literal["open", "done"] = "open"
    pinned: bool = False
    score: float | None = None
    text: str = ""
    tags: tuple[str, ...] = ()
    blob: bytes = b""


NOTES = Collection(
    "notes",
    Note,
    "note_id",
    (
        Index(("owner", "place"), unique=True),
        Index(("owner", "status", "created_at")),
        Index(("owner", "score")),
        Index(("pinned",)),
        Index(("created_at",)),
    ),
)


def note(number: int, owner: str = "ann", **fields: Any) -> Note:
    return Note(**{"note_id": f"n{number:03d}", "owner": owner, "place": number, **fields})


@pytest.fixture
async def documents(opened: Opened) -> Documents:
    await opened.documents.prepare([NOTES])
    return opened.documents


async def every_page(documents: Documents, where: dict[str, Value], limit: int, **arguments: Any) -> list[Note]:
    found: list[Note] = []
    after = None
    while True:
        page = await documents.find(NOTES, where, after=after, limit=limit, **arguments)
        assert len(page.documents) <= limit
        found += page.documents
        after = page.next
        if after is None:
            return found


def keys(found: Page[Note] | Sequence[Note]) -> list[str]:
    return [each.note_id for each in (found.documents if isinstance(found, Page) else found)]


async def test_a_document_comes_back_as_it_was_inserted_at_version_1(documents: Documents) -> None:
    written = note(
        1, text="안녕 👋 \x00 \"'; DROP TABLE notes;", tags=("ㅋㅋㅋ", ""), blob=b"\x00\xff", score=0.1, pinned=True
    )
    await documents.insert(NOTES, [written])
    assert await documents.get(NOTES, "n001") == (written, 1)
    assert await documents.get(NOTES, "n002") is None


async def test_every_collection_of_the_service_can_be_prepared_and_used(documents: Documents) -> None:
    await documents.prepare(collections.ALL)
    await documents.prepare(collections.ALL)
    task = Task(
        task_id="t", owner="o", kind="search", created_at="1", updated_at="1", result=msgspec.Raw(b'{"matched":true}')
    )
    await documents.insert(collections.TASKS, [task])
    found = await documents.get(collections.TASKS, "t")
    assert found is not None
    assert encode(found.document) == encode(task)


@pytest.mark.parametrize(
    ("batch", "index"),
    [
        ([note(2), note(3), note(77, note_id="n001")], ("note_id",)),
        ([note(2), note(1, note_id="other")], ("owner", "place")),
        ([note(2), note(77, note_id="n002")], ("note_id",)),
        ([note(77, note_id="n001")], ("note_id",)),
        ([note(1, note_id="other")], ("owner", "place")),
    ],
)
async def test_insert_is_all_or_none(documents: Documents, batch: list[Note], index: tuple[str, ...]) -> None:
    await documents.insert(NOTES, [note(1)])
    with pytest.raises(DuplicateKey) as raised:
        await documents.insert(NOTES, batch)
    assert raised.value.index == index
    assert keys(await documents.find(NOTES, {})) == ["n001"]


async def test_without_transactions_what_was_inserted_before_a_refusal_is_taken_back(mongo_uri: str) -> None:
    async with mongo_backend(mongo_uri) as backend:
        database = await MongoDatabase.open(backend.config)
        target = database.database["documents"]
        await target.insert_one({"_id": "c", "here": "first"})
        with pytest.raises(BulkWriteError):
            await insert_or_undo(target, [{"_id": "a"}, {"_id": "b"}, {"_id": "c"}, {"_id": "d"}])
        assert await target.find({}).to_list(None) == [{"_id": "c", "here": "first"}]
        await insert_or_undo(target, [{"_id": "a"}, {"_id": "b"}])
        assert await target.count_documents({}) == 3
        await database.close()


async def test_inserting_nothing_is_allowed(documents: Documents) -> None:
    await documents.insert(NOTES, [])
    await documents.put(NOTES, [])
    assert await documents.count(NOTES, {}) == 0


async def test_of_many_who_insert_the_same_key_one_wins(documents: Documents) -> None:
    async def insert(number: int) -> bool:
        # Several documents each, so that MongoDB needs its transactions.
        try:
            await documents.insert(NOTES, [note(1, text=str(number)), note(100 + number)])
        except DuplicateKey:
            return False
        return True

    outcomes = await asyncio.gather(*(insert(number) for number in range(12)))
    assert sum(outcomes) == 1
    assert keys(await documents.find(NOTES, {})) == ["n001", f"n{100 + outcomes.index(True)}"]


async def test_replace_needs_the_version_that_was_read(documents: Documents) -> None:
    await documents.insert(NOTES, [note(1), note(2)])
    assert await documents.replace(NOTES, note(1, text="second", status="done"), 1) == 2
    with pytest.raises(VersionConflict):
        await documents.replace(NOTES, note(1, text="late"), 1)
    with pytest.raises(VersionConflict):
        await documents.replace(NOTES, note(9), 1)
    with pytest.raises(DuplicateKey) as raised:
        await documents.replace(NOTES, note(2, note_id="n001"), 2)
    assert raised.value.index == ("owner", "place")
    assert await documents.get(NOTES, "n001") == (note(1, text="second", status="done"), 2)
    assert keys(await documents.find(NOTES, {"owner": "ann", "status": "done"})) == ["n001"]
    assert keys(await documents.find(NOTES, {"owner": "ann", "status": "open"})) == ["n002"]


async def test_no_update_is_lost_among_concurrent_ones(documents: Documents) -> None:
    await documents.insert(NOTES, [note(1, text="0")])

    async def count_up() -> None:
        while True:
            found = await documents.get(NOTES, "n001")
            assert found is not None
            counted = note(1, text=str(int(found.document.text) + 1))
            try:
                await documents.replace(NOTES, counted, found.version)
            except VersionConflict:
                continue
            return

    await asyncio.gather(*(count_up() for _ in range(15)))
    assert await documents.get(NOTES, "n001") == (note(1, text="15"), 16)


async def test_put_inserts_or_replaces_and_counts_versions(documents: Documents) -> None:
    await documents.put(NOTES, [note(1), note(2)])
    await documents.put(NOTES, [note(2, status="done"), note(3)])
    assert await documents.get(NOTES, "n002") == (note(2, status="done"), 2)
    assert await documents.get(NOTES, "n003") == (note(3), 1)
    assert keys(await documents.find(NOTES, {"owner": "ann", "status": "done"})) == ["n002"]
    with pytest.raises(DuplicateKey):
        await documents.put(NOTES, [note(3, note_id="other")])


async def test_concurrent_puts_of_one_new_document_leave_one_of_them(documents: Documents) -> None:
    await asyncio.gather(*(documents.put(NOTES, [note(1, text=str(number))]) for number in range(10)))
    found = await documents.get(NOTES, "n001")
    assert found is not None
    assert found.version == 10
    assert found.document.text in {str(number) for number in range(10)}


SCORES = [None, 2.5, None, -1.0, 2.5, 0.0, 2.5, None, 1e300, -0.5]


@pytest.mark.parametrize(("descending", "limit"), list(itertools.product([False, True], [1, 2, 3, 10, 100])))
async def test_pages_in_order_hold_everything_once_nulls_first_and_ties_by_key(
    documents: Documents, descending: bool, limit: int
) -> None:
    notes = [note(number, score=score) for number, score in enumerate(SCORES)]
    await documents.insert(NOTES, [*notes, note(50, owner="bob")])
    found = await every_page(documents, {"owner": "ann"}, limit, order_by="score", descending=descending)
    expected = sorted(
        notes, key=lambda each: (each.score is not None, each.score or 0.0, each.note_id), reverse=descending
    )
    assert keys(found) == keys(expected)


@pytest.mark.parametrize("descending", [False, True])
async def test_without_an_order_documents_come_by_key(documents: Documents, descending: bool) -> None:
    await documents.insert(NOTES, [note(number, pinned=number % 2 == 0) for number in (5, 3, 9, 1, 4, 8)])
    for where, numbers in (
        ({"owner": "ann"}, (1, 3, 4, 5, 8, 9)),
        ({"pinned": True}, (4, 8)),
        ({}, (1, 3, 4, 5, 8, 9)),
    ):
        expected = [f"n{number:03d}" for number in numbers]
        found = await every_page(documents, dict(where), 2, descending=descending)
        assert keys(found) == (expected[::-1] if descending else expected)


async def test_ranges_take_the_lower_bound_in_and_leave_the_upper_out(documents: Documents) -> None:
    await documents.insert(NOTES, [note(number, created_at=f"2026-01-{number:02d}") for number in range(1, 10)])
    where: dict[str, Value] = {"owner": "ann", "status": "open"}
    found = await documents.find(NOTES, where, order_by="created_at", at_least="2026-01-03", below="2026-01-06")
    assert keys(found) == ["n003", "n004", "n005"]
    found = await documents.find(NOTES, {}, order_by="created_at", descending=True, below="2026-01-03")
    assert keys(found) == ["n002", "n001"]
    assert keys(await documents.find(NOTES, {}, at_least="n008")) == ["n008", "n009"]
    assert keys(await documents.find(NOTES, {"owner": "ann"}, order_by="place", at_least=8)) == ["n008", "n009"]


async def test_bounds_leave_nulls_out(documents: Documents) -> None:
    await documents.insert(NOTES, [note(number, score=score) for number, score in enumerate(SCORES)])
    found = await every_page(documents, {"owner": "ann"}, 2, order_by="score", below=0.0)
    assert [each.score for each in found] == [-1.0, -0.5]
    nulls = await documents.find(NOTES, {"owner": "ann", "score": None})
    assert keys(nulls) == ["n000", "n002", "n007"]


async def test_paging_while_others_write_skips_and_repeats_nothing(documents: Documents) -> None:
    await documents.insert(NOTES, [note(number) for number in range(0, 20, 2)])
    seen: list[str] = []
    after = None
    for inserted in itertools.count(1, 2):
        page = await documents.find(NOTES, {"owner": "ann"}, order_by="place", after=after, limit=3)
        seen += keys(page)
        after = page.next
        if after is None:
            break
        await documents.insert(NOTES, [note(inserted)])
    assert len(seen) == len(set(seen))
    assert {f"n{number:03d}" for number in range(0, 20, 2)} <= set(seen)


async def test_where_compares_values_and_runs_nothing(documents: Documents) -> None:
    strange = ["' OR 1=1 --", '{"$gt": ""}', "$owner", "a.b", "", "\x00"]
    await documents.insert(NOTES, [note(number, owner=owner) for number, owner in enumerate(strange)])
    for number, owner in enumerate(strange):
        assert keys(await documents.find(NOTES, {"owner": owner})) == [f"n{number:03d}"]


UNSERVED: list[dict[str, Any]] = [
    {"where": {"text": "x"}},
    {"where": {"status": "open"}},
    {"where": {"owner": "ann", "pinned": True}},
    {"where": {"note_id": "n001", "owner": "ann"}},
    {"where": {"owner": "ann"}, "order_by": "created_at"},
    {"where": {"owner": "ann"}, "order_by": "text"},
    {"where": {}, "order_by": "status"},
    {"where": {"unknown": 1}},
    {"where": {"owner": "ann"}, "limit": 0},
    {"where": {"owner": "ann"}, "limit": 10**9},
    {"where": {"owner": ["ann"]}},
    {"where": {"owner": {"$gt": ""}}},
    {"where": {"owner": "ann", "place": 2**64}},
    {"where": {"owner": "ann", "score": float("nan")}},
]


@pytest.mark.parametrize("arguments", UNSERVED, ids=str)
async def test_what_no_index_serves_is_a_value_error(documents: Documents, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        await documents.find(NOTES, **arguments)


async def test_a_cursor_fits_one_search_only(documents: Documents) -> None:
    await documents.insert(NOTES, [note(number) for number in range(5)])
    page = await documents.find(NOTES, {"owner": "ann"}, order_by="place", limit=2)
    assert page.next is not None
    for cursor in ("", "x", "!", "가", page.next[:-4], page.next + "AAAA", "A" * 100_000, "bnVsbA"):
        with pytest.raises(ValueError):
            await documents.find(NOTES, {"owner": "ann"}, order_by="place", after=cursor)
    others: list[dict[str, Any]] = [
        {"where": {"owner": "bob"}, "order_by": "place"},
        {"where": {"owner": "ann"}},
        {"where": {"owner": "ann"}, "order_by": "place", "descending": True},
    ]
    for other in others:
        with pytest.raises(ValueError):
            await documents.find(NOTES, after=page.next, **other)
    assert keys(await documents.find(NOTES, {"owner": "ann"}, order_by="place", after=page.next)) == [
        "n002",
        "n003",
        "n004",
    ]


async def test_delete_and_count_by_key_and_by_index(documents: Documents) -> None:
    await documents.insert(NOTES, [note(number, owner="ann" if number < 4 else "bob") for number in range(8)])
    assert await documents.count(NOTES, {}) == 8
    assert await documents.count(NOTES, {"owner": "bob"}) == 4
    assert await documents.delete(NOTES, {"note_id": "n000"}) == 1
    assert await documents.delete(NOTES, {"note_id": "n000"}) == 0
    assert await documents.delete(NOTES, {"owner": "ann", "place": 1}) == 1
    assert await documents.delete(NOTES, {"owner": "bob"}) == 4
    assert keys(await documents.find(NOTES, {})) == ["n002", "n003"]
    for where in ({}, {"text": "x"}):
        with pytest.raises(ValueError):
            await documents.delete(NOTES, where)
    with pytest.raises(ValueError):
        await documents.count(NOTES, {"text": "x"})


class Pair(Record, frozen=True):
    pair_id: str
    left: str | None


PAIRS = Collection("pairs", Pair, "pair_id", (Index(("left",), unique=True),))


async def test_a_null_in_a_unique_index_and_an_empty_key_are_refused(documents: Documents) -> None:
    await documents.prepare([PAIRS])
    for pair in (Pair(pair_id="a", left=None), Pair(pair_id="", left="x")):
        with pytest.raises(ValueError):
            await documents.insert(PAIRS, [pair])
    assert await documents.count(PAIRS, {}) == 0


async def test_a_declaration_that_does_not_fit_its_struct_is_refused(documents: Documents) -> None:
    for wrong in (
        Collection("pairs", Pair, "nothing"),
        Collection("pairs", Pair, "pair_id", (Index(("nothing",)),)),
        Collection("pairs; DROP TABLE x", Pair, "pair_id"),
    ):
        with pytest.raises(ValueError):
            await documents.prepare([wrong])


class NoteBefore(Record, frozen=True):
    """A note of an earlier version of the service, which neither knew nor indexed the status."""

    note_id: str
    owner: str
    place: int


async def test_a_new_index_finds_the_documents_that_are_there(documents: Documents) -> None:
    before = Collection("old_notes", NoteBefore, "note_id", (Index(("owner", "place"), unique=True),))
    await documents.prepare([before])
    await documents.insert(before, [NoteBefore(note_id=f"n00{number}", owner="ann", place=number) for number in (2, 1)])
    now = Collection("old_notes", Note, "note_id", NOTES.indexes)
    await documents.prepare([now])
    await documents.insert(now, [note(3, status="done")])
    page = await documents.find(now, {"owner": "ann", "status": "open"}, order_by="created_at")
    assert keys(page) == ["n001", "n002"]
    assert await documents.get(now, "n001") == (note(1), 1)


async def test_processes_that_start_at_once_prepare_one_database(mongo_uri: str) -> None:
    async with mongo_backend(mongo_uri) as backend:

        async def start(number: int) -> None:
            async with backend.open() as opened:
                await opened.documents.prepare([NOTES, PAIRS])
                await opened.documents.insert(NOTES, [note(number)])

        await asyncio.gather(*(start(number) for number in range(4)))
        async with backend.open() as opened:
            await opened.documents.prepare([NOTES, PAIRS])
            assert await opened.documents.count(NOTES, {"owner": "ann"}) == 4
            with pytest.raises(DuplicateKey):
                await opened.documents.insert(NOTES, [note(1, note_id="other")])


async def test_what_was_written_is_there_when_opened_again(backend: Backend) -> None:
    async with backend.open() as first:
        await first.documents.prepare([NOTES])
        await first.documents.insert(NOTES, [note(1), note(2)])
        await first.documents.replace(NOTES, note(1, text="changed"), 1)
    async with backend.open() as second:
        await second.documents.check()
        await second.documents.prepare([NOTES])
        assert await second.documents.get(NOTES, "n001") == (note(1, text="changed"), 2)
        assert await second.documents.count(NOTES, {"owner": "ann"}) == 2
