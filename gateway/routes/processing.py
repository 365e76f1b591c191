"""`POST /sessions/{session_id}/process`, and what comes of it: the messages and the transcript."""

from starlette.responses import Response

from contracts.base import encode
from contracts.errors import (
    AI_ENGINE_FAILED,
    AI_ENGINE_TIMEOUT,
    ALREADY_RUNNING,
    BAD_REQUEST,
    MISSING_PARAMETER,
    SESSION_EMPTY,
    SESSION_NOT_FOUND,
    SESSION_NOT_PROCESSED,
    TokstreamError,
)
from contracts.resources import MessageList, ProcessRequest, ProcessResult, TaskAccepted
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import IDEMPOTENCY_KEY, PREFER, SESSION_ID, AnswerSpec, Operation, Parameter
from gateway.services import Services
from gateway.transcripts import MEDIA_TYPES, as_csv, as_markdown, as_text, gaps
from gateway.waiting import respond

PROCESS = Operation(
    method="POST",
    path="/sessions/{session_id}/process",
    name="processSession",
    tag="Sessions",
    summary="Merge and analyse the screenshots",
    description="Waits for screenshots that are still being read, merges all into one conversation and analyses it. "
    "Processing again is allowed and replaces the messages. Where the analysis fails (502, 504) the messages are there "
    "all the same, and `analyze` runs it again. `relationship` and `relationship_info` are required, in "
    "the query, in a form or in a JSON body.",
    parameters=(
        SESSION_ID,
        Parameter("relationship", "query", "Who the other side is, such as FRIEND, SUPERIOR or LOVER."),
        Parameter("relationship_info", "query", "More about the relationship, such as 2년 지기 or 회사 상사."),
        PREFER,
        IDEMPOTENCY_KEY,
    ),
    form=ProcessRequest,
    answers=(
        AnswerSpec(200, "Done.", ProcessResult, headers=("Preference-Applied",)),
        AnswerSpec(202, "Still at work.", TaskAccepted, headers=("Location", "Preference-Applied")),
    ),
    errors=(
        SESSION_NOT_FOUND,
        SESSION_EMPTY,
        MISSING_PARAMETER,
        ALREADY_RUNNING,
        AI_ENGINE_FAILED,
        AI_ENGINE_TIMEOUT,
    ),
)
MESSAGES = Operation(
    method="GET",
    path="/sessions/{session_id}/messages",
    name="listMessages",
    tag="Sessions",
    summary="The merged messages",
    description="All messages of the last completed run, in the order of the conversation, with the analysis of each.",
    parameters=(SESSION_ID,),
    answers=(AnswerSpec(200, "The messages.", MessageList),),
    errors=(SESSION_NOT_FOUND, SESSION_NOT_PROCESSED),
)
TRANSCRIPT = Operation(
    method="GET",
    path="/sessions/{session_id}/transcript",
    name="getTranscript",
    tag="Sessions",
    summary="The conversation as a file",
    description="Text, Markdown or CSV, the last two with the analysis; `json` is the same as `/messages`. Where the "
    "merge could not prove that nothing is missing, the transcript says so. CSV cells that a spreadsheet would take "
    "for formulas begin with an apostrophe.",
    parameters=(
        SESSION_ID,
        Parameter("format", "query", "The form; json if left out.", choices=tuple(MEDIA_TYPES)),
    ),
    answers=(
        AnswerSpec(
            200,
            "The transcript.",
            MessageList,
            media_types=tuple(kind.partition(";")[0] for name, kind in MEDIA_TYPES.items() if name != "json"),
        ),
    ),
    errors=(SESSION_NOT_FOUND, SESSION_NOT_PROCESSED),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    sessions, tasks = services.sessions, services.tasks

    async def process(call: Call) -> Response:
        work = await tasks.process(
            call.owner,
            call.path("session_id"),
            call.ids.new(),
            call.text("relationship"),
            call.text("relationship_info"),
        )
        return await respond(services.stores, services.events, work, call.preference)

    async def messages(call: Call) -> Response:
        return answer(await sessions.messages(call.owner, call.path("session_id")))

    async def transcript(call: Call) -> Response:
        form = call.request.query_params.get("format", "json")
        if form not in MEDIA_TYPES:
            detail = f"format must be one of {', '.join(MEDIA_TYPES)}."
            raise TokstreamError(BAD_REQUEST, detail, field="format")
        session_id = call.path("session_id")
        conversation = await sessions.messages(call.owner, session_id)
        session = (await sessions.get(call.owner, session_id)).document
        return _transcript_response(form, conversation, gaps(conversation.messages, session.merge_info))

    return [Endpoint(PROCESS, process), Endpoint(MESSAGES, messages), Endpoint(TRANSCRIPT, transcript)]


def _transcript_response(form: str, conversation: MessageList, gap_places: frozenset[int]) -> Response:
    match form:
        case "txt":
            body = as_text(conversation, gap_places).encode()
        case "csv":
            body = as_csv(conversation, gap_places).encode()
        case "md":
            body = as_markdown(conversation, gap_places).encode()
        case _:
            body = encode(conversation)
    name = f"transcript-{conversation.session_id}.{form}"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)
