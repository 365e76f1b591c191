"""Where the programs that the tests start are kept: outside the clone, shared by every clone of this user."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

COMMAND = "python -m tests.servers.provision"
"""Installs what is missing. Named wherever something is."""


def cache_folder() -> Path:
    """$TOKSTREAM_CACHE, or `tokstream` in the user's cache folder."""
    chosen = os.environ.get("TOKSTREAM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tokstream"


class NotProvisioned(RuntimeError):
    """A server is not installed. The message says which, and the command that installs it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not installed: {COMMAND}")


def skip_or_fail(missing: NotProvisioned) -> NoReturn:
    """Whoever has no Java still runs the rest; continuous integration (CI=true) has no excuse."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(str(missing))
    pytest.skip(str(missing))
