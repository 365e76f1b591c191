"""The classic analysis API: its bodies, its threads, and its failures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from contracts.conversations import Evaluation
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, TokstreamError
from processors.ai.attempts import Retries
from processors.ai.classic.engine import ClassicEngine
from processors.ai.classic.service import ClassicConfig
from processors.ai.openai.config import Endpoint, OpenAiConfig
from processors.ai.openai.engine import OpenAiEngine
from processors.ai.port import Relationship
from tests.processors.ai.chats import FRIEND, assistant, collected, ids, said, user
from tests.processors.ai.openai.opening import QUICK
from tests.servers.ai import fake_openai
from tests.servers.classic import (
    ANALYZE,
    SEND,
    START,
    SUGGEST,
    FakeClassic,
    evaluated,
    fake_classic,
    judged,
    suggested,
)


@pytest.fixture
async def fake() -> AsyncIterator[FakeClassic]:
    async with fake_classic() as fake:
        yield fake


@asynccontextmanager
async def opened(fake: FakeClassic, retries: Retries = QUICK) -> AsyncIterator[ClassicEngine]:
    async with fake_openai() as chat:
        config = ClassicConfig(fake.url(ANALYZE), fake.url(SUGGEST), fake.url(START), fake.url(SEND), retries=retries)
        engine = ClassicEngine(config, OpenAiEngine(OpenAiConfig((Endpoint(chat.url),))))
        try:
            yield engine
        finally:
            await engine.close()


async def test_what_is_sent_has_the_fields_of_the_specification(fake: FakeClassic) -> None:
    before, own, other = said("앞"), said("오늘 저녁 뭐 먹을까?", own=True), said("아무거나 괜찮아")
    async with opened(fake) as engine:
        await engine.analyse([before], [own, other], FRIEND)
        await engine.suggest([own, other], FRIEND)
        opening, _ = await collected(engine.converse([], FRIEND))
        await collected(engine.converse([assistant(opening), user("요즘 좀 바빠")], FRIEND))
    about = {"relationship": "FRIEND", "relationship_info": "2년 지기"}
    shown = [
        {"message_id": own.message_id, "text": "오늘 저녁 뭐 먹을까?", "speaker": "user"},
        {"message_id": other.message_id, "text": "아무거나 괜찮아", "speaker": "interlocutor"},
    ]
    context = [{"message_id": before.message_id, "text": "앞", "speaker": "interlocutor"}]
    assert fake.bodies(ANALYZE) == [{**about, "context": context, "messages": shown}]
    assert fake.bodies(SUGGEST) == [{**about, "messages": shown}]
    assert fake.bodies(START) == [about]
    assert fake.bodies(SEND) == [{"message": "요즘 좀 바빠", "thread_id": "thread_1"}]


@pytest.mark.parametrize("wrap", [lambda found: {"messages": found}, lambda found: found], ids=["object", "list"])
@pytest.mark.parametrize("comment", ["review_comment", "ai_message"])
async def test_judgements_are_read_in_each_form(fake: FakeClassic, wrap: Any, comment: str) -> None:
    own = said("고마워", own=True)
    one = {
        "message_id": own.message_id,
        "score": 85,
        "emotional_tone": "positive",
        "impact_score": 2,
        comment: "좋아요",
    }
    unknown = {"message_id": "no-such", "score": 1, "emotional_tone": "NEUTRAL", "impact_score": 0}
    fake.answers[ANALYZE].append(wrap([one, unknown]))
    async with opened(fake) as engine:
        found = await engine.analyse([], [own], FRIEND)
    (assessment,) = found.values()
    assert set(found) == ids([own])
    assert (assessment.score, assessment.emotional_tone, assessment.ai_message) == (85, "POSITIVE", "좋아요")
    assert assessment.suggested_alternative is None


NONSENSE: dict[str, Any] = {
    "nothing": {},
    "a word": "ok",
    "no message": {"messages": []},
    "another message": {"messages": [{**judged({"message_id": "x", "speaker": "user"})}]},
    "no score": {"messages": [judged({"message_id": "own", "speaker": "interlocutor"})]},
    "score beyond": {"messages": [{**judged({"message_id": "own", "speaker": "user"}), "score": 100.5}]},
    "impact beyond": {"messages": [{**judged({"message_id": "own", "speaker": "user"}), "impact_score": -4}]},
    "score in words": {"messages": [{**judged({"message_id": "own", "speaker": "user"}), "score": "85"}]},
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
async def test_judgements_that_cannot_be_used_are_a_failure(fake: FakeClassic, answer: Any) -> None:
    fake.answers[ANALYZE].append(answer)
    own = msgspec.structs.replace(said("고마워", own=True), message_id="own")
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError) as told:
            await engine.analyse([], [own], FRIEND)
    assert told.value.kind is AI_ENGINE_FAILED


@pytest.mark.parametrize(
    "answer",
    [
        {"suggestions": [suggested("공감형"), suggested("해결형")]},
        {"suggestions": [suggested("공감형"), suggested("해결형"), {**suggested("관계형"), "text": " "}]},
        {"suggestions": [suggested("공감형"), suggested("해결형"), {**suggested("관계형"), "expected_impact": 9}]},
        [],
    ],
)
async def test_suggestions_that_cannot_be_used_are_a_failure(fake: FakeClassic, answer: Any) -> None:
    fake.answers[SUGGEST].append(answer)
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError):
            await engine.suggest([said("안녕")], FRIEND)


async def test_a_conversation_stays_in_its_thread(fake: FakeClassic) -> None:
    async with opened(fake) as engine:
        opening, _ = await collected(engine.converse([], FRIEND))
        turns = [assistant(opening)]
        for number in range(3):
            turns.append(user(f"말 {number}"))
            reply, (evaluation,) = await collected(engine.converse(turns, FRIEND))
            assert isinstance(evaluation, Evaluation)
            assert evaluation.review_comment == evaluated()["review_comment"]
            assert evaluation.emotional_tone == "NEUTRAL"
            turns.append(assistant(reply))
    assert fake.threads == {"thread_1": ["말 0", "말 1", "말 2"]}


async def test_conversations_that_begin_alike_part_where_they_differ(fake: FakeClassic) -> None:
    async with opened(fake) as engine:
        opening, _ = await collected(engine.converse([], FRIEND))
        await collected(engine.converse([], Relationship(relationship="연인")))
        await collected(engine.converse([assistant(opening), user("친구에게")], FRIEND))
        await collected(engine.converse([assistant(opening), user("연인에게")], Relationship(relationship="연인")))
    assert fake.threads == {"thread_1": ["친구에게"], "thread_2": ["연인에게"]}


async def test_a_lost_thread_is_begun_anew_with_what_was_said(fake: FakeClassic) -> None:
    turns = [assistant("뭐 해?"), user("그냥"), assistant("그래?"), user("응")]
    async with opened(fake) as engine:
        reply, _ = await collected(engine.converse(turns, FRIEND))
        assert fake.bodies(START) == [
            {
                "relationship": "FRIEND",
                "relationship_info": "2년 지기",
                "messages": [
                    {"speaker": "interlocutor", "text": "뭐 해?"},
                    {"speaker": "user", "text": "그냥"},
                    {"speaker": "interlocutor", "text": "그래?"},
                ],
            }
        ]
        assert fake.threads == {"thread_1": ["응"]}
        # From here on the thread is known, until the service forgets it.
        await collected(engine.converse([*turns, assistant(reply), user("또")], FRIEND))
        assert fake.threads == {"thread_1": ["응", "또"]}
        fake.threads.clear()
        reply, _ = await collected(engine.converse([*turns, assistant(reply), user("또")], FRIEND))
    assert reply
    assert fake.threads == {"thread_1": ["또"]}


async def test_only_what_the_user_says_is_answered(fake: FakeClassic) -> None:
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError):
            await collected(engine.converse([assistant("뭐 해?")], FRIEND))


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_an_analysis_that_fails_in_passing_is_asked_for_again(fake: FakeClassic, status: int) -> None:
    fake.answers[ANALYZE].extend([status, status])
    async with opened(fake) as engine:
        assert await engine.analyse([], [said("고마워", own=True)], FRIEND)
    assert len(fake.bodies(ANALYZE)) == 3


@pytest.mark.parametrize(("status", "sent"), [(429, 2), (503, 2), (500, 1), (502, 1)])
async def test_a_message_is_sent_again_only_where_it_was_not_taken(fake: FakeClassic, status: int, sent: int) -> None:
    async with opened(fake) as engine:
        opening, _ = await collected(engine.converse([], FRIEND))
        fake.answers[SEND].append(status)
        turns = [assistant(opening), user("안녕")]
        if sent == 1:
            with pytest.raises(TokstreamError, match=str(status)):
                await collected(engine.converse(turns, FRIEND))
        else:
            text, _ = await collected(engine.converse(turns, FRIEND))
            assert text
    assert len(fake.bodies(SEND)) == sent


@pytest.mark.parametrize(("status", "kind"), [(400, AI_ENGINE_FAILED), (504, AI_ENGINE_TIMEOUT)])
async def test_what_fails_for_good_is_told(fake: FakeClassic, status: int, kind: Any) -> None:
    fake.answers[SUGGEST].extend([status] * QUICK.attempts)
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError) as told:
            await engine.suggest([said("안녕")], FRIEND)
    assert told.value.kind is kind


async def test_a_service_that_is_not_there_is_told() -> None:
    async with fake_classic() as gone:
        pass
    async with opened(gone) as engine:
        with pytest.raises(TokstreamError, match="cannot be reached"):
            await engine.suggest([said("안녕")], FRIEND)


async def test_a_service_that_is_too_slow_is_a_timeout(fake: FakeClassic) -> None:
    fake.delay = 60
    async with opened(fake, Retries(seconds=0.3)) as engine:
        with pytest.raises(TokstreamError) as told:
            await engine.suggest([said("안녕")], FRIEND)
    assert told.value.kind is AI_ENGINE_TIMEOUT
