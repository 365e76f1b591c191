"""Stopping aiokafka's clients within a bound, also where the broker no longer answers.

Their own `stop` waits for the broker, however long it is away; interrupted, it leaves tasks behind; and where a fetch
has just failed it raises the CancelledError of one of its own tasks, which looks as if its caller had been cancelled.
There is no public way around any of that: this module, and no other, knows their private parts.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

logger = logging.getLogger(__name__)

STOP_TIMEOUT_S = 5.0


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leaves the group and closes the connections, within about twice STOP_TIMEOUT_S."""
    if await _ended(consumer.stop()):
        return
    logger.info("a Kafka consumer could not be stopped in order")
    owners = [owner for owner in (consumer._coordinator, consumer._fetcher) if owner is not None]
    names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_reset_committed_task", "_fetch_task")
    tasks = {getattr(owner, name, None) for owner in owners for name in names}
    tasks.update(getattr(consumer._fetcher, "_pending_tasks", ()))
    await _cancel(task for task in tasks if task is not None)
    await _ended(consumer._client.close())


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Sends what waits to be sent, then closes the connections, within about twice STOP_TIMEOUT_S. What could not be
    sent fails with a KafkaError."""
    if await _ended(producer.stop()):
        return
    logger.info("a Kafka producer could not be stopped in order")
    producer._message_accumulator.fail_all(KafkaError("the producer was closed"))
    sender = producer._sender.sender_task
    await _cancel([] if sender is None else [sender])
    await _ended(producer.client.close())


async def _ended(stopping: Coroutine[Any, Any, None]) -> bool:
    """Whether it ended in time and in order. In a task of its own, so that no CancelledError but ours gets out."""
    task = asyncio.ensure_future(stopping)
    try:
        await asyncio.wait([task], timeout=STOP_TIMEOUT_S)
    finally:
        await _cancel([task])
    return task.done() and not task.cancelled() and task.exception() is None


async def _cancel(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancels them and waits until they are gone."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=STOP_TIMEOUT_S)
