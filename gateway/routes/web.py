"""`/`: the page for people, and the files it is made of."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response

from contracts.errors import NOT_FOUND, TokstreamError
from gateway.endpoint import Call, Endpoint
from gateway.operations import AnswerSpec, Operation, Parameter

MEDIA_TYPES: Mapping[str, str] = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
INDEX = "index.html"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # A new version of the service must not meet scripts of the old one: ask every time, and hear 304.
    "Cache-Control": "no-cache",
}
"""What strangers wrote is shown as text only. Should a script ever try to insert it as HTML, the browser refuses
(require-trusted-types-for)."""

PAGE = Operation(
    method="GET",
    path="/",
    name="page",
    tag="Service",
    summary="The page for people",
    description="Upload screenshots and watch them being read, in a browser. It uses nothing but the routes and the "
    "websocket described here.",
    answers=(
        AnswerSpec(200, "The page.", media_types=("text/html",)),
        AnswerSpec(304, "It has not changed since the version of `If-None-Match`."),
    ),
    public=True,
)
FILE = Operation(
    method="GET",
    path="/web/{name}",
    name="pageFile",
    tag="Service",
    summary="A file of the page",
    description="A style sheet, a script or a picture.",
    parameters=(Parameter("name", "path", "The file.", required=True),),
    answers=(
        AnswerSpec(200, "The file.", media_types=tuple(MEDIA_TYPES.values())),
        AnswerSpec(304, "It has not changed since the version of `If-None-Match`."),
    ),
    errors=(NOT_FOUND,),
    public=True,
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page as it is sent. `tag` is its entity tag."""

    data: bytes
    media_type: str
    tag: str

    def response(self, request: Request) -> Response:
        """200, or 304 where the browser has this version."""
        headers = {**HEADERS, "ETag": self.tag}
        known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
        if self.tag in known or "*" in known:
            return Response(status_code=304, headers=headers)
        return Response(self.data, media_type=self.media_type, headers=headers)


def page_files() -> dict[str, PageFile]:
    """All files of the page by name. They are few and small, and are part of the package."""
    found = {}
    for entry in resources.files("gateway.web").iterdir():
        media_type = MEDIA_TYPES.get(entry.name.rpartition(".")[2])
        if media_type is not None:
            data = entry.read_bytes()
            found[entry.name] = PageFile(data, media_type, f'"{hashlib.sha256(data).hexdigest()[:32]}"')
    return found


def endpoints() -> list[Endpoint]:
    """The routes of this module."""
    files = page_files()

    async def page(call: Call) -> Response:
        return files[INDEX].response(call.request)

    async def file(call: Call) -> Response:
        name = call.path("name")
        if name not in files:
            raise TokstreamError(NOT_FOUND, "The page has no file of this name.")
        return files[name].response(call.request)

    return [Endpoint(PAGE, page), Endpoint(FILE, file)]
