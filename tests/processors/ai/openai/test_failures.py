"""Endpoints that stall, break off, refuse and lie: what is tried again, what is told, and what never shows."""

import asyncio
import logging
import time
from contextlib import aclosing
from email.utils import formatdate

import pytest

from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, MODEL_NOT_FOUND, TokstreamError
from processors.ai.attempts import Retries
from processors.ai.openai.config import Endpoint
from processors.ai.port import AiEngine, Completion
from tests.processors.ai.chats import FRIEND, collected, said, user
from tests.processors.ai.openai.opening import IMPATIENT, KEY, QUICK, opened
from tests.servers.ai import FakeOpenAi, Script
from tests.servers.process import HOST, free_ports

HELLO = Completion(messages=(user("안녕?"),))
BUSY = Script(status=429, error={"message": "slow down", "code": "rate_limit_exceeded"})
PASSING = [
    BUSY,
    Script(status=500, error={"message": "oops"}),
    Script(status=503),
    Script(hang_up=True),
    Script(reset_at=0),
    Script(end_at=0),
    Script(error_at=0, error={"message": "overloaded", "type": "server_error"}),
    Script(raw=[b"data: {not json\n\n"]),
    Script(raw=[b"data: [1]\n\n"]),
]
PASSING_IDS = ["429", "500", "503", "hang-up", "reset", "no-end", "error-inside", "no-json", "no-chunk"]


async def failure_of(fakes: list[FakeOpenAi], completion: Completion = HELLO) -> TokstreamError:
    async with opened(*fakes) as engine:
        with pytest.raises(TokstreamError) as told:
            await collected(engine.complete(completion))
    return told.value


async def listen(engine: AiEngine, heard: list[object]) -> None:
    async for piece in engine.complete(HELLO):
        heard.append(piece)


@pytest.mark.parametrize("script", PASSING, ids=PASSING_IDS)
async def test_what_fails_in_passing_before_the_first_token_is_tried_again(fake: FakeOpenAi, script: Script) -> None:
    fake.streams.extend([script, script])
    async with opened(fake) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text == "그래, 오늘은 푹 쉬어!"
    assert len(fake.chats) == 3


@pytest.mark.parametrize("script", PASSING, ids=PASSING_IDS)
async def test_attempts_are_bounded(fake: FakeOpenAi, script: Script) -> None:
    fake.usual = script
    assert (await failure_of([fake])).kind is AI_ENGINE_FAILED
    assert len(fake.chats) == QUICK.attempts


@pytest.mark.parametrize("script", PASSING, ids=PASSING_IDS)
async def test_the_second_endpoint_answers_when_the_first_is_used_up(
    fake: FakeOpenAi, second: FakeOpenAi, script: Script
) -> None:
    fake.usual = script
    async with opened(fake, second) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text == "그래, 오늘은 푹 쉬어!"
    assert (len(fake.chats), len(second.chats)) == (QUICK.attempts, 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 307])
async def test_what_fails_for_good_is_asked_once_of_each(fake: FakeOpenAi, second: FakeOpenAi, status: int) -> None:
    fake.usual = second.usual = Script(status=status, headers={"Location": "http://elsewhere.invalid/"})
    failure = await failure_of([fake, second])
    assert failure.kind is AI_ENGINE_FAILED
    assert str(status) in failure.detail
    assert (len(fake.chats), len(second.chats)) == (1, 1)


async def test_an_endpoint_that_is_not_there_is_told(second: FakeOpenAi) -> None:
    absent = FakeOpenAi()
    absent.url = f"http://{HOST}:{free_ports(1)[0]}/v1"
    assert (await failure_of([absent])).kind is AI_ENGINE_FAILED
    async with opened(absent, second) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text


@pytest.mark.parametrize(
    "script",
    [
        Script(text=["하나", "둘"], reset_at=1, between=0.1),
        Script(text=["하나", "둘"], end_at=1, between=0.1),
        Script(text=["하나", "둘"], error_at=1, between=0.1, error={"message": "overloaded"}),
        Script(text=["하나"], between=0.1, finish="content_filter"),
        Script(text=["하나"], between=0.1, finish="tool_calls"),
    ],
    ids=["reset", "no-end", "error-inside", "filter", "tool"],
)
async def test_nothing_is_tried_again_once_something_was_said(
    fake: FakeOpenAi, second: FakeOpenAi, script: Script
) -> None:
    fake.usual = script
    heard: list[object] = []
    async with opened(fake, second) as engine:
        with pytest.raises(TokstreamError) as told:
            await listen(engine, heard)
    assert told.value.kind is AI_ENGINE_FAILED
    assert heard == ["하나"]
    assert (len(fake.chats), len(second.chats)) == (1, 0)


@pytest.mark.parametrize(
    "script",
    [Script(stall_at=0), Script(before_headers=60), Script(raw=[b": wait\n\n"] * 600, between=0.1)],
    ids=["no-token", "no-headers", "only-comments"],
)
async def test_a_first_token_that_does_not_come_is_a_timeout(
    fake: FakeOpenAi, second: FakeOpenAi, script: Script
) -> None:
    fake.usual = script
    async with opened(fake, timeouts=IMPATIENT) as engine:
        with pytest.raises(TokstreamError) as told:
            await collected(engine.complete(HELLO))
    assert told.value.kind is AI_ENGINE_TIMEOUT
    async with opened(fake, second, timeouts=IMPATIENT) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text
    assert (len(fake.chats), len(second.chats)) == (2, 1)


