"""Errors become problem documents (RFC 9457, `application/problem+json`): every one, from a wrong path to a crash."""

import logging
import uuid

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.base import decode, encode
from contracts.errors import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REGISTRY,
    UNAVAILABLE,
    ErrorKind,
    Problem,
    TokstreamError,
)
from gateway.operations import ErrorForm
from storage.errors import StorageError, Unavailable

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 2
"""What Retry-After says when a store is away: long enough to spare it, short enough for a person who waits."""

log = logging.getLogger("tokstream.gateway")


def problem_response(problem: Problem) -> Response:
    """The response of a problem document, with the headers that its status asks for."""
    response = Response(encode(problem), problem.status, media_type=PROBLEM_JSON)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def shaped(response: Response, form: ErrorForm) -> Response:
    """A problem response in the form that the route's specification shows; any other response as it is."""
    if form == "problem" or not response.headers.get("content-type", "").startswith(PROBLEM_JSON):
        return response
    problem = decode(bytes(response.body), Problem)
    if form == "error":
        body: object = {"error": problem.detail, "code": problem.code, "status": problem.status, **_logged(problem)}
    else:
        body = openai_error(problem)
    changed = Response(encode(body), response.status_code, media_type="application/json")
    for name, value in response.headers.items():
        if name not in ("content-type", "content-length"):
            changed.headers[name] = value
    return changed


def openai_error(problem: Problem) -> dict[str, object]:
    """The problem as the OpenAI API shows errors, also within a stream."""
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(problem.status, "server_error" if problem.status >= 500 else "invalid_request_error")
    error = {"message": problem.detail, "type": kind, "param": problem.field, "code": problem.code, **_logged(problem)}
    return {"error": error}


def _logged(problem: Problem) -> dict[str, str]:
    """Under which id it was logged, where its text speaks of one."""
    return {} if problem.instance is None else {"instance": problem.instance}


def error_response(error: Exception) -> Response:
    """The response for whatever a handler raised. What nobody expected is logged with its traceback, under the id that
    the client finds in `instance`; the client sees no more of it."""
    if isinstance(error, TokstreamError):
        return problem_response(error.problem())
    if isinstance(error, Unavailable):
        log.warning("a store is unavailable: %s", error)
        return problem_response(unavailable().problem())
    instance = f"urn:uuid:{uuid.uuid4()}"
    log.error("%s: %s", instance, error, exc_info=error)
    detail = "Something went wrong on our side; it was logged under the id in `instance`."
    return problem_response(TokstreamError(INTERNAL, detail).problem(instance))


def unavailable() -> TokstreamError:
    """A store is away: the same call may succeed in a moment."""
    detail = "A store of the service cannot be reached or written now. Nothing was accepted; try again."
    return TokstreamError(UNAVAILABLE, detail, retry_after=RETRY_SECONDS)


def http_exception_response(request: Request, error: Exception) -> Response:
    """The response for what Starlette itself refuses: unknown paths and methods."""
    if not isinstance(error, HTTPException):
        return error_response(error)
    path = request.url.path
    kind = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}.get(error.status_code) or _kind_of_status(error.status_code)
    detail = {
        404: f"There is nothing at {path}.",
        405: f"{request.method} is not allowed at {path}.",
    }.get(error.status_code, error.detail)
    response = problem_response(TokstreamError(kind, detail).problem())
    response.status_code = error.status_code
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _kind_of_status(status: int) -> ErrorKind:
    for kind in REGISTRY.values():
        if kind.status == status:
            return kind
    return BAD_REQUEST if status < 500 else INTERNAL


def exception_response(request: Request, error: Exception) -> Response:
    """`error_response` in the shape of a Starlette exception handler."""
    return error_response(error)


EXCEPTION_HANDLERS = {
    HTTPException: http_exception_response,
    TokstreamError: exception_response,
    StorageError: exception_response,
}


class LastResort:
    """ASGI middleware: an exception that no handler took becomes a 500 problem, as long as no response has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if started:
                raise
            await error_response(error)(scope, receive, send)
