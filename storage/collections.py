"""The collections of documents that the service keeps."""

from contracts.base import Record
from contracts.resources import Extraction, Screenshot, Session, StoredMessage, Task
from storage.documents.port import Collection, Index

SESSIONS = Collection("sessions", Session, "session_id", (Index(("owner", "created_at")),))
SCREENSHOTS = Collection(
    "screenshots",
    Screenshot,
    "screenshot_id",
    (Index(("session_id", "upload_order"), unique=True), Index(("session_id", "status"))),
)
EXTRACTIONS = Collection("extractions", Extraction, "screenshot_id", (Index(("session_id",)),))
MESSAGES = Collection(
    "messages", StoredMessage, "id", (Index(("session_id", "revision", "order"), unique=True), Index(("session_id",)))
)
TASKS = Collection("tasks", Task, "task_id", (Index(("session_id", "status")), Index(("owner", "created_at"))))


class IdempotentRequest(Record, frozen=True):
    """A POST with an Idempotency-Key. `id` is a digest of owner, route and key; `fingerprint` of the request.
    `status` 0 means still running."""

    id: str
    owner: str
    fingerprint: str
    created_at: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    location: str | None = None


IDEMPOTENCY = Collection("idempotency", IdempotentRequest, "id", (Index(("created_at",)),))

ALL: tuple[Collection[Record], ...] = (SESSIONS, SCREENSHOTS, EXTRACTIONS, MESSAGES, TASKS, IDEMPOTENCY)  # type: ignore[assignment]
