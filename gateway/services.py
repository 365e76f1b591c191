"""What the routes work with, put together once by `gateway.app`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contracts.resources import ConsumerProgress, EngineInfo
from gateway.access import Access
from gateway.config import GatewayConfig
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


@dataclass(frozen=True, slots=True)
class GatewayHooks:
    """What only the deployment knows: the engines for `/info`, and the consumers' progress for `/readyz`.

    Both are called for each request; `engines` may take `GatewayConfig.default_wait`, `progress` `check_timeout`
    seconds.
    """

    engines: Callable[[], Awaitable[tuple[EngineInfo, ...]]] = no_engines
    progress: Callable[[], Awaitable[tuple[ConsumerProgress, ...]]] = no_consumers


@dataclass(frozen=True, slots=True)
class Services:
    stores: Stores
    config: GatewayConfig
    hooks: GatewayHooks
    access: Access
    sessions: Sessions
    tasks: Tasks
    imports: Imports
    events: EventSource
