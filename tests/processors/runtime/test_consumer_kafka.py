"""The consumer loop on a real broker: groups that change while commands run, a member that is cut off, retries, dead
letters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from contracts.base import encode
from contracts.cloudevents import Envelope, to_headers
from contracts.commands import ReadScreenshot
from contracts.topics import TopicSpec, dead_letter_topic, retry_topic
from processors.runtime import deadletters
from processors.runtime.consumer import Consumer, ConsumerSettings
from processors.runtime.handler import Transient
from processors.runtime.retry import RetryPolicy
from storage.log.kafka import KafkaConfig, KafkaEventLog
from storage.log.port import EventLog, NewRecord
from tests.processors.runtime.test_consumer import Recorder
from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.timeout(240)
PATIENCE = 90.0
POLICY = RetryPolicy(in_place=1, attempts=3, first=0.05, longest=0.2)
KEYS = [f"key{number}" for number in range(12)]
PARTITIONS = 6
QUEUE_LIMIT = 16
HELD = 2 * QUEUE_LIMIT + 8
"""Records a member may hold: a queue, the poll that came on top of it, and those that run."""


def config(kafka: KafkaServer) -> KafkaConfig:
    return KafkaConfig(bootstrap=kafka.bootstrap, revocation_timeout=10.0, session_timeout=6.0)


class Group:
    """Topics and a group of their own in the shared broker."""

    def __init__(self, log: KafkaEventLog) -> None:
        self.log = log
        self.name = f"ocr-{uuid4().hex[:8]}"
        topic = f"tokstream.commands.{self.name}"
        self.command: type[ReadScreenshot] = type(
            "Read", (ReadScreenshot,), {"TOPIC": topic, "__annotations__": {}}, frozen=True
        )
        self.topic = topic

    async def ensure(self) -> None:
        names = (self.topic, retry_topic(self.topic), dead_letter_topic(self.topic))
        await self.log.ensure([TopicSpec(name=name, partitions=PARTITIONS) for name in names])

    async def send(self, names: Sequence[str], key: str) -> None:
        records = []
        for name in names:
            command = ReadScreenshot(session_id="s", screenshot_id=key, blob_key=name)
            headers = to_headers(Envelope(id=name, type=command.TYPE, source="/test", time=""))
            records.append(NewRecord(self.topic, key, encode(command), headers))
        await self.log.publish_many(records)

    def handler(self, action: "Slow") -> "Member":
        return Member(self, action)


class Slow:
    """What members do: note what they handle; `hold` keeps a member from finishing."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.running: dict[str, str] = {}
        self.overlaps: list[str] = []

    async def __call__(self, command: ReadScreenshot) -> None:
        if command.screenshot_id in self.running:
            self.overlaps.append(f"{command.blob_key} while {self.running[command.screenshot_id]}")
        self.running[command.screenshot_id] = command.blob_key
        try:
            await asyncio.sleep(0.02)  # the work
            self.handled.append(command.blob_key)
        finally:
            self.running.pop(command.screenshot_id, None)


class Member(Recorder):
    def __init__(self, group: Group, action: Slow) -> None:
        super().__init__(action)
        self.name = group.name
        self.commands = (group.command,)


@pytest.fixture
async def group(kafka: KafkaServer) -> AsyncIterator[Group]:
    log = KafkaEventLog(config(kafka))
    group = Group(log)
    await group.ensure()
    yield group
    await log.close()


async def until(predicate: Callable[[], bool], handler: Recorder) -> None:
    async with asyncio.timeout(PATIENCE), handler.changed:
        await handler.changed.wait_for(predicate)


@asynccontextmanager
async def member(log: EventLog, handler: Recorder, **settings: float) -> AsyncIterator[Consumer]:
    options = ConsumerSettings(concurrency=8, queue_limit=QUEUE_LIMIT, poll_seconds=0.2, **settings)  # type: ignore[arg-type]
    consumer = Consumer(log, handler, options, POLICY)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(consumer.run(stop))
        try:
            yield consumer
        finally:
            stop.set()


def orders(handled: list[str], key: str) -> list[int]:
    return [int(name.partition("/")[2]) for name in handled if name.startswith(f"{key}/")]


