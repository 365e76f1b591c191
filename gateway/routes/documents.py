"""`/openapi.json`, `/asyncapi.json` and `/docs`: the documents that are generated from contracts and the routes."""

from collections.abc import Sequence
from functools import cache

import msgspec
from starlette.responses import Response

from contracts.schema import Json
from gateway.documents.asyncapi import asyncapi_document
from gateway.documents.openapi import openapi_document
from gateway.documents.page import documentation_page
from gateway.endpoint import Call, Endpoint
from gateway.operations import AnswerSpec, Operation
from gateway.services import Services

OPENAPI = Operation(
    method="GET",
    path="/openapi.json",
    name="openapi",
    tag="Service",
    summary="This document",
    description="OpenAPI 3.1, generated from what the routes declare.",
    answers=(AnswerSpec(200, "The document.", media_types=("application/vnd.oai.openapi+json",)),),
    public=True,
)
ASYNCAPI = Operation(
    method="GET",
    path="/asyncapi.json",
    name="asyncapi",
    tag="Service",
    summary="The document of the live side",
    description="AsyncAPI 3: the websocket, server-sent events, and the topics of the event log.",
    answers=(AnswerSpec(200, "The document.", media_types=("application/vnd.aai.asyncapi+json",)),),
    public=True,
)
DOCS = Operation(
    method="GET",
    path="/docs",
    name="docs",
    tag="Service",
    summary="Both documents to read",
    description="One page without scripts.",
    answers=(AnswerSpec(200, "The page.", media_types=("text/html",)),),
    public=True,
)
OPERATIONS = (OPENAPI, ASYNCAPI, DOCS)


def endpoints(services: Services, operations: Sequence[Operation]) -> list[Endpoint]:
    """The routes of this module, which describe all `operations`, made when they are first asked for."""
    version = services.config.version

    @cache
    def described() -> tuple[Json, Json]:
        return openapi_document(version, operations), asyncapi_document(version)

    async def openapi(call: Call) -> Response:
        return Response(msgspec.json.encode(described()[0]), media_type="application/vnd.oai.openapi+json")

    async def asyncapi(call: Call) -> Response:
        return Response(msgspec.json.encode(described()[1]), media_type="application/vnd.aai.asyncapi+json")

    async def docs(call: Call) -> Response:
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(documentation_page(*described()), media_type="text/html", headers=headers)

    return [Endpoint(OPENAPI, openapi), Endpoint(ASYNCAPI, asyncapi), Endpoint(DOCS, docs)]
