"""Masking in front of an engine: what leaves holds no name, what comes back holds them again."""

import json
from collections.abc import AsyncIterator

import pytest

from contracts.conversations import Evaluation
from processors.ai.masking.engine import MaskingEngine
from processors.ai.port import Completion, Relationship
from tests.processors.ai.chats import assistant, collected, said, user
from tests.processors.ai.openai.opening import opened
from tests.servers.ai import FakeOpenAi, Script, fake_openai

NAMES = ("지영", "민수", "서준", "John", "길동", "하은")
ABOUT = Relationship(relationship="친구 지영", relationship_info="서준이 소개로 만난 2년 지기")
CHAT = [
    said("민수야, 서준이 생일 언제야?", sender="박지영"),
    said("지영아 그걸 왜 나한테 물어", own=True, sender="김민수"),
    said("John한테 물어볼까? 박지영이 또 까먹었네", sender="서준🔥"),
    said("홍길동 씨가 안대. 하은아 너도 와", own=True, sender="김민수"),
    said("ㅋㅋㅋ", sender="John Smith"),
]


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAi]:
    async with fake_openai() as fake:
        yield fake


def judgement(comment: str, alternative: str | None = None) -> dict[str, object]:
    return {
        "score": 50,
        "emotional_tone": "NEUTRAL",
        "impact_score": 0,
        "comment": comment,
        "alternative": alternative,
    }


async def test_no_name_ever_leaves(fake: FakeOpenAi) -> None:
    turns = [user("민수야 안녕"), assistant("지영이구나"), user("John이 보고 싶대")]
    async with opened(fake) as inner:
        engine = MaskingEngine(inner, ["민수", "박지영", "서준", "John"])
        await engine.analyse(CHAT[:2], CHAT[2:], ABOUT)
        await engine.suggest(CHAT, ABOUT)
        await collected(engine.converse([], ABOUT))
        await collected(engine.converse(turns, ABOUT))
        await collected(engine.complete(Completion(messages=tuple(turns))))
    assert len(fake.chats) == 6
    assert "〈이름1〉" in fake.recorded
    for name in NAMES:
        assert name not in fake.recorded, name


async def test_senders_alone_are_enough(fake: FakeOpenAi) -> None:
    async with opened(fake) as inner:
        await MaskingEngine(inner).analyse(CHAT[:2], CHAT[2:], ABOUT)
    assert not [name for name in NAMES if name in fake.recorded]


async def test_names_come_back_in_every_field_with_particles_that_fit(fake: FakeOpenAi) -> None:
    own = [message for message in CHAT if message.speaker == "user"]
    first = judgement("〈이름1〉이(가) 서운할 수 있어요", "〈이름1〉야, 미안")
    second = judgement("〈이름2〉는 무난합니다")
    fake.answers.append(Script(text=json.dumps({"m1": first, "m2": second}, ensure_ascii=False)))
    reply = {"text": "〈이름1〉야 미안", "expected_impact": 1, "explanation": "〈이름1〉를 달랩니다"}
    replies = json.dumps({"empathy": reply, "solution": reply, "relation": reply}, ensure_ascii=False)
    fake.answers.append(Script(text=replies))
    async with opened(fake) as inner:
        engine = MaskingEngine(inner)
        judged = await engine.analyse([], CHAT, ABOUT)
        suggestions = await engine.suggest(CHAT, ABOUT)
    assert judged[own[0].message_id].ai_message == "지영이 서운할 수 있어요"
    assert judged[own[0].message_id].suggested_alternative == "지영아, 미안"
    assert judged[own[1].message_id].ai_message == "민수는 무난합니다"
    assert {(one.text, one.explanation) for one in suggestions} == {("지영아 미안", "지영을 달랩니다")}


async def test_names_come_back_across_the_pieces_of_a_stream(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=[*"그래 〈이름1〉가 좋아. <이름 2>이랑 와!"])
    fake.answers.append(Script(text=json.dumps(judgement("〈이름2〉이 들으면 좋아할 말", "〈이름1〉, 고마워"))))
    async with opened(fake) as inner:
        engine = MaskingEngine(inner, ["박서준", "민수"])
        text, (evaluation,) = await collected(engine.converse([user("서준이랑 민수 중에 누가 좋아?")], ABOUT))
        completed, _ = await collected(engine.complete(Completion(messages=(user("서준아 민수야"),))))
    assert text == completed == "그래 서준이 좋아. 민수랑 와!"
    assert isinstance(evaluation, Evaluation)
    assert evaluation.review_comment == "민수가 들으면 좋아할 말"
    assert evaluation.suggested_alternative == "서준, 고마워"


async def test_a_name_at_the_very_end_comes_back(fake: FakeOpenAi) -> None:
    fake.usual = Script(text=["안녕 ", "〈이름", "1"])
    async with opened(fake) as inner:
        text, others = await collected(MaskingEngine(inner, ["민수"]).complete(Completion(messages=(user("?"),))))
    assert text == "안녕 민수"
    assert len(others) == 1


async def test_the_engine_behind_is_what_is_told(fake: FakeOpenAi) -> None:
    async with opened(fake) as inner:
        engine = MaskingEngine(inner)
        assert (engine.name, engine.external) == ("openai", True)
        assert await engine.models() == await inner.models()
