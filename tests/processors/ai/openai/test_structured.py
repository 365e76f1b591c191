"""Judgements and suggestions: JSON of a schema, whatever the endpoint understands of schemas."""

import json
from typing import Any

import pytest

from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from processors.ai.openai.structured import Judgement, Reply, object_schema, single_schema
from processors.ai.port import Relationship
from tests.processors.ai.chats import FRIEND, collected, ids, said, user
from tests.processors.ai.openai.opening import opened
from tests.servers.ai import FakeOpenAi, Script, instance, schema_of

GOOD = {"score": 80, "emotional_tone": "POSITIVE", "impact_score": 1.5, "comment": "다정합니다", "alternative": None}


def answer(*judgements: dict[str, Any]) -> str:
    return json.dumps({f"m{number}": one for number, one in enumerate(judgements, 1)}, ensure_ascii=False)


async def test_judgements_come_back_under_the_real_ids(fake: FakeOpenAi) -> None:
    texts = [said("고마워", own=True), said("미안", own=True)]
    fake.answers.append(Script(text=answer(GOOD, {**GOOD, "score": 20, "alternative": "미안해, 늦었지?"})))
    async with opened(fake) as engine:
        judged = await engine.analyse([], [texts[0], said("응"), texts[1]], FRIEND)
    assert [judged[text.message_id].score for text in texts] == [80, 20]
    assert [judged[text.message_id].suggested_alternative for text in texts] == [None, "미안해, 늦었지?"]
    assert judged[texts[0].message_id].ai_message == "다정합니다"


async def test_the_schema_asks_for_exactly_the_own_messages(fake: FakeOpenAi) -> None:
    messages = [said("고마워", own=True), said("응"), said("", own=True, kind="photo"), said("미안", own=True)]
    async with opened(fake) as engine:
        await engine.analyse([said("앞", own=True)], messages, FRIEND)
    schema = schema_of(fake.chats[0].body)
    assert schema is not None
    assert schema["required"] == list(schema["properties"]) == ["m1", "m2"]
    assert schema["additionalProperties"] is False


async def test_no_id_of_a_message_leaves(fake: FakeOpenAi) -> None:
    messages = [said("고마워", own=True), said("응")]
    async with opened(fake) as engine:
        await engine.analyse([said("앞")], messages, FRIEND)
        await engine.suggest(messages, FRIEND)
    assert not any(message_id in fake.recorded for message_id in ids(messages))


@pytest.mark.parametrize(
    ("refuses", "formats"),
    [
        (set(), ["json_schema"]),
        ({"json_schema"}, ["json_schema", "json_object"]),
        ({"json_schema", "json_object"}, ["json_schema", "json_object", None]),
        ({"response_format"}, ["json_schema", "json_object", None]),
        ({"temperature"}, ["json_schema", "json_schema"]),
    ],
    ids=["all", "no-schema", "no-json", "no-format", "no-temperature"],
)
async def test_what_an_endpoint_refuses_is_asked_more_simply_and_remembered(
    fake: FakeOpenAi, refuses: set[str], formats: list[str | None]
) -> None:
    fake.refuses = refuses
    async with opened(fake) as engine:
        for _ in range(2):
            assert len(await engine.suggest([said("안녕")], FRIEND)) == 3
    asked = [(request.body.get("response_format") or {}).get("type") for request in fake.chats]
    assert asked == [*formats, formats[-1]]
    assert all(request.structured for request in fake.chats)


async def test_a_refusal_of_something_else_teaches_nothing(fake: FakeOpenAi) -> None:
    error = {"message": "This model's maximum context length is 8 tokens", "code": "context_length_exceeded"}
    fake.answers.append(Script(status=400, error=error))
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError, match="context_length_exceeded"):
            await engine.suggest([said("안녕")], FRIEND)
        await engine.suggest([said("안녕")], FRIEND)
    assert [request.body["response_format"]["type"] for request in fake.chats] == ["json_schema"] * 2


@pytest.mark.parametrize(
    "wrapped",
    ["```json\n{}\n```", "물론이죠! 결과입니다:\n{}\n도움이 되었길 바랍니다.", "<think>음 {{글쎄}}</think>\n{}"],
    ids=["fence", "sentence", "reasoning"],
)
async def test_what_models_put_around_json_is_forgiven(fake: FakeOpenAi, wrapped: str) -> None:
    fake.answers.append(Script(text=wrapped.format(answer(GOOD))))
    async with opened(fake) as engine:
        assert len(await engine.analyse([], [said("고마워", own=True)], FRIEND)) == 1
    assert len(fake.chats) == 1


