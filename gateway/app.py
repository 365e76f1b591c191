"""The gateway put together: stores in, an ASGI application out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from gateway.access import Access, KeylessGuard
from gateway.accesslog import AccessLog
from gateway.analyses import Analyses
from gateway.chat_clients import ChatClients
from gateway.commands import StreamCommands, conversation_actions, session_actions
from gateway.completions import Completions
from gateway.config import GatewayConfig
from gateway.conversations import Conversations
from gateway.endpoint import Endpoint, EndpointRunner
from gateway.idempotency import Idempotency
from gateway.images import ImageIntake
from gateway.imports import Imports
from gateway.problems import EXCEPTION_HANDLERS, LastResort
from gateway.realtime.config import RealtimeConfig
from gateway.realtime.hub import Hub
from gateway.realtime.routes import realtime_routes
from gateway.routes import (
    analyses,
    chat,
    completions,
    documents,
    health,
    imports,
    probes,
    processing,
    screenshots,
    sessions,
    streams,
    tasks,
    tickets,
    web,
)
from gateway.routes import conversations as conversation_routes
from gateway.services import GatewayHooks, Services
from gateway.sessions import Sessions
from gateway.sweeping import Sweeper
from gateway.tasks import Tasks
from storage.stores import Stores

EXPOSED_HEADERS = ("Location", "Preference-Applied", "Idempotent-Replay", "Retry-After")
ACCEPTED_HEADERS = ("Authorization", "X-API-Key", "Idempotency-Key", "Prefer", "Last-Event-ID", "Content-Type")


def build_app(stores: Stores, config: GatewayConfig, hooks: GatewayHooks | None = None) -> Starlette:
    """The application. Its lifespan runs the hub; the caller opens the stores before and closes them after.

    `app.state.hub` is the hub, so that who serves the application can tell it to say goodbye before the listener
    closes.
    """
    hub = Hub(stores.log, stores.journal)
    access = Access(stores, config)
    idempotency = Idempotency(stores, config)
    intake = ImageIntake(stores.blobs, config)
    session_service = Sessions(stores, intake)
    hooks = hooks or GatewayHooks()
    conversations = Conversations(stores)
    sweeper = Sweeper(stores, conversations)
    task_service = Tasks(stores, config, session_service, intake)
    services = Services(
        stores=stores,
        config=config,
        hooks=hooks,
        access=access,
        sessions=session_service,
        conversations=conversations,
        chat_clients=ChatClients(stores, conversations, hooks.models),
        completions=Completions(stores, conversations, hooks.models, hub),
        tasks=task_service,
        analyses=Analyses(stores, session_service, task_service),
        imports=Imports(stores, session_service, task_service),
        events=hub,
    )
    endpoints = all_endpoints(services)
    runner = EndpointRunner(stores, config, access, idempotency)
    actions = {
        **session_actions(services.tasks, services.analyses),
        **conversation_actions(conversations, services.chat_clients),
    }
    commands = StreamCommands(actions, {"conversation": conversations.cancel}, stores.ids)
    realtime = realtime_routes(hub, access, commands, _realtime_config(config))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with hub.running(), asyncio.TaskGroup() as group:
            sweeping = [group.create_task(each.sweep_for_ever()) for each in (idempotency, sweeper)]
            yield
            for each in sweeping:
                each.cancel()

    app = Starlette(
        routes=[*runner.routes(endpoints), *realtime],
        middleware=_middleware(config),
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=lifespan,
    )
    app.state.hub = hub
    return app


def all_endpoints(services: Services) -> list[Endpoint]:
    """Every REST route."""
    found = [
        *sessions.endpoints(services),
        *screenshots.endpoints(services),
        *imports.endpoints(services),
        *processing.endpoints(services),
        *analyses.endpoints(services),
        *probes.endpoints(services),
        *tasks.endpoints(services),
        *conversation_routes.endpoints(services),
        *chat.endpoints(services),
        *completions.endpoints(services),
        *tickets.endpoints(services),
        *health.endpoints(services),
        *web.endpoints(),
    ]
    operations = [endpoint.operation for endpoint in found]
    return found + documents.endpoints(services, [*operations, streams.EVENTS, *documents.OPERATIONS])


def _middleware(config: GatewayConfig) -> list[Middleware]:
    found = [Middleware(AccessLog)]
    if config.allowed_origins:
        found.append(
            Middleware(
                CORSMiddleware,
                allow_origins=config.allowed_origins,
                allow_methods=("GET", "POST", "DELETE"),
                allow_headers=ACCEPTED_HEADERS,
                expose_headers=EXPOSED_HEADERS,
            )
        )
    if not config.keys:
        found.append(Middleware(KeylessGuard, config=config))
    return [*found, Middleware(LastResort)]


def _realtime_config(config: GatewayConfig) -> RealtimeConfig:
    return RealtimeConfig(version=config.version, allowed_origins=config.allowed_origins, any_host=bool(config.keys))
