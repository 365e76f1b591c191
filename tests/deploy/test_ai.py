"""The engine that settings open."""

import pytest

from deploy.ai import open_engine
from deploy.settings import Settings, SettingsError, load
from processors.ai.port import Completion
from tests.processors.ai.chats import FRIEND, collected, said, user
from tests.servers.ai import FakeOpenAi, Script, fake_openai
from tests.servers.classic import ANALYZE, SEND, START, SUGGEST, fake_classic

CLASSIC = {
    "TOKSTREAM_CLASSIC_ANALYZE_URL": "http://host/analyze-messages",
    "TOKSTREAM_CLASSIC_SUGGESTION_URL": "http://host/suggestion-messages",
    "TOKSTREAM_CLASSIC_START_URL": "http://host/start-conversation",
    "TOKSTREAM_CLASSIC_SEND_URL": "http://host/send-message",
}
KEY = "sk-very secret"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TOKSTREAM_AI": "openai"}, "set TOKSTREAM_AI_URL"),
        ({"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": "localhost:1"}, "TOKSTREAM_AI_URL.*expected an http"),
        (
            {"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": "http://h/v1", "TOKSTREAM_AI_KEY": KEY},
            "TOKSTREAM_AI_URL, _K",
        ),
        (
            {"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": "http://h/v1", "TOKSTREAM_AI_FALLBACK_MODEL": "m"},
            "set TOKSTREAM_AI_FALLBACK_URL too",
        ),
        (
            {"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": "http://h/v1", "TOKSTREAM_AI_FALLBACK_URL": "x"},
            "TOKSTREAM_AI_FALLBACK_URL",
        ),
        ({"TOKSTREAM_AI": "classic"}, "set TOKSTREAM_CLASSIC_ANALYZE_URL, TOKSTREAM_CLASSIC_SUGGESTION_URL"),
        ({"TOKSTREAM_AI": "classic", **CLASSIC, "TOKSTREAM_CLASSIC_SEND_URL": "host"}, "TOKSTREAM_CLASSIC_SEND_URL"),
        ({"TOKSTREAM_AI": "magic"}, "one of builtin, openai, classic"),
        ({"TOKSTREAM_AI_TIMEOUT": "0"}, "TOKSTREAM_AI_TIMEOUT='0'"),
        ({"TOKSTREAM_AI_CONCURRENCY": "0"}, "TOKSTREAM_AI_CONCURRENCY='0'"),
        ({"TOKSTREAM_AI_CONTEXT_TOKENS": "10"}, "TOKSTREAM_AI_CONTEXT_TOKENS='10'"),
        ({"TOKSTREAM_MASK_NAMES": "perhaps"}, "TOKSTREAM_MASK_NAMES='perhaps'"),
    ],
)
async def test_settings_that_open_nothing_say_what_to_set(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        async with open_engine(load(environment)):
            raise AssertionError("it was opened")
    assert KEY not in str(refused.value)


async def test_an_endpoint_answers_with_its_key_and_model() -> None:
    async with fake_openai() as fake:
        settings = load(
            {
                "TOKSTREAM_AI": "openai",
                "TOKSTREAM_AI_URL": fake.url,
                "TOKSTREAM_AI_KEY": "sk-1",
                "TOKSTREAM_AI_MODEL": "mine",
                "TOKSTREAM_AI_MAX_TOKENS": "77",
            }
        )
        async with open_engine(settings) as engine:
            assert (engine.name, engine.external) == ("openai", True)
            await collected(engine.complete(Completion(messages=(user("안녕"),))))
        (request,) = fake.chats
        assert request.headers["Authorization"] == "Bearer sk-1"
        assert (request.body["model"], request.body["max_tokens"]) == ("mine", 77)


async def test_the_second_endpoint_is_fallen_back_to() -> None:
    async with fake_openai() as fake, fake_openai() as second:
        fake.usual = Script(status=401)
        settings = Settings(ai="openai", ai_url=fake.url, ai_fallback_url=second.url, ai_fallback_model="other")
        async with open_engine(settings) as engine:
            await collected(engine.complete(Completion(messages=(user("안녕"),))))
        assert second.chats[0].body["model"] == "other"


@pytest.mark.parametrize("masked", ["true", "false"])
async def test_names_are_masked_where_that_is_set(masked: str) -> None:
    async with fake_openai() as fake:
        environment = {"TOKSTREAM_MASK_NAMES": masked, "TOKSTREAM_MASKED_NAMES": "하은, 서준"}
        settings = load({"TOKSTREAM_AI": "openai", "TOKSTREAM_AI_URL": fake.url, **environment})
        async with open_engine(settings) as engine:
            await engine.suggest([said("하은아 안녕", sender="김민수")], FRIEND)
        assert ("민수" not in fake.recorded) == ("하은" not in fake.recorded) == (masked == "true")


async def test_the_classic_service_judges_and_an_endpoint_chats() -> None:
    async with fake_openai() as chat, fake_classic() as fake:
        settings = Settings(
            ai="classic",
            ai_url=chat.url,
            classic_analyze_url=fake.url(ANALYZE),
            classic_suggestion_url=fake.url(SUGGEST),
            classic_start_url=fake.url(START),
            classic_send_url=fake.url(SEND),
        )
        async with open_engine(settings) as engine:
            assert engine.name == "classic"
            assert len(await engine.suggest([said("안녕")], FRIEND)) == 3
            text, _ = await collected(engine.complete(Completion(messages=(user("안녕"),))))
        assert text
        assert (len(fake.bodies(SUGGEST)), len(chat.chats)) == (1, 1)


async def test_a_closed_engine_answers_no_more() -> None:
    async with fake_openai() as fake:
        async with open_engine(Settings(ai="openai", ai_url=fake.url)) as engine:
            pass
        assert fake.chats == FakeOpenAi().chats == []
        with pytest.raises(RuntimeError, match="closed"):
            await collected(engine.complete(Completion(messages=(user("안녕"),), model="x")))
