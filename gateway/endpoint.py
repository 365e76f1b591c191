"""From an HTTP request to a handler and back: authentication, body, idempotency and errors, once for all routes."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.base import Record, decode, encode
from contracts.errors import BAD_REQUEST, TokstreamError
from gateway.access import Access
from gateway.config import GatewayConfig
from gateway.forms import BodyLimits, Form, UploadedFile, read_form, read_json
from gateway.idempotency import Idempotency, Subject
from gateway.operations import IDEMPOTENCY_KEY, Operation
from gateway.preferences import Preference, read_preference
from gateway.problems import error_response, shaped
from storage.sources import IdSource
from storage.stores import Stores

R = TypeVar("R", bound=Record)

JSON = "application/json"
MAX_JSON_BYTES = 4 * 1024 * 1024
"""Largest JSON body with structure: what is said in it travels in one record of the log."""
CLIENT_CLOSED_REQUEST = 499
"""nginx's status for a client that went away; it is only ever seen in the access log."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a handler sees it. New documents take their ids from `ids`: with an Idempotency-Key a repetition
    draws the same ones."""

    request: Request
    owner: str
    ids: IdSource
    form: Form
    preference: Preference
    subject: Subject

    def path(self, name: str) -> str:
        """A parameter of the path."""
        value: str = self.request.path_params[name]
        return value

    def text(self, name: str) -> str | None:
        """A parameter of the query or, where it is not there, of the body."""
        return self.request.query_params.get(name) or self.form.fields.get(name)

    def body(self, kind: type[R]) -> R:
        """The JSON body with structure. Raises TokstreamError(BAD_REQUEST) with what is wrong and where."""
        try:
            return decode(self.form.json, kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TokstreamError(BAD_REQUEST, f"The body is not as it should be: {error}") from error

    def number(self, name: str, default: int, maximum: int) -> int:
        """A positive parameter of the query. Raises TokstreamError(BAD_REQUEST)."""
        value = self.request.query_params.get(name)
        if value is None:
            return default
        if not (len(value) <= 9 and value.isascii() and value.isdigit() and 1 <= int(value) <= maximum):
            raise TokstreamError(BAD_REQUEST, f"{name} must be a number from 1 to {maximum}.", field=name)
        return int(value)

    def files(self, field: str) -> tuple[UploadedFile, ...]:
        """The files under a field of the form (`files` also as `files[]`, as some clients name it)."""
        return tuple(file for file in self.form.files if file.field in (field, f"{field}[]"))


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    operation: Operation
    handler: Handler


def answer(record: Record, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The JSON response of a Struct."""
    return Response(encode(record), status, headers=headers, media_type=JSON)


class EndpointRunner:
    """Runs endpoints: whatever they raise becomes a problem document."""

    def __init__(self, stores: Stores, config: GatewayConfig, access: Access, idempotency: Idempotency) -> None:
        self._stores = stores
        self._config = config
        self._access = access
        self._idempotency = idempotency

    def routes(self, endpoints: Sequence[Endpoint]) -> list[Route]:
        """One route a path, so that a wrong method is told all that are allowed."""
        paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            paths.setdefault(endpoint.operation.path, {})[endpoint.operation.method] = endpoint
        return [self._route(path, methods) for path, methods in paths.items()]

    def _route(self, path: str, methods: Mapping[str, Endpoint]) -> Route:
        async def dispatch(request: Request) -> Response:
            endpoint = methods["GET" if request.method == "HEAD" else request.method]
            return shaped(await self._respond(endpoint, request), endpoint.operation.error_form)

        return Route(_template(path, methods.values()), dispatch, methods=list(methods))

    async def _respond(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            owner = "" if endpoint.operation.public else self._access.authenticate(request.headers)
            request.state.owner = owner
            if endpoint.operation.method != "POST":
                return await endpoint.handler(self._call(request, owner, self._stores.ids, Form()))
            if endpoint.operation.body is not None:
                form = await read_json(request, MAX_JSON_BYTES, self._config.body_timeout)
                return await self._post(endpoint, request, owner, form)
            async with read_form(request, self._limits(endpoint.operation)) as form:
                return await self._post(endpoint, request, owner, form)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED_REQUEST)
        except HTTPException:
            raise
        except Exception as error:
            return error_response(error)

    async def _post(self, endpoint: Endpoint, request: Request, owner: str, form: Form) -> Response:
        subject = Subject(request.path_params.get("session_id"))

        async def perform(ids: IdSource) -> Response:
            try:
                return await endpoint.handler(self._call(request, owner, ids, form, subject))
            except Exception as error:
                return error_response(error)

        key = request.headers.get("idempotency-key")
        if key is None or IDEMPOTENCY_KEY not in endpoint.operation.parameters:
            return await perform(self._stores.ids)
        return await self._idempotency.answer(
            owner=owner,
            route=f"POST {endpoint.operation.path}",
            key=key,
            fingerprint=fingerprint(request, form),
            subject=subject,
            perform=perform,
        )

    def _call(self, request: Request, owner: str, ids: IdSource, form: Form, subject: Subject | None = None) -> Call:
        preference = read_preference(request.headers, self._config.default_wait, self._config.max_wait)
        return Call(request, owner, ids, form, preference, subject or Subject())

    def _limits(self, operation: Operation) -> BodyLimits:
        config = self._config
        if operation.files is None:
            return BodyLimits(0, 0, config.body_timeout)
        if operation.files.many:
            return BodyLimits(config.max_files, config.max_request_bytes, config.body_timeout)
        return BodyLimits(1, config.max_upload_bytes, config.body_timeout)


def fingerprint(request: Request, form: Form) -> str:
    """A digest of what a request asks for: path, query, fields and the content of files. Not of the raw body, whose
    multipart boundary changes with every repetition."""
    digest = hashlib.sha256()
    parts = [request.url.path]
    parts += [f"{name}={value}" for name, value in sorted(request.query_params.multi_items())]
    parts += [f"{name}={value}" for name, value in sorted(form.fields.items())]
    parts += [f"{file.field}:{file.sha256}" for file in form.files]
    parts.append(hashlib.sha256(form.json).hexdigest())
    for part in parts:
        data = part.encode(errors="surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _template(path: str, endpoints: Iterable[Endpoint]) -> str:
    """The path as Starlette writes it. It unescapes a path before it looks for slashes."""
    for endpoint in endpoints:
        for parameter in endpoint.operation.parameters:
            if parameter.slashes:
                path = path.replace(f"{{{parameter.name}}}", f"{{{parameter.name}:path}}")
    return path
