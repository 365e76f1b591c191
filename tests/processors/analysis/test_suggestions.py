"""Replies are suggested to the end of the conversation that the session shows."""

from pathlib import Path

from contracts.base import decode
from contracts.conversations import STYLES, SuggestionList
from contracts.errors import AI_ENGINE_TIMEOUT, Problem
from contracts.streams import task_stream
from processors.analysis.suggestions import CHARACTERS, LAST_MESSAGES
from storage.collections import TASKS
from tests.processors.analysis.chats import chat, merged, message
from tests.processors.handling import Bench, bench, told
from tests.processors.judging_engine import JudgingEngine


async def suggested(at: Bench, task_id: str = "p1") -> SuggestionList:
    found = await at.stores.documents.get(TASKS, task_id)
    assert found is not None
    return decode(bytes(found.document.result), SuggestionList)


async def test_three_replies_one_of_each_style_to_the_last_messages(tmp_path: Path) -> None:
    engine = JudgingEngine()
    messages = chat(LAST_MESSAGES + 10)
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, messages)
        await at.work()
        at.repeat = 2
        await at.suggest("p1")
        await at.work()
        result, events = await suggested(at), told(await at.events(task_stream("p1")))
    assert engine.replied_to == [tuple(one.text for one in messages[10:])], "once, in order"
    assert tuple(one.style for one in result.suggestions) == STYLES
    assert result.suggestions[0].text.endswith(messages[-1].text)
    assert (result.relationship, result.relationship_info) == ("FRIEND", "2년 지기")
    assert (result.total_messages, result.engine) == (LAST_MESSAGES + 10, "scripted")
    assert [(kind, data["kind"]) for _, kind, data in events] == [("task.completed", "suggest")]


async def test_long_messages_are_shown_as_far_as_they_fit_and_the_last_always(tmp_path: Path) -> None:
    engine = JudgingEngine()
    texts = ["a" * CHARACTERS, "b" * 10, "c" * (CHARACTERS - 10)]
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, [message(order, text) for order, text in enumerate(texts)])
        await at.work()
        await at.suggest("p1")
        await at.work()
        await merged(at, [message(0, "a" * (2 * CHARACTERS))], "t2", revision=2)
        await at.work()
        await at.suggest("p2")
        await at.work()
    assert engine.replied_to == [tuple(texts[1:]), ("a" * (2 * CHARACTERS),)]


async def test_an_engine_that_fails_ends_the_task_with_its_problem(tmp_path: Path) -> None:
    engine = JudgingEngine()
    async with bench(tmp_path, engine=engine) as at:
        await merged(at, chat(6))
        await at.work()
        engine.failing, engine.failure = {"text 5"}, AI_ENGINE_TIMEOUT
        await at.suggest("p1")
        await at.work()
        found = await at.stores.documents.get(TASKS, "p1")
        (event,) = told(await at.events(task_stream("p1")))
    assert found is not None
    assert decode(bytes(found.document.problem), Problem).status == 504
    assert event[1] == "task.failed"
