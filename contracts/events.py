"""Events: what happened, as the streams tell it. Each type is one Struct; its data is what clients receive as
`data`."""

from typing import ClassVar, Literal

import msgspec

from contracts.base import Record
from contracts.conversations import ConversationView, Evaluation, FinishReason, Usage
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


class SessionAnalyzing(Event, frozen=True):
    """The analysis of `own_messages` messages by `engine` has begun."""

    TYPE: ClassVar[str] = "session.analyzing"

    task_id: str
    own_messages: int
    engine: str


class MessageAnalyzed(Event, frozen=True):
    """The judgement of one own message, as it becomes known; `order` is its place in the conversation. Windows are
    judged side by side, so the orders need not rise."""

    TYPE: ClassVar[str] = "message.analyzed"

    task_id: str
    message_id: str
    order: int
    text: str
    """What was judged: the transcript is shown only when all of it is."""
    score: float | None
    emotional_tone: str | None
    impact_score: float | None
    ai_message: str | None
    suggested_alternative: str | None


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
    """A search, view, suggestion or import is done; `result` is the answer of the REST route."""

    TYPE: ClassVar[str] = "task.completed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    kind: Literal["search", "view", "suggest", "import"]
    result: msgspec.Raw


class TaskFailed(Event, frozen=True):
    TYPE: ClassVar[str] = "task.failed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    problem: Problem


class ConversationCreated(Event, frozen=True):
    TYPE: ClassVar[str] = "conversation.created"

    conversation: ConversationView


class MessageCreated(Event, frozen=True):
    """A turn has begun. Of the user's message `content` is the text; of the reply it is empty, and deltas follow."""

    TYPE: ClassVar[str] = "message.created"

    task_id: str
    message_id: str
    role: Literal["user", "assistant"]
    content: str
    model: str | None = None


class MessageDelta(Event, frozen=True):
    """A piece of the reply. To fold: keep the first `offset` characters (Unicode code points) of the text so far and
    append `text`. A reply that was begun again after a crash begins with `offset` 0, so the same rule covers it."""

    TYPE: ClassVar[str] = "message.delta"

    task_id: str
    message_id: str
    offset: int
    text: str

    def onto(self, before: str) -> str:
        """The text of the reply once this delta is folded into the text before it."""
        return before[: self.offset] + self.text


class MessageCompleted(Event, frozen=True):
    """The reply is whole: `content` is what the deltas fold to."""

    TYPE: ClassVar[str] = "message.completed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    message_id: str
    content: str
    finish_reason: FinishReason = "stop"
    evaluation: Evaluation | None = None
    usage: Usage | None = None
    model: str | None = None
    engine: str | None = None


class MessageFailed(Event, frozen=True):
    """The reply was broken off; `content` is how far it had come."""

    TYPE: ClassVar[str] = "message.failed"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    message_id: str
    content: str
    problem: Problem


class MessageCancelled(Event, frozen=True):
    """The reply was stopped at somebody's wish; `content` is how far it had come."""

    TYPE: ClassVar[str] = "message.cancelled"
    TERMINAL: ClassVar[bool] = True

    task_id: str
    message_id: str
    content: str


EVENTS: tuple[type[Event], ...] = (
    SessionOpened,
    ScreenshotAccepted,
    BubbleRead,
    ScreenshotRead,
    ScreenshotFailed,
    SessionProcessing,
    SessionMerged,
    SessionAnalyzing,
    MessageAnalyzed,
    SessionCompleted,
    SessionFailed,
    TaskCompleted,
    TaskFailed,
    ConversationCreated,
    MessageCreated,
    MessageDelta,
    MessageCompleted,
    MessageFailed,
    MessageCancelled,
)
BY_TYPE: dict[str, type[Event]] = {e.TYPE: e for e in EVENTS}
TERMINAL_TYPES = frozenset(e.TYPE for e in EVENTS if e.TERMINAL)
STREAM_DELETED = "stream.deleted"
"""The type of the one record on the live topic that is no event of the stream: it has no sequence number, the journal
does not hold it, and it says that the journal holds nothing else of the stream either. Clients see `unsubscribed`."""