WRONG = {
    "no JSON": "점수는 80점입니다.",
    "cut off": answer(GOOD)[:-20],
    "empty": "",
    "score above": answer({**GOOD, "score": 101}),
    "score below": answer({**GOOD, "score": -1}),
    "score in words": answer({**GOOD, "score": "80"}),
    "score as boolean": answer({**GOOD, "score": True}),
    "impact above": answer({**GOOD, "impact_score": 3.1}),
    "unknown tone": answer({**GOOD, "emotional_tone": "GREAT"}),
    "empty comment": answer({**GOOD, "comment": ""}),
    "blank comment": answer({**GOOD, "comment": " \n"}),
    "endless comment": answer({**GOOD, "comment": "가" * 5000}),
    "missing field": answer({key: value for key, value in GOOD.items() if key != "alternative"}),
    "added field": answer({**GOOD, "reason": "x"}),
    "another id": json.dumps({"m2": GOOD}),
    "one id more": answer(GOOD, GOOD),
    "no id": json.dumps(GOOD),
    "a list": json.dumps([GOOD]),
    "not a number": answer(GOOD).replace("80", "NaN"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_answer_is_mended_once(fake: FakeOpenAi, wrong: str) -> None:
    own = said("고마워", own=True)
    fake.answers.extend([Script(text=wrong), Script(text=answer(GOOD))])
    async with opened(fake) as engine:
        judged = await engine.analyse([], [own], FRIEND)
    assert judged[own.message_id].score == 80
    first, again = fake.chats
    assert again.contents[: len(first.contents)] == first.contents
    assert again.contents[-2][:4000] == (wrong[:4000] or "(빈 답)")
    assert "형식에 맞지 않습니다" in again.contents[-1]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_an_answer_that_stays_wrong_is_a_failure(fake: FakeOpenAi, wrong: str) -> None:
    fake.usual = Script(text=wrong)
    async with opened(fake) as engine:
        with pytest.raises(TokstreamError) as told:
            await engine.analyse([], [said("고마워", own=True)], FRIEND)
    assert told.value.kind is AI_ENGINE_FAILED
    assert len(fake.chats) == 2


@pytest.mark.parametrize("nothing", ["", " "])
async def test_an_alternative_of_nothing_is_none(fake: FakeOpenAi, nothing: str) -> None:
    own = said("고마워", own=True)
    fake.answers.append(Script(text=answer({**GOOD, "alternative": nothing})))
    async with opened(fake) as engine:
        judged = await engine.analyse([], [own], FRIEND)
    assert judged[own.message_id].suggested_alternative is None
    assert len(fake.chats) == 1


async def test_a_judgement_that_fails_is_told_after_the_reply(fake: FakeOpenAi) -> None:
    fake.answers.extend([Script(text="80점!")] * 2)
    reply = "그래, 오늘은 푹 쉬어!"
    async with opened(fake) as engine:
        pieces = engine.converse([user("안녕")], FRIEND)
        heard = ""
        while heard != reply:
            heard += str(await anext(pieces))
        with pytest.raises(TokstreamError) as told:
            await anext(pieces)
    assert told.value.kind is AI_ENGINE_FAILED


@pytest.mark.parametrize(
    ("relationship", "kind", "speech"),
    [("FRIEND", "FRIEND", "반말"), ("직장 상사", "SUPERIOR", "격식 있는 존댓말"), ("연인", "LOVER", "반말")],
)
async def test_the_model_is_told_how_the_two_speak(fake: FakeOpenAi, relationship: str, kind: str, speech: str) -> None:
    async with opened(fake) as engine:
        await engine.suggest([said("안녕")], Relationship(relationship=relationship))
        await collected(engine.converse([], Relationship(relationship=relationship)))
    for request in fake.chats:
        document = json.loads(next(line for text in request.contents for line in text.split("\n") if line[:1] == "{"))
        assert document["kind"] == kind
        assert document["speech"].startswith(speech)
        assert request.structured or document["persona"]


async def test_many_messages_get_room_for_their_judgements(fake: FakeOpenAi) -> None:
    async with opened(fake) as engine:
        await engine.analyse([], [said(f"말 {number}", own=True) for number in range(20)], FRIEND)
    assert fake.chats[0].body["max_tokens"] >= 20 * 300


@pytest.mark.parametrize(
    "schema", [object_schema(["m1", "m2"], Judgement), object_schema(["empathy"], Reply), single_schema(Judgement)]
)
def test_schemas_are_strict_and_hold_nothing_that_grammars_refuse(schema: dict[str, Any]) -> None:
    shown = json.dumps(schema)
    assert not any(word in shown for word in ("minLength", "maxLength", "title", "description"))
    for each in [schema, *schema.get("$defs", {}).values()]:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
    assert instance(schema)
