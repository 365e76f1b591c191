"""An OpenAI-compatible endpoint that does what a script says: real sockets, the real wire format, no model.

In tests it runs in their event loop (`fake_openai`). `python -m tests.servers.ai --port 9000` runs it alone, for
benchmarks: every stream then follows its own schedule of due times, so that late writes do not add up.
"""

import argparse
import asyncio
import itertools
import json
import re
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.process import HOST


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed

    @property
    def contents(self) -> list[str]:
        """The text of each chat message."""
        return [message["content"] for message in self.body["messages"]]

    @property
    def structured(self) -> bool:
        """Asks for JSON of a schema, whether by `response_format` or in words."""
        return schema_of(self.body) is not None


@dataclass(frozen=True, slots=True)
class Script:
    """How one request is answered. Tokens are counted from 0; seconds are those of the event loop."""

    text: str | Sequence[str] | Callable[[Recorded], str] | None = None
    """None: a fixed reply, or an instance of the schema that was asked for. A sequence holds the tokens themselves."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    """The error object, of a status other than 200 or, with `error_at`, inside the stream."""
    before_headers: float = 0.0
    before_first: float = 0.0
    between: float = 0.0
    stall_at: int | None = None
    """Before this token the stream falls silent until the client hangs up."""
    end_at: int | None = None
    """Before this token the stream ends, as if all were said, without a finish reason."""
    reset_at: int | None = None
    """Before this token the connection is reset."""
    error_at: int | None = None
    hang_up: bool = False
    """Reset the connection before any answer."""
    finish: str | None = "stop"
    done: bool = True
    usage: bool = True
    raw: Sequence[bytes] | None = None
    """The body of the stream, written piece by piece as it stands."""
    ignore_stream: bool = False
    """Answer whole where a stream was asked for."""


REPLY = Script()


class FakeOpenAi:
    """`streams` and `answers` are used up one request each, in order; then the `usual` one serves."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Recorded] = []
        self.streams: deque[Script] = deque()
        self.answers: deque[Script] = deque()
        self.usual = REPLY
        self.refuses: set[str] = set()
        """Names of request fields or response formats that this endpoint answers with 400."""
        self.models: list[str] = ["fake-large", "fake-small"]
        self.models_status = 200
        self.knows_only_its_models = False
        self.under_way = 0
        self.most_under_way = 0
        self.hangups = 0
        """Requests whose client went away before the answer was whole."""

    @property
    def chats(self) -> list[Recorded]:
        return [request for request in self.requests if request.path.endswith("/chat/completions")]

    @property
    def recorded(self) -> str:
        """Everything that came, also as a person reads it: JSON escapes undone."""
        raw = "\n".join(f"{request.path} {request.raw.decode()}" for request in self.requests)
        return raw + "\n".join(text for request in self.chats for text in request.contents)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        return app

    async def _models(self, request: web.Request) -> web.Response:
        self.requests.append(Recorded(request.path, dict(request.headers), b"{}"))
        if self.models_status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.models_status)
        listed = [{"id": name, "object": "model", "created": 1_700_000_000} for name in self.models]
        return web.json_response({"object": "list", "data": listed})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        recorded = Recorded(request.path, dict(request.headers), await request.read())
        self.requests.append(recorded)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(request, recorded)
        except asyncio.CancelledError:
            self.hangups += 1
            raise
        finally:
            self.under_way -= 1

    async def _answer(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        body = recorded.body
        if (refusal := self._refusal(body)) is not None:
            return refusal
        queue = self.streams if body.get("stream") else self.answers
        script = queue.popleft() if queue else self.usual
        await asyncio.sleep(script.before_headers)
        if script.hang_up:
            _reset(request)
            return web.Response()
        if script.status != 200:
            return web.json_response({"error": script.error}, status=script.status, headers=script.headers)
        if not body.get("stream") or script.ignore_stream:
            return web.json_response(_whole(script, recorded))
        return await self._stream(request, script, recorded)

    def _refusal(self, body: dict[str, Any]) -> web.Response | None:
        wanted = (body.get("response_format") or {}).get("type")
        for name in self.refuses:
            if name in body or name == wanted:
                newer = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
                error = {"message": f"Unsupported parameter: '{name}'.{newer}", "type": "invalid_request_error"}
                return web.json_response({"error": error}, status=400)
        if self.knows_only_its_models and body["model"] not in self.models:
            error = {"message": f"The model `{body['model']}` does not exist.", "code": "model_not_found"}
            return web.json_response({"error": error}, status=404)
        return None

    async def _stream(self, request: web.Request, script: Script, recorded: Recorded) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **script.headers})
        await response.prepare(request)
        if script.raw is not None:
            for piece in script.raw:
                await response.write(piece)
                await asyncio.sleep(script.between)
            return response
        loop = asyncio.get_running_loop()
        started = loop.time()
        tokens = _tokens(script, recorded)
        await response.write(_event({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}))
        for number, token in enumerate(itertools.chain(tokens, [None])):
            wait = started + script.before_first + number * script.between - loop.time()
            if wait > 0 and token is not None:
                await asyncio.sleep(wait)
            if number == script.stall_at:
                await asyncio.Event().wait()
            if number == script.error_at:
                await response.write(_event({"error": script.error}))
                return response
            if number == script.reset_at:
                _reset(request)
                return response
            if number == script.end_at:
                return response
            if token is not None:
                await response.write(_event({"choices": [{"index": 0, "delta": {"content": token}}]}))
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": script.finish}]}
        await response.write(_event(last))
        if script.usage and (recorded.body.get("stream_options") or {}).get("include_usage"):
            await response.write(_event({"choices": [], "usage": _usage(len(tokens))}))
        if script.done:
            await response.write(b"data: [DONE]\n\n")
        return response


