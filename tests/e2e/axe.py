"""What axe-core finds wrong with a page."""

from typing import Any

from playwright.async_api import Page

from tests.servers.cache import NotProvisioned, skip_or_fail
from tests.servers.node import axe_script


async def load_axe(page: Page) -> None:
    """Puts axe-core into the page; skips the test where it is not there."""
    try:
        await page.evaluate(axe_script())
    except NotProvisioned as missing:
        skip_or_fail(missing)


async def violations(page: Page) -> list[str]:
    """What is wrong with the page as it is now."""
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    return [f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]
