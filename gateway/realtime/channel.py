"""The live end of one stream in this gateway: puts the records of the events topic in order and hands them to the
readers.

The topic may repeat a record (redelivery), swap two (several writers) or lack one (lost between journal and topic).
The journal is the truth, so what does not follow on the last event is a reason to look there, never to guess.
"""

from enum import Enum

from contracts.errors import TokstreamError
from gateway.realtime.publication import Publication
from gateway.realtime.subscription import Subscription


class Verdict(Enum):
    DONE = "done"
    """Handed on, or known already."""
    GAP = "gap"
    """The journal must be read from `head` on."""
    FOREIGN = "foreign"
    """An event of another life of the stream."""


class Channel:
    """`head` is the last sequence number that was handed to the live readers; None until the first of them goes
    live."""

    def __init__(self, stream: str, partition: int) -> None:
        self.stream = stream
        self.partition = partition
        self.epoch: str | None = None
        self.head: int | None = None
        self.newest = 0
        """The highest sequence number heard of."""
        self.members: dict[Subscription, None] = {}
        """All readers, those included that still read the journal; a dict because it keeps their order."""
        self.live: dict[Subscription, None] = {}
        self.filling = False
        """The journal is being read to close a gap; until then records only say how far it reaches."""
        self.suspect = False
        """The journal may have more than what was heard of; cleared before it is read."""

    def offer(self, publication: Publication) -> Verdict:
        """A record of the topic."""
        event = publication.event
        if self.epoch is not None and event.epoch != self.epoch:
            return Verdict.FOREIGN
        self.newest = max(self.newest, event.seq)
        if self.head is None or event.seq <= self.head:
            return Verdict.DONE
        if self.filling or event.seq != self.head + 1:
            return Verdict.GAP
        self.publish(publication)
        return Verdict.DONE

    def publish(self, publication: Publication) -> None:
        """Hands the event after `head` to every live reader."""
        self.head = publication.event.seq
        self.epoch = publication.event.epoch
        self.newest = max(self.newest, self.head)
        for subscription in list(self.live):
            subscription.deliver(publication)

    def attach(self, subscription: Subscription) -> bool:
        """Takes a reader among the live ones if nothing lies between what it has read and what it would get."""
        if subscription.closed or subscription not in self.members:
            return False
        seq = subscription.cursor.seq
        if seq < (self.newest if self.head is None else self.head):
            return False
        if self.head is None:
            self.head = seq
            self.epoch = subscription.cursor.epoch if seq > 0 else None
        self.live[subscription] = None
        return True

    def detach(self, subscription: Subscription) -> None:
        self.live.pop(subscription, None)

    def behind(self) -> bool:
        return self.head is not None and self.head < self.newest

    def end(self, error: TokstreamError) -> None:
        for subscription in list(self.members):
            subscription.end(error)
