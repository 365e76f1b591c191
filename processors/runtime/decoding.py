"""From a record of the log to a command, or the reason why it is none."""

from collections.abc import Mapping

import msgspec

from contracts.base import decode
from contracts.cloudevents import Envelope, from_headers
from contracts.commands import Command
from storage.log.port import LogRecord


class Undecodable(Exception):
    """The record can never be handled: it is no command of this capability."""


def decode_record(record: LogRecord, types: Mapping[str, type[Command]]) -> tuple[Envelope, Command]:
    """The envelope and the command of a record. Raises Undecodable with the reason."""
    try:
        envelope = from_headers(record.headers)
    except ValueError as error:
        raise Undecodable(str(error)) from error
    kind = types.get(envelope.type)
    if kind is None:
        raise Undecodable(f"no handler for {envelope.type!r}; known are {', '.join(sorted(types))}")
    try:
        return envelope, decode(record.value, kind)
    except msgspec.DecodeError as error:
        raise Undecodable(f"{envelope.type}: {error}") from error
