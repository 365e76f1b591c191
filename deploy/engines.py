"""Which engines run here, for `/info` and `tokstream doctor`."""

import asyncio
from importlib.metadata import PackageNotFoundError, version

from contracts.resources import EngineInfo
from deploy.settings import Settings
from processors.ocr.engines.select import describe


async def engines(settings: Settings) -> tuple[EngineInfo, ...]:
    """One entry an engine; looking costs no import of a heavy library."""
    told = await asyncio.to_thread(describe, settings.ocr, paddle_models=settings.paddle_models)
    runs = EngineInfo(capability="ocr", name=told.running, available=True, detail="runs")
    entries = [
        EngineInfo(
            capability="ocr",
            name=one.name,
            available=one.available,
            version=one.version,
            detail=one.purpose if one.reason is None else f"{one.purpose}; {one.reason}",
        )
        for one in told.engines
    ]
    return (runs, *entries, _ai_engine(settings))


AI_PURPOSES = {
    "builtin": "rules over Korean morphology and a small tone classifier, no language model and no network",
    "openai": "an OpenAI-compatible endpoint",
    "classic": "the classic analysis API",
}


def _ai_engine(settings: Settings) -> EngineInfo:
    masked = "; the names of others are masked" if settings.mask_names and settings.ai != "builtin" else ""
    return EngineInfo(
        capability="ai",
        name=settings.ai,
        available=True,
        version=package_version("tokstream") if settings.ai == "builtin" else None,
        detail=f"runs; {AI_PURPOSES[settings.ai]}{masked}",
    )


def package_version(name: str) -> str | None:
    """The installed version of a distribution, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
