"""Turns: what the stream is told, in which order, and that they end exactly once, whatever happens."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.commands import SpeakTurn
from contracts.conversations import ChatMessage
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, TokstreamError
from contracts.events import MessageCancelled, MessageCompleted, MessageCreated, MessageDelta, MessageFailed
from contracts.resources import Task
from processors.ai.port import Relationship
from processors.conversation.handler import ConversationHandler
from storage.collections import CONVERSATIONS, TASKS
from storage.documents.port import Documents
from storage.errors import Unavailable
from storage.feed import EventFeed
from storage.journal.port import NewEvent, StoredEvent
from storage.updates import update
from tests.ai import EVALUATION, ScriptedEngine
from tests.processors.conversation.speaking import ENDS, ENVELOPE, fold, stage


async def test_a_turn_is_told_as_messages_deltas_and_one_completion(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedEngine(pieces=["잘 ", "지내", "?"])) as play:
        await play.turn("t1", "오랜만이야")
        await play.speak("t1")
        events = await play.events()
    assert events[0] == MessageCreated(task_id="t1", message_id="t1-user", role="user", content="오랜만이야")
    assert events[1] == MessageCreated(task_id="t1", message_id="t1-reply", role="assistant", content="")
    assert {type(event) for event in events[2:-1]} == {MessageDelta}
    completed = events[-1]
    assert isinstance(completed, MessageCompleted)
    assert completed.content == fold(events) == "잘 지내?"
    assert completed.evaluation == EVALUATION


async def test_the_first_piece_goes_at_once_and_later_ones_share_deltas(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=[f"{n} " for n in range(60)], stall=1)
    async with stage(tmp_path, engine) as play:
        await play.turn("t1")
        speaking = asyncio.create_task(play.speak("t1"))
        await play.until(MessageDelta.TYPE)
        first = await play.events()
        engine.go.set()
        await speaking
        deltas = [event for event in await play.events() if isinstance(event, MessageDelta)]
    assert isinstance(first[-1], MessageDelta)
    assert first[-1].text == "0 "
    assert len(deltas) <= 3
    assert fold(deltas) == "".join(f"{n} " for n in range(60))


async def test_the_engine_is_told_what_was_said_before_in_order(tmp_path: Path) -> None:
    async with stage(tmp_path) as play:
        for number, text in enumerate(("하나", "둘", "셋")):
            await play.turn(f"t{number}", text)
            await play.speak(f"t{number}")
        heard = play.engine.heard[-1]
        numbers = [(await play.task(f"t{number}")).number for number in range(3)]
    assert [message.content for message in heard] == ["하나", "들었어: 하나 ", "둘", "들었어: 둘 ", "셋"]
    assert [message.role for message in heard] == ["user", "assistant", "user", "assistant", "user"]
    assert numbers == [1, 2, 3]
    assert play.engine.asked[-1] == Relationship(relationship="연인")


async def test_the_context_is_cut_to_the_window_and_the_last_message_always_goes(tmp_path: Path) -> None:
    async with stage(tmp_path, window=120) as play:
        for number in range(6):
            await play.turn(f"t{number}", f"{number} " + "가" * 30)
            await play.speak(f"t{number}")
        await play.turn("t9", "나" * 500)
        await play.speak("t9")
        shortened, alone = play.engine.heard[5], play.engine.heard[6]
    assert shortened[-1].content.startswith("5 ")
    assert 1 < len(shortened) < 11
    assert alone == (ChatMessage(role="user", content="나" * 500),)


async def test_turns_of_one_conversation_are_spoken_in_order_under_concurrency(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedEngine(pace=0.002)) as play:
        for number in range(8):
            await play.turn(f"t{number}", f"말 {number}")
        async with play.consuming():
            for number in range(8):
                await play.publish(f"t{number}")
            await play.until(MessageCompleted.TYPE, 8)
        ends = [event.task_id for event in await play.events() if isinstance(event, MessageCompleted)]
        created = [event for event in await play.events() if isinstance(event, MessageCreated)]
    assert ends == [f"t{number}" for number in range(8)]
    assert [event.task_id for event in created if event.role == "user"] == ends
    assert len(play.engine.heard[-1]) == 15


@pytest.mark.parametrize("kind", [AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT])
async def test_an_engine_that_fails_midway_ends_the_turn_with_what_was_said(tmp_path: Path, kind: Any) -> None:
    engine = ScriptedEngine(pieces=["여기", "까지", "만"], fail=2, error=TokstreamError(kind, "각본"))
    async with stage(tmp_path, engine) as play:
        await play.turn("t1")
        await play.speak("t1")
        *before, last = await play.events()
        task = await play.task("t1")
    assert isinstance(last, MessageFailed)
    assert last.content == fold(before) == "여기까지"
    assert last.problem.status == kind.status
    assert task.status == "failed"


async def test_a_reply_without_a_word_or_without_its_judgement_is_a_failure(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedEngine(pieces=[" "])) as play:
        await play.turn("t1")
        await play.speak("t1")
        play.engine.pieces, play.engine.evaluation = ["네"], None
        await play.turn("t2")
        await play.speak("t2")
        failed = [event for event in await play.events() if isinstance(event, MessageFailed)]
    assert [event.task_id for event in failed] == ["t1", "t2"]


async def test_a_cancelled_turn_stops_the_engine_and_keeps_what_was_said(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedEngine(pieces=["하나 ", "둘 ", "셋"], stall=2)) as play:
        await play.turn("t1")
        async with play.consuming():
            await play.publish("t1")
            await play.until(MessageDelta.TYPE)
            await update(play.stores.documents, TASKS, "t1", cancelling)
            await play.until(MessageCancelled.TYPE)
            await play.turn("t2", "다음")
            play.engine.stall = None
            await play.publish("t2")
            await play.until(MessageCompleted.TYPE)
        events = await play.events()
        task = await play.task("t1")
    cancelled = next(event for event in events if isinstance(event, MessageCancelled))
    assert cancelled.content == "하나 둘 "
    assert fold([event for event in events if isinstance(event, MessageDelta) and event.task_id == "t1"]) == "하나 둘 "
    assert task.status == "cancelled"
    assert play.engine.closed == 1
    assert play.engine.heard[-1][1].content == "하나 둘 "


async def test_a_turn_that_was_cancelled_before_it_began_is_not_spoken(tmp_path: Path) -> None:
    async with stage(tmp_path) as play:
        await play.turn("t1")
        await update(play.stores.documents, TASKS, "t1", cancelling)
        await play.speak("t1")
        events = await play.events()
        task = await play.task("t1")
    assert [type(event) for event in events] == [MessageCancelled]
    assert play.engine.heard == []
    assert task.number == 1  # it waits no longer


async def test_a_command_that_comes_again_speaks_no_second_time(tmp_path: Path) -> None:
    async with stage(tmp_path) as play:
        await play.turn("t1")
        await play.speak("t1")
        before = await play.stored()
        await play.speak("t1")
        assert await play.stored() == before
    assert len(play.engine.heard) == 1


async def test_a_conversation_that_is_deleted_while_it_is_spoken_leaves_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, ScriptedEngine(pieces=["말 "] * 1000, stall=1, pace=0.01)) as play:
        await play.turn("t1")
        speaking = asyncio.create_task(play.speak("t1"))
        await play.until(MessageDelta.TYPE)
        await play.stores.journal.delete("conversation:c1")
        await play.stores.documents.delete(TASKS, {"conversation_id": "c1"})
        await play.stores.documents.delete(CONVERSATIONS, {"conversation_id": "c1"})
        play.engine.go.set()
        await speaking
        assert await play.stored() == []
        assert await play.stores.documents.count(TASKS, {"conversation_id": "c1"}) == 0
    assert play.engine.closed == 1


async def test_a_turn_of_a_conversation_that_is_gone_is_deleted(tmp_path: Path) -> None:
    """Its deletion overtook the gateway that was writing the turn down."""
    async with stage(tmp_path) as play:
        await play.stores.journal.delete("conversation:c1")
        await play.stores.documents.delete(CONVERSATIONS, {"conversation_id": "c1"})
        await play.turn("t1", "비밀")
        await play.speak("t1")
        await play.turn("t2", "비밀")
        await update(play.stores.documents, TASKS, "t2", cancelling)
        await play.speak("t2")
        assert await play.stores.documents.count(TASKS, {"conversation_id": "c1"}) == 0
    assert play.engine.heard == []


@pytest.mark.parametrize("ended", [True, False])
async def test_a_process_that_was_paused_says_nothing_more_once_another_has_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    monkeypatch.setattr("processors.conversation.handler.PAUSE_SECONDS", 0.0)
    async with stage(tmp_path, ScriptedEngine(pieces=["느린 ", "말 ", "끝"], stall=1)) as play:
        await play.turn("t1")
        paused = asyncio.create_task(play.speak("t1"))
        await play.until(MessageDelta.TYPE)
        engine = ScriptedEngine(pieces=["다른 ", "대답 ", "이야"], stall=None if ended else 2)
        other = ConversationHandler(play.stores, engine, 8192)
        speaking = asyncio.create_task(other.handle(SpeakTurn(conversation_id="c1", task_id="t1"), ENVELOPE))
        await play.until(MessageCompleted.TYPE if ended else MessageDelta.TYPE, 1 if ended else 2)
        play.engine.go.set()
        with pytest.raises(Unavailable, match="another process"):
            await paused
        engine.go.set()
        await speaking
        *before, last = await play.events()
    assert isinstance(last, MessageCompleted)
    assert last.content == fold(before) == "다른 대답 이야"


class Stale:
    """Documents that show one of them once as it was before."""

    def __init__(self, documents: Documents, old: Any) -> None:
        self.documents, self.old = documents, old

    async def get(self, collection: Any, key: str) -> Any:
        old, self.old = self.old, None
        return old or await self.documents.get(collection, key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.documents, name)


async def test_a_turn_that_another_process_ends_meanwhile_is_not_told_of_any_more(tmp_path: Path) -> None:
    async with stage(tmp_path) as play:
        await play.turn("t1")
        old = await play.stores.documents.get(TASKS, "t1")
        await play.speak("t1")
        before = await play.stored()
        documents: Any = Stale(play.stores.documents, old)
        late = ConversationHandler(replace(play.stores, documents=documents), play.engine, 8192)
        with pytest.raises(Unavailable, match="another process"):
            await late.handle(SpeakTurn(conversation_id="c1", task_id="t1"), ENVELOPE)
        assert await play.stored() == before


class Crash(BaseException):
    """The process ends here."""


class CrashingFeed:
    """Dies at the append of number `at`, before or after it is durable."""

    def __init__(self, feed: EventFeed, at: int, durable: bool) -> None:
        self.feed, self.at, self.durable = feed, at, durable

    async def append(self, stream: str, events: Sequence[NewEvent]) -> Sequence[StoredEvent]:
        self.at -= 1
        if self.at == 0 and not self.durable:
            raise Crash
        stored = await self.feed.append(stream, events)
        if self.at == 0:
            raise Crash
        return stored


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_crash_anywhere_ends_in_one_end_and_a_fold_that_holds(tmp_path: Path, at: int, durable: bool) -> None:
    engine = ScriptedEngine(pieces=["첫 ", "둘째 ", "셋째"], pace=0.06)
    async with stage(tmp_path, engine) as play:
        await play.turn("t1")
        doomed = ConversationHandler(
            replace(play.stores, feed=CrashingFeed(play.stores.feed, at, durable)), engine, 8192
        )
        whole, play.handler = play.handler, doomed
        with pytest.raises(BaseException) as crashed:
            await play.speak("t1")
        assert isinstance(crashed.value, Crash)
        play.handler = whole
        engine.pieces = ["다른 ", "말"]  # no model says the same twice
        await play.speak("t1")
        events = await play.events()
        stored = await play.stored()
    ends = [event for event in stored if event.type in ENDS]
    assert len(ends) == 1
    assert stored[-1] == ends[0]
    last = events[-1]
    assert isinstance(last, MessageCompleted)
    for resume in range(len(events)):
        known = fold(events[:resume])
        assert fold(events[resume:], known) == last.content
    assert len([event for event in events if isinstance(event, MessageCreated)]) == 2


@pytest.mark.parametrize("then", ["cancelled", "failed", "done"])
async def test_a_turn_that_ends_without_a_word_after_a_crash_ends_with_what_its_deltas_say(
    tmp_path: Path, then: str
) -> None:
    engine = ScriptedEngine(pieces=["첫 ", "둘째 ", "셋째"], pace=0.06)
    async with stage(tmp_path, engine) as play:
        await play.turn("t1", kind="complete", messages=(ChatMessage(role="user", content="?"),))
        whole = play.handler
        play.handler = ConversationHandler(
            replace(play.stores, feed=CrashingFeed(play.stores.feed, 3, True)), engine, 8192
        )
        with pytest.raises(BaseException) as crashed:
            await play.speak("t1")
        assert isinstance(crashed.value, Crash)
        play.handler = whole
        if then == "cancelled":
            await update(play.stores.documents, TASKS, "t1", cancelling)
        elif then == "failed":
            engine.fail, engine.error = 0, TokstreamError(AI_ENGINE_FAILED, "각본")
        else:
            engine.pieces = []
        await play.speak("t1")
        *before, last = await play.events()
        task = await play.task("t1")
    assert isinstance(last, MessageCancelled | MessageFailed | MessageCompleted)
    assert task.status == then
    assert last.content == fold(before) == ("" if then == "done" else "첫 둘째 ")


async def test_an_engine_that_cancels_itself_is_a_failure_and_nobodys_wish(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["하나 ", "둘"], fail=1, error=asyncio.CancelledError())  # type: ignore[arg-type]
    async with stage(tmp_path, engine) as play:
        await play.turn("t1")
        async with play.consuming():
            await play.publish("t1")
            await play.until(MessageFailed.TYPE)
        *before, last = await play.events()
    assert isinstance(last, MessageFailed)
    assert last.content == fold(before) == "하나 "


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=30))
async def test_deltas_fold_to_the_final_text_from_every_point_of_resuming(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    text = "".join(pieces)
    async with stage(tmp_path_factory.mktemp("fold"), ScriptedEngine(pieces=pieces, pace=0.001)) as play:
        await play.turn("t1", kind="complete", messages=(ChatMessage(role="user", content="?"),))
        await play.speak("t1")
        events = await play.events()
    last = events[-1]
    assert isinstance(last, MessageCompleted)
    assert last.content == text
    for resume in range(len(events)):
        assert fold(events[resume:], fold(events[:resume])) == text


async def test_giving_up_tells_how_far_the_reply_had_come(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["하나 ", "둘 ", "셋"], fail=2, error=RuntimeError("각본"))
    async with stage(tmp_path, engine) as play:
        await play.turn("t1")
        async with play.consuming():
            await play.publish("t1")
            await play.until(MessageFailed.TYPE)
        *before, last = await play.events()
    assert isinstance(last, MessageFailed)
    assert last.content == fold(before) == "하나 둘 "
    assert last.problem.status == 500


def cancelling(task: Task) -> Task:
    return msgspec.structs.replace(task, status="cancelling")
