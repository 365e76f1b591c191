"""What an endpoint understands of the API, learned from what it refuses."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from contracts.conversations import ChatMessage, Sampling
from processors.ai import prompts
from processors.ai.attempts import AttemptFailed
from processors.ai.openai.wire import ChatRequest

Format = Literal["json_schema", "json_object", "plain"]
_SIMPLER: dict[Format, Format] = {"json_schema": "json_object", "json_object": "plain"}


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, before it is put in the words of one endpoint. With `schema` the answer is JSON of that shape."""

    messages: tuple[ChatMessage, ...]
    max_tokens: int
    model: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    schema: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    format: Format = "json_schema"
    stream_options: bool = True
    completion_tokens: bool = False
    """`max_completion_tokens` in place of `max_tokens`: reasoning models take only the newer name."""
    temperature: bool = True

    def request(self, call: Call, model: str, *, stream: bool) -> bytes:
        """The body of the request."""
        sampling = call.sampling
        limit = sampling.max_tokens or call.max_tokens
        request = ChatRequest(
            model=model,
            messages=call.messages,
            stream=stream,
            stream_options={"include_usage": True} if stream and self.stream_options else None,
            max_tokens=None if self.completion_tokens else limit,
            max_completion_tokens=limit if self.completion_tokens else None,
            temperature=sampling.temperature if self.temperature or call.schema is None else None,
            top_p=sampling.top_p,
            stop=sampling.stop,
            seed=sampling.seed,
            presence_penalty=sampling.presence_penalty,
            frequency_penalty=sampling.frequency_penalty,
        )
        if call.schema is not None:
            request = self._structured(request, call.schema)
        return msgspec.json.encode(request)

    def _structured(self, request: ChatRequest, schema: dict[str, Any]) -> ChatRequest:
        if self.format == "json_schema":
            described = {"name": "answer", "strict": True, "schema": schema}
            return msgspec.structs.replace(request, response_format={"type": "json_schema", "json_schema": described})
        first, *rest = request.messages
        shown = prompts.schema_note(json.dumps(schema, ensure_ascii=False))
        messages = (msgspec.structs.replace(first, content=f"{first.content}\n\n{shown}"), *rest)
        wanted = {"type": "json_object"} if self.format == "json_object" else None
        return msgspec.structs.replace(request, messages=messages, response_format=wanted)

    def simpler(self, refusal: AttemptFailed, call: Call, *, stream: bool) -> "Dialect | None":
        """What to try after the endpoint refused a request in this dialect; None where the words were not at fault."""
        said = refusal.said
        if refusal.status not in (400, 422) or ("context" in said and "length" in said):
            return None
        if not self.completion_tokens and "max_completion_tokens" in said:
            return replace(self, completion_tokens=True)
        if stream and self.stream_options and "stream_options" in said:
            return replace(self, stream_options=False)
        if call.schema is None:
            return None  # the sampling is the client's choice: it is told that it was refused
        if self.temperature and "temperature" in said:
            return replace(self, temperature=False)
        if self.format == "plain":
            return None
        return replace(self, format=_SIMPLER[self.format])
