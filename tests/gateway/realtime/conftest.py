"""Stores on disk for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.realtime.service import Gateway, Stores, open_stores, running_gateway


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with open_stores(tmp_path) as opened:
        yield opened


@pytest.fixture
async def gateway(stores: Stores) -> AsyncIterator[Gateway]:
    async with running_gateway(stores) as running:
        yield running
