"""Suggestions, simulated conversations and the chat of the built-in engine."""

import asyncio

import pytest

from contracts.conversations import STYLES, ChatMessage, Evaluation, Sampling
from processors.ai.builtin.engine import BuiltinEngine
from processors.ai.builtin.kiwi import morphemes
from processors.ai.builtin.politeness import is_casual, is_polite, levels
from processors.ai.port import Completion, Finish
from processors.ai.relationships import Kind
from tests.processors.ai.builtin.asking import conversation, last, relationship, turns
from tests.processors.ai.chats import collected


def polite(text: str) -> bool:
    return is_polite(levels(text, morphemes([text])[0]))


@pytest.mark.parametrize(
    "said",
    [
        "오늘 회사에서 너무 힘들었어ㅠㅠ",
        "나 드디어 합격했어!!",
        "내일 몇 시에 볼까?",
        "이번 주에 영화 볼래?",
        "자료 좀 보내줄 수 있어?",
        "미안해 내가 늦었어",
        "고마워 진짜",
        "왜 맨날 늦어?",
        "요즘 좀 바빠",
        "안녕!",
        "잘 지내?",
        "이거 어때?",
        "어디야?",
        "밥 먹었어?",
        "ㅇㅇ",
        "어제 제주도 다녀왔어",
        "사랑해",
        "내일 갈게",
        "잘 자",
        "싫어 안 해",
        "나 좀 늦을 것 같아",
        "꺼져",
    ],
)
@pytest.mark.parametrize(("to", "formal"), [("SUPERIOR", True), ("FRIEND", False)])
async def test_three_replies_of_three_styles_in_the_level_that_suits(said: str, to: str, formal: bool) -> None:
    suggestions = await BuiltinEngine().suggest(conversation(f"< {said}"), relationship(to))
    assert tuple(s.style for s in suggestions) == STYLES
    assert len({s.text for s in suggestions}) == 3
    for suggestion in suggestions:
        assert polite(suggestion.text) is formal, suggestion.text
        assert suggestion.explanation
        assert not set("{}[]") & set(suggestion.text)


async def test_who_is_left_need_not_console() -> None:
    suggestions = await BuiltinEngine().suggest(conversation("< 우리 헤어지자"), relationship("LOVER"))
    assert all("불만" in each.explanation for each in suggestions)


async def test_a_suggestion_is_worth_what_the_judge_says_of_it() -> None:
    said = "오늘 회사에서 너무 힘들었어ㅠㅠ"
    for suggestion in await BuiltinEngine().suggest(conversation(f"< {said}"), relationship("LOVER")):
        judged = await last("LOVER", f"< {said}", f"> {suggestion.text}")
        assert suggestion.expected_impact == judged.impact_score > 0


async def test_suggestions_name_the_topic_and_quote_what_they_answer() -> None:
    suggestions = await BuiltinEngine().suggest(conversation("< 진로 때문에 고민이 너무 많아"), relationship("FRIEND"))
    assert any("진로" in s.text for s in suggestions)
    assert all("진로 때문에 고민" in s.explanation for s in suggestions)


async def test_ones_own_habit_decides_where_the_relationship_does_not() -> None:
    formal = conversation("< 뭐 해?", "> 집에 있어요", "< 심심하다")
    casual = conversation("< 뭐 해?", "> 집에 있어", "< 심심하다")
    for messages, expected in ((formal, True), (casual, False)):
        for suggestion in await BuiltinEngine().suggest(messages, relationship("가족")):
            assert polite(suggestion.text) is expected


async def test_after_ones_own_message_suggestions_follow_up() -> None:
    waiting = await BuiltinEngine().suggest(conversation("< 안녕", "> 주말에 등산 갈래?"), relationship("FRIEND"))
    hurting = await BuiltinEngine().suggest(conversation("< 안녕", "> 꺼져 진짜"), relationship("FRIEND"))
    assert all("주말에 등산 갈래?" in s.explanation for s in waiting)
    assert any("미안" in s.text for s in hurting)
    assert {s.text for s in waiting}.isdisjoint({s.text for s in hurting})


async def test_without_messages_suggestions_open_the_conversation() -> None:
    suggestions = await BuiltinEngine().suggest((), relationship("SUPERIOR"))
    assert all(s.text and s.expected_impact >= 0 for s in suggestions)


@pytest.mark.parametrize("kind", Kind)
async def test_everybody_opens_a_conversation_in_their_own_way(kind: Kind) -> None:
    text, others = await collected(BuiltinEngine().converse((), relationship(kind.value)))
    assert text.strip()
    assert others == []
    assert "?" in text or polite(text) or is_casual(levels(text, morphemes([text])[0]))


async def test_openings_differ_by_relationship() -> None:
    texts = [(await collected(BuiltinEngine().converse((), relationship(kind.value))))[0] for kind in Kind]
    assert len(set(texts)) == len(Kind)


