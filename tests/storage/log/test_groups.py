"""Sharing partitions among the members of a group in one process."""

import asyncio
import itertools
import random

import pytest

from storage.log.groups import ConsumerGroup, Member
from storage.log.port import TopicPartition

ALL = [TopicPartition("a", n) for n in range(6)]


def member(*topics: str) -> Member:
    return Member(frozenset(topics or ("a",)), None, lambda: None)


def shares(*members: Member) -> list[int]:
    return sorted(len(each.partitions) for each in members)


async def test_partitions_are_shared_evenly_and_move_no_more_than_they_must() -> None:
    group = ConsumerGroup("g")
    members = [member() for _ in range(4)]
    for count, each in enumerate(members, 1):
        before = {id(other): set(other.partitions) for other in members}
        await group.join(each, ALL)
        now = members[:count]
        assert sorted(itertools.chain.from_iterable(other.partitions for other in now)) == ALL
        assert max(shares(*now)) - min(shares(*now)) <= 1
        for other in now[:-1]:
            assert other.partitions <= before[id(other)]
    group.leave(members[1])
    group.leave(members[1])
    assert sorted(itertools.chain.from_iterable(other.partitions for other in members)) == ALL
    assert shares(members[0], members[2], members[3]) == [2, 2, 2]


async def test_members_get_only_topics_they_want() -> None:
    group = ConsumerGroup("g")
    only_a, only_b, both = member("a"), member("b"), member("a", "b")
    other = [TopicPartition("b", n) for n in range(6)]
    await group.join(only_a, ALL)
    await group.join(only_b, other)
    await group.join(both, [*ALL, *other])
    assert {place.topic for place in only_a.partitions} == {"a"}
    assert {place.topic for place in only_b.partitions} == {"b"}
    assert shares(only_a, only_b, both) == [4, 4, 4]
    group.leave(only_a)
    group.leave(both)
    assert only_b.partitions == set(other)


async def test_partitions_being_revoked_are_not_read_but_can_be_committed() -> None:
    group = ConsumerGroup("g")
    asked, release = asyncio.Event(), asyncio.Event()
    revoked: list[frozenset[TopicPartition]] = []

    async def on_revoke(partitions: frozenset[TopicPartition]) -> None:
        revoked.append(partitions)
        asked.set()
        await release.wait()

    first = Member(frozenset("a"), on_revoke, lambda: None)
    second = member()
    await group.join(first, ALL)
    joining = asyncio.create_task(group.join(second, ALL))
    await asked.wait()
    assert first.partitions == set(ALL)
    assert first.readable() == set(ALL) - revoked[0]
    assert second.partitions == set()
    release.set()
    await joining
    assert second.partitions == revoked[0]
    assert shares(first, second) == [3, 3]


@pytest.mark.parametrize("when", ["joining", "leaving"])
async def test_a_member_that_goes_during_a_rebalance_leaves_no_partition_behind(when: str) -> None:
    group = ConsumerGroup("g")
    started = asyncio.Event()

    async def never(_: frozenset[TopicPartition]) -> None:
        started.set()
        await asyncio.Event().wait()

    first = Member(frozenset("a"), never, lambda: None)
    second = member()
    await group.join(first, ALL)
    joining = asyncio.create_task(group.join(second, ALL))
    await started.wait()
    if when == "leaving":
        group.leave(first)
        assert second.partitions == set(ALL)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining
    if when == "joining":
        group.leave(second)
        assert first.partitions == set(ALL)
    else:
        assert second.partitions == set(ALL)
    assert first.revoking == set()


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_comes_and_goes_every_partition_has_one_owner(seed: int) -> None:
    chance = random.Random(seed)
    group = ConsumerGroup("g")
    present: list[Member] = []

    async def dawdle(_: frozenset[TopicPartition]) -> None:
        await asyncio.sleep(chance.random() * 0.002)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(30):
            if present and chance.random() < 0.45:
                group.leave(present.pop(chance.randrange(len(present))))
            else:
                each = Member(frozenset("a"), dawdle, lambda: None)
                present.append(each)
                tasks.create_task(group.join(each, ALL))
            await asyncio.sleep(chance.random() * 0.001)
    # Those who left while they were still waiting for their turn have joined after all: they leave again.
    for each in list(group._members):
        if each not in present:
            group.leave(each)
    if present:
        assert sorted(itertools.chain.from_iterable(each.partitions for each in present)) == ALL
