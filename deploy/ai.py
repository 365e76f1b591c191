"""Which AI engine answers, as the settings say. Each is imported only where it is the one: together they take half a
second."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.settings import Settings
from processors.ai.port import AiEngine


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[AiEngine]:
    """The engine, closed when the context is left. Raises SettingsError, before anything is opened."""
    engine = _engine(settings)
    try:
        yield engine
    finally:
        await engine.close()


def _engine(settings: Settings) -> AiEngine:
    if settings.ai == "builtin":
        return _builtin()
    from deploy.external_ai import external_engine

    return external_engine(settings, _builtin)


def _builtin() -> AiEngine:
    from processors.ai.builtin.engine import BuiltinEngine

    return BuiltinEngine()
