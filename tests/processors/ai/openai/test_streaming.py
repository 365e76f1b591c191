"""Replies as they stream: every form a compatible server gives them."""

import asyncio
import itertools
import json
from contextlib import aclosing
from typing import Any

import pytest

from contracts.conversations import Evaluation, Sampling, Usage
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from processors.ai.port import Completion, Finish
from tests.processors.ai.chats import FRIEND, assistant, collected, user
from tests.processors.ai.openai.opening import KEY, opened
from tests.servers.ai import FakeOpenAi, Script

HELLO = Completion(messages=(user("안녕?"),))


def event(**chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def delta(text: str | None, **more: Any) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}, **more}])


async def test_pieces_come_as_the_endpoint_sends_them(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["안녕", "! 오늘", " 어땠어?"])
    async with opened(fake) as engine:
        pieces = [piece async for piece in engine.complete(HELLO)]
    assert pieces[:-1] == ["안녕", "! 오늘", " 어땠어?"]
    usage = Usage(prompt_tokens=7, completion_tokens=3, total_tokens=10)
    assert pieces[-1] == Finish(reason="stop", usage=usage)


async def test_the_request_says_what_the_client_chose(fake: FakeOpenAi) -> None:
    sampling = Sampling(temperature=0.3, top_p=0.9, max_tokens=50, stop=("끝",), seed=7, presence_penalty=0.5)
    async with opened(fake) as engine:
        await collected(engine.complete(Completion(messages=(user("안녕?"),), model="fake-small", sampling=sampling)))
    (request,) = fake.chats
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "fake-small",
        "messages": [{"role": "user", "content": "안녕?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 50,
        "temperature": 0.3,
        "top_p": 0.9,
        "stop": ["끝"],
        "seed": 7,
        "presence_penalty": 0.5,
    }


async def test_a_reply_is_bounded_where_the_client_does_not_bound_it(fake: FakeOpenAi) -> None:
    async with opened(fake) as engine:
        await collected(engine.complete(HELLO))
    assert fake.chats[0].body["max_tokens"] == 200


WHOLE = delta("안녕") + delta(" 친구야") + delta(None, finish_reason="stop") + b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [WHOLE],
        [bytes([byte]) for byte in WHOLE],
        [WHOLE.replace(b"\n", b"\r\n")],
        [b": PROCESSING\n\n", WHOLE],
        [WHOLE.removesuffix(b"data: [DONE]\n\n")],
        [WHOLE.removesuffix(b"\n\ndata: [DONE]\n\n")],
        [delta("안녕"), delta(" 친구야"), b"data: [DONE]\n\n"],
        [event(choices=[{"delta": {"role": "assistant"}}]), event(choices=None), WHOLE],
        [delta("안녕"), delta(" 친구야", finish_reason="stop"), b"data: [DONE]\n\n", delta("더")],
        [event(choices=[{"delta": {"reasoning_content": "생각 중"}}]), WHOLE],
    ],
    ids=["whole", "bytes", "crlf", "comment", "no-done", "no-last-line", "no-finish", "odd", "after-done", "reasoning"],
)
async def test_every_form_of_a_stream_is_the_same_reply(fake: FakeOpenAi, pieces: list[bytes]) -> None:
    fake.usual = Script(raw=pieces)
    async with opened(fake) as engine:
        text, others = await collected(engine.complete(HELLO))
    assert text == "안녕 친구야"
    assert others == [Finish(reason="stop")]
    assert len(fake.chats) == 1


async def test_an_endpoint_that_knows_no_streams_is_understood(fake: FakeOpenAi) -> None:
    fake.usual = Script(text="한 번에 말할게", ignore_stream=True)
    async with opened(fake) as engine:
        text, others = await collected(engine.complete(HELLO))
    assert text == "한 번에 말할게"
    assert len(others) == 1


@pytest.mark.parametrize(("said", "reason"), [("length", "length"), ("max_tokens", "length"), ("eos", "stop")])
async def test_the_reason_of_the_end_is_told(fake: FakeOpenAi, said: str, reason: str) -> None:
    fake.usual = Script(finish=said)
    async with opened(fake) as engine:
        _, (finish,) = await collected(engine.complete(HELLO))
    assert isinstance(finish, Finish)
    assert finish.reason == reason


