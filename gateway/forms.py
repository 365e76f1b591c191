"""Reading request bodies within bounds: bytes are counted as they come, parts and time are limited."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from contracts.errors import BAD_REQUEST, REQUEST_TIMEOUT, UPLOAD_TOO_LARGE, TokstreamError
from gateway.problems import unavailable

ENVELOPE_BYTES = 64 * 1024
"""What boundaries, part headers and text fields may add to the files of a form."""
FIELD_BYTES = 16 * 1024
JSON_BYTES = 256 * 1024
"""Largest flat JSON body: a message of 20,000 characters fits, however its writer escapes them."""
MAX_FIELDS = 16
DIGEST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file of a form, spooled to disk above a megabyte. `sha256` is of its content, in hexadecimal."""

    field: str
    size: int
    sha256: str
    content: UploadFile

    async def read(self) -> bytes:
        """All of it. Raises TokstreamError(UNAVAILABLE) where the spool file cannot be read."""
        try:
            await self.content.seek(0)
            return await self.content.read()
        except OSError as error:
            raise unavailable() from error


@dataclass(frozen=True, slots=True)
class Form:
    """The text fields and files of a body; empty where the body is none of the forms that are understood. `json` is
    the body itself where JSON with structure is expected."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[UploadedFile, ...] = ()
    json: bytes = b""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """`file_bytes` bounds all files of a body together, `seconds` the time it may take to arrive."""

    files: int
    file_bytes: int
    seconds: float


async def read_json(request: Request, maximum: int, seconds: float) -> Form:
    """The body as it is, for JSON with structure. Raises TokstreamError as `read_form` does."""
    _refuse_announced(request, maximum)
    try:
        async with asyncio.timeout(seconds), _bounded(request, maximum) as stream:
            return Form(json=b"".join([chunk async for chunk in stream]))
    except TimeoutError as error:
        raise _too_slow(seconds) from error


@asynccontextmanager
async def read_form(request: Request, limits: BodyLimits) -> AsyncIterator[Form]:
    """The body as a form: multipart, urlencoded, or a flat JSON object of strings. Spool files go with the context.

    Raises TokstreamError: UPLOAD_TOO_LARGE as soon as the body is seen to be over the limit, REQUEST_TIMEOUT,
    BAD_REQUEST where it is malformed or has too many parts, UNAVAILABLE where it cannot be spooled.
    """
    kind = parse_options_header(request.headers.get("content-type"))[0]
    maximum = JSON_BYTES if kind == b"application/json" else ENVELOPE_BYTES
    if kind == b"multipart/form-data":
        maximum += limits.file_bytes
    _refuse_announced(request, maximum)
    try:
        async with asyncio.timeout(limits.seconds):
            data = await _parse(request, kind, limits.files, maximum)
    except TimeoutError as error:
        raise _too_slow(limits.seconds) from error
    except MultiPartException as error:
        raise TokstreamError(BAD_REQUEST, error.message) from error
    except UnicodeError as error:
        raise TokstreamError(BAD_REQUEST, "The body is not in the charset that it names.") from error
    except OSError as error:
        raise unavailable() from error
    try:
        yield await _form(data)
    finally:
        await data.close()


def _refuse_announced(request: Request, maximum: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > maximum:
        raise _too_large(maximum)


def _too_slow(seconds: float) -> TokstreamError:
    return TokstreamError(REQUEST_TIMEOUT, f"The body did not arrive within {seconds:g} seconds.")


def _too_large(maximum: int) -> TokstreamError:
    return TokstreamError(UPLOAD_TOO_LARGE, f"The body is larger than the {maximum} bytes allowed here.")


class _WholeMultiPartParser(MultiPartParser):
    """Knows whether the closing boundary has come. The base takes a body that was cut off for a whole one."""

    ended = False

    def on_end(self) -> None:
        super().on_end()
        self.ended = True


async def _parse_multipart(request: Request, stream: AsyncGenerator[bytes, None], max_files: int) -> FormData:
    async def whole() -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        # Raised within the parser's own loop, where it closes the spool files of what had begun.
        if not parser.ended:
            raise MultiPartException("The multipart body ends before its closing boundary.")

    parser = _WholeMultiPartParser(
        request.headers, whole(), max_files=max_files, max_fields=MAX_FIELDS, max_part_size=FIELD_BYTES
    )
    return await parser.parse()


async def _parse(request: Request, kind: bytes, max_files: int, maximum: int) -> FormData:
    async with _bounded(request, maximum) as stream:
        if kind == b"multipart/form-data":
            return await _parse_multipart(request, stream, max_files)
        if kind == b"application/x-www-form-urlencoded":
            return await FormParser(request.headers, stream, max_fields=MAX_FIELDS, max_part_size=FIELD_BYTES).parse()
        body = b"".join([chunk async for chunk in stream])
    if kind == b"application/json" and body.strip():
        return _json_fields(body)
    return FormData()


def _json_fields(body: bytes) -> FormData:
    try:
        fields = msgspec.json.decode(body, type=dict[str, str | None])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TokstreamError(BAD_REQUEST, f"The body must be a JSON object of strings: {error}") from error
    return FormData([(name, value) for name, value in fields.items() if value is not None])


def _bounded(request: Request, maximum: int) -> AbstractAsyncContextManager[AsyncGenerator[bytes, None]]:
    async def chunks() -> AsyncGenerator[bytes, None]:
        received = 0
        async with aclosing(request.stream()) as stream:
            async for chunk in stream:
                received += len(chunk)
                if received > maximum:
                    raise _too_large(maximum)
                yield chunk

    return aclosing(chunks())


async def _form(data: FormData) -> Form:
    fields = {name: value for name, value in data.multi_items() if isinstance(value, str)}
    for text in (*fields, *fields.values()):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            # Some charsets, UTF-7 for one, can say lone surrogates: they can be stored nowhere.
            raise TokstreamError(BAD_REQUEST, "A field of the body is not Unicode text.") from error
    files = [await _uploaded(name, value) for name, value in data.multi_items() if isinstance(value, UploadFile)]
    return Form(fields, tuple(files))


async def _uploaded(name: str, content: UploadFile) -> UploadedFile:
    try:
        digest = await run_in_threadpool(_sha256, content.file)
    except OSError as error:
        raise unavailable() from error
    return UploadedFile(name, content.size or 0, digest, content)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(DIGEST_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
