"""The end of a task that REST waits for: its document, and the one terminal event of its stream."""

from collections.abc import Callable

import msgspec

from contracts.base import Record, decode, encode
from contracts.conversations import Turn
from contracts.errors import Problem
from contracts.events import (
    Event,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    SessionCompleted,
    SessionFailed,
    TaskCompleted,
    TaskFailed,
)
from contracts.resources import ENDED, ProcessResult, Task
from contracts.streams import conversation_stream, session_stream, task_stream
from storage.collections import TASKS
from storage.publishing import append_events
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update


def reply_id(task_id: str) -> str:
    """The id of the message that a turn answers with."""
    return f"{task_id}-reply"


async def tell_end(stores: Stores, ended: Task) -> None:
    """Appends the event of a task that has ended, as its document says: whoever comes to a task that has ended tells it
    again, for whoever ended it may have died before the event."""
    stream, event = _end_of(ended)
    # One id for every way to end: whatever a rerun decides, the stream has exactly one terminal event of the task.
    await append_events(stores, stream, [(f"{ended.task_id}:end", event)])


def _end_of(ended: Task) -> tuple[str, Event]:
    if ended.status not in ENDED:
        raise ValueError(f"task {ended.task_id} has not ended")
    if ended.conversation_id is not None:
        return conversation_stream(ended.conversation_id), _end_of_turn(ended)
    if ended.kind in ("process", "analyze") and ended.session_id is not None:
        return session_stream(ended.session_id), _end_of_session_work(ended)
    return task_stream(ended.task_id), _end_of_work(ended)


def _end_of_session_work(ended: Task) -> Event:
    if ended.status == "done":
        return SessionCompleted(task_id=ended.task_id, result=decode(bytes(ended.result), ProcessResult))
    return SessionFailed(task_id=ended.task_id, problem=decode(bytes(ended.problem), Problem))


def _end_of_work(ended: Task) -> Event:
    if ended.status != "done":
        return TaskFailed(task_id=ended.task_id, problem=decode(bytes(ended.problem), Problem))
    if ended.kind not in ("search", "view", "suggest", "import"):
        raise ValueError(f"a task of kind {ended.kind} has no stream of its own")
    return TaskCompleted(task_id=ended.task_id, kind=ended.kind, result=ended.result)


def _end_of_turn(ended: Task) -> Event:
    turn = ended.turn or Turn()
    content = turn.reply or ""
    message_id = reply_id(ended.task_id)
    if ended.status == "done":
        return MessageCompleted(
            task_id=ended.task_id,
            message_id=message_id,
            content=content,
            finish_reason=turn.finish_reason or "stop",
            evaluation=turn.evaluation,
            usage=turn.usage,
            model=turn.model,
            engine=turn.engine,
        )
    if ended.status == "cancelled":
        return MessageCancelled(task_id=ended.task_id, message_id=message_id, content=content)
    problem = decode(bytes(ended.problem), Problem)
    return MessageFailed(task_id=ended.task_id, message_id=message_id, content=content, problem=problem)


async def complete_task(stores: Stores, task_id: str, result: Record) -> None:
    """Ends a task with its result, and tells it. A task that has ended stays as it is and is told as it ended."""
    body = msgspec.Raw(encode(result))
    await end_task(stores, task_id, lambda task: msgspec.structs.replace(task, status="done", result=body))


async def fail_task(stores: Stores, task_id: str, problem: Problem) -> Task | None:
    """Ends a task with a problem, and tells it, as `complete_task` does; returns its document, None where it is
    gone."""
    body = msgspec.Raw(encode(problem))
    return await end_task(stores, task_id, lambda task: msgspec.structs.replace(task, status="failed", problem=body))


async def end_task(stores: Stores, task_id: str, ending: Callable[[Task], Task]) -> Task | None:
    """Ends a task as `ending` changes it, unless it has ended, and tells how it ended; None where it is gone."""

    def ended(task: Task) -> Task | None:
        if task.status in ENDED:
            return None
        return msgspec.structs.replace(ending(task), updated_at=timestamp(stores.clock))

    task = await update(stores.documents, TASKS, task_id, ended)
    if task is not None:
        await tell_end(stores, task)
    return task
