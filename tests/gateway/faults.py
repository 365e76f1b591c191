"""Stores that fail as real ones do: unreachable, full, or dying after a given number of writes."""

import inspect
from typing import Any

from storage.errors import Unavailable


class Failing:
    """Stands in front of a store; while `broken`, whatever is called raises Unavailable.

    `after` lets that many calls through first and breaks by itself then, as a disk that fills up.
    """

    def __init__(self, store: Any, *, broken: bool = False, after: int | None = None) -> None:
        self._store = store
        self.broken = broken
        self.after = after

    def mend(self) -> None:
        """From now on everything goes through."""
        self.broken, self.after = False, None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def called(*arguments: Any, **named: Any) -> Any:
            if self.after is not None:
                if self.after == 0:
                    self.broken, self.after = True, None
                else:
                    self.after -= 1
            if self.broken:
                raise Unavailable("somebody pulled the plug of db-7.internal:27017")
            return await method(*arguments, **named)

        return called
