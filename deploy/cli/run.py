"""`tokstream serve`, `tokstream gateway` and `tokstream processor`: the processes that run for long.

What a command runs is imported when it is called: `tokstream --help` need not load OpenCV, nor `serve` a Kafka client.
"""

import asyncio
from pathlib import Path

import click

from deploy import logs
from deploy.settings import CAPABILITIES, load

host_option = click.option("--host", help="Address to listen on.")
port_option = click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")


@click.command()
@host_option
@port_option
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where database and images lie.")
@click.option(
    "--read",
    "images",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read these screenshots as one session once the service is up, and print the transcript. May be repeated.",
)
def serve(host: str | None, port: int | None, data_dir: Path | None, images: tuple[Path, ...]) -> None:
    """Run everything in one process on SQLite and a data directory. Stop it with Ctrl-C; a restart continues."""
    settings = load(host=host, port=port, data_dir=data_dir)
    logs.configure(settings)
    from deploy.serve import run_embedded

    asyncio.run(run_embedded(settings, images))


@click.command()
@host_option
@port_option
def gateway(host: str | None, port: int | None) -> None:
    """Run a gateway: REST, websocket and SSE. Needs TOKSTREAM_KAFKA, TOKSTREAM_MONGODB and TOKSTREAM_BLOBS."""
    settings = load(host=host, port=port)
    logs.configure(settings)
    from deploy.gateways import run_gateway

    asyncio.run(run_gateway(settings))


@click.command()
@click.argument("capabilities", nargs=-1, type=click.Choice(CAPABILITIES))
def processor(capabilities: tuple[str, ...]) -> None:
    """Run processors: the CAPABILITIES named, or all. Needs the same settings as the gateway."""
    settings = load()
    logs.configure(settings)
    from deploy.runners import run_processor

    asyncio.run(run_processor(settings, capabilities or CAPABILITIES))
