"""Processes that run until they are told to stop."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator, Sequence

from deploy.ai import open_engine
from deploy.processing import running_processors
from deploy.settings import Settings
from deploy.wiring import open_production

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT or SIGTERM sets. A second signal ends the process at once, as impatience means."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked() -> None:
        logger.info("stopping")
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def run_processor(settings: Settings, capabilities: Sequence[str]) -> None:
    """Runs the consumers of the capabilities until a signal comes, then drains."""
    with stop_signals() as stop:
        async with open_production(settings) as production:
            if not await first_of(production.prepared, stop):
                return
            async with (
                open_engine(settings) as engine,
                running_processors(production.stores, settings, engine, capabilities),
            ):
                logger.info("processing %s", ", ".join(capabilities))
                await stop.wait()


async def first_of(wanted: asyncio.Event, stop: asyncio.Event) -> bool:
    """Waits for either event; True where it was the wanted one."""
    waits = [asyncio.ensure_future(event.wait()) for event in (wanted, stop)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return wanted.is_set()
