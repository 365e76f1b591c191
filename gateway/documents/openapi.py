"""The OpenAPI 3.1 document: the operations as the routes declare them, the schemas as contracts defines them."""

from collections.abc import Iterable, Sequence

from contracts.errors import (
    BAD_REQUEST,
    FORBIDDEN_HOST,
    IDEMPOTENCY_CONFLICT,
    IDEMPOTENCY_MISMATCH,
    INTERNAL,
    REQUEST_TIMEOUT,
    UNAUTHORIZED,
    UNAVAILABLE,
    UPLOAD_TOO_LARGE,
    ErrorKind,
    Problem,
)
from contracts.schema import Json, Schemas, schemas
from gateway.operations import IDEMPOTENCY_KEY, AnswerSpec, Operation, Parameter
from gateway.problems import PROBLEM_JSON

OPENAPI = "3.1.0"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LICENCE = "Apache-2.0"
HEADERS: Json = {
    "Location": {"description": "Where the outcome will be.", "schema": {"type": "string", "format": "uri-reference"}},
    "Preference-Applied": {"description": "The preference that was followed.", "schema": {"type": "string"}},
    "Idempotent-Replay": {"description": "`true` on a stored answer.", "schema": {"type": "string"}},
    "Link": {"description": "The next page (`rel=next`), where there is one.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
}


ERROR_BODIES: dict[str, Json] = {
    "error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {"type": "string"},
            "code": {"type": "string"},
            "status": {"type": "integer"},
            "instance": {"type": "string"},
        },
    },
    "openai": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type"],
                "properties": {
                    "message": {"type": "string"},
                    "type": {"type": "string"},
                    "param": {"type": ["string", "null"]},
                    "code": {"type": ["string", "null"]},
                    "instance": {"type": "string"},
                },
            }
        },
    },
}
"""Errors of the routes whose specification shows them in another form."""


def openapi_document(version: str, operations: Sequence[Operation]) -> Json:
    """The document as JSON, for the operations given."""
    known = schemas([Problem, *_structs(operations)])
    paths: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, known)
    return {
        "openapi": OPENAPI,
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Tokstream",
            "version": version,
            "summary": "Chat screenshots in, live speaker-attributed transcript out.",
            "description": "Errors are problem documents (RFC 9457) with `detail`. The live side (websocket, SSE, "
            "long poll) is described by the AsyncAPI document at `/asyncapi.json`.",
            "license": {"name": LICENCE, "identifier": LICENCE},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "security": [{"apiKey": []}, {"bearer": []}, {}],
        "paths": paths,
        "components": {
            "schemas": known.components,
            "securitySchemes": {
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _structs(operations: Sequence[Operation]) -> list[type]:
    found: list[type] = [answer.struct for operation in operations for answer in operation.answers if answer.struct]
    return found + [body for operation in operations for body in (operation.form, operation.body) if body]


def _operation(operation: Operation, known: Schemas) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "responses": _responses(operation, known),
    }
    if operation.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.files is not None or operation.form is not None or operation.body is not None:
        described["requestBody"] = _body(operation, known)
    if operation.public:
        described["security"] = []
    return described


def _parameter(parameter: Parameter) -> Json:
    schema: Json = {"type": "integer", "minimum": 1} if parameter.kind is int else {"type": "string"}
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": schema,
    }


def _body(operation: Operation, known: Schemas) -> Json:
    if operation.body is not None:
        return {"required": True, "content": {"application/json": {"schema": known.of[operation.body]}}}
    if operation.form is not None:
        schema = known.of[operation.form]
        kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
        return {"required": False, "content": {kind: {"schema": schema} for kind in kinds}}
    files = operation.files
    if files is None:
        raise ValueError(f"{operation.name} has no body")
    # OpenAPI 3.1: a raw binary part is a schema without a type, its media type stands in the encoding.
    file: Json = {"contentMediaType": "application/octet-stream", "description": files.description}
    part: Json = {"type": "array", "items": file, "minItems": 1} if files.many else file
    texts: Json = {name: {"type": "string", "description": meaning} for name, meaning in files.texts}
    form = {"type": "object", "properties": {files.field: part, **texts}, "required": [files.field]}
    encoding = {files.field: {"contentType": ", ".join(files.media_types)}}
    return {"required": True, "content": {"multipart/form-data": {"schema": form, "encoding": encoding}}}


def _responses(operation: Operation, known: Schemas) -> Json:
    responses: Json = {}
    for answer in operation.answers:
        responses[str(answer.status)] = _answer(operation, answer, known)
    for status, kinds in _by_status(_errors(operation)).items():
        problem: Json = {
            "description": "; ".join(f"{kind.title} (`{kind.code}`)" for kind in kinds),
            "content": {PROBLEM_JSON: {"schema": known.of[Problem]}}
            if operation.error_form == "problem"
            else {"application/json": {"schema": ERROR_BODIES[operation.error_form]}},
        }
        if any(kind.temporary for kind in kinds):
            problem["headers"] = {"Retry-After": HEADERS["Retry-After"]}
        if str(status) in responses:
            responses[str(status)].setdefault("content", {}).update(problem["content"])
        else:
            responses[str(status)] = problem
    return dict(sorted(responses.items()))


def _answer(operation: Operation, answer: AnswerSpec, known: Schemas) -> Json:
    described: Json = {"description": answer.description}
    content: Json = {}
    if answer.struct is not None:
        one = known.of[answer.struct]
        content["application/json"] = {"schema": {"type": "array", "items": one} if answer.many else one}
    for kind in answer.media_types:
        content[kind] = {"schema": {"type": "string"} if kind.startswith("text/") else {"contentMediaType": kind}}
    if content:
        described["content"] = content
    names = list(answer.headers)
    if IDEMPOTENCY_KEY in operation.parameters:
        names.append("Idempotent-Replay")
    if names:
        described["headers"] = {name: HEADERS[name] for name in names}
    return described


def _errors(operation: Operation) -> list[ErrorKind]:
    """Those of the operation, and those that any of its shape can answer."""
    errors = [*operation.errors, FORBIDDEN_HOST, INTERNAL, UNAVAILABLE]
    if not operation.public:
        errors.append(UNAUTHORIZED)
    if operation.method == "POST":
        errors += [BAD_REQUEST, REQUEST_TIMEOUT, UPLOAD_TOO_LARGE]
    if any(parameter.kind is int or parameter.choices for parameter in operation.parameters):
        errors.append(BAD_REQUEST)
    if IDEMPOTENCY_KEY in operation.parameters:
        errors += [IDEMPOTENCY_CONFLICT, IDEMPOTENCY_MISMATCH]
    return list(dict.fromkeys(errors))


def _by_status(kinds: Iterable[ErrorKind]) -> dict[int, list[ErrorKind]]:
    found: dict[int, list[ErrorKind]] = {}
    for kind in kinds:
        found.setdefault(kind.status, []).append(kind)
    return found
