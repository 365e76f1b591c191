"""Conversations and what an AI engine says about them: judgements, suggestions, turns, and the answers of REST.

Field names of the answers are those of the screenshot-analysis specification (`start-conversation`,
`continue-conversation`, `predict-next`) and of the chat specification (`models`, `model`, `query`, `history`); fields
beyond them follow their own. Texts are Unicode; times ISO 8601 with offset.
"""

from typing import Annotated, Any, Literal

import msgspec

from contracts.base import Record

ConversationKind = Literal["thread", "client", "completion"]
"""`thread`: a simulated conversation with somebody of a given relationship. `client`: the chat of one client name.
`completion`: one call of the OpenAI-compatible surface, which is forgotten after its answer."""
Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length"]
STYLES = ("공감형", "해결형", "관계형")
"""The styles of suggested replies, in the order of every answer: empathy, solution, relationship."""


class ChatMessage(Record, frozen=True):
    """One message as an engine is given it."""

    role: Role
    content: str


class Evaluation(Record, frozen=True):
    """The judgement of what the user said last in a simulated conversation.

    `appropriateness_rating` 0–100, `impact_score` −3…3 (effect on the relationship); `suggested_alternative` is null
    where nothing is to be said better.
    """

    emotional_tone: str
    appropriateness_rating: float
    impact_score: float
    review_comment: str
    suggested_alternative: str | None = None


class Suggestion(Record, frozen=True):
    """A reply that the user could send next; `style` is one of STYLES, `expected_impact` −3…3."""

    style: str
    text: str
    expected_impact: float
    explanation: str


class Usage(Record, frozen=True):
    """Tokens, counted by the engine or, where it does not tell, estimated."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Sampling(Record, frozen=True, omit_defaults=True):
    """How a reply is drawn; null leaves it to the engine. Ranges are those of the chat-completions API."""

    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: Annotated[float, msgspec.Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, msgspec.Meta(ge=-2, le=2)] | None = None


class Turn(Record, frozen=True, omit_defaults=True):
    """What is said in one turn: `input` by the user (null where the other side opens), `reply` by the engine.

    `messages` is the whole context of a completion; other turns find theirs in the turns before. While the reply is
    being written `reply` is null: the deltas of the stream have it.
    """

    input: str | None = None
    messages: tuple[ChatMessage, ...] = ()
    model: str | None = None
    engine: str | None = None
    sampling: Sampling = Sampling()
    reply: str | None = None
    evaluation: Evaluation | None = None
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    started_at: str | None = None
    finished_at: str | None = None


class Conversation(Record, frozen=True):
    """The document of a conversation. Its stream is `conversation:<conversation_id>`."""

    conversation_id: str
    owner: str
    kind: ConversationKind
    created_at: str
    updated_at: str
    relationship: str | None = None
    relationship_info: str | None = None
    client_name: str | None = None


class ChatClient(Record, frozen=True):
    """The document of a client name of the chat specification: `id` is a digest of owner and name. The model outlives
    the history."""

    id: str
    owner: str
    client_name: str
    model: str | None = None
    conversation_id: str | None = None


# ── Requests and answers of REST ───────────────────────────────────────────────────────────────────────────────────


class SuggestionList(Record, frozen=True):
    """The answer of `predict-next`."""

    session_id: str
    relationship: str
    relationship_info: str
    total_messages: int
    suggestions: tuple[Suggestion, ...]
    engine: str | None = None


class StartConversation(Record, frozen=True):
    relationship: str | None = None
    relationship_info: str | None = None


class ConversationStarted(Record, frozen=True):
    message: str
    thread_id: str
    engine: str | None = None


class ContinueConversation(Record, frozen=True):
    message: str | None = None
    thread_id: str | None = None


class ConversationContinued(Record, frozen=True):
    message: str
    response: Evaluation
    thread_id: str | None = None
    engine: str | None = None


class Say(Record, frozen=True):
    """The data of the socket command `say` on a conversation's stream."""

    message: str | None = None


class Model(Record, frozen=True):
    """A model of the engine, in the form of the OpenAI API; `created` is Unix time."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "tokstream"
    permission: tuple[dict[str, Any], ...] = ()
    root: str = ""
    parent: str | None = None


class ModelList(Record, frozen=True):
    data: tuple[Model, ...]
    object: Literal["list"] = "list"


class ModelChoice(Record, frozen=True):
    """The body of `POST /model`."""

    model: str | None = None
    client_name: str | None = None


class CurrentModel(Record, frozen=True):
    model: str


class Query(Record, frozen=True):
    input: str | None = None
    client_name: str | None = None


class QueryAnswer(Record, frozen=True):
    response: str


class HistoryEntry(Record, frozen=True):
    role: Literal["user", "assistant"]
    content: str
    timestamp: str


class HistoryCleared(Record, frozen=True):
    message: str


class ConversationView(Record, frozen=True):
    """A conversation as REST shows it. `stream` is what to subscribe to."""

    conversation_id: str
    kind: ConversationKind
    created_at: str
    updated_at: str
    relationship: str | None
    relationship_info: str | None
    client_name: str | None
    stream: str


class ConversationPage(Record, frozen=True):
    conversations: tuple[ConversationView, ...]
    next: str | None


class TurnView(Record, frozen=True):
    """One turn as REST shows it; `status` as `GET /result/{task_id}` says it."""

    task_id: str
    number: int
    status: str
    input: str | None
    reply: str | None
    evaluation: Evaluation | None
    created_at: str
    finished_at: str | None


class TurnPage(Record, frozen=True):
    conversation_id: str
    turns: tuple[TurnView, ...]
    next: str | None


class CancellationAccepted(Record, frozen=True):
    """The answer of a cancellation: the turns that are being stopped; none where nothing was running."""

    conversation_id: str
    cancelling: tuple[str, ...]
