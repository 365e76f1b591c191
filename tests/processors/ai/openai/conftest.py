"""Fake endpoints: one, and a second to fall back to."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.ai import FakeOpenAi, fake_openai


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAi]:
    async with fake_openai() as fake:
        yield fake


@pytest.fixture
async def second() -> AsyncIterator[FakeOpenAi]:
    async with fake_openai() as fake:
        yield fake
