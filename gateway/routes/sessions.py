"""Sessions: `POST /sessions`, and finding, listing and deleting them."""

from starlette.responses import Response

from contracts.errors import INVALID_CURSOR, SESSION_NOT_FOUND
from contracts.resources import SessionCreated, SessionPage, SessionView
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import IDEMPOTENCY_KEY, SESSION_ID, AnswerSpec, Operation, Parameter
from gateway.services import Services

DEFAULT_PAGE = 50
MAX_PAGE = 200

CREATE = Operation(
    method="POST",
    path="/sessions",
    name="createSession",
    tag="Sessions",
    summary="Make a session",
    description="A session collects the screenshots of one conversation. Subscribe to the stream "
    "`session:<session_id>` to see everything that happens in it.",
    parameters=(IDEMPOTENCY_KEY,),
    answers=(AnswerSpec(200, "The session.", SessionCreated),),
)
LIST = Operation(
    method="GET",
    path="/sessions",
    name="listSessions",
    tag="Sessions",
    summary="List your sessions",
    description="The newest first, without their screenshots. `next` is the `after` of the next page, null at the end.",
    parameters=(
        Parameter("after", "query", "`next` of the page before."),
        Parameter("limit", "query", f"Sessions on a page; {DEFAULT_PAGE} if left out.", int, maximum=MAX_PAGE),
    ),
    answers=(AnswerSpec(200, "A page of sessions.", SessionPage),),
    errors=(INVALID_CURSOR,),
)
SHOW = Operation(
    method="GET",
    path="/sessions/{session_id}",
    name="getSession",
    tag="Sessions",
    summary="A session and its screenshots",
    description="`status` is that of the latest run of `process`, `processing` before the first.",
    parameters=(SESSION_ID,),
    answers=(AnswerSpec(200, "The session.", SessionView),),
    errors=(SESSION_NOT_FOUND,),
)
DELETE = Operation(
    method="DELETE",
    path="/sessions/{session_id}",
    name="deleteSession",
    tag="Sessions",
    summary="Delete a session",
    description="Deletes its images, what was read from them, its messages, tasks and events, for good. Work under way "
    "comes to nothing; subscribers of its stream are told.",
    parameters=(SESSION_ID,),
    answers=(AnswerSpec(204, "Deleted."),),
    errors=(SESSION_NOT_FOUND,),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    sessions = services.sessions

    async def create(call: Call) -> Response:
        return answer(await sessions.create(call.owner, call.ids.new()))

    async def list_page(call: Call) -> Response:
        limit = call.number("limit", DEFAULT_PAGE, MAX_PAGE)
        return answer(await sessions.page(call.owner, call.request.query_params.get("after"), limit))

    async def show(call: Call) -> Response:
        return answer(await sessions.view(call.owner, call.path("session_id")))

    async def delete(call: Call) -> Response:
        await sessions.delete(call.owner, call.path("session_id"))
        return Response(status_code=204)

    return [Endpoint(CREATE, create), Endpoint(LIST, list_page), Endpoint(SHOW, show), Endpoint(DELETE, delete)]
