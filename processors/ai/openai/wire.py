"""The chat-completions API on the wire, as far as we speak it (OpenAI API reference, `chat/completions`, `models`).

What comes in is read tolerantly: fields may be missing or null, since each compatible server leaves out others.
"""

from typing import Any

import msgspec

from contracts.base import Record
from contracts.conversations import ChatMessage, Usage


class ChatRequest(Record, frozen=True, omit_defaults=True):
    model: str
    messages: tuple[ChatMessage, ...]
    stream: bool = False
    stream_options: dict[str, bool] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_format: dict[str, Any] | None = None


class Said(Record, frozen=True):
    """A delta of a stream, or the message of a whole answer. Reasoning is never shown; it tells that the model is
    alive."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None


class Choice(Record, frozen=True):
    delta: Said | None = None
    message: Said | None = None
    finish_reason: str | None = None

    @property
    def said(self) -> Said:
        return self.delta or self.message or Said()


class Counted(Record, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    def usage(self) -> Usage:
        prompt, completion = self.prompt_tokens or 0, self.completion_tokens or 0
        return Usage(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)


class Chunk(Record, frozen=True):
    """One event of a stream, or a whole answer."""

    choices: tuple[Choice, ...] | None = None
    usage: Counted | None = None
    error: Any = None


class ListedModel(Record, frozen=True):
    id: str
    created: int | None = None
    owned_by: str | None = None


class ListedModels(Record, frozen=True):
    data: tuple[ListedModel, ...]


def error_of(body: bytes) -> dict[str, Any]:
    """The error object of an answer, wherever the server puts it; empty where there is none."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if isinstance(document, list):
        document = document[0] if document else {}
    if not isinstance(document, dict):
        return {}
    error = document.get("error", document)
    return error if isinstance(error, dict) else {"message": str(error)}
