"""One run of an engine over the messages of a session, told message by message.

The journal is the truth of what a run has judged: a window's events are stored first, all at once, and the documents
follow what is stored. A command that comes again reads what its run has told, so it judges nothing twice, and where two
are at it (a rebalance may leave two) events and documents still say the same.
"""

import asyncio
from collections.abc import Iterator

import msgspec

from contracts.base import decode
from contracts.events import MessageAnalyzed, SessionAnalyzing
from contracts.resources import ENDED, Judged, Message, StoredMessage, Task
from contracts.streams import session_stream
from processors.ai.port import AiEngine, Assessment, Relationship
from processors.analysis.windows import Window, cut, is_own
from storage.collections import MESSAGES, TASKS
from storage.documents.port import Value
from storage.journal.port import StoredEvent
from storage.listing import find_all
from storage.publishing import append_events
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update

WINDOWS_AT_ONCE = 4
"""Windows of one session that wait for the engine together."""
READ_EVENTS = 1000


class Judging:
    """The run of one task, over the messages of `task.revision`."""

    def __init__(self, stores: Stores, engine: AiEngine, session_id: str, task: Task) -> None:
        self._stores = stores
        self._engine = engine
        self._session_id = session_id
        self._stream = session_stream(session_id)
        self._task = task
        self._relationship = Relationship(
            relationship=task.relationship or "", relationship_info=task.relationship_info or ""
        )
        self._judged = Judged(
            task_id=task.task_id,
            engine=engine.name,
            relationship=self._relationship.relationship,
            relationship_info=self._relationship.relationship_info,
        )
        self._stored: tuple[StoredMessage, ...] = ()
        self._messages: list[Message] = []
        self._gone = False

    async def run(self) -> int | None:
        """Judges what is due and has not been judged by an earlier attempt of this task; returns how many messages the
        task has judged, None where the session or the task is gone meanwhile, or the task ended by others.

        Raises what the engine raises, when the windows that were under way are done and stored.
        """
        where: dict[str, Value] = {"session_id": self._session_id, "revision": self._task.revision}
        self._stored = await find_all(self._stores.documents, MESSAGES, where, order_by="order")
        self._messages = [stored.message for stored in self._stored]
        due = {place for place, stored in enumerate(self._stored) if self._is_due(stored)}
        begun = SessionAnalyzing(task_id=self._task.task_id, own_messages=len(due), engine=self._engine.name)
        appended = await append_events(self._stores, self._stream, [(f"{self._task.task_id}:analyzing", begun)])
        if not appended:
            return None
        told = await self._told(appended[0].seq)
        await self._store([event for event in told if self._stored[event.order].judged != self._judged])
        left = due - {event.order for event in told}
        await self._side_by_side(cut(self._messages, left))
        return None if self._gone else len(told) + len(left)

    def _is_due(self, stored: StoredMessage) -> bool:
        message, judged = stored.message, stored.judged
        if not is_own(message):
            return False
        if judged is None or self._task.every_message:
            return True
        # Of a text every engine has an opinion, so a judgement that lacks one was never made.
        asked_alike = msgspec.structs.replace(judged, task_id=self._task.task_id) == self._judged
        return not asked_alike or (message.score is None and message.kind == "text")

    async def _told(self, begun: int) -> list[MessageAnalyzed]:
        """The judgements that this task has told, after the event `begun` of its stream."""
        told: list[MessageAnalyzed] = []
        while True:
            events = await self._stores.journal.read(self._stream, begun, READ_EVENTS)
            told += [event for event in map(_judgement, events) if event and event.task_id == self._task.task_id]
            if len(events) < READ_EVENTS:
                return told
            begun = events[-1].seq

    async def _side_by_side(self, windows: Iterator[Window]) -> None:
        failures: list[Exception] = []

        async def work() -> None:
            for window in windows:
                try:
                    await self._judge(window)
                except Exception as error:
                    # The other windows are not cut off: what they have cost already shall be worth something.
                    failures.append(error)
                if failures or self._gone:
                    return

        async with asyncio.TaskGroup() as group:
            for _ in range(WINDOWS_AT_ONCE):
                group.create_task(work())
        if failures:
            raise failures[0]

    async def _judge(self, window: Window) -> None:
        messages = self._messages
        said = await self._engine.analyse(
            messages[window.context.start : window.context.stop],
            messages[window.messages.start : window.messages.stop],
            self._relationship,
        )
        events = [self._event(place, said.get(messages[place].message_id)) for place in window.due]
        named = [(f"{self._task.task_id}:{event.order}", event) for event in events]
        appended = await append_events(self._stores, self._stream, named)
        await self._store([event for event in map(_judgement, appended) if event])
        self._gone = self._gone or not appended or not await self._alive()

    def _event(self, place: int, said: Assessment | None) -> MessageAnalyzed:
        return MessageAnalyzed(
            task_id=self._task.task_id,
            message_id=self._stored[place].message.message_id,
            order=place,
            text=self._stored[place].message.text,
            score=said.score if said else None,
            emotional_tone=said.emotional_tone if said else None,
            impact_score=said.impact_score if said else None,
            ai_message=said.ai_message if said else None,
            suggested_alternative=said.suggested_alternative if said else None,
        )

    async def _store(self, events: list[MessageAnalyzed]) -> None:
        judged = []
        for event in events:
            stored = self._stored[event.order]
            message = _with_judgement(stored.message, event)
            judged.append(msgspec.structs.replace(stored, message=message, judged=self._judged))
        if judged:
            await self._stores.documents.put(MESSAGES, judged)

    async def _alive(self) -> bool:
        """Whether the task is still to be worked on. Says at the same time that it is: a task that is silent for very
        long is taken for lost."""

        def touched(task: Task) -> Task | None:
            if task.status in ENDED:
                return None
            return msgspec.structs.replace(task, updated_at=timestamp(self._stores.clock))

        task = await update(self._stores.documents, TASKS, self._task.task_id, touched)
        return task is not None and task.status not in ENDED


def _judgement(event: StoredEvent) -> MessageAnalyzed | None:
    return decode(event.data, MessageAnalyzed) if event.type == MessageAnalyzed.TYPE else None


def _with_judgement(message: Message, event: MessageAnalyzed) -> Message:
    return msgspec.structs.replace(
        message,
        score=event.score,
        emotional_tone=event.emotional_tone,
        impact_score=event.impact_score,
        ai_message=event.ai_message,
        suggested_alternative=event.suggested_alternative,
    )
