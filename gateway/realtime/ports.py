"""What realtime asks of the rest of the gateway: who somebody is, what they may read, and how commands are run.

`gateway/access.py` and the session routes implement these; realtime never looks into documents itself.
"""

from typing import Protocol

from contracts.realtime import CommandAccepted


class Access(Protocol):
    async def owner(self, token: str | None) -> str | None:
        """Who the bearer of the token is: an API key or a ticket; None where it is not valid.

        Without configured keys everybody, with a token or not, is the one local owner.
        """
        ...

    async def may_read(self, owner: str, stream: str) -> bool:
        """Whether the stream exists and is the owner's. A stranger's stream is not told from one that does not exist.

        `stream` is well-formed (`contracts.streams.split`). Raises storage.errors.Unavailable.
        """
        ...


class Commands(Protocol):
    """Called only for streams that the owner may read. Both raise TokstreamError with what the POST route would
    answer."""

    async def run(
        self, owner: str, stream: str, name: str, data: bytes, message_id: str, key: str | None = None
    ) -> CommandAccepted:
        """Starts what the POST route of that name does and returns at once, with the task. `data` is a JSON object of
        the route's parameters. `message_id` is unique on its connection only and comes back as the `id` of the answer;
        `key`, where there is one, is the same for every repetition of the command. Cancelled, it is done all the
        same."""
        ...

    async def cancel(self, owner: str, stream: str) -> None:
        """Stops the work of the stream. Nothing to stop, or something that cannot be stopped any more, is no error."""
        ...
