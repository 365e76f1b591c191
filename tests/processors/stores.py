"""Real embedded stores for tests of processors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.settings import Settings
from deploy.wiring import open_embedded
from storage.stores import Stores


@asynccontextmanager
async def embedded_stores(data_dir: Path) -> AsyncIterator[Stores]:
    """The stores of `tokstream serve`, on a directory of the test."""
    async with open_embedded(Settings(data_dir=data_dir)) as stores:
        yield stores