@asynccontextmanager
async def fake_openai() -> AsyncIterator[FakeOpenAi]:
    """A fake endpoint on a free port; `url` is its base."""
    fake = FakeOpenAi()
    async with serving(fake.app()) as origin:
        fake.url = f"{origin}/v1"
        yield fake


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serves the app on loopback, on a free port by default; yields its origin."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port, backlog=1024).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def schema_of(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The JSON Schema that a request asks for, wherever it stands."""
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema: dict[str, Any] = wanted["json_schema"]["schema"]
        return schema
    shown = re.search(r"JSON Schema.*\n(\{.*\})", body["messages"][0]["content"])
    return None if shown is None else json.loads(shown[1])


def instance(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> Any:
    """Something that is valid for the schema."""
    definitions = definitions or schema.get("$defs", {})
    if "$ref" in schema:
        return instance(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in schema:
        return instance(schema["anyOf"][0], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: instance(each, definitions) for name, each in schema["properties"].items()}
    return {"string": "그럴듯한 말", "number": max(1, schema.get("minimum", 1)), "null": None}[schema["type"]]


def _text(script: Script, recorded: Recorded) -> str | Sequence[str]:
    if callable(script.text):
        return script.text(recorded)
    if script.text is not None:
        return script.text
    schema = schema_of(recorded.body)
    return "그래, 오늘은 푹 쉬어!" if schema is None else json.dumps(instance(schema), ensure_ascii=False)


def _tokens(script: Script, recorded: Recorded) -> Sequence[str]:
    text = _text(script, recorded)
    return [text[place : place + 2] for place in range(0, len(text), 2)] if isinstance(text, str) else text


def _whole(script: Script, recorded: Recorded) -> dict[str, Any]:
    tokens = _tokens(script, recorded)
    choice = {"index": 0, "message": {"role": "assistant", "content": "".join(tokens)}, "finish_reason": script.finish}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": _usage(len(tokens))}


def _usage(completion: int) -> dict[str, int]:
    return {"prompt_tokens": 7, "completion_tokens": completion, "total_tokens": completion + 7}


def _event(chunk: dict[str, Any]) -> bytes:
    document = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "fake", **chunk}
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def _reset(request: web.Request) -> None:
    """Closes the connection by RST instead of FIN."""
    assert request.transport is not None
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


async def _alone(port: int, script: Script) -> None:
    fake = FakeOpenAi()
    fake.usual = script
    async with serving(fake.app(), port) as origin:
        print(f"{origin}/v1", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible endpoint that streams words on a schedule.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=100, help="tokens of a reply")
    parser.add_argument("--first", type=float, default=0.0, help="seconds before the first token")
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second")
    given = parser.parse_args()
    words = [f"말{number} " for number in range(given.tokens)]
    asyncio.run(_alone(given.port, Script(text=words, before_first=given.first, between=1 / given.rate)))


if __name__ == "__main__":
    main()
