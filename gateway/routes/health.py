"""`/healthcheck`, `/readyz` and `/info`: alive, able to work, and what works here."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from contracts.resources import ConsumerProgress, DependencyCheck, Health, Readiness, ServiceInfo
from gateway.endpoint import Call, Endpoint, answer
from gateway.operations import AnswerSpec, Operation
from gateway.problems import unavailable
from gateway.services import Services
from storage.errors import StorageError

NAME = "tokstream"
HEALTH = Operation(
    method="GET",
    path="/healthcheck",
    name="healthcheck",
    tag="Service",
    summary="Is the process alive?",
    description="Asks nothing of the stores.",
    answers=(AnswerSpec(200, "It is.", Health),),
    public=True,
)
READY = Operation(
    method="GET",
    path="/readyz",
    name="readyz",
    tag="Service",
    summary="Can it work?",
    description="Checks every store and the progress of the consumers, each within a bound.",
    answers=(AnswerSpec(200, "It can.", Readiness), AnswerSpec(503, "It cannot.", Readiness)),
    public=True,
)
INFO = Operation(
    method="GET",
    path="/info",
    name="info",
    tag="Service",
    summary="Version, engines and limits",
    description="Which engines read and analyse here, and what the gateway accepts at most.",
    answers=(AnswerSpec(200, "The service.", ServiceInfo),),
    public=True,
)


def endpoints(services: Services) -> list[Endpoint]:
    """The routes of this module."""
    stores, hooks, config = services.stores, services.hooks, services.config

    async def check(name: str, probe: Callable[[], Awaitable[None]]) -> DependencyCheck:
        started = time.perf_counter()
        detail = None
        try:
            async with asyncio.timeout(config.check_timeout):
                await probe()
        except TimeoutError:
            detail = f"no answer within {config.check_timeout:g} s"
        except StorageError as error:
            # The message of the store may name hosts and paths: the log has it, the public does not.
            detail = f"not available ({type(error).__name__})"
        return DependencyCheck(name=name, ok=detail is None, seconds=time.perf_counter() - started, detail=detail)

    async def progress() -> tuple[ConsumerProgress, ...]:
        try:
            async with asyncio.timeout(config.check_timeout):
                return await hooks.progress()
        except (TimeoutError, StorageError):
            return (ConsumerProgress(capability="all", ok=False, detail="their progress cannot be told"),)

    async def health(call: Call) -> Response:
        return answer(Health(status="ok"))

    async def ready(call: Call) -> Response:
        probes: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("log", stores.log.check),
            ("journal", stores.journal.check),
            ("documents", stores.documents.check),
            ("blobs", stores.blobs.check),
        )
        async with asyncio.TaskGroup() as group:
            checks = [group.create_task(check(name, probe)) for name, probe in probes]
            consuming = group.create_task(progress())
        found = tuple(task.result() for task in checks)
        consumers = consuming.result()
        able = all(part.ok for part in found) and all(part.ok for part in consumers)
        body = Readiness(ready=able, checks=found, consumers=consumers)
        return answer(body, 200 if able else 503, {"Cache-Control": "no-store"})

    async def info(call: Call) -> Response:
        try:
            # Finding out what is installed may take an import or two the first time.
            async with asyncio.timeout(config.default_wait):
                engines = await hooks.engines()
        except TimeoutError as error:
            raise unavailable() from error
        return answer(ServiceInfo(name=NAME, version=config.version, engines=engines, limits=config.limits))

    return [Endpoint(HEALTH, health), Endpoint(READY, ready), Endpoint(INFO, info)]
