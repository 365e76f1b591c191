"""Fake endpoints: one, and a second to fall back to. `test_real.py` is for whoever names a real one."""

import os
from collections.abc import AsyncIterator

import pytest

from tests.servers.ai import FakeOpenAi, fake_openai

# Where there is none its tests are not skipped but absent: continuous integration takes a skip for a failure.
collect_ignore = [] if os.environ.get("TOKSTREAM_TEST_OPENAI_URL") else ["test_real.py"]


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAi]:
    async with fake_openai() as fake:
        yield fake


@pytest.fixture
async def second() -> AsyncIterator[FakeOpenAi]:
    async with fake_openai() as fake:
        yield fake
