"""Serving the ASGI app with uvicorn, inside an event loop that we own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from deploy.settings import Settings, SettingsError
from gateway.realtime.server import UVICORN_SETTINGS

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: it would end the process by the signal before the processors have
    drained."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(settings: Settings) -> socket.socket:
    """The listening socket. Raises SettingsError where the address may not or cannot be used."""
    if settings.host not in LOOPBACK and not settings.api_keys:
        raise SettingsError(
            f"listening on {settings.host} lets others in: set TOKSTREAM_API_KEYS first "
            "(`tokstream key OWNER` makes one)"
        )
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; choose another with --port"
        ) from error
    # Connections inherit it. asyncio sets it itself only on sockets that name their protocol, which these do not; with
    # Nagle's algorithm every second push of a reply waits for the acknowledgement of the one before, up to 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a client on this machine finds the service."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket, drain_seconds: float) -> AsyncIterator[str]:
    """Serves the app until the context is left, then lets open requests finish within the bound. Yields the URL."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        **UVICORN_SETTINGS,
        timeout_graceful_shutdown=int(drain_seconds),
        backlog=2048,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if running.done():
                await running
                raise RuntimeError("the gateway did not start")
            await asyncio.sleep(0.01)
        yield url_of(listener)
    finally:
        server.should_exit = True
        await running
