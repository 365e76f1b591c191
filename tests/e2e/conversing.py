"""How a person talks on the page."""

from playwright.async_api import Locator, Page, expect

from tests.e2e.browser import TIMEOUT_MS

MARKUP = "<b>굵게</b> <img src=x onerror=alert(1)>"
WORDS = ("오늘 ", "👍🏽 정말 ", "고생 ", "많았어. ", MARKUP)


def replies(page: Page) -> Locator:
    """The words of the replies that are shown."""
    return page.locator("#talk-log .theirs:not([hidden]) .words")


async def start(page: Page, relationship: str = "FRIEND") -> None:
    """Starts a simulated conversation; returns when its first reply has begun."""
    await page.select_option("#practise-relationship", relationship)
    await page.click("#practise-button")
    await expect(replies(page)).to_have_count(1, timeout=TIMEOUT_MS)
    await expect(page.locator("#words")).to_be_focused()


async def say(page: Page, text: str) -> None:
    await page.fill("#words", text)
    await page.keyboard.press("Enter")


async def is_over(page: Page, turns: int) -> None:
    """Returns when so many replies are whole, and nothing runs."""
    done = page.locator("#talk-log .theirs[data-state=completed]")
    await expect(done).to_have_count(turns, timeout=TIMEOUT_MS)
    await expect(page.locator("#stop")).to_be_hidden()
