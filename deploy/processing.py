"""The consumers of a process: which capabilities run, on which stores, and how they are doing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from contracts.resources import ConsumerProgress
from deploy.settings import CAPABILITIES, Settings, SettingsError
from processors.ai.port import AiEngine
from processors.analysis.handler import AnalysisHandler
from processors.conversation.handler import ConversationHandler
from processors.imports.handler import ImportsHandler
from processors.merge.handler import MergeHandler
from processors.ocr.handler import OcrHandler, OcrPool
from processors.ocr.worker import ReaderOptions, server_factory
from processors.runtime.consumer import Consumer, ConsumerSettings, ConsumerStatus
from processors.runtime.handler import Handler
from processors.runtime.pool import WorkerPool
from storage.images import ImageLimits
from storage.stores import Stores

logger = logging.getLogger(__name__)

STALLED_SECONDS: Final = 120.0
"""A command that runs this long, or a consumer that has not polled for as long, counts as no progress."""
LONG_SECONDS: Final = {"analysis": 900.0, "conversation": 900.0}
"""Of capabilities whose commands may run longer: an engine far away takes minutes for a conversation of years."""


class Processors:
    """The running consumers of this process."""

    def __init__(self, consumers: Sequence[Consumer]) -> None:
        self._consumers = consumers

    async def progress(self) -> tuple[ConsumerProgress, ...]:
        """One entry a capability, for `/readyz`."""
        return tuple(judge(consumer.status()) for consumer in self._consumers)


def judge(status: ConsumerStatus) -> ConsumerProgress:
    """Whether a consumer in this state makes progress."""
    if not status.joined:
        problem = "has not joined its consumer group"
    elif status.stopped_by_breaker:
        problem = "stopped by its breaker: too many failures in a row"
    elif status.polled > STALLED_SECONDS:
        problem = f"has not polled for {status.polled:.0f} s"
    elif status.oldest > LONG_SECONDS.get(status.name, STALLED_SECONDS):
        problem = f"a command has been running for {status.oldest:.0f} s"
    else:
        problem = ""
    detail = problem or f"{status.running} running, {status.queued} queued"
    return ConsumerProgress(capability=status.name, ok=not problem, detail=detail)


def reader_options(settings: Settings) -> ReaderOptions:
    """What the OCR workers are told."""
    limits = ImageLimits(max_bytes=settings.max_upload_bytes, max_pixels=settings.max_pixels)
    return ReaderOptions(engine=settings.ocr, paddle_models=settings.paddle_models, limits=limits)


@asynccontextmanager
async def running_processors(
    stores: Stores, settings: Settings, engine: AiEngine, capabilities: Sequence[str] = CAPABILITIES
) -> AsyncIterator[Processors]:
    """Runs the consumers of the capabilities until the context is left, then drains them.

    The OCR models load meanwhile: uploads are taken from the start, and wait their turn. What fails for good, loading
    the models too, ends the context with its error.
    """
    async with AsyncExitStack() as stack:
        handlers: list[Handler] = []
        warming: OcrPool | None = None
        if "ocr" in capabilities:
            pool: OcrPool = WorkerPool(server_factory(reader_options(settings)), settings.workers())
            warming = await stack.enter_async_context(pool)
            handlers.append(OcrHandler(stores, pool))
        if "imports" in capabilities:
            handlers.append(ImportsHandler(stores))
        if "merge" in capabilities:
            handlers.append(MergeHandler(stores, reader_options(settings).limits))
        if "analysis" in capabilities:
            handlers.append(AnalysisHandler(stores, engine))
        if "conversation" in capabilities:
            handlers.append(ConversationHandler(stores, engine, settings.ai_context_tokens))
        consumers = [Consumer(stores.log, handler, consumer_settings(handler.name, settings)) for handler in handlers]
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for consumer in consumers:
                tasks.create_task(consumer.run(stop))
            warm = tasks.create_task(_warm(warming, settings)) if warming is not None else None
            try:
                yield Processors(consumers)
            finally:
                stop.set()
                if warm is not None:
                    warm.cancel()


def consumer_settings(capability: str, settings: Settings) -> ConsumerSettings:
    """How many commands a consumer of the capability takes at a time, and how long it may finish them."""
    # A reply that streams waits for its engine nearly all the time: many fit beside each other.
    concurrency = settings.conversation_concurrency if capability == "conversation" else settings.concurrency
    return ConsumerSettings(concurrency=concurrency, drain_seconds=settings.drain_seconds)


async def _warm(pool: OcrPool, settings: Settings) -> None:
    """Loads the models. Raises SettingsError where the engine that is set does not run here, WorkerDied."""
    try:
        await pool.warm()
    except (ImportError, ValueError, OSError) as error:
        raise SettingsError(f"TOKSTREAM_OCR={settings.ocr}: {error}") from error
