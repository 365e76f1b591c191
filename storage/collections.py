"""The collections of documents that the service keeps."""

from contracts.base import Record
from contracts.conversations import ChatClient, Conversation
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
TASKS = Collection(
    "tasks",
    Task,
    "task_id",
    (
        Index(("session_id", "status")),
        Index(("owner", "created_at")),
        Index(("conversation_id", "number")),
        Index(("conversation_id", "status")),
        Index(("status",)),
    ),
)
CONVERSATIONS = Collection(
    "conversations", Conversation, "conversation_id", (Index(("owner", "created_at")), Index(("kind", "created_at")))
)
CHAT_CLIENTS = Collection("chat_clients", ChatClient, "id")


class IdempotentRequest(Record, frozen=True):
    """A POST with an Idempotency-Key. `id` is a digest of owner, route and key; `fingerprint` of the request.
    `status` 0 means still running, in the gateway process `holder` since `claimed_at`. `session_id` is the session
    or conversation that the answer tells about: it is deleted with it."""

    id: str
    owner: str
    fingerprint: str
    created_at: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    location: str | None = None
    holder: str = ""
    claimed_at: str = ""
    session_id: str | None = None


IDEMPOTENCY = Collection("idempotency", IdempotentRequest, "id", (Index(("created_at",)), Index(("session_id",))))

ALL: tuple[Collection[Record], ...] = (  # type: ignore[assignment]
    SESSIONS,
    SCREENSHOTS,
    EXTRACTIONS,
    MESSAGES,
    TASKS,
    CONVERSATIONS,
    CHAT_CLIENTS,
    IDEMPOTENCY,
)
