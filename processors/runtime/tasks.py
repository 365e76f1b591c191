"""The end of a task that REST waits for: its document, and the one terminal event of its stream."""

from collections.abc import Callable

import msgspec

from contracts.base import decode, encode
from contracts.errors import Problem
from contracts.events import Event, SessionCompleted, SessionFailed, TaskCompleted, TaskFailed
from contracts.resources import ProcessResult, SearchResult, Task, ViewResult
from contracts.streams import session_stream, task_stream
from storage.collections import TASKS
from storage.publishing import append_events
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update


async def tell_end(stores: Stores, ended: Task) -> None:
    """Appends the event of a task that has ended, as its document says: whoever comes to a task that has ended tells it
    again, for whoever ended it may have died before the event."""
    if ended.status == "done" and ended.kind == "process":
        event: Event = SessionCompleted(task_id=ended.task_id, result=decode(bytes(ended.result), ProcessResult))
    elif ended.status == "done" and ended.kind != "process":
        event = TaskCompleted(task_id=ended.task_id, kind=ended.kind, result=ended.result)
    elif ended.status == "failed":
        problem = decode(bytes(ended.problem), Problem)
        failed = SessionFailed if ended.kind == "process" else TaskFailed
        event = failed(task_id=ended.task_id, problem=problem)
    else:
        raise ValueError(f"task {ended.task_id} has not ended")
    stream = task_stream(ended.task_id)
    if ended.kind == "process" and ended.session_id is not None:
        stream = session_stream(ended.session_id)
    # One id for every way to end: whatever a rerun decides, the stream has exactly one terminal event of the task.
    await append_events(stores, stream, [(f"{ended.task_id}:end", event)])


async def complete_task(stores: Stores, task_id: str, result: ProcessResult | SearchResult | ViewResult) -> None:
    """Ends a task with its result, and tells it. A task that has ended stays as it is and is told as it ended."""
    body = msgspec.Raw(encode(result))
    await _end(stores, task_id, lambda task: msgspec.structs.replace(task, status="done", result=body))


async def fail_task(stores: Stores, task_id: str, problem: Problem) -> Task | None:
    """Ends a task with a problem, and tells it, as `complete_task` does; returns its document, None where it is
    gone."""
    body = msgspec.Raw(encode(problem))
    return await _end(stores, task_id, lambda task: msgspec.structs.replace(task, status="failed", problem=body))


async def _end(stores: Stores, task_id: str, ending: Callable[[Task], Task]) -> Task | None:
    def ended(task: Task) -> Task | None:
        if task.status in ("done", "failed"):
            return None
        return msgspec.structs.replace(ending(task), updated_at=timestamp(stores.clock))

    task = await update(stores.documents, TASKS, task_id, ended)
    if task is not None:
        await tell_end(stores, task)
    return task