async def test_a_turn_is_answered_in_words_and_judged_as_analysis_judges() -> None:
    said = turns("< 오늘 하루 어땠어?", "> 회의 때문에 너무 힘들었어ㅠㅠ")
    pieces = [piece async for piece in BuiltinEngine().converse(said, relationship("연인"))]
    *words, judged = pieces
    assert len(words) > 3
    assert "회의" in "".join(str(word) for word in words)
    assert isinstance(judged, Evaluation)
    analysed = await last("연인", "< 오늘 하루 어땠어?", "> 회의 때문에 너무 힘들었어ㅠㅠ")
    assert (judged.appropriateness_rating, judged.impact_score) == (analysed.score, analysed.impact_score)
    assert judged.review_comment == analysed.ai_message


async def test_replies_depend_on_what_was_said_and_do_not_repeat_themselves() -> None:
    engine = BuiltinEngine()
    answers = set()
    for said in ("요즘 좀 바빠", "나 합격했어!", "미안해", "꺼져", "이번 주에 볼래?"):
        answers.add((await collected(engine.converse(turns("< 뭐 해?", f"> {said}"), relationship("FRIEND"))))[0])
    assert len(answers) == 5
    first, _ = await collected(engine.converse(turns("< 뭐 해?", "> 그냥 그래"), relationship("FRIEND")))
    again, _ = await collected(
        engine.converse(turns("< 뭐 해?", "> 그냥 그래", f"< {first}", "> 그냥 그래"), relationship("FRIEND"))
    )
    assert again != first


async def test_a_superior_speaks_politely_and_a_friend_does_not() -> None:
    for said in ("요즘 바쁩니다", "회의가 길었어요", "죄송합니다"):
        for to, formal in (("SUPERIOR", True), ("FRIEND", False)):
            text, _ = await collected(BuiltinEngine().converse(turns(f"> {said}"), relationship(to)))
            assert polite(text) is formal, text


async def test_nothing_of_the_other_side_is_judged() -> None:
    _, others = await collected(BuiltinEngine().converse(turns("> 안녕", "< 안녕!"), relationship("FRIEND")))
    assert others == []


DRAWN = Sampling()


async def chat(text: str, sampling: Sampling = DRAWN) -> tuple[str, Finish]:
    request = Completion(messages=(ChatMessage(role="user", content=text),), sampling=sampling)
    said, others = await collected(BuiltinEngine().complete(request))
    (finish,) = others
    assert isinstance(finish, Finish)
    return said, finish


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("너는 누구야?", "내장 엔진"),
        ("Who are you?", "no language model"),
        ("あなたは誰ですか", "内蔵エンジン"),
        ("你是谁?", "内置引擎"),
    ],
)
async def test_it_says_what_it_is_in_the_language_of_the_question(asked: str, part: str) -> None:
    assert part in (await chat(asked))[0]


@pytest.mark.parametrize(
    "asked",
    ["대한민국의 수도는 어디야?", "What is the capital of France?", "フランスの首都はどこですか?", "法国的首都在哪里?"],
)
async def test_it_claims_no_knowledge(asked: str) -> None:
    said, _ = await chat(asked)
    assert any(words in said for words in ("지식이 없는", "without knowledge", "知識を持たない", "没有知识"))


async def test_max_tokens_and_stop_cut_the_answer() -> None:
    whole, finish = await chat("Who are you?")
    assert finish.reason == "stop"
    assert finish.usage is not None
    cut, ended = await chat("Who are you?", Sampling(max_tokens=8))
    assert ended.reason == "length"
    assert whole.startswith(cut)
    assert ended.usage is not None
    assert ended.usage.completion_tokens <= 8
    assert ended.usage.total_tokens == ended.usage.prompt_tokens + ended.usage.completion_tokens
    stopped, ended = await chat("Who are you?", Sampling(stop=("engine",)))
    assert ended.reason == "stop"
    assert stopped == whole[: whole.index("engine")]


async def test_the_event_loop_goes_on_while_it_works() -> None:
    messages = conversation(*("< 오늘 뭐 했어?", "> 집에서 영화 봤어") * 200)
    working = asyncio.create_task(BuiltinEngine().analyse((), messages, relationship("FRIEND")))
    rounds = 0
    while not working.done():
        await asyncio.sleep(0)
        rounds += 1
    assert rounds > 10
    assert len(await working) == 200


async def test_somebody_who_wants_to_die_is_told_where_help_is() -> None:
    engine = BuiltinEngine()
    suggested = await engine.suggest(conversation("< 나 진짜 죽고 싶어"), relationship("FRIEND"))
    played = await collected(engine.converse(turns("> 살기 싫어 요즘"), relationship("FRIEND")))
    chatted = await collected(engine.complete(Completion(messages=(ChatMessage(role="user", content="죽고 싶다"),))))
    jest = await collected(engine.converse(turns("> 배고파 죽고 싶다ㅋㅋ"), relationship("FRIEND")))
    assert all("109" in each.explanation for each in suggested)
    assert "109" in played[0]
    assert "109" in chatted[0]
    assert "109" not in jest[0]
