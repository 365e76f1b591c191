"""`tokstream analyze IMAGE…`: reads screenshots and prints the conversation, starting what it needs."""

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy import logs
from deploy.settings import Settings, load

if TYPE_CHECKING:
    from deploy.client import Client

UNKNOWN = "unknown"
"""The relationship that is given where nobody was asked: the API wants one."""


@click.command()
@click.argument(
    "images", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="IMAGE…"
)
@click.option("--json", "form", flag_value="json", help="Print the messages as JSON.")
@click.option("--markdown", "form", flag_value="md", help="Print the transcript as Markdown.")
@click.option(
    "--annotate",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write each screenshot with its bubbles, speakers and order drawn on it.",
)
@click.option("--relationship", default=UNKNOWN, show_default=True, help="Who they are to you: FRIEND, SUPERIOR, …")
@click.option("--relationship-info", default=UNKNOWN, show_default=True, help="More about it: 2년 지기, 회사 상사, …")
def analyze(
    images: tuple[Path, ...], form: str | None, annotate: Path | None, relationship: str, relationship_info: str
) -> None:
    """Read chat screenshots (in any order, overlapping) and print one transcript.

    Everything runs on this machine in a temporary directory that is deleted at the end.
    """
    with tempfile.TemporaryDirectory(prefix="tokstream-") as folder:
        settings = load(data_dir=folder, host="127.0.0.1", port=0, api_keys="")
        logs.configure(settings)
        logging.getLogger().setLevel(logging.WARNING)
        asyncio.run(_analyze(settings, images, form, annotate, relationship, relationship_info))


async def _analyze(
    settings: Settings,
    images: tuple[Path, ...],
    form: str | None,
    annotate: Path | None,
    relationship: str,
    relationship_info: str,
) -> None:
    from deploy.client import Client
    from deploy.serve import embedded_service
    from deploy.transcript import read_screenshots, show_transcript

    async with embedded_service(settings) as url, Client(url) as client:
        session_id = await read_screenshots(client, images, relationship, relationship_info)
        if form is not None:
            click.echo(await client.transcript(session_id, form))
        else:
            await show_transcript(client, session_id)
        if annotate is not None:
            await _write_annotated(client, session_id, images, annotate)


async def _write_annotated(client: "Client", session_id: str, images: tuple[Path, ...], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    screenshots = (await client.session(session_id)).screenshots
    for number, (image, screenshot) in enumerate(zip(images, screenshots, strict=True), 1):
        target = folder / f"{number:02d}-{image.stem}.annotated.png"
        target.write_bytes(await client.annotated(session_id, screenshot.screenshot_id))
        click.echo(f"wrote {target}", err=True)
