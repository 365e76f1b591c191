"""One event on its way to any number of subscribers, encoded at most once for each encoding."""

from functools import cached_property

import msgspec

from contracts.realtime import Push, StreamEvent
from storage.journal.port import StoredEvent

json_encoder = msgspec.json.Encoder()
packer = msgspec.msgpack.Encoder()


class Publication:
    """The event, and what it looks like on the wire. `event.data` is JSON and passes through as it is."""

    def __init__(self, event: StreamEvent) -> None:
        self.event = event

    @classmethod
    def of(cls, stored: StoredEvent) -> "Publication":
        return cls(
            StreamEvent(
                stream=stored.stream,
                epoch=stored.epoch,
                seq=stored.seq,
                type=stored.type,
                time=stored.time,
                data=msgspec.Raw(stored.data),
            )
        )

    @property
    def size(self) -> int:
        """Bytes that it keeps in memory while it waits: the body and about as much as the envelope is long."""
        return len(memoryview(self.event.data)) + 200

    @cached_property
    def json(self) -> str:
        """The websocket push as JSON text."""
        return json_encoder.encode(push_of(self.event)).decode()

    @cached_property
    def packed(self) -> bytes:
        """The websocket push as MessagePack."""
        return packer.encode(push_of(self.packed_event))

    @cached_property
    def packed_event(self) -> StreamEvent:
        """The event with its data in MessagePack instead of JSON."""
        return msgspec.structs.replace(
            self.event, data=msgspec.Raw(packer.encode(msgspec.json.decode(self.event.data)))
        )


def push_of(event: StreamEvent) -> Push:
    return Push(
        stream=event.stream, epoch=event.epoch, seq=event.seq, type_=event.type, time=event.time, data=event.data
    )
