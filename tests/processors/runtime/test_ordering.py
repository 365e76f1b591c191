"""Which offsets may be committed, and which record may run."""

import random
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from processors.runtime.ordering import KeyLanes, OffsetTracker
from storage.log.port import LogRecord, TopicPartition


def record(offset: int, key: str = "k", topic: str = "t", partition: int = 0) -> LogRecord:
    return LogRecord(topic, partition, offset, key, b"", {}, 0.0)


@given(st.permutations(range(8)))
def test_only_the_contiguous_run_is_committable(order: list[int]) -> None:
    tracker = OffsetTracker()
    records = [record(offset) for offset in range(8)]
    for one in records:
        tracker.start(one)
    finished: set[int] = set()
    committed = 0
    for offset in order:
        tracker.finish(records[offset])
        finished.add(offset)
        committed = tracker.take_committable().get(TopicPartition("t", 0), committed)
        expected = next((n for n in range(9) if n not in finished), 8)
        assert committed == expected
    assert tracker.open_count() == 0


def test_gaps_in_the_offsets_of_a_partition_do_not_hold_up_commits() -> None:
    tracker = OffsetTracker()
    for offset in (3, 7, 20):
        tracker.start(record(offset))
    assert tracker.finish(record(3))
    assert tracker.finish(record(7))
    assert tracker.take_committable() == {TopicPartition("t", 0): 8}


def test_a_failed_commit_comes_back_unless_something_newer_is_there() -> None:
    tracker = OffsetTracker()
    place = TopicPartition("t", 0)
    for offset in range(3):
        tracker.start(record(offset))
    tracker.finish(record(0))
    failed = tracker.take_committable()
    tracker.finish(record(1))
    tracker.give_back(failed)
    assert tracker.take_committable() == {place: 2}


def test_a_revoked_partition_takes_its_late_finishers_with_it() -> None:
    tracker = OffsetTracker()
    tracker.start(record(0))
    tracker.forget([TopicPartition("t", 0)])
    assert not tracker.finish(record(0))
    assert tracker.take_committable() == {}
    tracker.start(record(0))  # assigned again: the same offset is polled again
    assert tracker.finish(record(0))


@given(st.lists(st.sampled_from("abc"), max_size=30), st.randoms())
def test_each_key_runs_alone_and_in_order(keys: list[str], chance: random.Random) -> None:
    lanes = KeyLanes()
    for offset, key in enumerate(keys):
        lanes.push(record(offset, key))
    running: list[LogRecord] = []
    seen: dict[str, list[int]] = defaultdict(list)
    while lanes.queued or running:
        if (started := lanes.pop()) is not None:
            assert started.key not in {r.key for r in running}
            running.append(started)
            seen[started.key].append(started.offset)
        else:
            lanes.done(running.pop(chance.randrange(len(running))))
    assert sum(map(len, seen.values())) == len(keys)
    assert all(offsets == sorted(offsets) for offsets in seen.values())


def test_a_retried_record_waits_behind_its_key() -> None:
    lanes = KeyLanes()
    lanes.push(record(0, "a", "t"))
    lanes.push(record(0, "a", "t.retry"))
    first = lanes.pop()
    assert first is not None
    assert first.topic == "t"
    assert lanes.pop() is None
    lanes.done(first)
    assert lanes.pop() is not None


def test_records_of_revoked_partitions_are_dropped_and_others_kept() -> None:
    lanes = KeyLanes()
    lanes.push(record(0, "a", partition=0))
    lanes.push(record(0, "b", partition=1))
    lanes.drop(frozenset({TopicPartition("t", 0)}))
    assert lanes.queued == 1
    left = lanes.pop()
    assert left is not None
    assert left.key == "b"
    assert lanes.pop() is None
