"""Engines for tests: impatient ones, that wait tenths of a second where the service waits half a minute."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from processors.ai.attempts import Retries
from processors.ai.openai.config import Endpoint, OpenAiConfig, Timeouts
from processors.ai.openai.engine import OpenAiEngine
from tests.servers.ai import FakeOpenAi

KEY = "sk-test-0123456789abcdef"
IMPATIENT = Timeouts(connect=2.0, first_token=0.3, between_tokens=0.3)
QUICK = Retries(attempts=3, seconds=10.0, first_wait=0.01, longest_wait=0.02)


@asynccontextmanager
async def opened(
    *fakes: FakeOpenAi,
    timeouts: Timeouts = IMPATIENT,
    retries: Retries = QUICK,
    concurrency: int = 16,
    model: str = "fake-large",
) -> AsyncIterator[OpenAiEngine]:
    """An engine on the fakes, the second being the fallback."""
    endpoints = tuple(Endpoint(fake.url, KEY, model) for fake in fakes)
    engine = OpenAiEngine(
        OpenAiConfig(endpoints, timeouts=timeouts, retries=retries, concurrency=concurrency, max_tokens=200)
    )
    try:
        yield engine
    finally:
        await engine.close()
