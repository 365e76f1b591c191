"""PyTorch for the tests that train."""

from collections.abc import Iterator

import pytest

from tests.servers.cache import NotProvisioned, skip_or_fail
from tests.servers.training import importable


@pytest.fixture(scope="session")
def pytorch() -> Iterator[None]:
    """Skips, or with CI=true fails, where it is not installed."""
    try:
        with importable():
            yield
    except NotProvisioned as error:
        skip_or_fail(error)
