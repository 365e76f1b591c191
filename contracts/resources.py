"""What REST answers with and the documents hold: sessions, screenshots, messages, tasks.

Field names and nesting of the answers are those of the screenshot-analysis specification; fields beyond it follow
its own.
Times are ISO 8601 with offset, positions pixels of the image as uploaded (after its EXIF orientation is applied).
"""

from typing import Literal

import msgspec

from contracts.base import Record
from contracts.conversations import Turn
from contracts.imports import ImportRequest

Speaker = Literal["user", "interlocutor"]
Kind = Literal["text", "photo", "sticker", "card", "system", "deleted", "file"]
SessionStatus = Literal["processing", "completed", "failed"]
ScreenshotStatus = Literal["queued", "read", "failed"]
TaskStatus = Literal["queued", "processing", "cancelling", "done", "failed", "cancelled"]
ENDED: frozenset[TaskStatus] = frozenset({"done", "failed", "cancelled"})
"""The states that a task never leaves."""
TaskKind = Literal[
    "process", "search", "view", "analyze", "suggest", "import", "start", "continue", "query", "complete"
]
TurnKind = Literal["start", "continue", "query", "complete"]
MergeMethod = Literal["image", "text", "none"]


class Position(Record, frozen=True):
    """A rectangle in pixels; `x`, `y` is its top left corner."""

    x: float
    y: float
    width: float
    height: float


class Doubt(Record, frozen=True):
    """A character that may be another: its `place` in the text of its line, from 0, the `probability` that it is as
    read, and what else it may be with the probability of each."""

    place: int
    probability: float
    others: dict[str, float]


class TextLine(Record, frozen=True, omit_defaults=True):
    """One line of a bubble as read. `confidence` is the probability, 0–1, that its text is right. `doubts` lists the
    characters that may be others, from left to right."""

    text: str
    confidence: float
    position: Position
    engine: str = ""
    doubts: tuple[Doubt, ...] = ()


class Bubble(Record, frozen=True):
    """One message as read in one screenshot.

    `confidence` is the probability, 0–1, that all of its text is right; of a photo, that its speaker is.
    `order` is its place in the screenshot from the top, starting at 0. `group_id` counts runs of one sender, from 1.
    `partial`: the bubble is cut by an edge of the visible conversation, so text may be missing. `uncertain`: the reader
    would rather abstain than vouch for the speaker or the text.
    """

    text: str
    speaker: Speaker
    confidence: float
    position: Position
    order: int
    group_id: int
    kind: Kind = "text"
    sender: str | None = None
    sent_at: str | None = None
    partial: bool = False
    uncertain: bool = False
    lines: tuple[TextLine, ...] = ()


class Extraction(Record, frozen=True):
    """All that was read from one screenshot. `top` and `bottom` bound the rows (px) in which the conversation scrolls:
    above is the status bar and title, below the input box, banners and keyboard."""

    screenshot_id: str
    session_id: str
    width: int
    height: int
    top: float
    bottom: float
    bubbles: tuple[Bubble, ...]
    engine: str
    seconds: float = 0.0
    exported: bool = False
    """Whether this is a chat export instead: its texts are exact, `sent_at` is ISO 8601 in local time, and nothing is
    missing between two of its messages. It has no image: sizes and positions are zero."""


class Source(Record, frozen=True):
    """Where a merged message was seen."""

    screenshot_id: str
    position: Position
    order: int


class Message(Record, frozen=True):
    """One message of the merged conversation. The five AI fields are null for the interlocutor, and where no
    engine ran."""

    message_id: str
    text: str
    speaker: Speaker
    confidence: float
    position: Position
    group_id: int
    score: float | None = None
    emotional_tone: str | None = None
    impact_score: float | None = None
    ai_message: str | None = None
    suggested_alternative: str | None = None
    sender: str | None = None
    sent_at: str | None = None
    kind: Kind = "text"
    screenshot_id: str | None = None
    order: int = 0
    partial: bool = False
    uncertain: bool = False
    sources: tuple[Source, ...] = ()


