"""The whole service in the loop of the test: what reads, judges and talks says what the test tells it to."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.async_api import FilePayload, Page, expect

from contracts.resources import Bubble, Extraction, Position
from processors.analysis.handler import AnalysisHandler
from processors.imports.handler import ImportsHandler
from processors.merge.handler import MergeHandler
from processors.ocr.handler import OcrHandler
from processors.ocr.worker import ReadJob
from processors.runtime.handler import Handler
from processors.runtime.pool import WorkerPool
from storage.images import ImageLimits
from storage.stores import Stores
from tests.e2e.browser import TIMEOUT_MS, merge
from tests.gateway.service import png
from tests.gateway.talking import Talk, talking
from tests.processors.judging_engine import JudgingEngine

LINE = 40.0


@dataclass(frozen=True)
class ScriptedReader:
    """Reads the same in every screenshot: `texts` from top to bottom, own ones at odd places."""

    texts: tuple[str, ...]

    def __call__(self, job: ReadJob) -> Iterator[Bubble | Extraction]:
        bubbles = [
            Bubble(
                text=text,
                speaker="user" if order % 2 else "interlocutor",
                confidence=0.99,
                position=Position(x=20.0, y=20.0 + order * LINE, width=150.0, height=LINE - 8),
                order=order,
                group_id=order + 1,
            )
            for order, text in enumerate(self.texts)
        ]
        yield from bubbles
        yield Extraction(
            screenshot_id=job.screenshot_id,
            session_id=job.session_id,
            width=200,
            height=screen_height(self.texts),
            top=10.0,
            bottom=screen_height(self.texts) - 10.0,
            bubbles=tuple(bubbles),
            engine="scripted",
        )


def screen_height(texts: Sequence[str]) -> int:
    return int(40 + len(texts) * LINE)


@dataclass
class Coached:
    """`engine` analyses, suggests and talks; `texts` is what is read in a screenshot."""

    talk: Talk
    engine: JudgingEngine
    texts: tuple[str, ...]

    @property
    def url(self) -> str:
        return self.talk.url

    def picture(self) -> FilePayload:
        """A screenshot, which is read as `texts`."""
        image = png(200, screen_height(self.texts))
        return FilePayload(name="shot.png", mimeType="image/png", buffer=image)

    async def processed(self, page: Page) -> None:
        """Uploads a screenshot on the page and merges it; returns when the transcript is shown."""
        await self.uploaded(page)
        await merge(page)

    async def uploaded(self, page: Page) -> None:
        await page.set_input_files("#files", self.picture())
        await expect(page.locator("#shots [data-status=read]")).to_have_count(1, timeout=TIMEOUT_MS)


@asynccontextmanager
async def coached(directory: Path, texts: Sequence[str], engine: JudgingEngine | None = None) -> AsyncIterator[Coached]:
    """The service while the context is open."""
    engine = engine or JudgingEngine()
    async with WorkerPool(partial(ScriptedReader, tuple(texts)), 1) as pool:

        def handlers(stores: Stores) -> list[Handler]:
            return [
                OcrHandler(stores, pool),
                ImportsHandler(stores),
                MergeHandler(stores, ImageLimits()),
                AnalysisHandler(stores, engine),
            ]

        async with talking(directory, engine, other_handlers=handlers) as talk:
            yield Coached(talk, engine, tuple(texts))
