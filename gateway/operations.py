"""What a route promises, declared beside its handler: the one source of the routing table and of the OpenAPI
document."""

from dataclasses import dataclass
from typing import Literal

from contracts.base import Record
from contracts.errors import ErrorKind


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path, the query or a header. `kind` is the type of its value, `choices` all that it may be;
    `slashes` says that a part of the path may hold them, escaped or not."""

    name: str
    place: Literal["path", "query", "header"]
    description: str
    kind: type[str] | type[int] = str
    required: bool = False
    choices: tuple[str, ...] = ()
    maximum: int | None = None
    slashes: bool = False


@dataclass(frozen=True, slots=True)
class FilesBody:
    """A `multipart/form-data` body with files under `field`, images unless said otherwise: one, or `many`. `texts` are
    fields of text beside it, with what they mean."""

    field: str
    many: bool
    description: str
    media_types: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp")
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """One answer: its Struct (JSON), or the media types of a body that is none, or neither where there is no body."""

    status: int
    description: str
    struct: type[Record] | None = None
    many: bool = False
    """An array of them."""
    media_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


ErrorForm = Literal["problem", "error", "openai"]
"""How errors look: as problem documents, as `{"error": detail, …}`, or as the OpenAI API shows them."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`name` is the operationId. `form` may be sent as the JSON body or as a form instead of the query; `body` is a
    JSON body with structure. `public` operations need no key. `errors` are those beyond what every operation can
    answer."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    tag: str
    summary: str
    description: str
    answers: tuple[AnswerSpec, ...]
    parameters: tuple[Parameter, ...] = ()
    files: FilesBody | None = None
    form: type[Record] | None = None
    body: type[Record] | None = None
    errors: tuple[ErrorKind, ...] = ()
    public: bool = False
    error_form: ErrorForm = "problem"


SESSION_ID = Parameter("session_id", "path", "The session.", required=True)
SCREENSHOT_ID = Parameter("screenshot_id", "path", "The screenshot.", required=True)
CONVERSATION_ID = Parameter("conversation_id", "path", "The conversation.", required=True)
TASK_ID = Parameter("task_id", "path", "The task.", required=True)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Up to 255 visible characters of your choice. A repetition with the same key gets the stored answer (with "
    "`Idempotent-Replay: true`) instead of doing the work again; another request under the same key is 422.",
)
PREFER = Parameter(
    "Prefer",
    "header",
    "`respond-async` answers 202 at once; `wait=N` waits up to N seconds for the result and answers 202 after that. "
    "Without it the wait is that of `/info`.",
)