async def test_members_that_come_and_go_leave_nothing_out_and_keep_the_order_of_each_key(group: Group) -> None:
    work = Slow()
    first, second = group.handler(work), group.handler(work)
    total = 40
    for key in KEYS:
        await group.send([f"{key}/{number}" for number in range(total)], key)
    wanted = {f"{key}/{number}" for key in KEYS for number in range(total)}
    async with member(group.log, first):
        await until(lambda: len(work.handled) > 40, first)
        async with member(group.log, second):
            await until(lambda: len(second.handled) > 20, second)  # the rebalance has given it work
        await until(lambda: set(work.handled) >= wanted, first)
    assert not work.overlaps
    # What runs ahead of the first open offset of its partition is done again by whoever has the partition next: of two
    # rebalances at most what two members held.
    assert len(work.handled) - len(wanted) <= 2 * 2 * HELD
    for key in KEYS:
        once = list(dict.fromkeys(orders(work.handled, key)))
        assert once == list(range(total)), "never is anything skipped or overtaken"


async def test_the_work_of_a_member_that_is_cut_off_goes_on_in_order_with_another(
    kafka: KafkaServer, group: Group
) -> None:
    work = Slow()
    total = 30
    doomed, survivor = group.handler(work), group.handler(work)
    for key in KEYS:
        await group.send([f"{key}/{number}" for number in range(total)], key)
    wanted = {f"{key}/{number}" for key in KEYS for number in range(total)}
    log = KafkaEventLog(config(kafka))
    await log.ensure([TopicSpec(name=group.topic, partitions=PARTITIONS)])
    await log.ensure([TopicSpec(name=retry_topic(group.topic), partitions=PARTITIONS)])
    options = ConsumerSettings(concurrency=8, queue_limit=QUEUE_LIMIT, poll_seconds=0.2)
    dying = asyncio.create_task(Consumer(log, doomed, options, POLICY).run(asyncio.Event()))
    await until(lambda: len(doomed.handled) > 30, doomed)
    dying.cancel()  # neither drained nor committed
    await asyncio.wait((dying,))
    async with member(group.log, survivor):
        await until(lambda: set(work.handled) >= wanted, survivor)
    await log.close()
    for key in KEYS:
        # What was done and not committed is done again, from there on in order: never is anything skipped.
        survived = orders(survivor.handled, key)
        assert survived == list(range(survived[0] if survived else total, total))


async def test_retries_go_over_their_topic_and_end_among_the_dead_letters(group: Group) -> None:
    attempts: list[str] = []

    class Failing(Slow):
        async def __call__(self, command: ReadScreenshot) -> None:
            attempts.append(command.blob_key)
            if command.blob_key == "k/never" or (command.blob_key == "k/later" and attempts.count("k/later") < 3):
                raise Transient("not yet")
            await super().__call__(command)

    work = Failing()
    handler = group.handler(work)
    await group.send(["k/later", "k/never", "k/now"], "k")
    await group.log.publish(NewRecord(group.topic, "k", b"no command", {}))
    async with member(group.log, handler):
        await until(lambda: len(handler.given_up) == 1 and set(work.handled) == {"k/later", "k/now"}, handler)
    assert attempts.count("k/never") == 3
    letters = await deadletters.list_letters(group.log, group.topic)
    assert sorted(letter.error.partition(":")[0] for letter in letters) == ["Transient", "Undecodable"]
    assert [problem.code for _, problem in handler.given_up] == ["internal"]
    again = group.handler(Slow())
    await group.send(["k/new"], "k")
    async with member(group.log, again):
        await until(lambda: bool(again.handled), again)
    assert again.handled == ["k/new"], "everything before was settled and committed"


async def test_a_rebalance_is_not_held_up_by_a_command_that_hangs(group: Group) -> None:
    hanging = asyncio.Event()

    class Hanging(Slow):
        async def __call__(self, command: ReadScreenshot) -> None:
            if command.blob_key == "stuck/0" and not hanging.is_set():
                hanging.set()
                await asyncio.Event().wait()
            await super().__call__(command)

    work = Hanging()
    first, second = group.handler(work), group.handler(work)
    await group.send(["stuck/0", "stuck/1"], "stuck")
    async with member(group.log, first, revoke_seconds=0.5, drain_seconds=0.5):
        async with asyncio.timeout(PATIENCE):
            await hanging.wait()
        async with member(group.log, second, revoke_seconds=0.5, drain_seconds=0.5):
            async with asyncio.timeout(PATIENCE):
                while orders(work.handled, "stuck") != [0, 1]:
                    await asyncio.sleep(0.05)
    assert len(first.handled) + len(second.handled) == 2
