"""`tokstream chat`: converses in the terminal, with an embedded service or one that runs."""

import contextlib
import getpass
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from deploy import logs
from deploy.settings import load

if TYPE_CHECKING:
    from deploy.partners import Partner

DRAIN_SECONDS = 2.0
"""Whoever leaves does not wait for a reply that they no longer want."""


@click.command()
@click.option("--name", help="Whose chat it is: history and model are kept by name.  [default: your user name]")
@click.option("--model", help="The model that replies; /models lists them.")
@click.option(
    "--relationship", help="Have somebody played instead: 연인, 직장 상사, FRIEND, … Your messages are judged."
)
@click.option("--info", help="More about the relationship: 2년 지기, 어제 다툼, …")
@click.option("--thread", help="Go on with the simulated conversation of this id.")
@click.option("--url", help="Talk to the service that runs there.  [default: one is started for this conversation]")
@click.option("--key", help="The API key for --url.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the service that is started keeps the history.  [default: a temporary directory]",
)
def chat(
    name: str | None,
    model: str | None,
    relationship: str | None,
    info: str | None,
    thread: str | None,
    url: str | None,
    key: str | None,
    data_dir: Path | None,
) -> None:
    """Converse in the terminal; the reply is written as it comes.

    Ctrl-C stops a reply, Ctrl-D or /quit leaves, /help lists the other commands. From a pipe every line is a message,
    and nothing but the replies is written.
    """
    played = relationship is not None or thread is not None
    _check(played, name, model, info, relationship, url, key, data_dir)
    from deploy.conversing import Conversing, converse
    from deploy.partners import ChatPartner, PlayedPartner

    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    partner: Partner
    if played:
        partner = PlayedPartner(relationship or "", info, thread)
        welcome = f"{relationship or 'They'} will answer"
    else:
        partner = ChatPartner(name or _user(), model)
        welcome = f"A chat as {name or _user()}"
    with _service(url, data_dir) as base:
        conversing = Conversing(base, key, partner)
        seen = converse(conversing, f"{welcome}. /help lists the commands, Ctrl-D leaves.")
    if seen and isinstance(partner, PlayedPartner) and partner.thread and (url or data_dir):
        click.echo(f"\nTo go on: --thread {quote(partner.thread)}")
    if conversing.failed and not seen:
        sys.exit(1)


def _check(
    played: bool,
    name: str | None,
    model: str | None,
    info: str | None,
    relationship: str | None,
    url: str | None,
    key: str | None,
    data_dir: Path | None,
) -> None:
    """Raises click.UsageError for options that contradict each other."""
    if played and (name or model):
        raise click.UsageError("--name and --model are for the plain chat, without --relationship and --thread")
    if info and not relationship:
        raise click.UsageError("--info needs --relationship")
    if url and data_dir:
        raise click.UsageError("--data-dir is for the service that is started without --url")
    if key and not url:
        raise click.UsageError("--key needs --url")
    if url and not url.startswith(("http://", "https://")):
        raise click.UsageError("--url must begin with http:// or https://")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"  # a container's user need not have a name


@contextlib.contextmanager
def _service(url: str | None, data_dir: Path | None) -> Iterator[str]:
    if url is not None:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="tokstream-") as folder:
        settings = load(data_dir=data_dir or folder, host="127.0.0.1", port=0, api_keys="", drain_seconds=DRAIN_SECONDS)
        logs.configure(settings)
        # What goes wrong is told by the events; log lines between the words would only disturb.
        logging.getLogger().setLevel(logging.CRITICAL)
        from deploy.background import background_service

        with background_service(settings, ("conversation",)) as base:
            yield base
