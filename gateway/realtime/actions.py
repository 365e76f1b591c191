"""What the protocol core asks its shell to do."""

from typing import NamedTuple

from contracts.errors import ErrorKind
from contracts.realtime import ServerMessage
from contracts.streams import Cursor


class Send(NamedTuple):
    message: ServerMessage


class Authenticate(NamedTuple):
    """Answer with `Connection.authenticated`."""

    token: str | None


class OpenStream(NamedTuple):
    """Answer with `Connection.subscribed` or `Connection.refused`."""

    stream: str
    since: Cursor | None


class LeaveStream(NamedTuple):
    stream: str


class RunCommand(NamedTuple):
    """Answer with `Connection.completed`. `data` is JSON; of commands with the same `key` only the first is done."""

    id: str
    stream: str
    name: str
    data: bytes
    key: str | None = None


class CancelWork(NamedTuple):
    """Answer with `Connection.completed`."""

    id: str
    stream: str


class Close(NamedTuple):
    """Say goodbye, then close with the kind's code. Nothing follows it."""

    kind: ErrorKind
    reason: str


Action = Send | Authenticate | OpenStream | LeaveStream | RunCommand | CancelWork | Close
