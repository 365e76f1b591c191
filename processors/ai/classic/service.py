"""Posting to the classic analysis API: retries, bounds, and what each failure means."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import msgspec

from contracts.base import encode
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT
from processors.ai.attempts import AttemptFailed, Budget, Retries, retry_after, too_slow

logger = logging.getLogger(__name__)

LARGEST_ANSWER: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class ClassicConfig:
    """The four URLs, and how patient we are: seconds to connect; `retries.seconds` bounds a whole call."""

    analyze_url: str
    suggestion_url: str
    start_url: str
    send_url: str
    connect: float = 10.0
    retries: Retries = field(default_factory=Retries)
    concurrency: int = 64


class Service:
    """Made inside the running loop."""

    def __init__(self, config: ClassicConfig) -> None:
        self._config = config
        # A connection that the service closed while it was idle would fail a request that may not be sent twice.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        self._slots = asyncio.Semaphore(config.concurrency)

    async def close(self) -> None:
        await self._session.close()

    async def ask(self, url: str, body: Mapping[str, Any], *, safe: bool = True) -> Any:
        """The JSON of the answer. `safe`: asking twice does no harm; otherwise only what was certainly not taken is
        asked again. Raises TokstreamError."""
        try:
            return await self.tried(url, body, safe=safe)
        except AttemptFailed as error:
            raise error.told() from None

    async def tried(self, url: str, body: Mapping[str, Any], *, safe: bool) -> Any:
        """As `ask`, but raises AttemptFailed, which tells the status."""
        budget = Budget(self._config.retries)
        attempt = 0
        while True:
            try:
                async with asyncio.timeout_at(budget.deadline):
                    async with self._slots:
                        return await self._attempt(url, encode(body), safe)
            except TimeoutError:
                raise too_slow("The classic AI service took too long") from None
            except AttemptFailed as error:
                logger.warning("classic AI service: %s", error.detail)
                if not await budget.another(error, attempt):
                    raise
                attempt += 1

    async def _attempt(self, url: str, body: bytes, safe: bool) -> Any:
        try:
            async with self._session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                timeout=aiohttp.ClientTimeout(total=None, connect=self._config.connect),
                allow_redirects=False,
            ) as response:
                if response.status // 100 != 2:
                    raise _refused(response, safe)
                answer = bytearray()
                while piece := await response.content.readany():
                    answer += piece
                    if len(answer) > LARGEST_ANSWER:
                        raise AttemptFailed("The classic AI service's answer is too long")
        except aiohttp.ServerTimeoutError:
            raise too_slow("The classic AI service cannot be reached in time", retry=True) from None
        except aiohttp.ClientConnectorError:
            raise AttemptFailed("The classic AI service cannot be reached", retry=True) from None
        except (aiohttp.ClientError, OSError):
            raise AttemptFailed("The classic AI service hung up", retry=safe) from None
        try:
            return msgspec.json.decode(answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise AttemptFailed("The classic AI service's answer is no JSON", retry=safe) from None


def _refused(response: aiohttp.ClientResponse, safe: bool) -> AttemptFailed:
    status = response.status
    not_taken = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return AttemptFailed(
        f"The classic AI service answered {status}",
        retry=not_taken or (safe and status >= HTTPStatus.INTERNAL_SERVER_ERROR),
        status=status,
        retry_after=retry_after(response.headers.get("Retry-After")),
        kind=AI_ENGINE_TIMEOUT if status == HTTPStatus.GATEWAY_TIMEOUT else AI_ENGINE_FAILED,
    )