async def test_silence_between_tokens_is_a_timeout(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["하나", "둘"], stall_at=1)
    heard: list[object] = []
    async with opened(fake, timeouts=IMPATIENT) as engine:
        with pytest.raises(TokstreamError) as told:
            await listen(engine, heard)
    assert told.value.kind is AI_ENGINE_TIMEOUT
    assert heard == ["하나"]


async def test_a_reader_that_pauses_is_not_the_endpoints_fault(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["하나", "둘", "셋"], between=0.1)
    heard = []
    async with opened(fake, timeouts=IMPATIENT) as engine:
        async for piece in engine.complete(HELLO):
            heard.append(piece)
            if len(heard) == 1:
                await asyncio.sleep(IMPATIENT.between_tokens * 1.5)
    assert heard[:-1] == ["하나", "둘", "셋"]


async def test_a_call_is_bounded_as_a_whole(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["."] * 10_000, between=0.05)
    async with opened(fake, retries=Retries(seconds=0.5)) as engine:
        with pytest.raises(TokstreamError) as told:
            await collected(engine.complete(HELLO))
    assert told.value.kind is AI_ENGINE_TIMEOUT


async def test_waiting_for_a_free_place_is_bounded_too(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["하나", "둘"], stall_at=1)
    async with opened(fake, concurrency=1, retries=Retries(seconds=0.5)) as engine:
        async with aclosing(engine.complete(HELLO)) as holding:
            assert await anext(holding) == "하나"
            with pytest.raises(TokstreamError) as told:
                await collected(engine.complete(HELLO))
    assert told.value.kind is AI_ENGINE_TIMEOUT
    assert len(fake.chats) == 1


async def test_an_answer_that_is_not_streamed_is_bounded(fake: FakeOpenAi) -> None:
    fake.answers.append(Script(before_headers=60))
    async with opened(fake, retries=Retries(seconds=0.5)) as engine:
        with pytest.raises(TokstreamError) as told:
            await engine.suggest([said("안녕")], FRIEND)
    assert told.value.kind is AI_ENGINE_TIMEOUT


async def test_an_answer_that_does_not_come_leaves_time_for_the_second_endpoint(
    fake: FakeOpenAi, second: FakeOpenAi
) -> None:
    fake.answers.append(Script(before_headers=60))
    async with opened(fake, second, retries=Retries(seconds=4)) as engine:
        assert len(await engine.suggest([said("안녕")], FRIEND)) == 3
    assert (len(fake.chats), len(second.chats)) == (1, 1)


async def test_a_wait_within_the_budget_is_taken(fake: FakeOpenAi) -> None:
    fake.streams.append(Script(status=429, headers={"Retry-After": "1"}))
    async with opened(fake) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text
    assert len(fake.chats) == 2


@pytest.mark.parametrize("dated", [False, True])
async def test_a_wait_beyond_the_budget_is_told_instead(fake: FakeOpenAi, dated: bool) -> None:
    wait = formatdate(time.time() + 3600, usegmt=True) if dated else "3600"
    fake.usual = Script(status=429, headers={"Retry-After": wait})
    failure = await failure_of([fake])
    assert len(fake.chats) == 1
    assert failure.retry_after is not None
    assert 3500 < failure.retry_after <= 3600


async def test_only_a_model_that_was_asked_for_by_name_is_not_found(fake: FakeOpenAi, second: FakeOpenAi) -> None:
    fake.knows_only_its_models = second.knows_only_its_models = True
    failure = await failure_of([fake, second], Completion(messages=(user("?"),), model="gpt-nothing"))
    assert failure.kind is MODEL_NOT_FOUND
    assert not second.chats
    fake.models = []
    async with opened(fake, second) as engine:
        text, _ = await collected(engine.complete(HELLO))
    assert text
    assert len(second.chats) == 1


async def test_the_key_and_the_conversation_show_nowhere(fake: FakeOpenAi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "아무에게도 말하지 마"
    leaky = {"message": f"Incorrect API key provided: {KEY}. You said: {secret}", "code": KEY, "type": secret}
    shown = [repr(Endpoint(fake.url, KEY))]
    scripts = [Script(status=status, error=leaky) for status in (400, 401, 404, 429, 500)]
    broken = [Script(raw=[f"data: {KEY}{secret}\n\n".encode()]), Script(error_at=0, error=leaky), Script(hang_up=True)]
    for script in [*scripts, *broken]:
        fake.usual = script
        failure = await failure_of([fake], Completion(messages=(user(secret),)))
        chain: BaseException | None = failure
        while chain is not None:
            shown += [str(chain), repr(chain), repr(chain.__dict__)]
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    everything = "\n".join([*shown, caplog.text])
    assert "401" in everything
    assert KEY not in everything
    assert secret not in everything


@pytest.mark.parametrize(
    "url", ["", "ftp://host/v1", "localhost:8000", "http://", "http://u:p@host/v1", "http://[x/v1"]
)
def test_what_is_no_endpoint_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected an http or https URL"):
        Endpoint(url)


@pytest.mark.parametrize("key", ["with space", "line\nbreak", "열쇠"])
def test_what_is_no_key_is_refused_without_quoting_it(key: str) -> None:
    with pytest.raises(ValueError) as refused:
        Endpoint("http://host/v1", key)
    assert key not in str(refused.value)


@pytest.mark.parametrize("base", ["http://host/v1", "http://host/v1/", "http://host/v1/chat/completions"])
def test_the_base_may_be_given_in_each_usual_form(base: str) -> None:
    assert Endpoint(base).at("/models") == "http://host/v1/models"
