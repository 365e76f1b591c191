"""`POST /tickets`: a short-lived stand-in for the API key, for browsers, whose sockets cannot send headers."""

from starlette.responses import Response

from contracts.resources import TicketIssued
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import AnswerSpec, Operation
from gateway.services import Services

ISSUE = Operation(
    method="POST",
    path="/tickets",
    name="issueTicket",
    tag="Realtime",
    summary="A ticket for a socket",
    description="Give it as `token` in the `connect` message of `/ws`. It opens streams only, not these routes.",
    answers=(AnswerSpec(200, "The ticket.", TicketIssued),),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""

    async def issue(call: Call) -> Response:
        # Not stored under an Idempotency-Key: a replayed ticket would have run out.
        return answer(services.access.issue_ticket(call.owner), headers={"Cache-Control": "no-store"})

    return [Endpoint(ISSUE, issue)]
