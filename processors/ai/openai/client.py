"""One endpoint, one attempt at a time: requests, answers, streams, and what each failure means.

Errors are raised `from None`: those of aiohttp hold the headers of the request, and with them the key.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from contracts.conversations import FinishReason, Usage
from contracts.errors import AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT, MODEL_NOT_FOUND
from processors.ai.attempts import AttemptFailed, identifier, retry_after, too_slow
from processors.ai.openai.config import Endpoint, Timeouts
from processors.ai.openai.dialect import Call, Dialect
from processors.ai.openai.sse import SseError, SseParser
from processors.ai.openai.wire import Choice, Chunk, Counted, ListedModel, ListedModels, error_of

logger = logging.getLogger(__name__)

LARGEST_ANSWER: Final = 8 << 20
DONE: Final = "[DONE]"
_BROKEN = "The AI endpoint broke off in the middle of its answer"
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class End:
    """How an answer ended. `usage` is None where the endpoint does not count."""

    reason: FinishReason
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    end: End


class Client:
    """`session` is closed by whoever gave it."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self.endpoint = endpoint
        self._session = session
        self._timeouts = timeouts
        self._dialects: dict[str, Dialect] = {}

    async def models(self, deadline: float) -> tuple[ListedModel, ...]:
        """The endpoint's list of models, in its order."""
        async with self._asking("GET", "/models", None, deadline) as response:
            if response.status != HTTPStatus.OK:
                raise await self._refusal(response, named=False)
            body = await self._body(response, deadline)
        try:
            return msgspec.json.decode(body, type=ListedModels).data
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise AttemptFailed("The AI endpoint's list of models cannot be read") from None

    async def ask(self, call: Call, model: str, deadline: float) -> Answer:
        """The whole answer at once."""
        async with self._opened(call, model, deadline, deadline, stream=False) as response:
            body = await self._body(response, deadline)
        return _whole(body)

    async def stream(self, call: Call, model: str, deadline: float) -> AsyncGenerator[str | End, None]:
        """The pieces of the answer as they come, never an empty one, then its End. Closing it closes the connection."""
        patience = _now() + self._timeouts.first_token
        async with self._opened(call, model, deadline, patience, stream=True) as response:
            if response.content_type == "application/json":
                # Some servers know no streams and say so by answering whole.
                answer = _whole(await self._body(response, deadline))
                if answer.text:
                    yield answer.text
                yield answer.end
                return
            reading = _Reading()
            while not reading.done:
                for piece in reading.take(await self._read(response, reading, min(deadline, patience))):
                    yield piece
                if reading.progressed:
                    # Counted from when the reader came back for more: its pauses are not the endpoint's.
                    patience = _now() + self._timeouts.between_tokens
            yield reading.end()

    async def _read(self, response: aiohttp.ClientResponse, reading: "_Reading", until: float) -> bytes:
        try:
            async with asyncio.timeout_at(until):
                return await response.content.readany()
        except TimeoutError:
            if reading.finished:
                return b""
            waited = "between two tokens" if reading.progressed else "with the first token"
            raise too_slow(f"The AI endpoint took too long {waited}") from None
        except (aiohttp.ClientError, OSError):
            if reading.finished:
                return b""  # all was said; only the count of tokens is lost
            raise AttemptFailed(_BROKEN, retry=True) from None

    async def _body(self, response: aiohttp.ClientResponse, deadline: float) -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout_at(deadline):
                while piece := await response.content.readany():
                    body += piece
                    if len(body) > LARGEST_ANSWER:
                        raise AttemptFailed("The AI endpoint's answer is too long")
        except TimeoutError:
            raise too_slow("The AI endpoint took too long with its answer") from None
        except (aiohttp.ClientError, OSError):
            raise AttemptFailed(_BROKEN, retry=True) from None
        return bytes(body)

    @asynccontextmanager
    async def _opened(
        self, call: Call, model: str, deadline: float, patience: float, *, stream: bool
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A good answer's response. Where the endpoint refuses words of the request they are said more simply, and
        remembered once that has worked."""
        dialect: Dialect | None = self._dialects.get(model, Dialect())
        while dialect is not None:
            body = dialect.request(call, model, stream=stream)
            async with self._asking("POST", "/chat/completions", body, min(deadline, patience)) as response:
                if response.status == HTTPStatus.OK:
                    self._dialects[model] = dialect
                    yield response
                    return
                refusal = await self._refusal(response, named=call.model is not None)
            dialect = dialect.simpler(refusal, call, stream=stream)
        raise refusal

    @asynccontextmanager
    async def _asking(
        self, method: str, path: str, body: bytes | None, until: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.endpoint.key:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        try:
            async with asyncio.timeout_at(until):
                response = await self._session.request(
                    method,
                    self.endpoint.at(path),
                    data=body,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect),
                    allow_redirects=False,  # the key is meant for this host alone
                )
        except aiohttp.ServerTimeoutError:
            raise self._logged(too_slow("The AI endpoint cannot be reached in time", retry=True)) from None
        except TimeoutError:
            raise self._logged(too_slow("The AI endpoint took too long to begin its answer")) from None
        except (aiohttp.ClientError, OSError) as error:
            failure = AttemptFailed("The AI endpoint cannot be reached, or hung up", retry=True)
            raise self._logged(failure, type(error).__name__) from None
        try:
            yield response
        finally:
            # A response that was read to its end has given its connection back; any other's is closed with it.
            response.close()

    async def _refusal(self, response: aiohttp.ClientResponse, *, named: bool) -> AttemptFailed:
        """What an answer other than 200 means; `named`: the client had asked for this model by name."""
        status = response.status
        body = await self._body(response, _now() + self._timeouts.connect)
        error = error_of(body)
        said = str(error.get("message", "")).lower()
        code = identifier(error.get("code")) or identifier(error.get("type"))
        about_model = code == "model_not_found" or ("model" in said and ("not found" in said or "not exist" in said))
        if named and about_model and status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            return AttemptFailed(
                "The AI endpoint has no such model: GET /models lists them", final=True, kind=MODEL_NOT_FOUND
            )
        detail = f"The AI endpoint answered {status}" + (f" ({code})" if code else "")
        return self._logged(
            AttemptFailed(
                detail,
                retry=status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR,
                status=status,
                retry_after=retry_after(response.headers.get("Retry-After")),
                said=f"{said} {code or ''} {error.get('param') or ''}".lower(),
                kind=AI_ENGINE_TIMEOUT if status == HTTPStatus.GATEWAY_TIMEOUT else AI_ENGINE_FAILED,
            )
        )

    def _logged(self, failure: AttemptFailed, cause: str = "") -> AttemptFailed:
        logger.warning("%s: %s%s", self.endpoint.host, failure.detail, f" ({cause})" if cause else "")
        return failure


class _Reading:
    """The state of a stream: what was said, how it ended."""

    def __init__(self) -> None:
        self._parser = SseParser()
        self._reason: str | None = None
        self._usage: Counted | None = None
        self.progressed = False
        self.done = False

    @property
    def finished(self) -> bool:
        """All of the text is there; the count of tokens and the end may still come."""
        return self._reason is not None

    def take(self, piece: bytes) -> list[str]:
        """The texts in a piece of the stream; an empty piece is its end."""
        try:
            events = self._parser.feed(piece) if piece else self._parser.end()
        except SseError:
            raise AttemptFailed("The AI endpoint's stream cannot be read") from None
        texts: list[str] = []
        for data in events:
            if data.strip() == DONE:
                self.done = True
                break
            texts += self._event(data)
        if not piece and not self.done:
            if not self.finished:
                raise AttemptFailed(_BROKEN, retry=True)
            self.done = True
        return texts

    def _event(self, data: str) -> list[str]:
        try:
            chunk = msgspec.json.decode(data, type=Chunk)
        except msgspec.DecodeError:
            raise AttemptFailed("The AI endpoint's stream cannot be read", retry=True) from None
        if chunk.error is not None:
            raise failed_inside(chunk.error)
        if chunk.usage is not None:
            self._usage = chunk.usage
        texts = []
        for choice in (chunk.choices or ())[:1]:
            said = choice.said
            if said.content:
                texts.append(said.content)
            if said.content or said.reasoning_content or said.reasoning:
                self.progressed = True
            if choice.finish_reason is not None:
                self._reason = choice.finish_reason
        return texts

    def end(self) -> End:
        return _end(self._reason, self._usage)


def failed_inside(error: object) -> AttemptFailed:
    """An error object in place of an answer, sent with the status 200."""
    fields = error if isinstance(error, dict) else {}
    code = identifier(fields.get("code")) or identifier(fields.get("type"))
    status = fields.get("code") if isinstance(fields.get("code"), int) else None
    refused = code == "invalid_request_error" or (status is not None and status < 500 and status not in _LATER)
    return AttemptFailed("The AI endpoint failed while it answered" + (f" ({code})" if code else ""), retry=not refused)


def _whole(body: bytes) -> Answer:
    try:
        answer = msgspec.json.decode(body, type=Chunk)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise AttemptFailed("The AI endpoint's answer cannot be read", retry=True) from None
    if answer.error is not None:
        raise failed_inside(answer.error)
    if not answer.choices:
        raise AttemptFailed("The AI endpoint's answer is empty", retry=True)
    choice: Choice = answer.choices[0]
    return Answer(choice.said.content or "", _end(choice.finish_reason, answer.usage))


def _end(reason: str | None, counted: Counted | None) -> End:
    if reason == "content_filter":
        raise AttemptFailed("The AI endpoint's content filter stopped the answer")
    if reason in ("tool_calls", "function_call"):
        raise AttemptFailed("The AI endpoint called a tool, and was given none")
    usage = None if counted is None else counted.usage()
    return End("length" if reason in ("length", "max_tokens") else "stop", usage)


def _now() -> float:
    return asyncio.get_running_loop().time()
