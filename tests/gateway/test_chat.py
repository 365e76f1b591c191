"""The chat of the fourth specification, to the letter: paths, fields, error bodies; in order and across restarts."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.conversations import Model
from gateway.chat_clients import ChatClients
from gateway.conversations import Conversations
from gateway.waiting import wait_for_end
from tests.ai import ScriptedEngine
from tests.gateway.talking import talking


async def test_models_are_listed_as_documented(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        models = (await talk.client.get("/models")).json()
    assert models["object"] == "list"
    assert [model["id"] for model in models["data"]] == ["scripted-1", "scripted-2"]
    assert set(models["data"][0]) == {"id", "object", "created", "owned_by", "permission", "root", "parent"}


async def test_a_query_is_answered_and_kept_in_the_history(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        answer = await talk.query("안녕하세요")
        history = (await talk.client.get("/history", params={"client_name": "민수"})).json()
        stranger = (await talk.client.get("/history", params={"client_name": "영희"})).json()
    assert answer.json() == {"response": "들었어: 안녕하세요 "}
    assert [(entry["role"], entry["content"]) for entry in history] == [
        ("user", "안녕하세요"),
        ("assistant", "들었어: 안녕하세요 "),
    ]
    assert set(history[0]) == {"role", "content", "timestamp"}
    assert history[0]["timestamp"] <= history[1]["timestamp"]
    assert stranger == []


async def test_history_and_model_outlive_a_restart_and_clearing_keeps_the_model(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        before = (await talk.client.get("/model", params={"client_name": "민수"})).json()
        chosen = await talk.client.post("/model", json={"model": "scripted-2", "client_name": "민수"})
        await talk.query("기억해줘")
    async with talking(tmp_path) as talk:
        await talk.query("기억해?")
        heard = talk.engine.heard[-1]
        model = (await talk.client.get("/model", params={"client_name": "민수"})).json()
        cleared = await talk.client.delete("/history", params={"client_name": "민수"})
        empty = (await talk.client.get("/history", params={"client_name": "민수"})).json()
        await talk.query("처음 뵙겠습니다")
        fresh, asked = talk.engine.heard[-1], talk.engine.asked[-1]
        kept = (await talk.client.get("/model", params={"client_name": "민수"})).json()
    assert before == {"model": "scripted-1"}
    assert chosen.json() == model == kept == {"model": "scripted-2"}
    assert [message.content for message in heard] == ["기억해줘", "들었어: 기억해줘 ", "기억해?"]
    assert cleared.json()["message"]
    assert empty == []
    assert [message.content for message in fresh] == ["처음 뵙겠습니다"]
    assert asked.model == "scripted-2"  # type: ignore[union-attr]


async def test_errors_are_said_in_the_documented_form(tmp_path: Path) -> None:
    async with talking(tmp_path, ScriptedEngine(fail=0)) as talk:
        answers = [
            await talk.client.post("/model", json={"model": "gpt-9", "client_name": "민수"}),
            await talk.client.post("/model", json={"model": "scripted-1"}),
            await talk.client.get("/model"),
            await talk.client.post("/query", json={"client_name": "민수"}),
            await talk.client.post("/query", json={"client_name": "x" * 201, "input": "안녕"}),
            await talk.client.post("/query", content=b"{", headers={"content-type": "application/json"}),
            await talk.client.get("/history"),
            await talk.client.delete("/history"),
            await talk.query("터져라"),
        ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 400, 400, 400, 400, 500]
    for answer in answers:
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(answer.json()["error"], str)
        assert answer.json()["error"]


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "unicode_escape"])
async def test_a_form_in_a_charset_that_says_no_text_is_refused(tmp_path: Path, charset: str) -> None:
    field = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n+2AA-\\ud800\r\n'
    body = field.format("input") + field.format("client_name") + "--b--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary=b; charset={charset}"}
    async with talking(tmp_path) as talk:
        answer = await talk.client.post("/query", content=body.encode(), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_json_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        body = b'{"input": "\xff", "client_name": "a"}'
        answer = await talk.client.post("/query", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("character", ["가", "😀"])
async def test_the_longest_message_fits_however_its_json_is_escaped(tmp_path: Path, character: str) -> None:
    body = json.dumps({"input": character * 20_000, "client_name": "민수"})
    async with talking(tmp_path, ScriptedEngine(pieces=["길다"])) as talk:
        answer = await talk.client.post("/query", content=body, headers={"content-type": "application/json"})
        heard = talk.engine.heard[-1][-1].content
    assert body.isascii()
    assert answer.status_code == 200
    assert heard == character * 20_000


async def test_a_defect_is_told_with_the_id_under_which_it_was_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScriptedEngine()

    async def broken() -> list[Model]:
        raise RuntimeError("a secret")

    monkeypatch.setattr(engine, "models", broken)
    async with talking(tmp_path, engine) as talk:
        chat = await talk.client.get("/models")
        compatible = await talk.client.get("/v1/models")
    assert chat.status_code == compatible.status_code == 500
    assert chat.json()["instance"].startswith("urn:uuid:")
    assert compatible.json()["error"]["instance"].startswith("urn:uuid:")
    assert "secret" not in chat.text + compatible.text


async def test_queries_of_one_client_keep_their_order_and_clients_do_not_mix(tmp_path: Path) -> None:
    async with talking(tmp_path, ScriptedEngine(pace=0.003)) as talk:
        await asyncio.gather(*(talk.query(f"{name} {n}", name) for n in range(5) for name in ("가", "나")))
        histories = [(await talk.client.get("/history", params={"client_name": name})).json() for name in ("가", "나")]
    for name, history in zip(("가", "나"), histories, strict=True):
        assert [entry["role"] for entry in history] == ["user", "assistant"] * 5
        said = [entry["content"] for entry in history if entry["role"] == "user"]
        assert sorted(said) == [f"{name} {n}" for n in range(5)]
        answers = [entry["content"] for entry in history if entry["role"] == "assistant"]
        assert answers == [f"들었어: {text} " for text in said]


async def test_a_client_whose_conversation_was_deleted_by_its_id_begins_anew(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.query("하나")
        (conversation,) = (await talk.client.get("/conversations")).json()["conversations"]
        await talk.client.delete(f"/conversations/{conversation['conversation_id']}")
        answer = await talk.query("둘")
        history = (await talk.client.get("/history?client_name=민수")).json()
        listed = (await talk.client.get("/conversations")).json()["conversations"]
    assert answer.status_code == 200
    assert [entry["content"] for entry in history if entry["role"] == "user"] == ["둘"]
    assert len(listed) == 1


@pytest.mark.parametrize("before", ["open", "speak"])
async def test_a_query_that_a_clearing_overtakes_is_said_in_a_conversation_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    async with talking(tmp_path) as talk:
        conversations = Conversations(talk.stores)
        clients = ChatClients(talk.stores, conversations, talk.engine.models)
        overtaken, cleared = getattr(conversations, before), False

        async def late(*arguments: Any, **named: Any) -> Any:
            nonlocal cleared
            if not cleared:
                cleared = True
                await clients.clear("local", "민수")
            return await overtaken(*arguments, **named)

        monkeypatch.setattr(conversations, before, late)
        work = await clients.query("local", "민수", "들려?", talk.stores.ids)
        await wait_for_end(talk.stores, talk.hub, work, 10)
        history = (await talk.client.get("/history?client_name=민수")).json()
        kept = (await talk.client.get("/conversations")).json()["conversations"]
        await talk.client.delete("/history?client_name=민수")
        left = (await talk.client.get("/conversations")).json()["conversations"]
    assert [entry["content"] for entry in history] == ["들려?", "들었어: 들려? "]
    assert len(kept) == 1
    assert left == []


async def test_a_long_history_is_paged_by_links(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        for number in range(5):
            await talk.query(f"{number}")
        found, url = [], "/history?client_name=민수&limit=2"
        pages = 0
        while url:
            page = await talk.client.get(url)
            found += [entry["content"] for entry in page.json() if entry["role"] == "user"]
            url = page.links.get("next", {}).get("url", "")
            pages += 1
    assert found == ["0", "1", "2", "3", "4"]
    assert pages == 3
