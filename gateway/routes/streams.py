"""How the OpenAPI document tells of `GET /streams/{stream}/events`. The route itself is realtime's."""

from contracts.errors import BAD_REQUEST, INVALID_CURSOR, STREAM_NOT_FOUND
from contracts.realtime import EventPage
from gateway.operations import AnswerSpec, Operation, Parameter

EVENTS = Operation(
    method="GET",
    path="/streams/{stream}/events",
    name="streamEvents",
    tag="Realtime",
    summary="The events of a stream",
    description="Server-sent events; with `Accept: application/json` a page of events, for which `Prefer: wait=N` "
    "waits. The position of an event is good on the websocket, too, on any gateway, and after hours.",
    parameters=(
        Parameter("stream", "path", "`session:<session_id>` or `task:<task_id>`.", required=True),
        Parameter("after", "query", "A position: the events after it. From the start if left out."),
        Parameter("limit", "query", "Events on a page of JSON.", int, maximum=1000),
        Parameter("ticket", "query", "A ticket in place of the key, for EventSource, which sends no headers."),
        Parameter("Last-Event-ID", "header", "As `after`; what EventSource sends when it reconnects."),
        Parameter("Prefer", "header", "`wait=N` waits up to N seconds for a first event."),
    ),
    answers=(
        AnswerSpec(200, "The events.", EventPage, media_types=("text/event-stream",), headers=("Preference-Applied",)),
    ),
    errors=(INVALID_CURSOR, STREAM_NOT_FOUND, BAD_REQUEST),
)
