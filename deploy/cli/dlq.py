"""`tokstream dlq`: what could not be handled, why, and sending it again."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import click

from contracts.topics import COMMAND_TOPICS
from deploy import logs
from deploy.settings import Settings, load
from processors.runtime import deadletters
from processors.runtime.deadletters import DeadLetter
from storage.log.port import EventLog

Topic = click.Choice([topic.rpartition(".")[2] for topic in COMMAND_TOPICS])


@click.group()
def dlq() -> None:
    """Dead letters: list, show and replay. Embedded, stop `tokstream serve` first."""


def _topic(capability: str) -> str:
    return next(topic for topic in COMMAND_TOPICS if topic.endswith(f".{capability}"))


def _with_log(action: Callable[[EventLog], Awaitable[None]], data_dir: str | None) -> None:
    from deploy.wiring import open_log

    settings: Settings = load(data_dir=data_dir)
    logs.configure(settings)
    for name, level in (("", logging.ERROR), ("aiokafka", logging.CRITICAL)):  # what is wrong is one line, ours
        logging.getLogger(name).setLevel(level)

    async def run() -> None:
        async with open_log(settings) as log:
            await action(log)

    asyncio.run(run())


data_dir_option = click.option("--data-dir", type=click.Path(file_okay=False), help="Data directory of `serve`.")


@dlq.command("list")
@click.argument("capability", type=Topic, required=False)
@data_dir_option
def list_letters(capability: str | None, data_dir: str | None) -> None:
    """List dead letters, of one CAPABILITY or of all."""
    topics = [_topic(capability)] if capability else list(COMMAND_TOPICS)

    async def action(log: EventLog) -> None:
        total = 0
        for topic in topics:
            for letter in await deadletters.list_letters(log, topic):
                total += 1
                moment = datetime.fromtimestamp(letter.time, UTC).isoformat(timespec="seconds")
                name = topic.rpartition(".")[2]
                click.echo(f"{name} {letter.id}  {moment}  {letter.type}  key {letter.key}  {letter.error}")
        click.echo(f"{total} dead letter{'' if total == 1 else 's'}")

    _with_log(action, data_dir)


async def _find(log: EventLog, capability: str, letter_id: str) -> DeadLetter:
    try:
        letter = await deadletters.find_letter(log, _topic(capability), letter_id)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if letter is None:
        raise click.ClickException(f"{capability} has no dead letter {letter_id}")
    return letter


@dlq.command()
@click.argument("capability", type=Topic)
@click.argument("letter_id")
@data_dir_option
def show(capability: str, letter_id: str, data_dir: str | None) -> None:
    """Show a dead letter: where and why it failed, its headers and its body."""

    async def action(log: EventLog) -> None:
        letter = await _find(log, capability, letter_id)
        click.echo(f"failed   {letter.topic} partition {letter.source_partition} offset {letter.source_offset}")
        click.echo(f"error    {letter.error}")
        for name, value in sorted(letter.headers.items()):
            click.echo(f"header   {name}: {value}")
        try:
            click.echo(json.dumps(json.loads(letter.value), ensure_ascii=False, indent=2))
        except ValueError:
            click.echo(repr(letter.value[:2000]))
        if letter.traceback:
            click.echo(letter.traceback)

    _with_log(action, data_dir)


@dlq.command()
@click.argument("capability", type=Topic)
@click.argument("letter_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Replay every dead letter of the capability.")
@data_dir_option
def replay(capability: str, letter_ids: tuple[str, ...], everything: bool, data_dir: str | None) -> None:
    """Publish dead letters again on the topic where they failed.

    They stay listed: the log keeps its records. Work whose failure was told to its client has ended; replaying it does
    nothing, the client has to ask again.
    """
    if everything == bool(letter_ids):
        raise click.UsageError("name dead letters, or say --all")

    async def action(log: EventLog) -> None:
        if everything:
            letters = list(await deadletters.list_letters(log, _topic(capability)))
        else:
            letters = [await _find(log, capability, letter_id) for letter_id in letter_ids]
        for letter in letters:
            await deadletters.replay(log, letter)
            click.echo(f"replayed {capability} {letter.id}")

    _with_log(action, data_dir)
