"""Consumer groups within one process: who of the members has which partitions.

A joining member takes partitions from those who have most, after they were told and have let go; a leaving member's
partitions go to those who have fewest. Nobody else's partitions move. (Kafka calls this cooperative and sticky.)
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from storage.log.port import RevocationHandler, TopicPartition

logger = logging.getLogger(__name__)

REVOCATION_TIMEOUT_S = 30.0
"""How long a member may take to finish and commit before its partitions go to another."""


@dataclass(slots=True, eq=False)
class Member:
    """`changed` is called whenever its partitions are others than before. Those in `revoking` are still its own, to
    commit, but no longer to be read."""

    topics: frozenset[str]
    on_revoke: RevocationHandler | None
    changed: Callable[[], None]
    partitions: set[TopicPartition] = field(default_factory=set)
    revoking: set[TopicPartition] = field(default_factory=set)

    def readable(self) -> set[TopicPartition]:
        return self.partitions - self.revoking


class ConsumerGroup:
    """`partitions` are all those of the topics that its members want."""

    def __init__(self, name: str, revocation_timeout: float = REVOCATION_TIMEOUT_S) -> None:
        self.name = name
        self._members: list[Member] = []
        self._partitions: set[TopicPartition] = set()
        self._joining = asyncio.Lock()
        self._revocation_timeout = revocation_timeout

    @property
    def members(self) -> int:
        return len(self._members)

    async def join(self, member: Member, partitions: Iterable[TopicPartition]) -> None:
        """Returns when the member has its share of `partitions`, those of its topics. Cancelled, it must `leave`."""
        async with self._joining:
            self._partitions.update(partitions)
            self._members.append(member)
            self._share()
            taken = self._share_of(member)
            try:
                async with asyncio.TaskGroup() as revocations:
                    for loser, lost in taken:
                        revocations.create_task(self._revoke(loser, lost))
            finally:
                self._share()

    def leave(self, member: Member) -> None:
        """The member is not told: it has committed what it wanted to. Safe to repeat."""
        if member in self._members:
            self._members.remove(member)
            member.partitions.clear()
            member.revoking.clear()
            wanted = {topic for each in self._members for topic in each.topics}
            self._partitions = {place for place in self._partitions if place.topic in wanted}
            self._share()

    def _share_of(self, member: Member) -> list[tuple[Member, frozenset[TopicPartition]]]:
        """What must be taken from whom for the newcomer to have as many as the others."""
        counts = {id(each): len(each.partitions) for each in self._members}
        taken: dict[int, set[TopicPartition]] = {id(each): set() for each in self._members}
        while True:
            candidates = [
                (counts[id(each)], wanted, each)
                for each in self._members
                if each is not member
                if (wanted := {p for p in each.readable() - taken[id(each)] if p.topic in member.topics})
            ]
            if not candidates:
                break
            most, wanted, loser = max(candidates, key=lambda candidate: candidate[0])
            if most <= counts[id(member)] + 1:
                break
            taken[id(loser)].add(max(wanted))
            counts[id(loser)] -= 1
            counts[id(member)] += 1
        return [(each, frozenset(taken[id(each)])) for each in self._members if taken[id(each)]]

    async def _revoke(self, loser: Member, lost: frozenset[TopicPartition]) -> None:
        loser.revoking |= lost
        try:
            if loser.on_revoke is not None:
                async with asyncio.timeout(self._revocation_timeout):
                    await loser.on_revoke(lost)
        except TimeoutError:
            logger.warning(
                "group %s: partitions were taken before their work was finished: %s", self.name, sorted(lost)
            )
        except Exception:
            # The handler is the member's own; its failure must not keep the partitions from the newcomer.
            logger.exception("group %s: the revocation handler failed", self.name)
        finally:
            loser.partitions -= lost
            loser.revoking -= lost
            loser.changed()

    def _share(self) -> None:
        """Gives partitions that nobody has to those who have fewest."""
        owned = {place for each in self._members for place in each.partitions}
        for place in sorted(self._partitions - owned):
            takers = [each for each in self._members if place.topic in each.topics]
            if takers:
                taker = min(takers, key=lambda each: len(each.partitions))
                taker.partitions.add(place)
                taker.changed()