class MergeStep(Record, frozen=True):
    """One join. `overlap_length` counts messages; `gap` is true where the join is an append without proof."""

    step: int
    overlap_found: bool
    overlap_length: int
    method: MergeMethod
    confidence: float
    gap: bool
    left_screenshot_id: str
    right_screenshot_id: str


class MergeInfo(Record, frozen=True):
    """`order` lists the screenshots as they follow each other in the conversation, `duplicates` those that added
    nothing because another shot shows the same, `failed` those that could not be read."""

    merge_history: tuple[MergeStep, ...] = ()
    total_merged: int = 0
    order: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class Session(Record, frozen=True):
    """The document of a session. `owner` is never shown."""

    session_id: str
    owner: str
    created_at: str
    updated_at: str
    status: SessionStatus = "processing"
    processed: bool = False
    total_screenshots: int = 0
    total_messages: int = 0
    relationship: str | None = None
    relationship_info: str | None = None
    merge_info: MergeInfo | None = None
    external_api_called: bool = False
    engine: str | None = None
    task_id: str | None = None
    """The latest task of kind `process` or `analyze`; taking it by expected version is what lets only one run at a
    time."""
    revision: int = 0
    """Counts runs of `process` that merged to the end; the messages shown are those of this revision."""


class ExportUpload(Record, frozen=True):
    """What a document of an uploaded export has beyond that of a screenshot: the task that imports it, and how."""

    task_id: str
    request: ImportRequest


class Screenshot(Record, frozen=True):
    """The document of an uploaded screenshot, or of a chat export, which has no size. The file lies in the blob store
    under `blob_key`."""

    screenshot_id: str
    session_id: str
    owner: str
    upload_order: int
    uploaded_at: str
    blob_key: str
    media_type: str
    image_width: int
    image_height: int
    sha256: str
    status: ScreenshotStatus = "queued"
    problem: str | None = None
    problem_code: str | None = None
    """The code of the error registry that `problem` is the detail of."""
    export: ExportUpload | None = None


class Judged(Record, frozen=True):
    """The run that asked an engine about a message, the engine, and the relationship it was told."""

    task_id: str
    engine: str
    relationship: str
    relationship_info: str


class StoredMessage(Record, frozen=True):
    """A merged message as a document: `id` is `<session>/<revision>/<order>`."""

    id: str
    session_id: str
    owner: str
    revision: int
    order: int
    message: Message
    judged: Judged | None = None
    """What the five AI fields of `message` come from; null before an engine was asked about it."""


class Task(Record, frozen=True):
    """Work that REST started. `result` is the JSON the synchronous call would have answered, `problem` the problem
    document."""

    task_id: str
    owner: str
    kind: TaskKind
    created_at: str
    updated_at: str
    status: TaskStatus = "queued"
    session_id: str | None = None
    relationship: str | None = None
    relationship_info: str | None = None
    screenshot_ids: tuple[str, ...] = ()
    """The screenshots that `process` covers: those there when its command was taken up."""
    merge_info: MergeInfo | None = None
    """Set when the merge is stored, under `revision` of the session."""
    revision: int = 0
    """The revision that `process` makes, or that `analyze` reads."""
    every_message: bool = False
    """Whether `analyze` also judges what is judged already."""
    conversation_id: str | None = None
    number: int = 0
    """The place of a turn in its conversation, from 1; 0 until it begins."""
    turn: Turn | None = None
    """What a task of a TurnKind says."""
    # Not `Raw | None`: msgspec encodes that, but decodes nothing but null into it.
    result: msgspec.Raw = msgspec.Raw(b"null")
    problem: msgspec.Raw = msgspec.Raw(b"null")


# ── Answers of REST ────────────────────────────────────────────────────────────────────────────────────────────────


class SessionCreated(Record, frozen=True):
    session_id: str
    created_at: str
    status: SessionStatus


class ScreenshotUploaded(Record, frozen=True):
    screenshot_id: str
    session_id: str
    upload_order: int
    processed: bool
    message: str


