"""`POST /sessions/{session_id}/import`: a conversation without pictures, as the messengers export it."""

from datetime import date

from starlette.responses import Response

from contracts.errors import (
    BAD_REQUEST,
    EXPORT_SIDES_UNKNOWN,
    EXPORT_TOO_LONG,
    MISSING_PARAMETER,
    SESSION_NOT_FOUND,
    UNKNOWN_EXPORT,
    TokstreamError,
)
from contracts.imports import ImportRequest, ImportResult
from contracts.resources import TaskAccepted
from gateway.endpoint import Call, Endpoint
from gateway.operations import IDEMPOTENCY_KEY, PREFER, SESSION_ID, AnswerSpec, FilesBody, Operation
from gateway.services import Services
from gateway.waiting import respond

MAX_NAME = 200
"""Characters of a name; messengers allow fewer."""

IMPORT = Operation(
    method="POST",
    path="/sessions/{session_id}/import",
    name="importExport",
    tag="Sessions",
    summary="Import a chat export",
    description="Takes the file that KakaoTalk (Android, iOS and PC `.txt`, Mac and PC `.csv`) or WhatsApp (Android "
    "and iOS `.txt`) writes when it exports a chat. It becomes a part of the session as a screenshot does, and is "
    "merged with the others by `process`. Up to 20,000 messages; choose days with `since` and `until` where there are "
    "more. Lines that cannot be understood are listed in the answer, the rest is kept; of an export that is refused "
    "nothing stays.",
    parameters=(SESSION_ID, PREFER, IDEMPOTENCY_KEY),
    files=FilesBody(
        "file",
        many=False,
        description="The export.",
        media_types=("text/plain", "text/csv"),
        texts=(
            ("me", "The user's name in the export; needed unless its title or file name tells the other side of two."),
            ("since", "The first day taken, YYYY-MM-DD."),
            ("until", "The last day taken, YYYY-MM-DD."),
        ),
    ),
    answers=(
        AnswerSpec(200, "Imported.", ImportResult, headers=("Preference-Applied",)),
        AnswerSpec(202, "Still at work.", TaskAccepted, headers=("Location", "Preference-Applied")),
    ),
    errors=(SESSION_NOT_FOUND, MISSING_PARAMETER, EXPORT_SIDES_UNKNOWN, EXPORT_TOO_LONG, UNKNOWN_EXPORT),
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""

    async def import_export(call: Call) -> Response:
        session_id = call.path("session_id")
        await services.sessions.get(call.owner, session_id)
        files = call.files("file")
        if not files:
            detail = "Send multipart/form-data with a chat export as the file field `file`."
            raise TokstreamError(MISSING_PARAMETER, detail, field="file")
        request = _request(call, files[0].content.filename or "")
        screenshot_id, task_id = call.ids.new(), call.ids.new()
        work = await services.imports.start(call.owner, session_id, screenshot_id, task_id, files[0], request)
        return await respond(services.stores, services.events, work, call.preference)

    return [Endpoint(IMPORT, import_export)]


def _request(call: Call, filename: str) -> ImportRequest:
    me = (call.text("me") or "").strip()
    if len(me) > MAX_NAME:
        raise TokstreamError(BAD_REQUEST, f"me may have at most {MAX_NAME} characters.", field="me")
    since, until = _day(call, "since"), _day(call, "until")
    if since is not None and until is not None and since > until:
        raise TokstreamError(BAD_REQUEST, "since must not be after until.", field="since")
    return ImportRequest(me=me or None, since=since, until=until, filename=filename[-MAX_NAME:])


def _day(call: Call, name: str) -> str | None:
    value = (call.text(name) or "").strip()
    if not value:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise TokstreamError(BAD_REQUEST, f"{name} must be a day such as 2026-03-31.", field=name) from error
