"""What the realtime routes read from a request before they talk: the token, the origin, the stream, the cursor."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from contracts.errors import (
    FORBIDDEN_ORIGIN,
    INVALID_CURSOR,
    STREAM_NOT_FOUND,
    UNAUTHORIZED,
    TokstreamError,
)
from contracts.streams import Cursor, split
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.ports import Access


def token_of(connection: HTTPConnection) -> str | None:
    """The key or ticket: `x-api-key`, `Authorization: Bearer`, or `?ticket=`, which is for EventSource: it sends no
    headers."""
    key = connection.headers.get("x-api-key")
    if key:
        return key
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return connection.query_params.get("ticket") or None


def check_origin(connection: HTTPConnection, config: RealtimeConfig) -> None:
    """Raises TokstreamError where a page of that origin may not connect. What is no browser sends no origin and may.

    Browsers let any page open a websocket to any host, and a page whose host name resolves to 127.0.0.1 is even of
    the same origin; so a loopback service believes loopback names only.
    """
    origin = connection.headers.get("origin")
    if origin is None or "*" in config.allowed_origins or origin.lower() in config.allowed_origins:
        return
    host = host_of(f"//{connection.headers.get('host', '')}")
    page = host_of(origin)
    if is_loopback(host) and is_loopback(page):
        return
    same = urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
    if same and (config.any_host or is_address(host)):
        return
    raise TokstreamError(FORBIDDEN_ORIGIN, f"pages of {origin[:200]} may not connect; allow the origin in the settings")


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """An IP address cannot be made to resolve to somewhere else."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def readable_stream(connection: HTTPConnection, access: Access) -> str:
    """The stream of the path, if whoever asks may read it. Raises TokstreamError: 401, or 404 for all others alike."""
    owner = await access.owner(token_of(connection))
    if owner is None:
        raise TokstreamError(UNAUTHORIZED, "a key is needed: x-api-key, Authorization: Bearer, or a ticket")
    stream = str(connection.path_params["stream"])
    try:
        split(stream)
    except ValueError as error:
        raise TokstreamError(STREAM_NOT_FOUND, str(error), field="stream") from None
    if not await access.may_read(owner, stream):
        raise TokstreamError(STREAM_NOT_FOUND, f"there is no stream {stream}", field="stream")
    return stream


def cursor_of(text: str | None, field: str) -> Cursor | None:
    """The cursor in a header or parameter; None where it is missing or empty. Raises TokstreamError."""
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise TokstreamError(INVALID_CURSOR, str(error), field=field) from None