class ProcessResult(Record, frozen=True):
    session_id: str
    status: SessionStatus
    total_screenshots: int
    total_messages: int
    merge_info: MergeInfo
    external_api_called: bool
    engine: str | None = None
    task_id: str | None = None


class MessageList(Record, frozen=True):
    session_id: str
    total_messages: int
    total_screenshots: int
    messages: tuple[Message, ...]


class SearchResult(Record, frozen=True):
    matched: bool
    message: str
    results: tuple[Message, ...]


class ViewResult(Record, frozen=True):
    session_id: str
    matched: bool
    total_matched: int
    total_ocr_extracted: int
    messages: tuple[Message, ...]


class ScreenshotView(Record, frozen=True):
    """A screenshot as REST shows it."""

    screenshot_id: str
    upload_order: int
    uploaded_at: str
    media_type: str
    image_width: int
    image_height: int
    processed: bool
    status: ScreenshotStatus
    problem: str | None = None


class SessionView(Record, frozen=True):
    """A session as REST shows it. `stream` is what to subscribe to."""

    session_id: str
    created_at: str
    updated_at: str
    status: SessionStatus
    total_screenshots: int
    total_messages: int
    relationship: str | None
    relationship_info: str | None
    merge_info: MergeInfo | None
    stream: str
    screenshots: tuple[ScreenshotView, ...] = ()


class SessionPage(Record, frozen=True):
    sessions: tuple[SessionView, ...]
    next: str | None


class TaskAccepted(Record, frozen=True):
    """The 202 answer. `stream` carries the progress, `location` the outcome."""

    task_id: str
    status: TaskStatus
    location: str
    stream: str


def _null() -> msgspec.Raw:
    return msgspec.Raw(b"null")


class TaskView(Record, frozen=True):
    """`GET /result/{task_id}`: processing, done (with `result`) or failed (with `error`)."""

    task_id: str
    status: Literal["processing", "done", "failed", "cancelled"]
    kind: str
    session_id: str | None = None
    result: msgspec.Raw = msgspec.field(default_factory=_null)
    error: msgspec.Raw = msgspec.field(default_factory=_null)


class TicketIssued(Record, frozen=True):
    """A short-lived stand-in for the API key, for browser sockets that cannot send headers. `expires_in` is seconds."""

    ticket: str
    expires_in: int


class Health(Record, frozen=True):
    """The process is alive; `/readyz` says whether it can work."""

    status: Literal["ok"]


class DependencyCheck(Record, frozen=True):
    """One dependency as found now. `seconds` is how long the check took; `detail` says what is wrong."""

    name: str
    ok: bool
    seconds: float
    detail: str | None = None


class ConsumerProgress(Record, frozen=True):
    """Whether the consumers of a capability make progress. `lag` counts records not handled yet, where known."""

    capability: str
    ok: bool
    lag: int | None = None
    detail: str | None = None


class Readiness(Record, frozen=True):
    ready: bool
    checks: tuple[DependencyCheck, ...]
    consumers: tuple[ConsumerProgress, ...] = ()


class EngineInfo(Record, frozen=True):
    """One engine: which capability it serves, and whether it runs here."""

    capability: str
    name: str
    available: bool
    version: str | None = None
    detail: str | None = None


class ServiceLimits(Record, frozen=True):
    """What the gateway accepts at most; waits are in seconds."""

    max_upload_bytes: int
    max_pixels: int
    max_files: int
    max_request_bytes: int
    default_wait: float
    max_wait: float


class ServiceInfo(Record, frozen=True):
    name: str
    version: str
    engines: tuple[EngineInfo, ...]
    limits: ServiceLimits


class ProcessRequest(Record, frozen=True):
    """The JSON body that may carry what the query of `process` does."""

    relationship: str | None = None
    relationship_info: str | None = None


class AnalyzeRequest(Record, frozen=True):
    """The data of the socket command `analyze`; what is left out is as it is in the session."""

    relationship: str | None = None
    relationship_info: str | None = None
    all: bool = False
