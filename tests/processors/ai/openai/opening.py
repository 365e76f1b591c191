"""Engines for tests: they try again at once, and are impatient only where a test is about that."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from processors.ai.attempts import Retries
from processors.ai.openai.config import Endpoint, OpenAiConfig, Timeouts
from processors.ai.openai.engine import OpenAiEngine
from tests.servers.ai import FakeOpenAi

KEY = "sk-test-0123456789abcdef"
IMPATIENT = Timeouts(first_token=0.7, between_tokens=0.7)
PATIENT = Timeouts()
QUICK = Retries(attempts=3, seconds=60.0, first_wait=0.01, longest_wait=0.02)


@asynccontextmanager
async def opened(
    *fakes: FakeOpenAi,
    timeouts: Timeouts = PATIENT,
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
