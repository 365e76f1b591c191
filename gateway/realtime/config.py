"""What can be set about realtime. The defaults are the protocol's; tests shorten the times."""

from contracts.base import Record
from contracts.realtime import (
    CONNECT_SECONDS,
    MAX_PENDING_BYTES,
    MAX_SUBSCRIPTIONS,
    PING_SECONDS,
    PONG_SECONDS,
    SLOW_SECONDS,
)


class RealtimeConfig(Record, frozen=True):
    """Times in seconds.

    `allowed_origins`: pages that may open a websocket, as `https://host[:port]`, or `*`. Pages of this very host
    always may, and so may pages of a loopback host if this service is asked for by a loopback name. `any_host` says
    that this service is reached by other names than loopback ones, which needs keys: else a page whose name resolves
    to 127.0.0.1 could read.
    """

    version: str = "0"
    allowed_origins: tuple[str, ...] = ()
    any_host: bool = False
    connect_seconds: float = CONNECT_SECONDS
    ping_seconds: float = PING_SECONDS
    pong_seconds: float = PONG_SECONDS
    slow_seconds: float = SLOW_SECONDS
    close_seconds: float = 2.0
    """How long a closing connection may take to read the goodbye."""
    max_pending_bytes: int = MAX_PENDING_BYTES
    max_subscriptions: int = MAX_SUBSCRIPTIONS
    keep_alive_seconds: float = 15.0
    """Silence on an SSE stream after which a comment is sent, for proxies that drop idle connections."""
    retry_milliseconds: int = 2000
    """When an SSE client is asked to reconnect."""
    max_wait_seconds: float = 60.0
    """Longest wait of a long poll."""
    access_seconds: float = 10.0
    """Bound of one question to access, and of one command."""
