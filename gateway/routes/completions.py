"""The OpenAI-compatible surface: `POST /v1/chat/completions` and `GET /v1/models`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from contracts.completions import ChatCompletion, CompletionRequest
from contracts.conversations import Model, ModelList
from contracts.errors import MODEL_NOT_FOUND, UNKNOWN_MODEL, TokstreamError
from gateway.endpoint import CLIENT_CLOSED_REQUEST, Call, Endpoint, answer
from gateway.operations import AnswerSpec, Operation, Parameter
from gateway.routes.conversations import ENGINE_ERRORS
from gateway.services import Services

T = TypeVar("T")

EVENT_STREAM = "text/event-stream"

COMPLETE = Operation(
    method="POST",
    path="/v1/chat/completions",
    name="createChatCompletion",
    tag="OpenAI-compatible",
    summary="Answer a chat",
    description="As the OpenAI API: whole, or with `stream` as server-sent events. Served by the AI engine of this "
    "service; nothing of it is kept. Text only, one choice, no tools.",
    body=CompletionRequest,
    answers=(AnswerSpec(200, "The answer.", ChatCompletion, media_types=(EVENT_STREAM,)),),
    errors=(UNKNOWN_MODEL, MODEL_NOT_FOUND, *ENGINE_ERRORS),
    error_form="openai",
)
MODELS = Operation(
    method="GET",
    path="/v1/models",
    name="listModels",
    tag="OpenAI-compatible",
    summary="The models",
    description="As the OpenAI API.",
    answers=(AnswerSpec(200, "The models.", ModelList),),
    errors=ENGINE_ERRORS,
    error_form="openai",
)
MODEL = Operation(
    method="GET",
    path="/v1/models/{model}",
    name="retrieveModel",
    tag="OpenAI-compatible",
    summary="A model",
    description="As the OpenAI API.",
    parameters=(Parameter("model", "path", "The model.", required=True, slashes=True),),
    answers=(AnswerSpec(200, "The model.", Model),),
    errors=(UNKNOWN_MODEL, MODEL_NOT_FOUND, *ENGINE_ERRORS),
    error_form="openai",
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    completions = services.completions

    async def complete(call: Call) -> Response:
        request = call.body(CompletionRequest)
        started = await completions.start(call.owner, request, call.ids)
        if not request.stream:
            whole = await while_there(call.request, completions.whole(started, services.config.max_wait))
            return Response(status_code=CLIENT_CLOSED_REQUEST) if whole is None else answer(whole)
        usage = request.stream_options is not None and request.stream_options.include_usage
        parts = completions.streamed(started, usage)
        # What fails before the first word is told by the status, so it has to be known before the answer begins.
        first = await while_there(call.request, anext(parts))
        if first is None:
            return Response(status_code=CLIENT_CLOSED_REQUEST)

        async def body() -> AsyncIterator[bytes]:
            try:
                yield first
                async for part in parts:
                    yield part
            finally:
                await parts.aclose()

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(body(), media_type=EVENT_STREAM, headers=headers)

    async def models(call: Call) -> Response:
        return answer(ModelList(data=tuple(await services.chat_clients.models())))

    async def model(call: Call) -> Response:
        wanted = call.path("model")
        for known in await services.chat_clients.models():
            if known.id == wanted:
                return answer(known)
        raise TokstreamError(UNKNOWN_MODEL, f"There is no model {wanted[:80]!r}.", field="model")

    return [Endpoint(COMPLETE, complete), Endpoint(MODELS, models), Endpoint(MODEL, model)]


async def while_there(request: Request, working: Awaitable[T]) -> T | None:
    """What comes of `working`; None, and it is cancelled, where the client goes away before."""

    async def leave() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue

    work, leaving = asyncio.ensure_future(working), asyncio.create_task(leave())
    try:
        await asyncio.wait((work, leaving), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        work.cancel()
        leaving.cancel()
        await asyncio.gather(work, leaving, return_exceptions=True)
