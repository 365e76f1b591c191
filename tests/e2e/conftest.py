"""What the tests of the page share."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import chromium
from tests.servers.cache import NotProvisioned, skip_or_fail


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    try:
        async with chromium() as running:
            yield running
    except NotProvisioned as missing:
        skip_or_fail(missing)
