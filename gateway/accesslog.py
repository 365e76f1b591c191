"""One log line a request: what was asked, by whom, what came of it, how long it took. No query, no body: they are
private."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("tokstream.access")

FIELDS = ("method", "path", "status", "milliseconds", "bytes", "owner", "client")


class AccessLog:
    """ASGI middleware; logs HTTP requests when their response is over, with the fields also as attributes of the
    record."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, size = 0, 0

        async def watched(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            owner = scope.get("state", {}).get("owner") or "-"
            client = (scope.get("client") or ("-",))[0]
            values = (scope["method"], scope["path"], status, round(milliseconds, 1), size, owner, client)
            log.info(
                "%s %s %d %.1f ms %d bytes owner=%s client=%s", *values, extra=dict(zip(FIELDS, values, strict=True))
            )
