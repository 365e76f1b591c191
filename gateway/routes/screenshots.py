"""Screenshots: uploading them to a session, and seeing them again, plain or with what was read drawn on them."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.errors import (
    BAD_REQUEST,
    IMAGE_TOO_LARGE,
    IMAGE_UNREADABLE,
    MISSING_PARAMETER,
    SCREENSHOT_NOT_FOUND,
    SCREENSHOT_NOT_READ,
    SESSION_NOT_FOUND,
    UNSUPPORTED_MEDIA,
    UPLOAD_TOO_LARGE,
    TokstreamError,
)
from contracts.resources import Screenshot, ScreenshotUploaded
from gateway.annotated import annotate
from gateway.endpoint import Call, Endpoint, answer
from gateway.forms import UploadedFile
from gateway.operations import (
    IDEMPOTENCY_KEY,
    SCREENSHOT_ID,
    SESSION_ID,
    AnswerSpec,
    FilesBody,
    Operation,
    Parameter,
)
from gateway.services import Services
from storage.collections import EXTRACTIONS
from storage.errors import NotFound

CONCURRENT_DRAWINGS = 1
"""A decoded image takes up to 160 MB; drawing is for people who look, not for load."""

IMAGE_ERRORS = (
    SESSION_NOT_FOUND,
    MISSING_PARAMETER,
    UPLOAD_TOO_LARGE,
    IMAGE_TOO_LARGE,
    UNSUPPORTED_MEDIA,
    IMAGE_UNREADABLE,
)
UPLOAD = Operation(
    method="POST",
    path="/sessions/{session_id}/upload",
    name="uploadScreenshot",
    tag="Sessions",
    summary="Upload a screenshot",
    description="JPEG, PNG or WebP. Reading starts at once; every bubble is an event of the session's stream the "
    "moment it is read. Screenshots may come in any order and more than once: the merge finds the order. One that is "
    "uploaded while the session is being processed is part of the next run, unless that run has not begun its work "
    "yet.",
    parameters=(SESSION_ID, IDEMPOTENCY_KEY),
    files=FilesBody("file", many=False, description="The image."),
    answers=(AnswerSpec(200, "Stored, and queued for reading.", ScreenshotUploaded),),
    errors=IMAGE_ERRORS,
)
IMAGE = Operation(
    method="GET",
    path="/sessions/{session_id}/screenshots/{screenshot_id}",
    name="getScreenshot",
    tag="Sessions",
    summary="The image of a screenshot",
    description="With `annotated=1` a PNG on which the bubbles, their speakers and their order are drawn.",
    parameters=(SESSION_ID, SCREENSHOT_ID, Parameter("annotated", "query", "Draw on it.", choices=("0", "1"))),
    answers=(AnswerSpec(200, "The image.", media_types=("image/png", "image/jpeg", "image/webp")),),
    errors=(SESSION_NOT_FOUND, SCREENSHOT_NOT_FOUND, SCREENSHOT_NOT_READ, IMAGE_UNREADABLE),
)


def only_file(call: Call, field: str) -> UploadedFile:
    """The one image of a form. Raises TokstreamError(MISSING_PARAMETER) where there is none under this field."""
    return some_files(call, field)[0]


def some_files(call: Call, field: str) -> tuple[UploadedFile, ...]:
    """The images of a form, at least one. Raises TokstreamError(MISSING_PARAMETER)."""
    files = call.files(field)
    if not files:
        detail = f"Send multipart/form-data with an image as the file field `{field}`."
        raise TokstreamError(MISSING_PARAMETER, detail, field=field)
    return files


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    sessions, stores = services.sessions, services.stores
    drawing = asyncio.Semaphore(CONCURRENT_DRAWINGS)

    async def upload(call: Call) -> Response:
        session_id = call.path("session_id")
        await sessions.get(call.owner, session_id)
        file = only_file(call, "file")
        return answer(await sessions.upload(call.owner, session_id, call.ids.new(), file))

    async def image(call: Call) -> Response:
        annotated = call.request.query_params.get("annotated", "0")
        if annotated not in ("0", "1"):
            raise TokstreamError(BAD_REQUEST, "annotated must be 0 or 1.", field="annotated")
        screenshot = await sessions.screenshot(call.owner, call.path("session_id"), call.path("screenshot_id"))
        if screenshot.export is not None:
            raise TokstreamError(SCREENSHOT_NOT_FOUND, "This is an imported chat export: there is no image of it.")
        try:
            data = await stores.blobs.get(screenshot.blob_key)
        except NotFound as error:
            raise TokstreamError(SCREENSHOT_NOT_FOUND, "The image is gone; was the session deleted?") from error
        if annotated == "0":
            return _image_response(data, screenshot.media_type)
        return _image_response(await draw(screenshot, data), "image/png")

    async def draw(screenshot: Screenshot, data: bytes) -> bytes:
        if screenshot.status == "failed":
            raise TokstreamError(IMAGE_UNREADABLE, screenshot.problem or "The screenshot could not be read.")
        extraction = await stores.documents.get(EXTRACTIONS, screenshot.screenshot_id)
        if extraction is None or screenshot.status != "read":
            raise TokstreamError(SCREENSHOT_NOT_READ, "The screenshot has not been read yet.", retry_after=1)
        async with drawing:
            return await run_in_threadpool(annotate, data, extraction.document)

    return [Endpoint(UPLOAD, upload), Endpoint(IMAGE, image)]


def _image_response(data: bytes, media_type: str) -> Response:
    """An upload of somebody's: never to be taken for a page or script, never to be kept by a shared cache."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline",
        "Cache-Control": "private, no-cache",
    }
    return Response(data, media_type=media_type, headers=headers)
