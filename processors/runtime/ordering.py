"""Which offsets may be committed, and which record may run next. Pure bookkeeping, no I/O.

Records of a partition finish out of order because keys run side by side, so only the offset after the longest
finished run may be committed: a crash then repeats work but never skips any.
"""

from collections import deque
from collections.abc import Iterable

from storage.log.port import LogRecord, TopicPartition


class OffsetTracker:
    """The open and finished offsets of the assigned partitions."""

    def __init__(self) -> None:
        self._open: dict[TopicPartition, deque[int]] = {}
        self._finished: dict[TopicPartition, set[int]] = {}
        self._committable: dict[TopicPartition, int] = {}

    def start(self, record: LogRecord) -> None:
        """Notes a record as polled. Records of a partition must be noted in the order of their offsets."""
        partition = TopicPartition(record.topic, record.partition)
        offsets = self._open.setdefault(partition, deque())
        if offsets and record.offset <= offsets[-1]:
            raise ValueError(f"offset {record.offset} of {partition} was polled after {offsets[-1]}")
        offsets.append(record.offset)

    def finish(self, record: LogRecord) -> bool:
        """Notes a record as done; True where that makes a new offset committable."""
        partition = TopicPartition(record.topic, record.partition)
        offsets = self._open.get(partition)
        if not offsets:
            return False  # the partition was taken away meanwhile
        finished = self._finished.setdefault(partition, set())
        finished.add(record.offset)
        advanced = False
        while offsets and offsets[0] in finished:
            offset = offsets.popleft()
            finished.discard(offset)
            self._committable[partition] = offset + 1
            advanced = True
        return advanced

    def take_committable(self) -> dict[TopicPartition, int]:
        """The next offset of each partition that moved since this was last asked."""
        taken, self._committable = self._committable, {}
        return taken

    def give_back(self, offsets: dict[TopicPartition, int]) -> None:
        """Returns offsets whose commit failed, unless newer ones have come since."""
        for partition, offset in offsets.items():
            if partition in self._open:
                self._committable[partition] = max(offset, self._committable.get(partition, 0))

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Drops everything about partitions that were taken away."""
        for partition in partitions:
            self._open.pop(partition, None)
            self._finished.pop(partition, None)
            self._committable.pop(partition, None)

    def open_count(self) -> int:
        """Records polled and not yet covered by a committable offset."""
        return sum(len(offsets) for offsets in self._open.values())


class KeyLanes:
    """Queued records, one lane a key: of each key at most one record runs, in the order they came."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, str], deque[LogRecord]] = {}
        self._ready: deque[tuple[str, str]] = deque()
        self._running: set[tuple[str, str]] = set()
        self._queued = 0

    @staticmethod
    def _lane(record: LogRecord) -> tuple[str, str]:
        # A retried record keeps its place in the order of its key: the retry topic shares the lanes of its origin.
        return record.topic.removesuffix(".retry"), record.key

    def push(self, record: LogRecord) -> None:
        lane = self._lane(record)
        queue = self._lanes.setdefault(lane, deque())
        queue.append(record)
        self._queued += 1
        if len(queue) == 1 and lane not in self._running:
            self._ready.append(lane)

    def pop(self) -> LogRecord | None:
        """The next record that may run, now counted as running; None where there is none."""
        while self._ready:
            lane = self._ready.popleft()
            queue = self._lanes.get(lane)
            if queue and lane not in self._running:
                self._running.add(lane)
                self._queued -= 1
                return queue.popleft()
        return None

    def done(self, record: LogRecord) -> None:
        """The record no longer runs; the next of its key may."""
        lane = self._lane(record)
        self._running.discard(lane)
        if self._lanes.get(lane):
            self._ready.append(lane)
        else:
            self._lanes.pop(lane, None)

    def drop(self, partitions: frozenset[TopicPartition]) -> None:
        """Forgets queued (not running) records of partitions that were taken away."""
        for lane, queue in list(self._lanes.items()):
            kept = deque(r for r in queue if TopicPartition(r.topic, r.partition) not in partitions)
            self._queued -= len(queue) - len(kept)
            if kept or lane in self._running:
                self._lanes[lane] = kept
            else:
                del self._lanes[lane]

    @property
    def queued(self) -> int:
        return self._queued

    @property
    def running(self) -> int:
        return len(self._running)