async def test_an_endpoint_that_does_not_count_leaves_the_usage_open(fake: FakeOpenAi) -> None:
    fake.refuses = {"stream_options"}
    async with opened(fake) as engine:
        for _ in range(2):
            _, (finish,) = await collected(engine.complete(HELLO))
            assert finish == Finish(reason="stop")
    # What it refused once is not asked again.
    assert ["stream_options" in request.body for request in fake.chats] == [True, False, False]


async def test_the_newer_name_of_the_token_limit_is_learned(fake: FakeOpenAi) -> None:
    fake.refuses = {"max_tokens"}
    async with opened(fake) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text
    assert fake.chats[-1].body["max_completion_tokens"] == 200


async def test_a_sampling_that_is_refused_is_not_dropped_in_silence(fake: FakeOpenAi) -> None:
    fake.refuses = {"temperature"}
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError) as told:
            await collected(engine.complete(Completion(messages=(user("?"),), sampling=Sampling(temperature=2))))
    assert told.value.kind is AI_ENGINE_FAILED
    assert "400" in told.value.detail


async def test_leaving_a_reply_hangs_up_at_once(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["하나", "둘"], stall_at=1)
    async with opened(fake) as engine:
        async with aclosing(engine.complete(HELLO)) as pieces:
            assert await anext(pieces) == "하나"
        async with asyncio.timeout(10):
            while fake.hangups == 0:
                await asyncio.sleep(0.01)


async def test_cancelling_a_reply_hangs_up_at_once(fake: FakeOpenAi) -> None:
    fake.usual = Script(stall_at=0)
    async with opened(fake) as engine:
        waiting = asyncio.create_task(collected(engine.converse([user("안녕")], FRIEND)))
        async with asyncio.timeout(10):
            while not fake.chats:
                await asyncio.sleep(0.01)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            while fake.hangups == 0:
                await asyncio.sleep(0.01)


async def test_requests_under_way_are_bounded(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["a", "b", "c"], between=0.01)
    async with opened(fake, concurrency=3) as engine:
        replies = await asyncio.gather(*(collected(engine.complete(HELLO)) for _ in range(12)))
    assert {text for text, _ in replies} == {"abc"}
    assert fake.most_under_way == 3


async def test_a_conversation_streams_its_reply_and_judges_beside_it(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["그랬", "구나"])
    judgement = (
        '{"score": 60, "emotional_tone": "NEUTRAL", "impact_score": 0, "comment": "무난", "alternative": "미안"}'
    )
    fake.answers.append(Script(text=judgement))
    async with opened(fake) as engine:
        pieces = [piece async for piece in engine.converse([assistant("뭐 해?"), user("요즘 좀 바빠")], FRIEND)]
    assert pieces == [
        "그랬",
        "구나",
        Evaluation(
            emotional_tone="NEUTRAL",
            appropriateness_rating=60,
            impact_score=0,
            review_comment="무난",
            suggested_alternative="미안",
        ),
    ]


async def test_the_judgement_runs_beside_the_reply_and_ends_with_it(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["그랬", "구나"], stall_at=1)
    fake.answers.append(Script(before_headers=600))
    async with opened(fake) as engine:
        async with asyncio.timeout(10):
            async with aclosing(engine.converse([user("요즘 좀 바빠")], FRIEND)) as pieces:
                assert await anext(pieces) == "그랬"
                while not any(request.structured for request in fake.chats):
                    await asyncio.sleep(0.01)
            while fake.hangups < 2:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "turns", [[], [assistant("뭐 해?")], [user("안녕")], [assistant("뭐 해?"), user("그냥"), assistant("그래?")]]
)
async def test_the_chat_begins_and_ends_with_the_user(fake: FakeOpenAi, turns: list[Any]) -> None:
    async with opened(fake) as engine:
        await collected(engine.converse(turns, FRIEND))
    roles = [message["role"] for message in fake.chats[0].body["messages"]]
    assert roles[:2] == ["system", "user"]
    assert roles[-1] == "user"
    assert all(one != following for one, following in itertools.pairwise(roles))
    assert [content for content in fake.chats[0].contents if content in [turn.content for turn in turns]] == [
        turn.content for turn in turns
    ]


async def test_an_empty_reply_of_a_conversation_is_a_failure(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=[])
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError, match="empty"):
            await collected(engine.converse([user("안녕")], FRIEND))
