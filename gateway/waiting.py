"""Waiting for work that was started: on the stream where its end will be told, never by polling documents."""

import logging
from collections.abc import Callable
from typing import Protocol

from starlette.responses import Response

from contracts.base import Record, decode
from contracts.errors import TASK_NOT_FOUND, Problem, TokstreamError
from contracts.events import SessionCompleted, SessionFailed, TaskCompleted, TaskFailed
from contracts.realtime import StreamEvent
from contracts.resources import Task, TaskAccepted, TaskStatus
from contracts.streams import Cursor
from gateway.endpoint import JSON, answer
from gateway.preferences import Preference
from gateway.problems import problem_response
from storage.collections import TASKS
from storage.errors import Unavailable
from storage.stores import Stores

log = logging.getLogger("tokstream.gateway")

ENDS = frozenset(event.TYPE for event in (SessionCompleted, SessionFailed, TaskCompleted, TaskFailed))


class EventWaiter(Protocol):
    """The part of the hub that REST waits on."""

    async def wait_for(
        self, stream: str, after: Cursor | None, predicate: Callable[[StreamEvent], bool], timeout: float
    ) -> StreamEvent | None:
        """The first event after the cursor that the predicate accepts; None when `timeout` seconds are over."""
        ...


class Work(Record, frozen=True):
    """A task under way: its end will be told on `stream`, after the cursor `after`."""

    task: Task
    stream: str
    after: Cursor | None


class _End(Record, frozen=True):
    """What all events that end a task have in common."""

    task_id: str


async def wait_for_end(stores: Stores, waiter: EventWaiter, work: Work, seconds: float) -> Task | None:
    """The task once it has ended, None if it has not within `seconds`, or if that cannot be told now: the work was
    accepted and goes on, whatever becomes of the waiting. Raises TokstreamError(TASK_NOT_FOUND) where it was deleted
    meanwhile."""
    if work.task.status in ("done", "failed"):
        return work.task
    identifier = work.task.task_id
    try:
        if seconds > 0:
            await waiter.wait_for(work.stream, work.after, lambda event: _ends(event, identifier), seconds)
    except (Unavailable, TokstreamError) as error:
        log.info("waiting for task %s ended early: %s", identifier, error)
    try:
        # The document is written before the event, so it knows the outcome, also where the event was missed.
        found = await stores.documents.get(TASKS, identifier)
    except Unavailable as error:
        log.warning("the outcome of task %s cannot be told now: %s", identifier, error)
        return None
    if found is None:
        raise TokstreamError(TASK_NOT_FOUND, "The task was deleted with its session")
    return found.document if found.document.status in ("done", "failed") else None


def _ends(event: StreamEvent, task_id: str) -> bool:
    return event.type in ENDS and decode(bytes(event.data), _End).task_id == task_id


def outcome_response(task: Task, preference: Preference) -> Response:
    """The answer of a task that has ended: its result, or its problem with the status that it names."""
    if task.status == "failed":
        return problem_response(decode(bytes(task.problem), Problem))
    response = Response(bytes(task.result), media_type=JSON)
    if preference.applied is not None:
        response.headers["Preference-Applied"] = preference.applied
    return response


def accepted_response(work: Work, preference: Preference) -> Response:
    """202: the task goes on, and `Location` will tell its outcome."""
    location = f"/result/{work.task.task_id}"
    status: TaskStatus = work.task.status
    body = TaskAccepted(task_id=work.task.task_id, status=status, location=location, stream=work.stream)
    response = answer(body, 202, {"Location": location})
    if preference.applied_async is not None:
        response.headers["Preference-Applied"] = preference.applied_async
    return response


async def respond(stores: Stores, waiter: EventWaiter, work: Work, preference: Preference) -> Response:
    """Waits as long as the client prefers, and answers with the outcome or 202."""
    ended = await wait_for_end(stores, waiter, work, preference.seconds)
    return accepted_response(work, preference) if ended is None else outcome_response(ended, preference)
