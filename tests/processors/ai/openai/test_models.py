"""The list of models: the configured one first, asked for now and then."""

import pytest

from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from processors.ai.port import Completion
from tests.processors.ai.chats import collected, user
from tests.processors.ai.openai.opening import opened
from tests.servers.ai import FakeOpenAi


@pytest.mark.parametrize(
    ("configured", "listed"),
    [
        ("", ["fake-large", "fake-small"]),
        ("fake-small", ["fake-small", "fake-large"]),
        ("private", ["private", "fake-large", "fake-small"]),
    ],
)
async def test_the_default_model_comes_first(fake: FakeOpenAi, configured: str, listed: list[str]) -> None:
    async with opened(fake, model=configured) as engine:
        assert [model.id for model in await engine.models()] == listed
        await collected(engine.complete(Completion(messages=(user("안녕"),))))
    assert fake.chats[0].body["model"] == listed[0]


async def test_the_list_is_asked_for_once_in_a_while(fake: FakeOpenAi) -> None:
    async with opened(fake, model="") as engine:
        for _ in range(3):
            await engine.models()
            await collected(engine.complete(Completion(messages=(user("안녕"),))))
    assert [request.path for request in fake.requests].count("/v1/models") == 1


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_a_configured_model_is_enough_without_a_list(fake: FakeOpenAi, status: int) -> None:
    fake.models_status = status
    async with opened(fake, model="private") as engine:
        assert [model.id for model in await engine.models()] == ["private"]


@pytest.mark.parametrize(("status", "models"), [(404, ["a"]), (200, [])])
async def test_without_any_model_it_is_told(fake: FakeOpenAi, status: int, models: list[str]) -> None:
    fake.models_status, fake.models = status, models
    async with opened(fake, model="") as engine:
        with pytest.raises(TokstreamError) as told:
            await engine.models()
        assert told.value.kind is AI_ENGINE_FAILED
        with pytest.raises(TokstreamError):
            await collected(engine.complete(Completion(messages=(user("안녕"),))))


async def test_the_second_endpoint_answers_with_its_own_model(fake: FakeOpenAi, second: FakeOpenAi) -> None:
    fake.models_status, second.models = 500, ["other"]
    async with opened(fake, second, model="") as engine:
        text, _ = await collected(engine.complete(Completion(messages=(user("안녕"),))))
    assert text
    assert second.chats[0].body["model"] == "other"
