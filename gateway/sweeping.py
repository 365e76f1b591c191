"""Housekeeping of conversations: completions that no gateway deleted, and turns whose gateway died before it had put
their command on the log."""

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec

from contracts.conversations import Conversation
from contracts.errors import CONVERSATION_NOT_FOUND, TokstreamError
from contracts.resources import Task
from gateway.conversations import Conversations
from gateway.housekeeping import repeat
from storage.collections import CONVERSATIONS, TASKS
from storage.listing import find_all
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update

COMPLETION_LIFE = timedelta(hours=1)
"""A completion is deleted with its answer; one whose gateway died before is swept after this long."""
LOST_AFTER = timedelta(minutes=2)
"""A turn that has not begun after so long may only wait for those before it: its command is put on the log once more,
which is harmless, since the same turn is never spoken twice."""
SWEEP_SECONDS = 60.0
PAGE = 100


class Sweeper:
    """Several gateways may sweep at the same time."""

    def __init__(self, stores: Stores, conversations: Conversations) -> None:
        self._stores = stores
        self._conversations = conversations

    async def sweep(self) -> int:
        """Deletes old completions and speaks turns that were lost; returns how many. Raises Unavailable."""
        deleted = 0
        async for conversation in self._stale():
            try:
                await self._conversations.delete(conversation.owner, conversation.conversation_id)
            except TokstreamError as error:
                if error.kind is not CONVERSATION_NOT_FOUND:
                    raise
                continue  # another gateway was faster
            deleted += 1
        return deleted + await self._find_lost()

    async def _stale(self) -> AsyncIterator[Conversation]:
        cutoff = self._before(COMPLETION_LIFE)
        while True:
            page = await self._stores.documents.find(
                CONVERSATIONS, {"kind": "completion"}, order_by="created_at", below=cutoff, limit=PAGE
            )
            for conversation in page.documents:
                yield conversation
            if len(page.documents) < PAGE:
                return

    async def _find_lost(self) -> int:
        cutoff = self._before(LOST_AFTER)
        found = 0
        for status in ("queued", "cancelling"):
            for task in await find_all(self._stores.documents, TASKS, {"status": status}):
                if task.conversation_id is not None and task.updated_at < cutoff:
                    await self._recover(task, task.conversation_id)
                    found += 1
        return found

    async def _recover(self, task: Task, conversation_id: str) -> None:
        if await self._stores.documents.get(CONVERSATIONS, conversation_id) is None:
            # Written down while its conversation was being deleted, or before it could be opened.
            await self._stores.documents.delete(TASKS, {"task_id": task.task_id})
            return
        now = timestamp(self._stores.clock)

        def noted(found: Task) -> Task | None:
            return msgspec.structs.replace(found, updated_at=now) if found.status == task.status else None

        if await update(self._stores.documents, TASKS, task.task_id, noted) is not None:
            await self._conversations.publish(task)

    def _before(self, age: timedelta) -> str:
        return (self._stores.clock.now() - age).isoformat(timespec="microseconds")

    async def sweep_for_ever(self) -> None:
        """Sweeps now and then, until cancelled."""
        await repeat(self.sweep, SWEEP_SECONDS, "conversations")
