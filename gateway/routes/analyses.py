"""`analyze` and `predict-next`: what an AI engine says about a processed session."""

from starlette.responses import Response

from contracts.conversations import SuggestionList
from contracts.errors import (
    AI_ENGINE_FAILED,
    AI_ENGINE_TIMEOUT,
    ALREADY_RUNNING,
    BAD_REQUEST,
    SESSION_NOT_FOUND,
    SESSION_NOT_PROCESSED,
    TokstreamError,
)
from contracts.resources import ProcessRequest, ProcessResult, TaskAccepted
from gateway.endpoint import Call, Endpoint
from gateway.operations import IDEMPOTENCY_KEY, PREFER, SESSION_ID, AnswerSpec, Operation, Parameter
from gateway.services import Services
from gateway.waiting import respond

_ACCEPTED = AnswerSpec(202, "Still at work.", TaskAccepted, headers=("Location", "Preference-Applied"))
_ERRORS = (SESSION_NOT_FOUND, SESSION_NOT_PROCESSED, AI_ENGINE_FAILED, AI_ENGINE_TIMEOUT)
ANALYZE = Operation(
    method="POST",
    path="/sessions/{session_id}/analyze",
    name="analyzeSession",
    tag="Sessions",
    summary="Analyse the messages again",
    description="Runs the analysis of a processed session alone: after it has failed, for another relationship, or by "
    "another engine. The transcript stays as it is. Only messages are judged that have no judgement by this engine "
    "for this relationship, unless `all` is true. What is left out of the relationship is as it was given last.",
    parameters=(
        SESSION_ID,
        Parameter("relationship", "query", "Who the other side is, such as FRIEND, SUPERIOR or LOVER."),
        Parameter("relationship_info", "query", "More about the relationship, such as 2년 지기 or 회사 상사."),
        Parameter("all", "query", "Whether every message is judged anew.", choices=("true", "false")),
        PREFER,
        IDEMPOTENCY_KEY,
    ),
    form=ProcessRequest,
    answers=(AnswerSpec(200, "Done.", ProcessResult, headers=("Preference-Applied",)), _ACCEPTED),
    errors=(*_ERRORS, ALREADY_RUNNING),
)
PREDICT_NEXT = Operation(
    method="POST",
    path="/sessions/{session_id}/predict-next",
    name="predictNext",
    tag="Sessions",
    summary="Suggest what to say next",
    description="Three replies to the end of the conversation, in the styles 공감형 (empathy), 해결형 (solution) and "
    "관계형 (relationship), each with its expected impact and the reason. The relationship is the session's.",
    parameters=(SESSION_ID, PREFER, IDEMPOTENCY_KEY),
    answers=(AnswerSpec(200, "The suggestions.", SuggestionList, headers=("Preference-Applied",)), _ACCEPTED),
    errors=_ERRORS,
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    analyses = services.analyses

    async def analyze(call: Call) -> Response:
        every = call.request.query_params.get("all", "false")
        if every not in ("true", "false"):
            raise TokstreamError(BAD_REQUEST, "all must be true or false.", field="all")
        work = await analyses.analyze(
            call.owner,
            call.path("session_id"),
            call.ids.new(),
            call.text("relationship"),
            call.text("relationship_info"),
            every == "true",
        )
        return await respond(services.stores, services.events, work, call.preference)

    async def predict_next(call: Call) -> Response:
        work = await analyses.predict_next(call.owner, call.path("session_id"), call.ids.new())
        return await respond(services.stores, services.events, work, call.preference)

    return [Endpoint(ANALYZE, analyze), Endpoint(PREDICT_NEXT, predict_next)]
