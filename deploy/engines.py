"""Which engines run here, for `/info` and `tokstream doctor`."""

import asyncio
from importlib.metadata import PackageNotFoundError, version

from contracts.resources import EngineInfo
from deploy.abstaining import AbstainingEngine
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
    analysis = EngineInfo(
        capability="analysis",
        name=AbstainingEngine.name,
        available=True,
        version=package_version("tokstream"),
        detail="makes no judgements",
    )
    return (runs, *entries, analysis)


def package_version(name: str) -> str | None:
    """The installed version of a distribution, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
