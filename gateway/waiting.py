"""Waiting for work that was started: on the stream where its end will be told, never by polling documents."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.responses import Response

from contracts.base import Record, decode
from contracts.errors import CANCELLED, STREAM_NOT_FOUND, TASK_NOT_FOUND, Problem, TokstreamError
from contracts.events import TERMINAL_TYPES
from contracts.realtime import StreamEvent
from contracts.resources import ENDED, Task, TaskAccepted, TaskStatus
from contracts.streams import Cursor
from gateway.endpoint import JSON, answer
from gateway.preferences import Preference
from gateway.problems import problem_response
from gateway.realtime.watch import Watch
from storage.collections import TASKS
from storage.errors import Unavailable
from storage.stores import Stores

log = logging.getLogger("tokstream.gateway")


class EventSource(Protocol):
    """The part of the hub that REST waits on."""

    def watch(self, stream: str, since: Cursor | None = None) -> AbstractAsyncContextManager[Watch]:
        """A reader of the events after the cursor. Once the context is entered, nothing that is appended is missed."""
        ...


class Work(Record, frozen=True):
    """A task under way: its end will be told on `stream`, after the cursor `after`."""

    task: Task
    stream: str
    after: Cursor | None


class _End(Record, frozen=True):
    """What all events that end a task have in common."""

    task_id: str


async def wait_for_end(stores: Stores, source: EventSource, work: Work, seconds: float) -> Task | None:
    """The task once it has ended, None if it has not within `seconds`, or if that cannot be told now: the work was
    accepted and goes on, whatever becomes of the waiting. Raises TokstreamError(TASK_NOT_FOUND) where it was deleted
    meanwhile."""
    if work.task.status in ENDED:
        return work.task
    try:
        if seconds > 0:
            async with asyncio.timeout(seconds):
                await _watch_for_end(stores, source, work)
    except TimeoutError:
        pass
    except Unavailable as error:
        log.warning("waiting for task %s ended early: %s", work.task.task_id, error)
    except TokstreamError as error:
        if error.kind in (STREAM_NOT_FOUND, TASK_NOT_FOUND):
            raise _deleted() from error
        log.info("waiting for task %s ended early: %s", work.task.task_id, error)
    try:
        # The document is written before the event, so it knows the outcome, also where the event was missed.
        found = await stores.documents.get(TASKS, work.task.task_id)
    except Unavailable as error:
        log.warning("the outcome of task %s cannot be told now: %s", work.task.task_id, error)
        return None
    if found is None:
        raise _deleted()
    return found.document if found.document.status in ENDED else None


async def _watch_for_end(stores: Stores, source: EventSource, work: Work) -> None:
    async with source.watch(work.stream, work.after) as watch:
        # Watching has begun, so a deletion from here on is told; one that came before has left no position.
        if work.after is not None and await stores.journal.position(work.stream) is None:
            raise _deleted()
        while not any(_ends(publication.event, work.task.task_id) for publication in await watch.batch()):
            continue


def _ends(event: StreamEvent, task_id: str) -> bool:
    return event.type in TERMINAL_TYPES and decode(bytes(event.data), _End).task_id == task_id


def _deleted() -> TokstreamError:
    return TokstreamError(TASK_NOT_FOUND, "The task was deleted with what it worked on")


def outcome_response(task: Task, preference: Preference) -> Response:
    """The answer of a task that has ended: its result, or its problem with the status that it names."""
    if task.status == "failed":
        return problem_response(decode(bytes(task.problem), Problem))
    if task.status == "cancelled":
        raise TokstreamError(CANCELLED, "It was cancelled while this request waited for it.")
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


async def respond(stores: Stores, source: EventSource, work: Work, preference: Preference) -> Response:
    """Waits as long as the client prefers, and answers with the outcome or 202."""
    ended = await wait_for_end(stores, source, work, preference.seconds)
    return accepted_response(work, preference) if ended is None else outcome_response(ended, preference)
