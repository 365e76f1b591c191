"""The gateway on MongoDB: what it asks of documents and journal is served there as it is by SQLite."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from contracts.base import decode
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.events import BY_TYPE
from contracts.resources import SessionView
from storage.collections import ALL, IDEMPOTENCY, SCREENSHOTS, SESSIONS, TASKS
from storage.documents.mongo import MongoDocuments
from storage.feed import JournalThenLog
from storage.journal.mongo import MongoJournal
from storage.mongo import MongoConfig, MongoDatabase
from storage.sources import Uuid7
from storage.stores import Stores
from tests.ai import ScriptedEngine
from tests.gateway.service import Service, embedded, gateway, png
from tests.gateway.talking import talking
from tests.gateway.test_openapi import Witness, document_of, journey
from tests.processors.conversation.speaking import fold

OpenStores = Callable[[Path], AbstractAsyncContextManager[Stores]]


@asynccontextmanager
async def mongodb_stores(mongo_uri: str) -> AsyncIterator[OpenStores]:
    """How to open stores with documents and journal in a new database, and with an embedded log and blobs."""
    database = await MongoDatabase.open(MongoConfig(uri=mongo_uri, database=f"gateway_{uuid.uuid4().hex}"))

    @asynccontextmanager
    async def stores_on_mongodb(directory: Path) -> AsyncIterator[Stores]:
        async with embedded(directory) as stores:
            documents = MongoDocuments(database)
            await documents.prepare(ALL)
            journal = await MongoJournal.open(database, Uuid7())
            yield replace(stores, documents=documents, journal=journal, feed=JournalThenLog(journal, stores.log))

    try:
        yield stores_on_mongodb
    finally:
        await database.client.drop_database(database.config.database)
        await database.close()


@asynccontextmanager
async def on_mongodb(mongo_uri: str, directory: Path) -> AsyncIterator[Service]:
    """A gateway on these stores."""
    async with mongodb_stores(mongo_uri) as open_stores, gateway(directory, open_stores=open_stores) as service:
        yield service


async def test_every_operation_answers_as_documented(mongo_uri: str, tmp_path: Path) -> None:
    async with on_mongodb(mongo_uri, tmp_path) as service:
        document = await document_of(service)
        witness = Witness(document)
        service.client.event_hooks = {"response": [witness.examine]}
        await journey(service)
        names = {op["operationId"] for methods in document["paths"].values() for op in methods.values()}
        assert witness.seen == names
        documents = service.stores.documents
        # The journey deletes its session in the end, and that leaves nothing.
        assert await documents.count(SESSIONS, {"owner": "local"}) == 0
        assert await documents.count(TASKS, {"owner": "local"}) == 0
        assert (await documents.find(SCREENSHOTS, {})).documents == []


async def test_uploads_at_once_get_each_an_order_of_their_own(mongo_uri: str, tmp_path: Path) -> None:
    async with on_mongodb(mongo_uri, tmp_path) as service:
        session_id = await service.session()
        await asyncio.gather(*(service.upload(session_id) for _ in range(8)))
        view = decode((await service.client.get(f"/sessions/{session_id}")).content, SessionView)
        assert [shot.upload_order for shot in view.screenshots] == list(range(1, 9))


async def test_processing_twice_at_once_runs_once(mongo_uri: str, tmp_path: Path) -> None:
    async with on_mongodb(mongo_uri, tmp_path) as service:
        session_id = await service.session()
        await service.upload(session_id)
        service.processor.go.clear()
        requests = [asyncio.create_task(service.process(session_id)) for _ in range(4)]
        waiting = set(requests)
        while len(waiting) > 1:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        service.processor.go.set()
        assert sorted([(await request).status_code for request in requests]) == [200, 409, 409, 409]


async def test_a_repetition_gets_the_stored_answer(mongo_uri: str, tmp_path: Path) -> None:
    async with on_mongodb(mongo_uri, tmp_path) as service:
        session_id = await service.session()
        answers = [
            await service.client.post(
                f"/sessions/{session_id}/upload", files={"file": png()}, headers={"Idempotency-Key": "k"}
            )
            for _ in range(2)
        ]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["idempotent-replay"] == "true"
        assert await service.stores.documents.count(IDEMPOTENCY, {"session_id": session_id}) == 1


async def test_an_analysis_is_kept_and_runs_again_where_it_was_cut_off(mongo_uri: str, tmp_path: Path) -> None:
    async with on_mongodb(mongo_uri, tmp_path) as service:
        service.processor.messages = 80
        session_id = await service.processed_session()
        engine, url = service.processor.engine, f"/sessions/{session_id}"
        engine.entered = OnlyFirst()
        assert (await service.client.post(f"{url}/analyze")).status_code == 502
        kept = [one for one in (await service.client.get(f"{url}/messages")).json()["messages"] if one["score"]]
        engine.entered = OnlyFirst(1000)
        assert (await service.client.post(f"{url}/analyze")).status_code == 200
        judged = [one for one in (await service.client.get(f"{url}/messages")).json()["messages"] if one["score"]]
        assert (len(kept), len(judged), len(engine.judged)) == (20, 40, 40), "each once in both runs together"
        assert len((await service.client.post(f"{url}/predict-next")).json()["suggestions"]) == 3


class OnlyFirst:
    """Lets the first calls of an engine pass, and no other."""

    def __init__(self, calls: int = 1) -> None:
        self.left = calls

    async def __call__(self, texts: tuple[str, ...]) -> None:
        self.left -= 1
        if self.left < 0:
            raise TokstreamError(AI_ENGINE_FAILED, "no more")


async def test_turns_keep_their_order_and_their_streams_fold(mongo_uri: str, tmp_path: Path) -> None:
    engine = ScriptedEngine(pace=0.002)
    async with mongodb_stores(mongo_uri) as open_stores, talking(tmp_path, engine, open_stores=open_stores) as talk:
        thread = await talk.start()
        answers = await asyncio.gather(*(talk.say(thread, f"말 {n}") for n in range(5)))
        turns = (await talk.client.get(f"/conversations/{thread}/turns")).json()["turns"]
        stored = await talk.stores.journal.read(f"conversation:{thread}", 0, 1000)
        deleted = await talk.client.delete(f"/conversations/{thread}")
        assert await talk.stores.documents.count(TASKS, {"conversation_id": thread}) == 0
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [turn["number"] for turn in turns] == list(range(1, 7))
    said = [message.content for message in engine.heard[-1] if message.role == "user"]
    assert said == [turn["input"] for turn in turns if turn["input"]]
    for turn in turns:
        own = [decode(event.data, BY_TYPE[event.type]) for event in stored if turn["task_id"] in event.id]
        assert fold(own) == turn["reply"]
    assert deleted.status_code == 204
