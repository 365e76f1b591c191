"""Merged sessions as the analysis finds them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from contracts.base import decode
from contracts.commands import AnalyzeSession
from contracts.events import MessageAnalyzed, SessionAnalyzing
from contracts.resources import MergeInfo, Message, Position, Session, StoredMessage
from storage.collections import MESSAGES, SESSIONS
from storage.documents.port import Value
from storage.listing import find_all, store_messages
from tests.processors.handling import SESSION, Bench, task

BOX = Position(x=0.0, y=0.0, width=10.0, height=10.0)


def message(order: int, text: str, **fields: Any) -> Message:
    """Of the other side at even places, own at odd ones."""
    given = {"speaker": "user" if order % 2 else "interlocutor", **fields}
    return Message(
        message_id=f"m{order}", text=text, confidence=0.9, position=BOX, group_id=order + 1, order=order, **given
    )


def chat(length: int) -> list[Message]:
    """The sides take turns; every text is another."""
    return [message(order, f"text {order}") for order in range(length)]


def own(messages: Sequence[Message]) -> list[str]:
    return [one.text for one in messages if one.speaker == "user"]


async def merged(
    at: Bench,
    messages: Sequence[Message],
    task_id: str = "t1",
    revision: int = 1,
    relationship: str = "FRIEND",
) -> None:
    """A session whose merge is stored and whose analysis is asked for."""
    if await at.stores.documents.get(SESSIONS, SESSION) is None:
        await at.open()
    await store_messages(at.stores.documents, "me", SESSION, revision, messages)
    run = task(
        task_id,
        "process",
        status="processing",
        relationship=relationship,
        relationship_info="2년 지기",
        screenshot_ids=("a", "b"),
        merge_info=MergeInfo(total_merged=len(messages), order=("a", "b")),
        revision=revision,
    )
    await at.start(run)
    await at.ask(AnalyzeSession(session_id=SESSION, task_id=task_id, revision=revision))


async def session_of(at: Bench) -> Session:
    found = await at.stores.documents.get(SESSIONS, SESSION)
    assert found is not None
    return found.document


async def shown(at: Bench) -> tuple[StoredMessage, ...]:
    """The documents of the messages that the session shows."""
    where: dict[str, Value] = {"session_id": SESSION, "revision": (await session_of(at)).revision}
    return await find_all(at.stores.documents, MESSAGES, where, order_by="order")


async def analyzed(at: Bench, task_id: str = "t1") -> list[MessageAnalyzed]:
    """The judgements that a task has told, in the order of telling; its beginning comes before them all."""
    events = [event for event in await at.events() if msgspec.json.decode(event.data).get("task_id") == task_id]
    assert [event.type for event in events].index(SessionAnalyzing.TYPE) == 0
    return [decode(event.data, MessageAnalyzed) for event in events if event.type == MessageAnalyzed.TYPE]
