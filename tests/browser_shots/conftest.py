"""One Chromium for all tests of a module: starting it takes longer than a screenshot."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.browser import chromium
from tests.servers.cache import NotProvisioned, skip_or_fail


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    try:
        async with chromium() as running:
            yield running
    except NotProvisioned as missing:
        skip_or_fail(missing)
