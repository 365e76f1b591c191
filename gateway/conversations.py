"""Conversations and their turns: opened, spoken, cancelled, shown and deleted. What the routes, whatever their shape,
rest on."""

import asyncio
from collections.abc import Awaitable

import msgspec

from contracts.commands import SpeakTurn
from contracts.conversations import (
    CancellationAccepted,
    Conversation,
    ConversationKind,
    ConversationPage,
    ConversationView,
    HistoryEntry,
    Turn,
    TurnPage,
    TurnView,
)
from contracts.errors import (
    CONVERSATION_NOT_FOUND,
    INVALID_CURSOR,
    MISSING_PARAMETER,
    TokstreamError,
)
from contracts.events import ConversationCreated
from contracts.resources import Task, TurnKind
from contracts.streams import START, Cursor, conversation_stream
from gateway.deletion import close_stream
from gateway.sessions import well_formed
from gateway.tasks import optional
from gateway.waiting import Work
from storage.collections import CONVERSATIONS, IDEMPOTENCY, TASKS
from storage.documents.port import Collection, D
from storage.errors import DuplicateKey
from storage.listing import find_all
from storage.publishing import append_events, publish_command
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update

MAX_TEXT = 20_000
"""Characters of one message."""
RUNNING = ("queued", "processing", "cancelling")


