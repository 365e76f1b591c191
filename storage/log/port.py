"""The event log: topics of partitions of records, read by consumer groups that commit their own offsets, and by tails.

The terms are Kafka's. Order is per partition, and records of one key share a partition.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from contracts.topics import TopicSpec

MAX_RECORD_BYTES = 5 * 1024 * 1024
"""Largest value of a record. A larger one is refused with RecordTooLarge before anything is sent."""


class TopicPartition(NamedTuple):
    topic: str
    partition: int


class LogRecord(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, str]
    timestamp: float
    """Seconds since 1970."""


class NewRecord(NamedTuple):
    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str]


class Offset(NamedTuple):
    partition: int
    offset: int


RevocationHandler = Callable[[frozenset[TopicPartition]], Awaitable[None]]
"""Called before partitions are taken away: finish, commit, return. The rebalance waits for it (bounded)."""


class Subscription(Protocol):
    """One member of a consumer group. Not safe for use by several tasks except where said."""

    async def poll(self, max_records: int, timeout: float) -> Sequence[LogRecord]:
        """Up to `max_records` records after what was polled before, waiting up to `timeout` seconds for the first.

        A record that was polled is not polled again by this subscription; a new one starts at the committed offset.
        Raises Unavailable where the log cannot be read now; polling again is allowed and continues.
        """
        ...

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Sets the group's next offset of each partition, durably. Partitions no longer assigned are left out
        silently."""
        ...

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stops polling these until `resume`; safe to repeat."""
        ...

    def resume(self, partitions: Sequence[TopicPartition]) -> None: ...

    def assignment(self) -> frozenset[TopicPartition]: ...

    async def lag(self) -> int:
        """Records of the assigned partitions that the group has not committed."""
        ...


class EventLog(Protocol):
    async def ensure(self, topics: Sequence[TopicSpec]) -> None:
        """Makes the topics that are missing. Raises Unavailable."""
        ...

    async def publish(self, record: NewRecord) -> Offset:
        """Appends one record and returns when it is durable. Raises RecordTooLarge, Unavailable."""
        ...

    async def publish_many(self, records: Sequence[NewRecord]) -> None:
        """As `publish` for several records, in order per key; returns when all are durable."""
        ...

    def consume(
        self, topics: Sequence[str], group: str, on_revoke: RevocationHandler | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        """Joins the group. A group that has never committed starts at the earliest record."""
        ...

    def tail(
        self, topic: str, partitions: Sequence[int], start: Mapping[int, int] | None = None
    ) -> AbstractAsyncContextManager["Tail"]:
        """Follows partitions without a group, from the given offsets or (where none is given) from what comes next.
        When the context is entered, every record published from then on will be seen."""
        ...

    def partition_of(self, topic: str, key: str) -> int:
        """The partition that records of this key go to."""
        ...

    async def read(self, topic: str, partition: int, start: int, limit: int) -> Sequence[LogRecord]:
        """Up to `limit` records from an offset on, for inspection (dead letters). Does not wait."""
        ...

    async def check(self) -> None:
        """Raises Unavailable where the log cannot be used now. Bounded to a few seconds."""
        ...


class Tail(Protocol):
    def records(self) -> AsyncIterator[LogRecord]:
        """Endless. Raises Unavailable where the log is lost; enter a new tail to go on."""
        ...

    async def follow(self, partitions: Sequence[int]) -> None:
        """Changes the set of partitions. Those added are followed from what comes next, once this returns."""
        ...
