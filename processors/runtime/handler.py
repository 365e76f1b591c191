"""What a capability gives the runtime: a handler of commands, and errors sorted by what the runtime does next.

Transient   something outside failed for now: the command is tried again later
Permanent   the command can never succeed: the handler tells the client, and the command is done
anything    a defect or a poisoned record: tried again a few times, then laid among the dead letters
"""

from collections.abc import Sequence
from typing import Protocol

from contracts.cloudevents import Envelope
from contracts.commands import Command
from contracts.errors import Problem, TokstreamError


class Transient(Exception):
    """Worth trying again. `after` is the shortest wait in seconds, where the cause told one."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Permanent(Exception):
    """Never worth trying again. `problem` is what the client is told."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem

    @classmethod
    def of(cls, error: TokstreamError) -> "Permanent":
        return cls(error.problem())


class Handler(Protocol):
    """Handles the commands of one capability. A command may come again after a crash: handling it twice must end in the
    same state as handling it once, with no event told twice."""

    @property
    def name(self) -> str:
        """The capability, which is also the consumer group: `tokstream.<name>`."""
        ...

    @property
    def commands(self) -> Sequence[type[Command]]: ...

    async def handle(self, command: Command, envelope: Envelope) -> None:
        """Does the work; returns when all of it is durable. Raises Transient, Permanent, storage's Unavailable."""
        ...

    async def give_up(self, command: Command, problem: Problem) -> None:
        """Tells the client that the command failed for good. As idempotent as `handle`."""
        ...
