"""Where times and ids come from: injected everywhere, so that tests can drive them."""

from datetime import UTC, datetime
from typing import Protocol

import uuid_utils


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, with its zone (UTC)."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class IdSource(Protocol):
    def new(self) -> str:
        """An id nobody has had before, 36 characters."""
        ...


class Uuid7:
    """UUID version 7 (RFC 9562): unique, and in the order of their making."""

    def new(self) -> str:
        return str(uuid_utils.uuid7())


def timestamp(clock: Clock) -> str:
    """ISO 8601 with microseconds and offset, as all documents and events carry it."""
    return clock.now().isoformat(timespec="microseconds")
