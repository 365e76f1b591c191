"""The OpenAI-compatible surface: the part of the chat-completions API that Tokstream serves and asks for.

Field names are those of the API (https://platform.openai.com/docs/api-reference/chat). What is not listed is ignored
where it changes nothing of the answer's form, and refused where it would (`tools`, `functions`, `n` above 1,
`logprobs`, `response_format` other than text).
"""

from typing import Annotated, Any, Literal

import msgspec

from contracts.base import Record
from contracts.conversations import FinishReason, Usage


class TextPart(Record, frozen=True):
    """A part of a message's content; only those of type `text` are understood."""

    type: str
    text: str | None = None


class RequestMessage(Record, frozen=True):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | tuple[TextPart, ...] | None = None


class StreamOptions(Record, frozen=True):
    include_usage: bool = False


class ResponseFormat(Record, frozen=True):
    type: str


class CompletionRequest(Record, frozen=True):
    """The body of `POST /v1/chat/completions`."""

    model: str
    messages: Annotated[tuple[RequestMessage, ...], msgspec.Meta(min_length=1, max_length=2000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    stop: str | tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: Annotated[float, msgspec.Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, msgspec.Meta(ge=-2, le=2)] | None = None
    n: int | None = None
    tools: tuple[Any, ...] | None = None
    functions: tuple[Any, ...] | None = None
    logprobs: bool | None = None
    response_format: ResponseFormat | None = None
    user: str | None = None


class ResponseMessage(Record, frozen=True):
    content: str | None
    role: Literal["assistant"] = "assistant"
    refusal: str | None = None


class Choice(Record, frozen=True):
    message: ResponseMessage
    finish_reason: FinishReason | None
    index: int = 0
    logprobs: None = None


class ChatCompletion(Record, frozen=True):
    """The answer that does not stream; `created` is Unix time."""

    id: str
    created: int
    model: str
    choices: tuple[Choice, ...]
    usage: Usage | None = None
    object: Literal["chat.completion"] = "chat.completion"


class Delta(Record, frozen=True, omit_defaults=True):
    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Record, frozen=True):
    delta: Delta
    finish_reason: FinishReason | None = None
    index: int = 0
    logprobs: None = None


class ChatCompletionChunk(Record, frozen=True):
    """One `data:` of the answer that streams; the last, with `usage`, has no choice."""

    id: str
    created: int
    model: str
    choices: tuple[ChunkChoice, ...]
    usage: Usage | None = None
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
