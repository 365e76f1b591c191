"""A real Chromium, and how a person uses the page with it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, FilePayload, Page, ViewportSize, async_playwright, expect

from tests.e2e.service import png
from tests.screenshots.scenes import Shot
from tests.servers.cache import NotProvisioned

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS = 60_000.0
"""How long anything may take on a machine that is busy with other tests."""
WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=390, height=844)


class Console:
    """What a page complains of: errors that scripts do not catch, and whatever it prints as a warning or an error."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{message.type}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser, closed with the context. Raises NotProvisioned."""
    if not CHROMIUM.exists():
        raise NotProvisioned("Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser,
    url: str,
    viewport: ViewportSize = WIDE,
    language: str = "en-US",
    colours: Literal["light", "dark"] = "light",
) -> AsyncIterator[tuple[Page, Console]]:
    """The page in a profile of its own."""
    context = await browser.new_context(viewport=viewport, locale=language, color_scheme=colours)
    context.set_default_timeout(TIMEOUT_MS)
    try:
        page = await context.new_page()
        console = Console(page)
        await page.goto(url)
        yield page, console
    finally:
        await context.close()


def files(shots: Sequence[Shot]) -> list[FilePayload]:
    """The shots as a person would choose them."""
    return [
        FilePayload(name=f"shot-{number}.png", mimeType="image/png", buffer=png(shot))
        for number, shot in enumerate(shots, 1)
    ]


async def upload(page: Page, chosen: list[FilePayload]) -> None:
    """Chooses files and returns when all have been read."""
    await page.set_input_files("#files", chosen)
    await expect(page.locator("#shots [data-status=read]")).to_have_count(len(chosen), timeout=TIMEOUT_MS)


async def merge(page: Page) -> None:
    """Merges, and returns when the transcript is shown."""
    await expect(page.locator("#merge-button")).to_be_enabled(timeout=TIMEOUT_MS)
    await page.click("#merge-button")
    await expect(page.locator("#log[data-view=merged] .message").first).to_be_visible(timeout=TIMEOUT_MS)