class Conversations:
    """All methods raise Unavailable where a store is away, and TokstreamError(CONVERSATION_NOT_FOUND) for one that is
    unknown, malformed or somebody else's: the three are not told apart."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    async def open(
        self,
        owner: str,
        conversation_id: str,
        kind: ConversationKind,
        *,
        relationship: str | None = None,
        relationship_info: str | None = None,
        client_name: str | None = None,
        announce: bool = True,
    ) -> Conversation:
        """Makes the conversation, or finds it where an earlier attempt with this id has made it. `announce`: its stream
        begins with `conversation.created`, and not only with its first turn."""
        now = timestamp(self._stores.clock)
        conversation = Conversation(
            conversation_id=conversation_id,
            owner=owner,
            kind=kind,
            created_at=now,
            updated_at=now,
            relationship=relationship,
            relationship_info=relationship_info,
            client_name=client_name,
        )
        event = ConversationCreated(conversation=view_of(conversation))
        created = [(f"{conversation_id}:created", event)]
        # Side by side they share one commit. An event that comes again is the one that is there.
        inserted, appended = await asyncio.gather(
            self._insert(CONVERSATIONS, conversation),
            append_events(self._stores, conversation_stream(conversation_id), created if announce else ()),
        )
        if not inserted:
            conversation = await self.get(owner, conversation_id)
        if announce and not appended:
            # Its stream was deleted for good, and so it stays.
            await self._erase(conversation_id)
            raise not_found()
        return conversation

    async def _insert(self, collection: Collection[D], document: D) -> bool:
        """Inserts it; False where there is one with its key."""
        try:
            await self._stores.documents.insert(collection, [document])
        except DuplicateKey:
            return False
        return True

    async def get(self, owner: str, conversation_id: str) -> Conversation:
        """The document of the conversation."""
        if well_formed(conversation_id):
            found = await self._stores.documents.get(CONVERSATIONS, conversation_id)
            if found is not None and found.document.owner == owner:
                return found.document
        raise not_found()

    async def begin(
        self,
        opening: Awaitable[Conversation],
        owner: str,
        conversation_id: str,
        task_id: str,
        kind: TurnKind,
        turn: Turn,
    ) -> Work:
        """Has the first turn of a conversation spoken that `opening` makes."""
        task = self._task(owner, conversation_id, task_id, kind, turn)
        _, inserted = await asyncio.gather(opening, self._insert(TASKS, task))
        # Everything in its stream comes after this: there is no position to wait from.
        return await self._published(task if inserted else await self._same(task), None)

    async def speak(self, conversation: Conversation, task_id: str, kind: TurnKind, turn: Turn) -> Work:
        """Has a turn spoken, once, however often this is called with its id. When this returns it cannot be lost."""
        task = self._task(conversation.owner, conversation.conversation_id, task_id, kind, turn)
        stream = conversation_stream(conversation.conversation_id)
        after, inserted = await asyncio.gather(self._stores.journal.position(stream), self._insert(TASKS, task))
        if after is None:
            # Its stream is gone, for every conversation that is spoken in begins with an event.
            await self._erase(conversation.conversation_id)
            raise not_found()
        if inserted:
            return await self._published(task, after)
        return await self._published(await self._same(task), START)

    def _task(self, owner: str, conversation_id: str, task_id: str, kind: TurnKind, turn: Turn) -> Task:
        now = timestamp(self._stores.clock)
        return Task(
            task_id=task_id,
            owner=owner,
            kind=kind,
            created_at=now,
            updated_at=now,
            conversation_id=conversation_id,
            turn=turn,
        )

    async def _same(self, task: Task) -> Task:
        """The task that an earlier attempt with this id has made."""
        found = await self._stores.documents.get(TASKS, task.task_id)
        if found is None or found.document.conversation_id != task.conversation_id:
            raise not_found()
        return found.document

    async def publish(self, task: Task) -> None:
        """Puts the command of a turn on the log, once more where it is there: it is spoken once."""
        command = SpeakTurn(conversation_id=task.conversation_id or "", task_id=task.task_id)
        await publish_command(self._stores, command, task.owner)

    async def _published(self, task: Task, after: Cursor | None) -> Work:
        if task.status in RUNNING:
            await self.publish(task)
        return Work(task=task, stream=conversation_stream(task.conversation_id or ""), after=after)

    async def cancel(self, owner: str, conversation_id: str) -> CancellationAccepted:
        """Has the turns that are running or waiting stopped. Idempotent; nothing to stop is no error."""
        await self.get(owner, conversation_id)
        cancelling = []
        for status in RUNNING:
            page = await self._stores.documents.find(TASKS, {"conversation_id": conversation_id, "status": status})
            for task in page.documents:
                changed = await update(self._stores.documents, TASKS, task.task_id, self._cancelled)
                if changed is not None and changed.status == "cancelling":
                    cancelling.append(changed.task_id)
        return CancellationAccepted(
            conversation_id=conversation_id, cancelling=tuple(sorted(dict.fromkeys(cancelling)))
        )

    def _cancelled(self, task: Task) -> Task | None:
        if task.status not in ("queued", "processing"):
            return None
        return msgspec.structs.replace(task, status="cancelling", updated_at=timestamp(self._stores.clock))

    async def page(self, owner: str, after: str | None, limit: int) -> ConversationPage:
        """The owner's conversations, the newest first. Raises TokstreamError(INVALID_CURSOR)."""
        try:
            found = await self._stores.documents.find(
                CONVERSATIONS, {"owner": owner}, order_by="created_at", descending=True, after=after, limit=limit
            )
        except ValueError as error:
            raise bad_cursor() from error
        return ConversationPage(conversations=tuple(view_of(each) for each in found.documents), next=found.next)

    async def turns(self, owner: str, conversation_id: str, after: str | None, limit: int) -> TurnPage:
        """The turns of a conversation in the order in which they were spoken; those that wait come first, with number
        0."""
        await self.get(owner, conversation_id)
        try:
            found = await self._stores.documents.find(
                TASKS, {"conversation_id": conversation_id}, order_by="number", after=after, limit=limit
            )
        except ValueError as error:
            raise bad_cursor() from error
        turns = tuple(turn_view(task) for task in found.documents)
        return TurnPage(conversation_id=conversation_id, turns=turns, next=found.next)

    async def history(
        self, conversation_id: str, after: str | None, limit: int | None
    ) -> tuple[list[HistoryEntry], str | None]:
        """What was said, oldest first, and the cursor of what follows: all of it without a `limit` of turns."""
        where = {"conversation_id": conversation_id}
        following = None
        if limit is None:
            tasks = list(await find_all(self._stores.documents, TASKS, where, order_by="number"))
        else:
            try:
                page = await self._stores.documents.find(TASKS, where, order_by="number", after=after, limit=limit)
            except ValueError as error:
                raise bad_cursor() from error
            tasks, following = list(page.documents), page.next
        return [entry for task in tasks if task.number > 0 for entry in entries(task)], following

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Deletes the conversation and everything that was said in it. The stream goes first, so that a turn that is
        being spoken finds it closed, and the conversation last, so that a deletion that was interrupted can be
        repeated."""
        # An engine that is at work stops now, and not only at its next word.
        await self.cancel(owner, conversation_id)
        await self.close(conversation_id)

    async def close(self, conversation_id: str) -> None:
        """Deletes a conversation of which nobody has to be asked whose it is, also one that is only being opened."""
        await close_stream(self._stores, conversation_stream(conversation_id))
        await self._erase(conversation_id)

    async def _erase(self, conversation_id: str) -> None:
        await self._stores.documents.delete(TASKS, {"conversation_id": conversation_id})
        await self._stores.documents.delete(IDEMPOTENCY, {"session_id": conversation_id})
        await self._stores.documents.delete(CONVERSATIONS, {"conversation_id": conversation_id})


def not_found() -> TokstreamError:
    return TokstreamError(CONVERSATION_NOT_FOUND, "Conversation not found")


def bad_cursor() -> TokstreamError:
    return TokstreamError(INVALID_CURSOR, "`after` is not a cursor of this list.", field="after")


def required_text(name: str, value: str | None, longest: int = MAX_TEXT) -> str:
    """The parameter. Raises TokstreamError: MISSING_PARAMETER where it is missing or blank, BAD_REQUEST where it is too
    long."""
    found = optional(name, value, longest)
    if found is None:
        raise TokstreamError(MISSING_PARAMETER, f"{name} is required.", field=name)
    return found


def view_of(conversation: Conversation) -> ConversationView:
    return ConversationView(
        conversation_id=conversation.conversation_id,
        kind=conversation.kind,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        relationship=conversation.relationship,
        relationship_info=conversation.relationship_info,
        client_name=conversation.client_name,
        stream=conversation_stream(conversation.conversation_id),
    )


def turn_view(task: Task) -> TurnView:
    turn = task.turn or Turn()
    return TurnView(
        task_id=task.task_id,
        number=task.number,
        status="processing" if task.status in RUNNING else task.status,
        input=turn.input,
        reply=turn.reply,
        evaluation=turn.evaluation,
        created_at=task.created_at,
        finished_at=turn.finished_at,
    )


def entries(task: Task) -> list[HistoryEntry]:
    """The one or two messages of a turn."""
    turn = task.turn or Turn()
    found = []
    if turn.input is not None:
        found.append(HistoryEntry(role="user", content=turn.input, timestamp=task.created_at))
    if turn.reply:
        answered = turn.finished_at or task.updated_at
        found.append(HistoryEntry(role="assistant", content=turn.reply, timestamp=answered))
    return found
