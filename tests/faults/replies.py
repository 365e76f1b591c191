"""Clients that talk while processes die, and what must be true of every conversation afterwards."""

import asyncio
import json
import random
from typing import Any

import httpx

from contracts.base import decode
from contracts.conversations import TurnPage
from contracts.events import BY_TYPE, MessageCompleted
from tests.processors.conversation.speaking import ENDS, fold
from tests.servers.ai import FakeOpenAi, Recorded

CLIENTS = 6
QUERIES = 4
TOKENS = 40


def reply(request: Recorded) -> str:
    """What the model says to the last message: never the same twice, as models are."""
    return " ".join(f"{request.contents[-1]}-{random.randrange(1000)}" for _ in range(TOKENS))


def settings(model: FakeOpenAi) -> dict[str, str]:
    return {"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": model.url, "TOKSTREAM_AI_MODEL": "fake-large"}


async def insist(url: str, number: int, query: int) -> None:
    """Asks until it is answered, each time under the same key, as a client that must not lose its message does."""
    text = f"c{number}q{query}"
    body = {"client_name": f"client-{number}", "input": text}
    while True:
        try:
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                answer = await http.post("/query", json=body, headers={"Idempotency-Key": text})
                if answer.status_code == 202:
                    answer = await outcome(http, answer.json()["location"])
            if answer.status_code == 200:
                assert answer.json()["response"].split()[0].startswith(text)
                return
            assert answer.status_code in (409, 503), answer.text
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.2)


async def outcome(http: httpx.AsyncClient, location: str) -> httpx.Response:
    """The answer that a request would have got, had it waited long enough."""
    while (found := await http.get(location)).json().get("status") == "processing":
        await asyncio.sleep(0.2)
    result = found.json().get("result")
    return found if result is None else httpx.Response(200, json=result)


async def client(url: str, number: int) -> None:
    for query in range(QUERIES):
        await insist(url, number, query)


async def check_all(url: str) -> None:
    """Every turn of every client is there once, in order, and ended once."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        conversations = (await http.get("/conversations")).json()["conversations"]
        for conversation in conversations:
            await check(http, conversation)
        histories = [
            (await http.get("/history", params={"client_name": f"client-{number}"})).json() for number in range(CLIENTS)
        ]
    assert len(conversations) == CLIENTS
    for number, history in enumerate(histories):
        said = [entry["content"] for entry in history if entry["role"] == "user"]
        assert said == [f"c{number}q{query}" for query in range(QUERIES)]
        assert [entry["role"] for entry in history] == ["user", "assistant"] * QUERIES


async def check(http: httpx.AsyncClient, conversation: dict[str, Any]) -> None:
    """One end a turn, and from every point of the stream the deltas fold to the text of the end."""
    stream, after, stored = conversation["stream"], None, []
    while True:
        parameters = {"limit": "200"} if after is None else {"limit": "200", "after": after}
        page = await http.get(f"/streams/{stream}/events", params=parameters, headers={"Accept": "application/json"})
        events = page.json()["events"]
        if not events:
            break
        stored += events
        after = f"{events[-1]['epoch']}.{events[-1]['seq']}"
    assert [event["seq"] for event in stored] == list(range(1, len(stored) + 1))
    turns = decode((await http.get(f"/conversations/{conversation['conversation_id']}/turns")).content, TurnPage).turns
    for turn in turns:
        own = [event for event in stored if event["data"].get("task_id") == turn.task_id]
        assert [event["type"] for event in own if event["type"] in ENDS] == [MessageCompleted.TYPE]
        told = [decode(json.dumps(event["data"]), BY_TYPE[event["type"]]) for event in own]
        last = told[-1]
        assert isinstance(last, MessageCompleted)
        assert last.content == turn.reply
        assert all(fold(told[resume:], fold(told[:resume])) == turn.reply for resume in range(len(told)))
