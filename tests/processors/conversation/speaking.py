"""Conversations on real embedded stores, spoken by a real consumer: what the tests of this capability drive."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.base import decode
from contracts.cloudevents import Envelope
from contracts.commands import SpeakTurn
from contracts.conversations import Conversation, Turn
from contracts.events import BY_TYPE, Event, MessageCancelled, MessageCompleted, MessageDelta, MessageFailed
from contracts.resources import Task, TurnKind
from contracts.streams import conversation_stream
from processors.conversation.handler import ConversationHandler
from processors.runtime.consumer import Consumer, ConsumerSettings
from storage.collections import CONVERSATIONS, TASKS
from storage.journal.port import StoredEvent
from storage.publishing import publish_command
from storage.stores import Stores
from tests.ai import ScriptedEngine
from tests.processors.stores import embedded_stores

NOW = "2026-11-27T00:00:00.000000+00:00"
SECONDS = 20.0
ENDS = (MessageCompleted.TYPE, MessageFailed.TYPE, MessageCancelled.TYPE)
ENVELOPE = Envelope(id="e", type=SpeakTurn.TYPE, source="/test", time=NOW, subject="c1", owner="me")


@dataclass
class Stage:
    """One conversation `c1`, and the engine that plays in it."""

    stores: Stores
    engine: ScriptedEngine
    handler: ConversationHandler

    async def turn(
        self, task_id: str, text: str | None = "안녕?", kind: TurnKind = "continue", **changes: object
    ) -> Task:
        """A turn as the gateway writes it."""
        turn = Turn(input=text, **changes)  # type: ignore[arg-type]
        task = Task(
            task_id=task_id, owner="me", kind=kind, created_at=NOW, updated_at=NOW, conversation_id="c1", turn=turn
        )
        await self.stores.documents.insert(TASKS, [task])
        return task

    async def speak(self, task_id: str) -> None:
        """Handles the turn's command here and now."""
        await self.handler.handle(SpeakTurn(conversation_id="c1", task_id=task_id), ENVELOPE)

    async def publish(self, task_id: str) -> None:
        await publish_command(self.stores, SpeakTurn(conversation_id="c1", task_id=task_id), "me")

    async def task(self, task_id: str) -> Task:
        found = await self.stores.documents.get(TASKS, task_id)
        assert found is not None
        return found.document

    async def stored(self) -> Sequence[StoredEvent]:
        return await self.stores.journal.read(conversation_stream("c1"), 0, 1000)

    async def events(self) -> list[Event]:
        return [decode(event.data, BY_TYPE[event.type]) for event in await self.stored()]

    async def until(self, kind: str, count: int = 1) -> None:
        """Waits until the stream holds so many events of the type."""
        async with asyncio.timeout(SECONDS):
            while sum(event.type == kind for event in await self.stored()) < count:
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def consuming(self) -> AsyncIterator[None]:
        """A consumer of the capability runs inside the context."""
        stop = asyncio.Event()
        consumer = Consumer(self.stores.log, self.handler, ConsumerSettings(concurrency=64, poll_seconds=0.05))
        async with asyncio.TaskGroup() as group:
            group.create_task(consumer.run(stop))
            try:
                yield
            finally:
                stop.set()


@asynccontextmanager
async def stage(folder: Path, engine: ScriptedEngine | None = None, window: int = 8192) -> AsyncIterator[Stage]:
    engine = engine or ScriptedEngine()
    async with embedded_stores(folder) as stores:
        conversation = Conversation(
            conversation_id="c1", owner="me", kind="thread", created_at=NOW, updated_at=NOW, relationship="연인"
        )
        await stores.documents.insert(CONVERSATIONS, [conversation])
        yield Stage(stores, engine, ConversationHandler(stores, engine, window))


def fold(events: Sequence[Event], text: str = "") -> str:
    """The text of a reply, by the rule that `MessageDelta` states; `text` is what was known before."""
    for event in events:
        if isinstance(event, MessageDelta):
            text = text[: event.offset] + event.text
    return text
