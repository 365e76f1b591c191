"""Every test that takes `backend`, `documents` or `journal` runs on SQLite and on MongoDB."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.documents.port import Documents
from storage.journal.port import Journal
from tests.contract.backends import Backend, Opened, SqliteBackend, mongo_backend


@pytest.fixture(params=["sqlite", "mongo"])
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    if request.param == "sqlite":
        yield SqliteBackend(tmp_path)
    else:
        async with mongo_backend(request.getfixturevalue("mongo_uri")) as backend:
            yield backend


@pytest.fixture
async def opened(backend: Backend) -> AsyncIterator[Opened]:
    async with backend.open() as opened:
        yield opened


@pytest.fixture
def documents(opened: Opened) -> Documents:
    return opened.documents


@pytest.fixture
def journal(opened: Opened) -> Journal:
    return opened.journal
