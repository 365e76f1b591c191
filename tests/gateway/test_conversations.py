"""Simulated conversations over REST and over a socket: as documented, in order, once, and nobody else's."""

import asyncio
from pathlib import Path

import pytest
from msgspec import Raw
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from contracts.base import decode, encode
from contracts.conversations import Turn
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, ErrorKind, TokstreamError
from contracts.events import BY_TYPE, MessageCancelled, MessageCompleted
from contracts.realtime import SUBPROTOCOL_JSON, Cancel, CommandAccepted, CommandMessage, Connect, Connected, Push
from contracts.resources import Task
from contracts.streams import conversation_stream
from gateway.access import key_digest
from gateway.config import ApiKey, GatewayConfig
from gateway.conversations import Conversations
from gateway.sweeping import Sweeper
from storage.collections import CONVERSATIONS, IDEMPOTENCY, TASKS
from tests.ai import ScriptedEngine
from tests.gateway.realtime.service import Client
from tests.gateway.talking import talking
from tests.processors.conversation.speaking import fold


async def test_a_thread_is_started_and_continued_as_documented(tmp_path: Path) -> None:
    async with talking(tmp_path, ScriptedEngine(pieces=["요즘 ", "어때?"])) as talk:
        started = await talk.client.post("/start-conversation", json={"relationship": "연인"})
        thread = started.json()["thread_id"]
        continued = await talk.say(thread, "요즘 좀 바빠")
    assert started.status_code == continued.status_code == 200
    assert started.json()["message"] == "요즘 어때?"
    assert thread.startswith("thread_")
    assert continued.json()["message"] == "요즘 어때?"
    assert set(continued.json()["response"]) == {
        "emotional_tone",
        "appropriateness_rating",
        "impact_score",
        "review_comment",
        "suggested_alternative",
    }
    assert [message.content for message in talk.engine.heard[1]] == ["요즘 어때?", "요즘 좀 바빠"]


