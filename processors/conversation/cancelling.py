"""Noticing that somebody wants a turn stopped: the gateway marks the task, and one search for all of the running turns
finds it. A mark in the store reaches whichever process speaks, and is still there when that process has died."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator

from storage.collections import TASKS
from storage.errors import Unavailable
from storage.stores import Stores

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
LOOKS_FOR_GONE = 10
"""Every so many looks each turn is looked for by itself: one that was deleted bears no mark."""


class Cancellations:
    """Watches over the turns that are being spoken in this process; rests while there are none."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._stops: dict[str, Callable[[], None]] = {}
        self._looking: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def watching(self, task_id: str, stop: Callable[[], None]) -> Iterator[None]:
        """Calls `stop`, perhaps several times, when the task is to be cancelled or is deleted while the context is
        open."""
        self._stops[task_id] = stop
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_while_needed())
        try:
            yield
        finally:
            del self._stops[task_id]

    async def _look_while_needed(self) -> None:
        looks = 0
        while self._stops:
            await asyncio.sleep(LOOK_SECONDS)
            looks += 1
            try:
                page = await self._stores.documents.find(TASKS, {"status": "cancelling"})
                self._stop([task.task_id for task in page.documents])
                if looks % LOOKS_FOR_GONE == 0:
                    self._stop(await self._gone())
            except Unavailable as error:
                logger.warning("cannot look for cancelled turns: %s", error)

    async def _gone(self) -> list[str]:
        return [task_id for task_id in list(self._stops) if await self._stores.documents.get(TASKS, task_id) is None]

    def _stop(self, task_ids: Iterable[str]) -> None:
        for task_id in task_ids:
            if (stop := self._stops.get(task_id)) is not None:
                stop()
