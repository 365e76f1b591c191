"""Sending commands and events the one way everybody sends them."""

import hashlib
from collections.abc import Sequence

from contracts.base import encode
from contracts.cloudevents import Envelope, to_headers
from contracts.commands import Command
from contracts.events import Event
from storage.feed import SOURCE
from storage.journal.port import NewEvent, StoredEvent
from storage.log.port import NewRecord
from storage.sources import timestamp
from storage.stores import Stores


def command_record(stores: Stores, command: Command, owner: str) -> NewRecord:
    """The record of a command. Its CloudEvents id is a digest of what it says: the same command has the same id."""
    body = encode(command)
    envelope = Envelope(
        id=hashlib.sha256(command.TYPE.encode() + b"\0" + body).hexdigest()[:32],
        type=command.TYPE,
        source=SOURCE,
        time=timestamp(stores.clock),
        subject=command.key,
        owner=owner,
    )
    return NewRecord(command.TOPIC, command.key, body, to_headers(envelope))


async def publish_command(stores: Stores, command: Command, owner: str) -> None:
    """Publishes a command; durable when it returns. Raises Unavailable."""
    await stores.log.publish(command_record(stores, command, owner))


async def append_events(stores: Stores, stream: str, events: Sequence[tuple[str, Event]]) -> Sequence[StoredEvent]:
    """Appends (event id, event) pairs to a stream and pushes them live. Empty where the stream was deleted. Raises
    Unavailable."""
    time = timestamp(stores.clock)
    return await stores.feed.append(
        stream, [NewEvent(event_id, event.TYPE, encode(event), time) for event_id, event in events]
    )
