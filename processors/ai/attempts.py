"""One attempt at a remote service fails; what then: try again, ask another, or tell.

Waits grow exponentially with jitter, `Retry-After` is honoured, and attempts and seconds are both bounded.
"""

import asyncio
import email.utils
import random
import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, ErrorKind, TokstreamError

_IDENTIFIER = re.compile(r"[a-z][a-z_]{1,39}")


class AttemptFailed(Exception):
    """What came of one request. `detail` is fit for clients: it quotes neither the service, whose messages may hold
    parts of keys or of the conversation, nor its address.

    `retry`: the same may well succeed a moment later. `final`: another service would not do better either.
    `said` is what the service wrote, in lower case, for those who adapt the request; it is never shown.
    """

    def __init__(
        self,
        detail: str,
        *,
        retry: bool = False,
        final: bool = False,
        kind: ErrorKind = AI_ENGINE_FAILED,
        status: int | None = None,
        retry_after: float | None = None,
        said: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry = retry
        self.final = final
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        self.said = said

    def told(self) -> TokstreamError:
        """As the port has it."""
        after = None if self.retry_after is None else max(1, round(self.retry_after))
        return TokstreamError(self.kind, self.detail, retry_after=after)


def too_slow(detail: str, *, retry: bool = False, final: bool = False) -> AttemptFailed:
    return AttemptFailed(detail, retry=retry, final=final, kind=AI_ENGINE_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Retries:
    """Attempts at one service, and seconds for all attempts at all services together with their waits."""

    attempts: int = 3
    seconds: float = 120.0
    first_wait: float = 0.5
    longest_wait: float = 8.0


class Budget:
    """The time of one call. Made where the call begins, inside the running loop."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self.attempts = retries.attempts
        self.deadline = asyncio.get_running_loop().time() + retries.seconds

    def remaining(self) -> float:
        """Seconds, 0 where none are left."""
        return max(0.0, self.deadline - asyncio.get_running_loop().time())

    async def another(self, failure: AttemptFailed, attempt: int) -> bool:
        """Whether the service that failed is to be asked again after attempt number `attempt` (from 0); waits until
        it may be."""
        if not failure.retry or attempt + 1 >= self._retries.attempts:
            return False
        wait = min(self._retries.longest_wait, self._retries.first_wait * 2**attempt) * random.uniform(0.5, 1.0)
        if failure.retry_after is not None:
            # A little later than told: whoever was told the same comes at the same moment.
            wait = failure.retry_after + wait / 4
        if wait >= self.remaining():
            return False
        await asyncio.sleep(wait)
        return True


def retry_after(header: str | None) -> float | None:
    """The seconds of a `Retry-After` header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds < 1e9 else None


def identifier(value: object) -> str | None:
    """An error code of a service, where it is a plain word that may be shown."""
    return value if isinstance(value, str) and _IDENTIFIER.fullmatch(value) else None


def is_url(text: str) -> bool:
    """Whether requests can be sent to it. A user or password in it is refused: it would show in log lines."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False
