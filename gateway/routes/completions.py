"""The OpenAI-compatible surface: `POST /v1/chat/completions` and `GET /v1/models`."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from contracts.completions import ChatCompletion, CompletionRequest
from contracts.conversations import Model, ModelList
from contracts.errors import MODEL_NOT_FOUND, TokstreamError
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import AnswerSpec, Operation, Parameter
from gateway.routes.conversations import ENGINE_ERRORS
from gateway.services import Services

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
    errors=(MODEL_NOT_FOUND, *ENGINE_ERRORS),
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
    errors=(MODEL_NOT_FOUND, *ENGINE_ERRORS),
    error_form="openai",
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    completions = services.completions

    async def complete(call: Call) -> Response:
        request = call.body(CompletionRequest)
        started = await completions.start(call.owner, request, call.ids)
        if not request.stream:
            return answer(await completions.whole(started, services.config.max_wait))
        usage = request.stream_options is not None and request.stream_options.include_usage
        parts = completions.streamed(started, usage)
        # What fails before the first word is told by the status, so it has to be known before the answer begins.
        first = await anext(parts)

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
        raise TokstreamError(MODEL_NOT_FOUND, f"There is no model {wanted[:80]!r}.", field="model")

    return [Endpoint(COMPLETE, complete), Endpoint(MODELS, models), Endpoint(MODEL, model)]