async def test_what_is_missing_or_unknown_is_said(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        thread = await talk.start()
        answers = [
            await talk.client.post("/start-conversation", json={}),
            await talk.client.post("/start-conversation", json={"relationship": "x" * 300}),
            await talk.client.post("/continue-conversation", json={"message": "안녕"}),
            await talk.client.post("/continue-conversation", json={"thread_id": thread, "message": " "}),
            await talk.client.post("/continue-conversation", json={"thread_id": thread, "message": "아" * 20_001}),
            await talk.say("thread_nobody", "안녕"),
            await talk.client.get("/conversations/thread_nobody"),
            await talk.client.get(f"/conversations/{thread}/turns?after=nonsense"),
        ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 400, 404, 404, 400]
    assert all(answer.json()["detail"] for answer in answers)


@pytest.mark.parametrize(("kind", "status"), [(AI_ENGINE_FAILED, 502), (AI_ENGINE_TIMEOUT, 504)])
async def test_an_engine_that_fails_is_502_or_504_and_the_thread_goes_on(
    tmp_path: Path, kind: ErrorKind, status: int
) -> None:
    engine = ScriptedEngine(pieces=["앗"], error=TokstreamError(kind, "각본"))
    async with talking(tmp_path, engine) as talk:
        thread = await talk.start()
        engine.fail = 0
        failed = await talk.say(thread, "바빠")
        engine.fail = None
        again = await talk.say(thread, "이제 괜찮아")
        turns = (await talk.client.get(f"/conversations/{thread}/turns")).json()["turns"]
    assert failed.status_code == status
    assert again.status_code == 200
    assert [turn["status"] for turn in turns] == ["done", "failed", "done"]
    assert [message.content for message in engine.heard[-1]] == ["앗", "바빠", "이제 괜찮아"]


async def test_the_same_key_never_speaks_twice_and_turns_keep_their_order(tmp_path: Path) -> None:
    async with talking(tmp_path, ScriptedEngine(pace=0.005)) as talk:
        thread = await talk.start()
        first, *others = await asyncio.gather(
            *(talk.say(thread, "한 번만", Idempotency_Key="k1") for _ in range(3)), return_exceptions=False
        )
        again = await talk.say(thread, "한 번만", Idempotency_Key="k1")
        await asyncio.gather(*(talk.say(thread, f"말 {n}") for n in range(5)))
        turns = (await talk.client.get(f"/conversations/{thread}/turns")).json()["turns"]
    assert {first.status_code, *(other.status_code for other in others)} <= {200, 409}
    assert again.status_code == 200
    assert [turn["input"] for turn in turns].count("한 번만") == 1
    assert [turn["number"] for turn in turns] == list(range(1, 8))
    said = [message.content for message in talk.engine.heard[-1] if message.role == "user"]
    assert said == [turn["input"] for turn in turns if turn["input"]]


async def test_a_turn_that_was_cancelled_is_not_spoken_again_for_its_key(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["안녕"])
    async with talking(tmp_path, engine) as talk:
        thread = await talk.start()
        engine.stall = 0
        saying = asyncio.create_task(talk.say(thread, "뭐해", Idempotency_Key="k"))
        async with asyncio.timeout(10):
            while len(engine.heard) < 2:
                await asyncio.sleep(0.01)
        await talk.client.post(f"/conversations/{thread}/cancel")
        cancelled = await saying
        engine.stall = None
        again = await talk.say(thread, "뭐해", Idempotency_Key="k")
        turns = (await talk.client.get(f"/conversations/{thread}/turns")).json()["turns"]
    assert cancelled.status_code == again.status_code == 409
    assert again.headers["idempotent-replay"] == "true"
    assert [turn["status"] for turn in turns] == ["done", "cancelled"]


async def test_a_client_that_does_not_wait_finds_the_reply_later(tmp_path: Path) -> None:
    async with talking(tmp_path, ScriptedEngine(pieces=["천천히 ", "생각할게"], stall=1)) as talk:
        accepted = await talk.client.post(
            "/start-conversation", json={"relationship": "FRIEND"}, headers={"Prefer": "respond-async"}
        )
        body = accepted.json()
        before = (await talk.client.get(body["location"])).json()
        talk.engine.go.set()
        events = await talk.client.get(f"/streams/{body['stream']}/events", headers={"Accept": "application/json"})
        async with asyncio.timeout(10):
            while (after := (await talk.client.get(body["location"])).json())["status"] == "processing":
                await asyncio.sleep(0.02)
    assert accepted.status_code == 202
    assert body["stream"].startswith("conversation:thread_")
    assert before["status"] == "processing"
    assert events.status_code == 200
    assert after["result"]["message"] == "천천히 생각할게"


async def test_a_socket_sees_every_piece_and_can_speak_and_cancel(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=[f"{n} " for n in range(40)], pace=0.005)
    async with talking(tmp_path, engine) as talk:
        thread = await talk.start()
        async with connect(talk.websocket_url, subprotocols=[Subprotocol(SUBPROTOCOL_JSON)]) as connection:
            client = Client(connection)
            await client.send(Connect(id="c"))
            await client.expect(Connected)
            subscribed = await client.subscribe(conversation_stream(thread))
            assert [event.type for event in subscribed.events][-1] == MessageCompleted.TYPE
            say = encode({"message": "들려?"})
            await client.send(CommandMessage(id="s", stream=conversation_stream(thread), name="say", data=Raw(say)))
            pushes = await until(client, MessageCompleted.TYPE)
            engine.pieces, engine.stall = [f"{n} " for n in range(400)], 200
            await client.send(CommandMessage(id="t", stream=conversation_stream(thread), name="say", data=Raw(say)))
            await until(client, "message.delta")
            await client.send(Cancel(id="x", stream=conversation_stream(thread)))
            stopped = await until(client, MessageCancelled.TYPE)
            await client.send(Cancel(id="y", stream=conversation_stream(thread)))
    events = [decode(bytes(push.data), BY_TYPE[push.type_]) for push in pushes]
    assert fold(events) == events[-1].content == "".join(f"{n} " for n in range(40))  # type: ignore[attr-defined]
    assert decode(bytes(stopped[-1].data), MessageCancelled).content


async def test_deleting_a_conversation_stops_it_and_leaves_nothing(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["안녕"])
    async with talking(tmp_path, engine) as talk:
        thread = await talk.start()
        engine.pieces, engine.stall = ["하나 ", "둘"], 1
        saying = asyncio.create_task(talk.say(thread, "뭐해"))
        async with asyncio.timeout(10):
            while len(engine.heard) < 2:
                await asyncio.sleep(0.01)
        deleted = await talk.client.delete(f"/conversations/{thread}")
        answer = await saying
        gone = await talk.client.get(f"/conversations/{thread}")
        again = await talk.client.delete(f"/conversations/{thread}")
        async with asyncio.timeout(10):
            while engine.closed == 0:
                await asyncio.sleep(0.01)
        assert await talk.stores.documents.count(TASKS, {"conversation_id": thread}) == 0
        assert await talk.stores.journal.read(conversation_stream(thread), 0, 10) == []
    assert deleted.status_code == 204
    assert answer.status_code == 404
    assert gone.status_code == again.status_code == 404


async def test_stored_answers_are_deleted_with_what_they_tell(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        thread = await talk.start(**{"Idempotency-Key": "a"})
        await talk.say(thread, "비밀", Idempotency_Key="b")
        await talk.query("비밀", Idempotency_Key="c")
        await talk.client.delete(f"/conversations/{thread}")
        await talk.client.delete("/history?client_name=민수")
        left = (await talk.stores.documents.find(IDEMPOTENCY, {}, order_by="created_at")).documents
    assert list(left) == []


async def test_conversations_and_turns_are_listed_in_pages(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        threads = [await talk.start(name) for name in ("연인", "친구", "상사")]
        for number in range(4):
            await talk.say(threads[0], f"말 {number}")
        first = (await talk.client.get("/conversations?limit=2")).json()
        second = (await talk.client.get("/conversations", params={"limit": 2, "after": first["next"]})).json()
        turns = (await talk.client.get(f"/conversations/{threads[0]}/turns?limit=3")).json()
        rest = (
            await talk.client.get(f"/conversations/{threads[0]}/turns", params={"limit": 3, "after": turns["next"]})
        ).json()
    shown = [each["conversation_id"] for each in first["conversations"] + second["conversations"]]
    assert shown == threads[::-1]
    assert [turn["number"] for turn in turns["turns"] + rest["turns"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None


async def test_nobody_reads_or_goes_on_with_what_is_not_theirs(tmp_path: Path) -> None:
    keys = tuple(ApiKey(digest=key_digest(name), owner=name) for name in ("anna", "ben"))
    config = GatewayConfig(version="1", keys=keys, default_wait=10.0, idempotency_lease=0.0)
    async with talking(tmp_path, config=config) as talk:
        started = await talk.client.post(
            "/start-conversation", json={"relationship": "친구"}, headers={"x-api-key": "anna"}
        )
        thread = started.json()["thread_id"]
        ben = {"x-api-key": "ben"}
        answers = [
            await talk.client.get(f"/conversations/{thread}", headers=ben),
            await talk.client.get(f"/conversations/{thread}/turns", headers=ben),
            await talk.client.delete(f"/conversations/{thread}", headers=ben),
            await talk.client.post(f"/conversations/{thread}/cancel", headers=ben),
            await talk.client.post("/continue-conversation", json={"thread_id": thread, "message": "?"}, headers=ben),
            await talk.client.get(f"/streams/conversation:{thread}/events", headers=ben),
        ]
        listed = (await talk.client.get("/conversations", headers=ben)).json()
        assert await talk.stores.documents.count(CONVERSATIONS, {"owner": "anna"}) == 1
    assert [answer.status_code for answer in answers] == [404] * 6
    assert listed["conversations"] == []


async def until(client: Client, kind: str) -> list[Push]:
    """The pushes up to the first of this type; answers to commands are passed over."""
    pushes: list[Push] = []
    while not pushes or pushes[-1].type_ != kind:
        message = await client.receive()
        if isinstance(message, Push):
            pushes.append(message)
        else:
            assert not isinstance(message, CommandAccepted) or message.stream.startswith("conversation:")
    return pushes


async def test_a_turn_whose_command_was_never_published_is_spoken_in_the_end(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        thread = await talk.start()
        long_ago = "2020-01-01T00:00:00.000000+00:00"
        for task_id, conversation_id in (("lost", thread), ("orphan", "thread_gone")):
            task = Task(
                task_id=task_id,
                owner="local",
                kind="continue",
                created_at=long_ago,
                updated_at=long_ago,
                conversation_id=conversation_id,
                turn=Turn(input="들려?"),
            )
            await talk.stores.documents.insert(TASKS, [task])
        assert await Sweeper(talk.stores, Conversations(talk.stores)).sweep() == 2
        async with asyncio.timeout(10):
            while (found := (await talk.client.get("/result/lost")).json())["status"] == "processing":
                await asyncio.sleep(0.02)
        assert found["result"]["message"] == "들었어: 들려? "
        assert await talk.stores.documents.get(TASKS, "orphan") is None
        assert await Sweeper(talk.stores, Conversations(talk.stores)).sweep() == 0
