"""The OpenAI-compatible surface, as the official client sees it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from contracts.conversations import Conversation
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.events import MessageCompleted, MessageDelta
from gateway.completions import pieces_of
from gateway.conversations import Conversations
from gateway.sweeping import Sweeper
from storage.collections import CONVERSATIONS, TASKS
from storage.publishing import append_events
from tests.ai import ScriptedEngine
from tests.gateway.talking import Talk, talking


def official(talk: Talk) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{talk.url}/v1", api_key="any", max_retries=0)


async def test_the_official_client_gets_a_whole_answer(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk, official(talk) as client:
        answer = await client.chat.completions.create(
            model="scripted-2",
            messages=[{"role": "system", "content": "짧게"}, {"role": "user", "content": "안녕 하세요"}],
            temperature=0.5,
            max_tokens=40,
            stop=["끝"],
        )
        request = talk.engine.asked[-1]
    assert answer.object == "chat.completion"
    assert answer.model == "scripted-2"
    assert answer.choices[0].message.content == "들었어: 안녕 하세요 "
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert request.sampling.temperature == 0.5  # type: ignore[union-attr]
    assert request.sampling.max_tokens == 40  # type: ignore[union-attr]
    assert request.sampling.stop == ("끝",)  # type: ignore[union-attr]
    assert [message.role for message in request.messages] == ["system", "user"]  # type: ignore[union-attr]


async def test_the_official_client_streams_with_usage(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=[f"{n} " for n in range(50)], pace=0.004)
    async with talking(tmp_path, engine) as talk, official(talk) as client:
        stream = await client.chat.completions.create(
            model="scripted-1",
            messages=[{"role": "user", "content": [{"type": "text", "text": "세어 봐"}]}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "".join(f"{n} " for n in range(50))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert len({chunk.id for chunk in chunks}) == 1
    assert engine.heard[-1][0].content == "세어 봐"


async def test_the_official_client_lists_models(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk, official(talk) as client:
        models = await client.models.list()
        one = await client.models.retrieve("scripted-2")
    assert [model.id for model in models.data] == ["scripted-1", "scripted-2"]
    assert one.id == "scripted-2"


async def test_a_model_may_have_a_slash_in_its_name(tmp_path: Path) -> None:
    engine = ScriptedEngine(known=("maker/large",))
    async with talking(tmp_path, engine) as talk, official(talk) as client:
        assert (await client.models.retrieve("maker/large")).id == "maker/large"


async def test_errors_are_those_that_the_client_knows(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["앗"], fail=0, error=TokstreamError(AI_ENGINE_FAILED, "각본"))
    async with talking(tmp_path, engine) as talk, official(talk) as client:
        ask = {"model": "scripted-1", "messages": [{"role": "user", "content": "?"}]}
        with pytest.raises(openai.NotFoundError, match="no model"):
            await client.chat.completions.create(**{**ask, "model": "gpt-9"})  # type: ignore[call-overload]
        with pytest.raises(openai.BadRequestError, match="Tools are not served"):
            await client.chat.completions.create(**ask, tools=[{"type": "function"}])  # type: ignore[call-overload]
        with pytest.raises(openai.BadRequestError):
            await client.chat.completions.create(**{**ask, "messages": []})  # type: ignore[call-overload]
        with pytest.raises(openai.InternalServerError, match="각본") as failed:
            await client.chat.completions.create(**ask)  # type: ignore[call-overload]
        with pytest.raises(openai.InternalServerError, match="각본"):
            await client.chat.completions.create(**ask, stream=True)  # type: ignore[call-overload]
        engine.pieces, engine.fail = ["여기까지 ", "였다"], 2
        stream = await client.chat.completions.create(**ask, stream=True)  # type: ignore[call-overload]
        heard: list[str] = []
        with pytest.raises(openai.APIError, match="각본"):
            await collect(stream, heard)
    assert failed.value.status_code == 502
    assert "".join(heard) == "여기까지 였다"


async def test_an_engine_that_fails_after_a_long_silence_is_told_within_the_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.completions.KEEP_ALIVE_SECONDS", 0.05)
    engine = ScriptedEngine(pieces=["앗"], stall=0, fail=0, error=TokstreamError(AI_ENGINE_FAILED, "각본"))
    async with talking(tmp_path, engine) as talk, official(talk) as client:
        stream = await client.chat.completions.create(
            model="scripted-1", messages=[{"role": "user", "content": "?"}], stream=True
        )
        engine.go.set()
        with pytest.raises(openai.APIError, match="각본"):
            await collect(stream, [])


async def test_what_would_change_the_form_of_the_answer_is_refused(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk, official(talk) as client:
        ask = {"model": "scripted-1", "messages": [{"role": "user", "content": "?"}]}
        for name, value in (
            ("response_format", {"type": "json_object"}),
            ("logprobs", True),
            ("functions", [{"name": "f"}]),
        ):
            with pytest.raises(openai.BadRequestError) as refused:
                await client.chat.completions.create(**ask, **{name: value})  # type: ignore[call-overload]
            assert refused.value.param == name
        answer = await client.chat.completions.create(
            **ask,
            response_format={"type": "text"},
            logprobs=False,  # type: ignore[call-overload]
        )
    assert answer.choices[0].message.content


async def test_a_reply_begun_anew_is_passed_over_where_it_is_the_same_and_refused_where_it_is_not(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path) as talk:
        same = await told(talk, "conversation:a", (0, "하나 "), (0, "하나 "), (3, "둘"), ending="하나 둘")
        with pytest.raises(TokstreamError, match="begun anew"):
            await told(talk, "conversation:b", (0, "하나 둘"), (0, "다른"), ending="다른")
        with pytest.raises(TokstreamError, match="begun anew"):
            await told(talk, "conversation:c", (0, "하나 둘"), (0, "하나"), ending="하나")
    assert same == "하나 둘"


async def test_nothing_of_a_completion_is_kept_and_a_client_that_leaves_stops_it(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["말 "] * 5000, pace=0.005)
    async with talking(tmp_path, engine) as talk, official(talk) as client:
        stream = await client.chat.completions.create(
            model="scripted-1", messages=[{"role": "user", "content": "?"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
        async with asyncio.timeout(15):
            while engine.closed == 0 or await talk.stores.documents.count(CONVERSATIONS, {"owner": "local"}):
                await asyncio.sleep(0.02)
        assert await talk.stores.documents.count(TASKS, {"status": "processing"}) == 0


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_before_the_first_word_stops_it_too(tmp_path: Path, stream: bool) -> None:
    engine = ScriptedEngine(pieces=["앗"], stall=0)
    async with talking(tmp_path, engine) as talk:
        body = {"model": "scripted-1", "stream": stream, "messages": [{"role": "user", "content": "?"}]}
        asking = asyncio.create_task(talk.client.post("/v1/chat/completions", json=body))
        async with asyncio.timeout(8):
            while not engine.heard:
                await asyncio.sleep(0.01)
            asking.cancel()
            while engine.closed == 0 or await talk.stores.documents.count(CONVERSATIONS, {"owner": "local"}):
                await asyncio.sleep(0.02)


async def test_a_sweep_that_another_gateway_overtakes_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(tmp_path) as talk:
        for number in range(3):
            old = Conversation(
                conversation_id=f"completion_{number}",
                owner="local",
                kind="completion",
                created_at="2020-01-01T00:00:00.000000+00:00",
                updated_at="2020-01-01T00:00:00.000000+00:00",
            )
            await talk.stores.documents.insert(CONVERSATIONS, [old])
        conversations = Conversations(talk.stores)
        overtaken, other = Sweeper(talk.stores, conversations), Sweeper(talk.stores, Conversations(talk.stores))
        delete = conversations.delete

        async def late(owner: str, conversation_id: str) -> None:
            await other.sweep()
            await delete(owner, conversation_id)

        monkeypatch.setattr(conversations, "delete", late)
        assert await overtaken.sweep() == 0
        assert await talk.stores.documents.count(CONVERSATIONS, {"owner": "local"}) == 0


async def told(talk: Talk, stream: str, *deltas: tuple[int, str], ending: str) -> str:
    """What a client is told of a reply with these deltas."""
    said = [MessageDelta(task_id="t", message_id="m", offset=offset, text=text) for offset, text in deltas]
    whole = MessageCompleted(task_id="t", message_id="m", content=ending)
    await append_events(talk.stores, stream, [(str(number), event) for number, event in enumerate((*said, whole))])
    async with talk.hub.watch(stream) as watch:
        return "".join([piece async for piece in pieces_of(watch, "t") if isinstance(piece, str)])


async def collect(stream: AsyncIterator[ChatCompletionChunk], heard: list[str]) -> None:
    async for chunk in stream:
        heard.append(chunk.choices[0].delta.content or "")
