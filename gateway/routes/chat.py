"""The chat of the fourth specification: `/models`, `/model`, `/query`, `/history`, each for a `client_name`. Errors are
`{"error": …}`, as it shows them."""

from urllib.parse import urlencode

from starlette.responses import Response

from contracts.base import encode
from contracts.conversations import (
    CurrentModel,
    HistoryCleared,
    HistoryEntry,
    ModelChoice,
    ModelList,
    Query,
    QueryAnswer,
)
from contracts.errors import (
    AI_ENGINE_FAILED,
    AI_ENGINE_TIMEOUT,
    INVALID_CURSOR,
    MISSING_PARAMETER,
    MODEL_NOT_FOUND,
)
from contracts.resources import TaskAccepted
from gateway.endpoint import JSON, Call, Endpoint, answer
from gateway.operations import IDEMPOTENCY_KEY, PREFER, AnswerSpec, Operation, Parameter
from gateway.routes.conversations import ENGINE_ERRORS
from gateway.services import Services
from gateway.waiting import respond

LARGEST_PAGE = 500
CLIENT_NAME = Parameter("client_name", "query", "The client: any name of up to 200 characters.", required=True)

MODELS = Operation(
    method="GET",
    path="/models",
    name="getModels",
    tag="Chat",
    summary="The models",
    description="The models of the AI engine, the default one first.",
    answers=(AnswerSpec(200, "The models.", ModelList),),
    errors=(AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT),
    error_form="error",
)
MODEL = Operation(
    method="GET",
    path="/model",
    name="getCurrentModel",
    tag="Chat",
    summary="The model of a client",
    description="The default model where the client has chosen none.",
    parameters=(CLIENT_NAME,),
    answers=(AnswerSpec(200, "The model.", CurrentModel),),
    errors=(MISSING_PARAMETER, AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT),
    error_form="error",
)
SET_MODEL = Operation(
    method="POST",
    path="/model",
    name="setModel",
    tag="Chat",
    summary="Choose the model of a client",
    description="It counts from the next query on, and outlives restarts and the history.",
    parameters=(IDEMPOTENCY_KEY,),
    form=ModelChoice,
    answers=(AnswerSpec(200, "The model.", CurrentModel),),
    errors=(MISSING_PARAMETER, MODEL_NOT_FOUND, AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT),
    error_form="error",
)
QUERY = Operation(
    method="POST",
    path="/query",
    name="query",
    tag="Chat",
    summary="Say something",
    description="Answers in the client's conversation; queries of one client are answered in the order in which they "
    "came. The conversation's stream has the reply word by word.",
    parameters=(PREFER, IDEMPOTENCY_KEY),
    form=Query,
    answers=(
        AnswerSpec(200, "The reply.", QueryAnswer, headers=("Preference-Applied",)),
        AnswerSpec(202, "Still at work.", TaskAccepted, headers=("Location", "Preference-Applied")),
    ),
    errors=(MISSING_PARAMETER, *ENGINE_ERRORS),
    error_form="error",
)
HISTORY = Operation(
    method="GET",
    path="/history",
    name="getHistory",
    tag="Chat",
    summary="What was said",
    description="Oldest first: all of it, or a page of `limit` turns; the header `Link` then names the next page.",
    parameters=(
        CLIENT_NAME,
        Parameter("limit", "query", "Turns of a page.", kind=int, maximum=LARGEST_PAGE),
        Parameter("after", "query", "The cursor in `Link` of the page before."),
    ),
    answers=(AnswerSpec(200, "The messages.", HistoryEntry, many=True, headers=("Link",)),),
    errors=(MISSING_PARAMETER, INVALID_CURSOR),
    error_form="error",
)
CLEAR = Operation(
    method="DELETE",
    path="/history",
    name="clearHistory",
    tag="Chat",
    summary="Forget what was said",
    description="Deletes the client's conversation; the model stays chosen.",
    parameters=(CLIENT_NAME,),
    answers=(AnswerSpec(200, "It is forgotten.", HistoryCleared),),
    errors=(MISSING_PARAMETER,),
    error_form="error",
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    clients = services.chat_clients

    async def models(call: Call) -> Response:
        return answer(ModelList(data=tuple(await clients.models())))

    async def model(call: Call) -> Response:
        return answer(CurrentModel(model=await clients.model(call.owner, call.text("client_name"))))

    async def set_model(call: Call) -> Response:
        return answer(
            CurrentModel(model=await clients.set_model(call.owner, call.text("client_name"), call.text("model")))
        )

    async def query(call: Call) -> Response:
        work = await clients.query(call.owner, call.text("client_name"), call.text("input"), call.ids)
        call.subject.id = work.task.conversation_id
        return await respond(services.stores, services.events, work, call.preference)

    async def history(call: Call) -> Response:
        parameters = call.request.query_params
        limit = call.number("limit", LARGEST_PAGE, LARGEST_PAGE) if "limit" in parameters else None
        name = call.text("client_name")
        said, following = await clients.history(call.owner, name, parameters.get("after"), limit)
        response = Response(encode(said), media_type=JSON)
        if following is not None:
            query = urlencode({"client_name": name or "", "limit": limit, "after": following})
            response.headers["Link"] = f'</history?{query}>; rel="next"'
        return response

    async def clear(call: Call) -> Response:
        await clients.clear(call.owner, call.text("client_name"))
        return answer(HistoryCleared(message="The history is cleared."))

    return [
        Endpoint(MODELS, models),
        Endpoint(MODEL, model),
        Endpoint(SET_MODEL, set_model),
        Endpoint(QUERY, query),
        Endpoint(HISTORY, history),
        Endpoint(CLEAR, clear),
    ]
