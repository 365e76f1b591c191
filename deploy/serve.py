"""`tokstream serve`: gateway and processors in one process, on the embedded stores."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import click

from deploy.ai import open_engine
from deploy.engines import engines
from deploy.gateways import serving_gateway
from deploy.http import bind
from deploy.processing import running_processors
from deploy.runners import stop_signals
from deploy.settings import CAPABILITIES, Settings
from deploy.wiring import open_embedded
from gateway.services import GatewayHooks

logger = logging.getLogger(__name__)


@asynccontextmanager
async def embedded_service(settings: Settings, capabilities: Sequence[str] = CAPABILITIES) -> AsyncIterator[str]:
    """The service, with all its capabilities or some, until the context is left; yields its URL. Leaving it stops
    taking requests first, then drains the processors, then closes the stores. Raises SettingsError, Unavailable."""
    # The data first: a service that is refused them must not have answered on its port before.
    async with (
        open_embedded(settings) as stores,
        open_engine(settings) as engine,
    ):
        with bind(settings) as listener:
            async with running_processors(stores, settings, engine, capabilities) as processors:
                hooks = GatewayHooks(
                    engines=lambda: engines(settings), progress=processors.progress, models=engine.models
                )
                async with serving_gateway(stores, settings, hooks, listener, only_gateway=True) as url:
                    yield url


async def run_embedded(settings: Settings, images: Sequence[Path] = ()) -> None:
    """Serves until a signal comes. `images` are read as one session first, and their transcript is printed."""
    with stop_signals() as stop:
        async with embedded_service(settings) as url:
            click.echo(f"Tokstream is at {url}: open it in a browser (API: {url}/docs)")
            click.echo(f"Everything it is given lies in {settings.data_dir.resolve()}")
            if images:
                reading = asyncio.create_task(_read(url, images))
                stopping = asyncio.create_task(stop.wait())
                await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                if not reading.done():
                    reading.cancel()
                    await asyncio.wait((reading,))
                else:
                    reading.result()
            click.echo("Stop with Ctrl-C.")
            await stop.wait()


async def _read(url: str, images: Sequence[Path]) -> None:
    # Loaded when asked for: a client and a terminal are a quarter of the time that a service without either starts in.
    from deploy.client import Client
    from deploy.reading import Wanted, read_files
    from deploy.transcript import show_transcript

    async with Client(url) as client:
        reading = await read_files(client, images, Wanted(relationship="FRIEND", relationship_info="sample"))
        session_id = reading.session_id
        merge_info = (await client.session(session_id)).merge_info
        show_transcript((await client.messages(session_id)).messages, merge_info, reading.engine)
        if reading.engine_problem is not None:
            click.echo(f"The AI engine failed: {reading.engine_problem}", err=True)
        click.echo(
            f"\nLook next:\n"
            f"  {url}/#{session_id}  (this conversation in the browser, with the boxes on its screenshots)\n"
            f"  {url}/sessions/{session_id}/transcript?format=md\n"
            f"  {url}/streams/session:{session_id}/events  (every step, as server-sent events)\n"
            f"  {url}/docs  (all routes)"
        )
