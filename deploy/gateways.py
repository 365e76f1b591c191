"""The gateway as a process, or as a part of one."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from contracts.errors import UNAVAILABLE
from deploy.ai import open_engine
from deploy.engines import engines
from deploy.http import bind, serving
from deploy.runners import stop_signals
from deploy.settings import Settings, SettingsError
from deploy.wiring import open_production
from gateway.app import build_app
from gateway.config import ApiKey, GatewayConfig
from gateway.problems import problem_response, unavailable
from gateway.services import GatewayHooks
from storage.stores import Stores

logger = logging.getLogger(__name__)


def gateway_config(settings: Settings, *, only_gateway: bool) -> GatewayConfig:
    """What the gateway is told. `only_gateway`: no other gateway works on the same stores. Raises SettingsError."""
    config = GatewayConfig(
        version=version("tokstream"),
        keys=tuple(_keys(settings.api_keys)),
        allowed_origins=_list(settings.allowed_origins),
        allowed_hosts=_list(settings.allowed_hosts),
        ticket_secret=settings.ticket_secret,
        max_upload_bytes=settings.max_upload_bytes,
        max_pixels=settings.max_pixels,
        default_wait=settings.default_wait,
        idempotency_lease=0.0 if only_gateway else GatewayConfig(version="").idempotency_lease,
    )
    if config.keys and not only_gateway and not config.ticket_secret:
        raise SettingsError("several gateways need one TOKSTREAM_TICKET_SECRET, or tickets of one fail at the other")
    return config


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _keys(text: str) -> list[ApiKey]:
    keys = []
    for pair in _list(text):
        owner, equals, digest = pair.partition("=")
        if not equals or not owner or len(digest) != 64 or not all(c in "0123456789abcdef" for c in digest):
            raise SettingsError(
                "TOKSTREAM_API_KEYS: each entry is owner=<64 lowercase hexadecimal digits>; "
                "`tokstream key OWNER` makes one"
            )
        keys.append(ApiKey(digest=digest, owner=owner))
    return keys


class UntilPrepared:
    """Stands before the app until the stores have their topics and indexes."""

    def __init__(self, app: ASGIApp, prepared: asyncio.Event) -> None:
        self._app = app
        self._prepared = prepared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        harmless = scope["type"] == "lifespan" or scope.get("path") in ("/healthcheck", "/readyz", "/info")
        if self._prepared.is_set() or harmless:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=UNAVAILABLE.websocket, reason=UNAVAILABLE.title)(scope, receive, send)
        else:
            await problem_response(unavailable().problem())(scope, receive, send)


@asynccontextmanager
async def serving_gateway(
    stores: Stores,
    settings: Settings,
    hooks: GatewayHooks,
    listener: socket.socket,
    *,
    only_gateway: bool,
    prepared: asyncio.Event | None = None,
) -> AsyncIterator[str]:
    """Serves the gateway until the context is left; yields its URL. Until `prepared` is set everything that would touch
    the stores is answered with 503."""
    app = build_app(stores, gateway_config(settings, only_gateway=only_gateway), hooks)
    shown = app if prepared is None else UntilPrepared(app, prepared)
    async with serving(shown, listener, settings.drain_seconds) as url:
        try:
            yield url
        finally:
            # Sockets get their goodbye with a hint where to resume before the server cuts them off.
            app.state.hub.stop()


async def run_gateway(settings: Settings) -> None:
    """Runs a gateway on the production stores until a signal comes."""
    gateway_config(settings, only_gateway=False)  # says what is wrong before anything is opened
    listener = bind(settings)
    with stop_signals() as stop:
        async with open_engine(settings) as engine, open_production(settings) as production:
            hooks = GatewayHooks(engines=lambda: engines(settings), models=engine.models)
            async with serving_gateway(
                production.stores, settings, hooks, listener, only_gateway=False, prepared=production.prepared
            ) as url:
                logger.info("gateway at %s", url)
                await stop.wait()
