"""What waits to be written to one websocket: replies and pushes in their order, bounded in bytes, joined into
frames."""

from collections import deque
from typing import NamedTuple

from contracts.realtime import ServerMessage
from contracts.streams import Cursor
from gateway.realtime.codec import Codec, Frame
from gateway.realtime.publication import Publication
from gateway.realtime.subscription import Subscription

FRAME_BYTES = 64 * 1024
"""A frame takes no further message beyond this, so that a long queue does not become one huge frame."""


class Waiting(NamedTuple):
    """A reply (encoded), or a push (encoded when its turn comes, and then once for all connections)."""

    size: int
    reply: Frame | None
    publication: Publication | None = None
    subscription: Subscription | None = None


class Outbox:
    """`sent` has the last event of each subscription that was taken for writing."""

    def __init__(self, codec: Codec, limit: int) -> None:
        self.codec = codec
        self.limit = limit
        self.waiting: deque[Waiting] = deque()
        self.push_bytes = 0
        self.reply_bytes = 0
        self.sent: dict[Subscription, Cursor] = {}

    @property
    def bytes(self) -> int:
        return self.push_bytes + self.reply_bytes

    @property
    def urgent(self) -> bool:
        """Whether somebody waits for an answer; pushes alone may wait a moment for each other."""
        return self.reply_bytes > 0

    def reply(self, message: ServerMessage) -> None:
        encoded = self.codec.encode(message)
        self.waiting.append(Waiting(len(encoded), encoded))
        self.reply_bytes += len(encoded)

    def push(self, subscription: Subscription, publication: Publication) -> None:
        self.waiting.append(Waiting(publication.size, None, publication, subscription))
        self.push_bytes += publication.size

    def has_room(self, publication: Publication) -> bool:
        """Whether a push fits. One push always does, whatever its size."""
        return not self.push_bytes or self.push_bytes + publication.size <= self.limit

    def drop_pushes(self) -> set[Subscription]:
        """Forgets all pushes and returns whose they were; `sent` says from where each must be read again."""
        dropped = {entry.subscription for entry in self.waiting if entry.subscription is not None}
        self.waiting = deque(entry for entry in self.waiting if entry.reply is not None)
        self.push_bytes = 0
        return dropped

    def begin(self, subscription: Subscription, position: Cursor) -> None:
        """The subscription's events up to `position` are in a reply; replies are never dropped."""
        self.sent[subscription] = position

    def forget(self, subscription: Subscription) -> None:
        """The subscription is over."""
        self.sent.pop(subscription, None)

    def take(self) -> Frame | None:
        """The next frame to write."""
        parts: list[Frame] = []
        size = 0
        while self.waiting and (not parts or size + self.waiting[0].size <= FRAME_BYTES):
            entry = self.waiting.popleft()
            size += entry.size
            if entry.reply is not None:
                parts.append(entry.reply)
                self.reply_bytes -= entry.size
            elif entry.publication is not None and entry.subscription is not None:
                parts.append(self.codec.push(entry.publication))
                self.push_bytes -= entry.size
                event = entry.publication.event
                if entry.subscription in self.sent:
                    self.sent[entry.subscription] = Cursor(epoch=event.epoch, seq=event.seq)
        return self.codec.join(parts) if parts else None
