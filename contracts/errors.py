"""The one registry of errors: what REST, the websocket and the events say when something is wrong.

Each entry has an HTTP status, a websocket close or error code, and whether trying again later can help (`temporary`).
Websocket codes 3000–3499 and 4000–4499 mean reconnect, 3500–3999 and 4500–4999 are final.
The documents follow RFC 9457 (problem details for HTTP APIs).
"""

from dataclasses import dataclass
from typing import Any

from contracts.base import Record


class Problem(Record, frozen=True, omit_defaults=True):
    """A problem document. `type` is `tokstream:<code>`; `detail` tells a person what is wrong and how to mend it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    retry_after: int | None = None
    """Seconds, also sent as Retry-After."""
    field: str | None = None
    """The parameter at fault."""
    temporary: bool | None = None


@dataclass(frozen=True, slots=True)
class ErrorKind:
    code: str
    status: int
    title: str
    temporary: bool = False
    websocket: int = 4500


REGISTRY: dict[str, ErrorKind] = {}


def _kind(code: str, status: int, title: str, *, temporary: bool = False, websocket: int = 4500) -> ErrorKind:
    kind = ErrorKind(code, status, title, temporary, websocket)
    if code in REGISTRY:
        raise ValueError(f"error code {code} is registered twice")
    REGISTRY[code] = kind
    return kind


BAD_REQUEST = _kind("bad-request", 400, "Bad request", websocket=4501)
MISSING_PARAMETER = _kind("missing-parameter", 400, "A required parameter is missing", websocket=4501)
INVALID_CURSOR = _kind("invalid-cursor", 400, "The cursor is malformed", websocket=4502)
SESSION_EMPTY = _kind("session-empty", 400, "The session has no screenshots")
SESSION_NOT_PROCESSED = _kind("session-not-processed", 400, "The session has not been processed")
MODEL_NOT_FOUND = _kind("model-not-found", 400, "There is no such model")
UNAUTHORIZED = _kind("unauthorized", 401, "No valid key was given", websocket=4510)
FORBIDDEN_HOST = _kind("forbidden-host", 403, "The service does not answer under this host name", websocket=4511)
FORBIDDEN_ORIGIN = _kind("forbidden-origin", 403, "The origin may not connect", websocket=4511)
SESSION_NOT_FOUND = _kind("session-not-found", 404, "Session not found", websocket=4520)
SCREENSHOT_NOT_FOUND = _kind("screenshot-not-found", 404, "Screenshot not found")
TASK_NOT_FOUND = _kind("task-not-found", 404, "Task not found")
UNKNOWN_MODEL = _kind("model_not_found", 404, "There is no such model")
"""As the OpenAI-compatible surface says it, with the code that its clients know."""
CONVERSATION_NOT_FOUND = _kind("conversation-not-found", 404, "Conversation not found", websocket=4520)
STREAM_NOT_FOUND = _kind("stream-not-found", 404, "Stream not found", websocket=4520)
NOT_FOUND = _kind("not-found", 404, "Not found")
REQUEST_TIMEOUT = _kind("request-timeout", 408, "The request body came too slowly", temporary=True)
METHOD_NOT_ALLOWED = _kind("method-not-allowed", 405, "Method not allowed")
ALREADY_RUNNING = _kind("already-running", 409, "The session is being processed", temporary=True)
CANCELLED = _kind("cancelled", 409, "The work was cancelled")
SCREENSHOT_NOT_READ = _kind("screenshot-not-read", 409, "The screenshot has not been read yet", temporary=True)
IDEMPOTENCY_CONFLICT = _kind(
    "idempotency-conflict", 409, "A request with this Idempotency-Key is still running", temporary=True
)
IDEMPOTENCY_MISMATCH = _kind("idempotency-mismatch", 422, "This Idempotency-Key was used for another request")
UPLOAD_TOO_LARGE = _kind("upload-too-large", 413, "The upload is too large")
IMAGE_TOO_LARGE = _kind("image-too-large", 413, "The image has too many pixels")
UNSUPPORTED_MEDIA = _kind("unsupported-media-type", 415, "Not a JPEG, PNG or WebP image")
EXPORT_TOO_LONG = _kind("export-too-long", 413, "The chat export has too many messages")
EXPORT_SIDES_UNKNOWN = _kind("export-sides-unknown", 400, "Who of the chat export is the user cannot be told")
UNKNOWN_EXPORT = _kind("unknown-export", 415, "Not a chat export that is known")
IMAGE_UNREADABLE = _kind("image-unreadable", 422, "The image cannot be decoded")
RATE_LIMITED = _kind("rate-limited", 429, "Too many requests", temporary=True, websocket=4029)
INTERNAL = _kind("internal", 500, "Internal error", temporary=True, websocket=4000)
AI_ENGINE_FAILED = _kind("ai-engine-failed", 502, "The AI engine failed", temporary=True)
UNAVAILABLE = _kind("unavailable", 503, "A part of the service is unavailable", temporary=True, websocket=4003)
AI_ENGINE_TIMEOUT = _kind("ai-engine-timeout", 504, "The AI engine was too slow", temporary=True)

# Websocket only. `status` is what the same error would be over HTTP.
MALFORMED_MESSAGE = _kind("malformed-message", 400, "The message is not of the protocol", websocket=4503)
UNKNOWN_MESSAGE = _kind("unknown-message", 400, "No such message type", websocket=4503)
NOT_CONNECTED = _kind("not-connected", 401, "connect must come first", websocket=4512)
CONNECT_TIMEOUT = _kind("connect-timeout", 408, "No connect within the time allowed", temporary=True, websocket=4008)
ALREADY_SUBSCRIBED = _kind("already-subscribed", 409, "This stream is subscribed already")
NOT_SUBSCRIBED = _kind("not-subscribed", 409, "This stream is not subscribed")
TOO_MANY_SUBSCRIPTIONS = _kind("too-many-subscriptions", 429, "Too many subscriptions on one connection")
SLOW_CLIENT = _kind(
    "slow-client", 408, "The client reads too slowly: reconnect and resume", temporary=True, websocket=4009
)
PONG_TIMEOUT = _kind("pong-timeout", 408, "The client no longer answers", temporary=True, websocket=4010)
SHUTTING_DOWN = _kind(
    "shutting-down", 503, "The server is going down: reconnect and resume", temporary=True, websocket=4001
)


class TokstreamError(Exception):
    """An error of the registry, with the detail of this occurrence. Everything that answers clients knows how to
    show it."""

    def __init__(
        self, kind: ErrorKind, detail: str, *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.field = field
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # Crosses process borders (the OCR pool); the keyword arguments would be lost by the default.
        return _rebuild, (self.kind, self.detail, self.field, self.retry_after)

    def problem(self, instance: str | None = None) -> Problem:
        """The problem document of this error."""
        return Problem(
            type=f"tokstream:{self.kind.code}",
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            code=self.kind.code,
            instance=instance,
            retry_after=self.retry_after,
            field=self.field,
            temporary=self.kind.temporary,
        )


def _rebuild(kind: ErrorKind, detail: str, field: str | None, retry_after: int | None) -> TokstreamError:
    return TokstreamError(kind, detail, field=field, retry_after=retry_after)
