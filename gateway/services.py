"""What the routes work with, put together once by `gateway.app`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from contracts.conversations import Model
from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from contracts.resources import ConsumerProgress, EngineInfo
from gateway.access import Access
from gateway.analyses import Analyses
from gateway.chat_clients import ChatClients
from gateway.completions import Completions
from gateway.config import GatewayConfig
from gateway.conversations import Conversations
from gateway.imports import Imports
from gateway.sessions import Sessions
from gateway.tasks import Tasks
from gateway.waiting import EventSource
from storage.stores import Stores


async def no_engines() -> tuple[EngineInfo, ...]:
    """For a gateway that was not told which engines run."""
    return ()


async def no_consumers() -> tuple[ConsumerProgress, ...]:
    """For a gateway whose processors run elsewhere."""
    return ()


async def no_models() -> tuple[Model, ...]:
    """For a gateway that was not told of an AI engine."""
    raise TokstreamError(AI_ENGINE_FAILED, "This gateway was not told which AI engine answers.")


@dataclass(frozen=True, slots=True)
class GatewayHooks:
    """What only the deployment knows: the engines for `/info`, the consumers' progress for `/readyz`, the models of the
    AI engine.

    All are called for each request; `engines` and `models` may take `GatewayConfig.default_wait`, `progress`
    `check_timeout` seconds. `models` raises TokstreamError where the engine does not tell.
    """

    engines: Callable[[], Awaitable[tuple[EngineInfo, ...]]] = no_engines
    progress: Callable[[], Awaitable[tuple[ConsumerProgress, ...]]] = no_consumers
    models: Callable[[], Awaitable[Sequence[Model]]] = no_models


@dataclass(frozen=True, slots=True)
class Services:
    stores: Stores
    config: GatewayConfig
    hooks: GatewayHooks
    access: Access
    sessions: Sessions
    tasks: Tasks
    conversations: Conversations
    chat_clients: ChatClients
    completions: Completions
    analyses: Analyses
    imports: Imports
    events: EventSource
