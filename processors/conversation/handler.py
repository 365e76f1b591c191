"""Speaks the turns of conversations: asks the engine, and tells the stream of every piece of the reply.

A turn begins with its messages (`message.created`), goes on in deltas and ends with exactly one of completed, failed
and cancelled. Commands of one conversation come in order, and a turn never goes to the retry topic, where later ones
would overtake it: an engine makes its own attempts, and what it gives up has failed. A command that comes again after a
crash speaks the turn anew from offset 0, unless its end is written.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import msgspec

from contracts.base import Record, decode, encode
from contracts.cloudevents import Envelope
from contracts.commands import Command, SpeakTurn
from contracts.conversations import Turn
from contracts.errors import Problem, TokstreamError
from contracts.events import MessageCreated, MessageDelta
from contracts.resources import ENDED, Task, TaskStatus
from contracts.streams import conversation_stream
from processors.ai.port import AiEngine, Completion, Relationship
from processors.conversation.cancelling import Cancellations
from processors.conversation.context import estimate_tokens, fit, said
from processors.conversation.outcome import outcome
from processors.conversation.pieces import Pieces, Reply
from processors.runtime.tasks import end_task, reply_id, tell_end
from storage.collections import CONVERSATIONS, TASKS
from storage.errors import Unavailable, VersionConflict
from storage.publishing import append_events
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update

TURNS_AT_ONCE = 16
"""Turns before that are read at a time, until the window is full …"""
MOST_TURNS = 64
"""… or there are so many: what was said longer ago seldom matters, and each page is a question to the store."""
JOURNAL_PAGE = 1000
PAUSE_SECONDS = 5.0
"""A process that has told nothing for so long may have been paused, or cut off, and its turn be another's by now. Below
the time after which a consumer group takes a member for lost."""


class Deleted(Exception):
    """The conversation was deleted while it was spoken."""


class ConversationHandler:
    """The capability `conversation`. `window` is that of the model, in tokens."""

    name = "conversation"
    commands = (SpeakTurn,)

    def __init__(self, stores: Stores, engine: AiEngine, window: int) -> None:
        self._stores = stores
        self._engine = engine
        self._window = window
        self._cancellations = Cancellations(stores)

    async def handle(self, command: Command, envelope: Envelope) -> None:
        if not isinstance(command, SpeakTurn):
            raise TypeError(f"conversation was given {type(command).__name__}")
        found = await self._stores.documents.get(TASKS, command.task_id)
        if found is None:
            return  # deleted
        task = found.document
        if task.status in ENDED:
            await tell_end(self._stores, task)
            return
        try:
            await self._take_up(command, task, found.version)
        except Deleted:
            await self._stores.documents.delete(TASKS, {"conversation_id": command.conversation_id})

    async def _take_up(self, command: SpeakTurn, task: Task, version: int) -> None:
        relationship = Relationship(relationship="")
        before: list[Task] = []
        if task.kind != "complete":  # which brings its whole context along
            conversation, before = await asyncio.gather(
                self._stores.documents.get(CONVERSATIONS, command.conversation_id), self._turns_before(command)
            )
            if conversation is None:
                # The turn was written down while the conversation was being deleted: nobody else knows of it.
                raise Deleted
            relationship = Relationship(
                relationship=conversation.document.relationship or "",
                relationship_info=conversation.document.relationship_info or "",
            )
        if task.number == 0:
            task = msgspec.structs.replace(task, number=before[-1].number + 1 if before else 1)
        if task.status == "cancelling":
            await self._end(task, Turn(reply=await self._told(task)), "cancelled")
        else:
            await self._speak(task, version, relationship, before)

    async def give_up(self, command: Command, problem: Problem) -> None:
        if not isinstance(command, SpeakTurn):
            return
        found = await self._stores.documents.get(TASKS, command.task_id)
        if found is not None:
            with contextlib.suppress(Deleted):
                await self._end(found.document, Turn(reply=await self._told(found.document)), "failed", problem)

    async def _turns_before(self, command: SpeakTurn) -> list[Task]:
        """The turns that were spoken before this one, oldest first: as many as the window can take, and some more."""
        spoken: list[Task] = []
        after: str | None = None
        while True:
            page = await self._stores.documents.find(
                TASKS,
                {"conversation_id": command.conversation_id},
                order_by="number",
                descending=True,
                after=after,
                limit=TURNS_AT_ONCE,
            )
            # Those that wait have no number yet, and come after all that have.
            spoken += [task for task in page.documents if task.number > 0 and task.task_id != command.task_id]
            tokens = sum(estimate_tokens(message.content) for message in said(spoken))
            after = page.next
            enough = tokens > self._window or len(spoken) >= MOST_TURNS
            if after is None or enough or page.documents[-1].number == 0:
                return spoken[::-1]

    async def _speak(self, task: Task, version: int, relationship: Relationship, before: list[Task]) -> None:
        turn = msgspec.structs.replace(task.turn or Turn(), started_at=self._now(), engine=self._engine.name)
        task = msgspec.structs.replace(task, turn=turn)
        deltas = Deltas(self._stores, task)
        reply = Reply(deltas.tell)
        with self._cancellations.watching(task.task_id, reply.stop):
            try:
                if await reply.write(self._ask(task, relationship, before), self._begin(task, version)):
                    turn, result = outcome(task, reply, self._engine.name)
                    if not reply.text and await self._left(task):
                        await deltas.tell(0, "")
                    await self._end(task, turn, "done", result)
                else:
                    await self._end(task, Turn(reply=reply.text or await self._left(task)), "cancelled")
            except TokstreamError as error:
                said_last = Turn(reply=reply.text or await self._left(task))
                await self._end(task, said_last, "failed", error.problem())

    def _ask(self, task: Task, relationship: Relationship, before: Sequence[Task]) -> Pieces:
        turn = task.turn or Turn()
        messages = turn.messages or fit(said([*before, task]), self._window)
        if task.kind in ("query", "complete"):
            return self._engine.complete(Completion(messages=messages, model=turn.model, sampling=turn.sampling))
        return self._engine.converse(messages, relationship)

    async def _begin(self, task: Task, version: int) -> None:
        """Writes that the turn is being spoken, and tells the stream of its messages."""
        turn = task.turn or Turn()
        begun = msgspec.structs.replace(task, status="processing", updated_at=self._now())
        created = []
        if turn.input is not None:
            user = MessageCreated(
                task_id=task.task_id, message_id=f"{task.task_id}-user", role="user", content=turn.input
            )
            created.append((f"{task.task_id}:user", user))
        answer = MessageCreated(
            task_id=task.task_id, message_id=reply_id(task.task_id), role="assistant", content="", model=turn.model
        )
        created.append((f"{task.task_id}:reply", answer))
        appended, _ = await asyncio.gather(
            append_events(self._stores, _stream(task), created), self._mark(begun, version)
        )
        if not appended:
            raise Deleted

    async def _mark(self, begun: Task, version: int) -> None:
        try:
            await self._stores.documents.replace(TASKS, begun, version)
        except VersionConflict:
            # Cancelled or deleted at this very moment: the search for cancelled turns, or the stream, tells. Or begun
            # by another process too: who wrote last has the turn.
            now = await update(
                self._stores.documents,
                TASKS,
                begun.task_id,
                lambda found: begun if found.status in ("queued", "processing") else None,
            )
            if now is not None and now.status in ENDED:
                raise Unavailable(f"turn {begun.task_id}: another process has ended it") from None

    async def _end(self, task: Task, said_last: Turn, status: TaskStatus, outcome: Record | None = None) -> None:
        """Ends the turn, unless it has ended: `said_last` is what its reply came to, `outcome` its result or
        problem."""
        body = msgspec.Raw(encode(outcome))

        def ending(found: Task) -> Task:
            turn = msgspec.structs.replace(
                found.turn or Turn(),
                reply=said_last.reply,
                evaluation=said_last.evaluation,
                finish_reason=said_last.finish_reason,
                usage=said_last.usage,
                finished_at=self._now(),
            )
            field = "problem" if status == "failed" else "result"
            return msgspec.structs.replace(found, status=status, number=task.number, turn=turn, **{field: body})

        if await end_task(self._stores, task.task_id, ending) is None:
            raise Deleted

    async def _left(self, task: Task) -> str:
        """What an earlier attempt has told. An attempt without a word leaves it standing: no delta takes it back."""
        return "" if task.status == "queued" else await self._told(task)

    async def _told(self, task: Task) -> str:
        """What the stream has been told of the reply: the text that its deltas fold to."""
        text, after = "", 0
        message_id = reply_id(task.task_id)
        while True:
            page = await self._stores.journal.read(_stream(task), after, JOURNAL_PAGE)
            for event in page:
                if event.type == MessageDelta.TYPE:
                    delta = decode(event.data, MessageDelta)
                    if delta.message_id == message_id:
                        text = delta.onto(text)
            if len(page) < JOURNAL_PAGE:
                return text
            after = page[-1].seq

    def _now(self) -> str:
        return timestamp(self._stores.clock)


class Deltas:
    """Appends the deltas of one attempt at a turn, which began at `task.turn.started_at`. Each attempt has ids of its
    own: deltas of an attempt that a crash cut off stay in the stream, and the first of the next begins at offset 0
    again. The deltas of two attempts must not mix, or they fold to nonsense."""

    def __init__(self, stores: Stores, task: Task) -> None:
        self._stores = stores
        self._task = task
        self._attempt = stores.ids.new()[-12:]
        self._number = 0
        self._told = time.monotonic()

    async def tell(self, offset: int, text: str) -> None:
        """Raises Deleted, Unavailable."""
        if time.monotonic() - self._told >= PAUSE_SECONDS:
            await self._check()
        self._number += 1
        task_id = self._task.task_id
        delta = MessageDelta(task_id=task_id, message_id=reply_id(task_id), offset=offset, text=text)
        event = (f"{task_id}:{self._attempt}:{self._number}", delta)
        if not await append_events(self._stores, _stream(self._task), [event]):
            raise Deleted
        self._told = time.monotonic()

    async def _check(self) -> None:
        """Raises Unavailable where another process has taken the turn over meanwhile, so that the command is tried
        again here as long as it is still ours: the other may be the one that is being stopped."""
        found = await self._stores.documents.get(TASKS, self._task.task_id)
        if found is None:
            raise Deleted
        now, mine = found.document.turn or Turn(), self._task.turn or Turn()
        others = found.document.status == "processing" and now.started_at != mine.started_at
        if others or found.document.status in ENDED:
            raise Unavailable(f"turn {self._task.task_id}: another process speaks it")


def _stream(task: Task) -> str:
    return conversation_stream(task.conversation_id or "")
