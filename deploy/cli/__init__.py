"""The command line `tokstream`, one module a command."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from deploy.cli.analyze import analyze
from deploy.cli.chat import chat
from deploy.cli.dlq import dlq
from deploy.cli.doctor import doctor
from deploy.cli.key import key
from deploy.cli.run import gateway, processor, serve
from deploy.settings import SettingsError
from processors.runtime.pool import WorkerDied
from storage.errors import StorageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tokstream")
def tokstream() -> None:
    """Chat screenshots in, live speaker-attributed transcript out.

    Settings are environment variables TOKSTREAM_…: `tokstream doctor` lists them.
    """


for command in (serve, gateway, processor, analyze, chat, doctor, dlq, key):
    tokstream.add_command(command)

EXPECTED = (SettingsError, StorageError, WorkerDied, OSError)
"""What a person can mend: a setting, a server, a disk, a machine with too little memory for the models."""


def main() -> None:
    """The console script. What a person can mend is one line on standard error, never a traceback."""
    try:
        tokstream()
    except EXPECTED as error:
        _end([error])
    except ExceptionGroup as group:
        expected, rest = group.split(EXPECTED)
        if rest is not None or expected is None:
            raise
        _end(_leaves(expected))


def _end(errors: Sequence[BaseException]) -> NoReturn:
    """Exits with 1 where the work failed, with 2 where something was set up or asked for wrongly."""
    for error in errors:
        click.echo(f"tokstream: {error}", err=True)
    sys.exit(max(getattr(error, "exit_code", 2) for error in errors))


def _leaves(group: BaseExceptionGroup[Exception]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
