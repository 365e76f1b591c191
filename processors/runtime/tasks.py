"""The end of a task that REST waits for: its document, and the one terminal event of its stream."""

import msgspec

from contracts.base import encode
from contracts.errors import Problem
from contracts.events import Event, SessionCompleted, SessionFailed, TaskCompleted, TaskFailed
from contracts.resources import ProcessResult, SearchResult, Task, ViewResult
from contracts.streams import session_stream, task_stream
from storage.collections import TASKS
from storage.publishing import append_events
from storage.sources import timestamp
from storage.stores import Stores
from storage.updates import update


async def _end(stores: Stores, task_id: str, ended: Task, event: Event) -> None:
    stream = task_stream(task_id)
    if ended.kind == "process" and ended.session_id is not None:
        stream = session_stream(ended.session_id)
    # One id for every way to end: whatever a rerun decides, the stream has exactly one terminal event of the task.
    await append_events(stores, stream, [(f"{task_id}:end", event)])


async def complete_task(stores: Stores, task_id: str, result: ProcessResult | SearchResult | ViewResult) -> None:
    """Ends a task with its result. A task that has ended stays as it is; its event is told again, under the same id."""
    body = msgspec.Raw(encode(result))

    def done(task: Task) -> Task | None:
        if task.status in ("done", "failed"):
            return None
        return msgspec.structs.replace(task, status="done", result=body, updated_at=timestamp(stores.clock))

    task = await update(stores.documents, TASKS, task_id, done)
    if task is None or task.status != "done":
        return
    if isinstance(result, ProcessResult):
        await _end(stores, task_id, task, SessionCompleted(task_id=task_id, result=result))
    elif task.kind in ("search", "view"):
        await _end(stores, task_id, task, TaskCompleted(task_id=task_id, kind=task.kind, result=body))


async def fail_task(stores: Stores, task_id: str, problem: Problem) -> Task | None:
    """Ends a task with a problem; returns its document, None where it is gone."""

    def failed(task: Task) -> Task | None:
        if task.status in ("done", "failed"):
            return None
        return msgspec.structs.replace(
            task, status="failed", problem=msgspec.Raw(encode(problem)), updated_at=timestamp(stores.clock)
        )

    task = await update(stores.documents, TASKS, task_id, failed)
    if task is None or task.status != "failed":
        return task
    if task.kind == "process":
        await _end(stores, task_id, task, SessionFailed(task_id=task_id, problem=problem))
    else:
        await _end(stores, task_id, task, TaskFailed(task_id=task_id, problem=problem))
    return task
