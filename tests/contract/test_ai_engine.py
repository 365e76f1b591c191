"""What every AI engine keeps: the port's promises, on each implementation."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

import pytest

from contracts.conversations import STYLES, Evaluation, Sampling
from contracts.errors import MODEL_NOT_FOUND, TokstreamError
from processors.ai.builtin.engine import BuiltinEngine
from processors.ai.classic.engine import ClassicEngine
from processors.ai.classic.service import ClassicConfig
from processors.ai.masking.engine import MaskingEngine
from processors.ai.openai.config import Endpoint, OpenAiConfig
from processors.ai.openai.engine import OpenAiEngine
from processors.ai.port import AiEngine, Completion, Finish, Relationship
from tests.processors.ai.chats import FRIEND, assistant, collected, ids, said, user
from tests.servers.ai import fake_openai
from tests.servers.classic import ANALYZE, SEND, START, SUGGEST, fake_classic

LONGEST = Sampling(max_tokens=64)


@asynccontextmanager
async def openai() -> AsyncIterator[AiEngine]:
    async with fake_openai() as fake:
        fake.knows_only_its_models = True
        engine = OpenAiEngine(OpenAiConfig((Endpoint(fake.url),)))
        try:
            yield engine
        finally:
            await engine.close()


@asynccontextmanager
async def classic() -> AsyncIterator[AiEngine]:
    async with openai() as chat, fake_classic() as fake:
        config = ClassicConfig(fake.url(ANALYZE), fake.url(SUGGEST), fake.url(START), fake.url(SEND))
        engine = ClassicEngine(config, chat)
        try:
            yield engine
        finally:
            await engine.close()


@asynccontextmanager
async def builtin() -> AsyncIterator[AiEngine]:
    engine = BuiltinEngine()
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def masking() -> AsyncIterator[AiEngine]:
    async with openai() as inner:
        yield MaskingEngine(inner, ["김민수"])


IMPLEMENTATIONS: tuple[Callable[[], AbstractAsyncContextManager[AiEngine]], ...] = (openai, classic, builtin, masking)
"""Each opens an engine and closes it."""


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda implementation: implementation.__name__)
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[AiEngine]:
    async with request.param() as engine:
        yield engine


async def test_exactly_the_own_texts_are_judged(engine: AiEngine) -> None:
    context = [said("어제는 고마웠어", own=True), said("뭘 그런 걸로")]
    texts = [said("오늘 저녁 뭐 먹을까?", own=True), said("나도 배고프다", own=True)]
    photo = said("", own=True, kind="photo")
    judged = await engine.analyse(context, [said("뭐해?"), *texts, photo, said("아무거나")], FRIEND)
    assert ids(texts) <= set(judged) <= ids([*texts, photo])
    for assessment in judged.values():
        assert 0 <= assessment.score <= 100
        assert -3 <= assessment.impact_score <= 3
        assert assessment.emotional_tone == assessment.emotional_tone.upper() != ""
        assert assessment.ai_message


async def test_where_nothing_is_own_nothing_is_judged(engine: AiEngine) -> None:
    assert not await engine.analyse([], [said("뭐해?"), said("자니?")], FRIEND)


async def test_one_reply_of_each_style_is_suggested_in_order(engine: AiEngine) -> None:
    suggestions = await engine.suggest([said("오늘 너무 힘들었어"), said("왜?", own=True), said("그냥...")], FRIEND)
    assert tuple(suggestion.style for suggestion in suggestions) == STYLES
    assert all(suggestion.text and -3 <= suggestion.expected_impact <= 3 for suggestion in suggestions)


@pytest.mark.parametrize(
    "relationship", [FRIEND, Relationship(relationship="연인"), Relationship(relationship="직장 상사")]
)
async def test_a_conversation_is_opened_without_a_judgement(engine: AiEngine, relationship: Relationship) -> None:
    text, others = await collected(engine.converse([], relationship))
    assert text.strip()
    assert others == []


async def test_what_the_user_says_is_answered_and_judged_once(engine: AiEngine) -> None:
    opening, _ = await collected(engine.converse([], FRIEND))
    turns = [assistant(opening), user("요즘 좀 바빠")]
    text, others = await collected(engine.converse(turns, FRIEND))
    assert text.strip()
    (evaluation,) = others
    assert isinstance(evaluation, Evaluation)
    assert 0 <= evaluation.appropriateness_rating <= 100
    assert -3 <= evaluation.impact_score <= 3
    again, judged = await collected(engine.converse([*turns, assistant(text), user("미안해")], FRIEND))
    assert again.strip()
    assert len(judged) == 1


async def test_turns_that_it_has_never_seen_are_gone_on_with(engine: AiEngine) -> None:
    text, others = await collected(engine.converse([assistant("뭐 해?"), user("그냥 있어")], FRIEND))
    assert text.strip()
    assert len(others) == 1


async def test_a_chat_is_answered_and_ends_once(engine: AiEngine) -> None:
    request = Completion(messages=(user("안녕? 오늘 어땠어?"),), sampling=LONGEST)
    text, others = await collected(engine.complete(request))
    assert text.strip()
    (finish,) = others
    assert isinstance(finish, Finish)
    assert finish.reason in ("stop", "length")


async def test_every_listed_model_answers(engine: AiEngine) -> None:
    models = await engine.models()
    assert models
    for model in models:
        request = Completion(messages=(user("안녕?"),), model=model.id, sampling=LONGEST)
        text, _ = await collected(engine.complete(request))
        assert text.strip()


async def test_a_model_that_is_not_there_is_told(engine: AiEngine) -> None:
    with pytest.raises(TokstreamError) as told:
        await collected(engine.complete(Completion(messages=(user("안녕?"),), model="no-such-model-at-all")))
    assert told.value.kind is MODEL_NOT_FOUND


async def test_a_reply_can_be_left_in_the_middle(engine: AiEngine) -> None:
    async with aclosing(engine.complete(Completion(messages=(user("길게 이야기해 줘"),)))) as pieces:
        async for piece in pieces:
            assert piece
            break
    text, _ = await collected(engine.complete(Completion(messages=(user("안녕?"),), sampling=LONGEST)))
    assert text.strip()
