"""Events: what happened, as the streams tell it. Each type is one Struct; its data is what clients receive as
`data`."""

from typing import ClassVar, Literal

import msgspec

from contracts.base import Record
from contracts.errors import Problem
from contracts.resources import Bubble, MergeInfo, ProcessResult, ScreenshotUploaded, SessionCreated


class Event(Record, frozen=True):
    """`TYPE` is the name clients see. `TERMINAL` events end the work of the task that they name."""

    TYPE: ClassVar[str] = ""
    TERMINAL: ClassVar[bool] = False


class SessionOpened(Event, frozen=True):
    TYPE: ClassVar[str] = "session.created"

    session: SessionCreated


class ScreenshotAccepted(Event, frozen=True):
    """An upload is stored and queued for reading."""

    TYPE: ClassVar[str] = "screenshot.accepted"

    screenshot: ScreenshotUploaded


class BubbleRead(Event, frozen=True):
    """One bubble, the moment it is read. Bubbles of a screenshot come from top to bottom."""

    TYPE: ClassVar[str] = "bubble.read"

    screenshot_id: str
    bubble: Bubble


class ScreenshotRead(Event, frozen=True):
    TYPE: ClassVar[str] = "screenshot.read"

    screenshot_id: str
    bubbles: int
    seconds: float
    engine: str


class ScreenshotFailed(Event, frozen=True):
    TYPE: ClassVar[str] = "screenshot.failed"

    screenshot_id: str
    problem: Problem


class SessionProcessing(Event, frozen=True):
    """`process` was accepted; `waiting_for` screenshots are still being read."""

    TYPE: ClassVar[str] = "session.processing"

    task_id: str
    waiting_for: int


class SessionMerged(Event, frozen=True):
    TYPE: ClassVar[str] = "session.merged"

    task_id: str
    total_messages: int
    merge_info: MergeInfo


class SessionCompleted(Event, frozen=True):
    TYPE: ClassVar[str] = "session.completed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    result: ProcessResult


class SessionFailed(Event, frozen=True):
    TYPE: ClassVar[str] = "session.failed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    problem: Problem


class TaskCompleted(Event, frozen=True):
    """A search or view is done; `result` is the answer of the REST route."""

    TYPE: ClassVar[str] = "task.completed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    kind: Literal["search", "view"]
    result: msgspec.Raw


class TaskFailed(Event, frozen=True):
    TYPE: ClassVar[str] = "task.failed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    problem: Problem


EVENTS: tuple[type[Event], ...] = (
    SessionOpened,
    ScreenshotAccepted,
    BubbleRead,
    ScreenshotRead,
    ScreenshotFailed,
    SessionProcessing,
    SessionMerged,
    SessionCompleted,
    SessionFailed,
    TaskCompleted,
    TaskFailed,
)
BY_TYPE: dict[str, type[Event]] = {e.TYPE: e for e in EVENTS}
TERMINAL_TYPES = frozenset(e.TYPE for e in EVENTS if e.TERMINAL)
STREAM_DELETED = "stream.deleted"
"""The type of the one record on the live topic that is no event of the stream: it has no sequence number, the journal
does not hold it, and it says that the journal holds nothing else of the stream either. Clients see `unsubscribed`."""
