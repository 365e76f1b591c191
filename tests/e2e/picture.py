"""`python -m tests.e2e.picture OUT.png`: the page at work, for the README."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.e2e.browser import chromium, files, merge, opened, upload
from tests.e2e.service import Service, sample_shots


async def take_picture(url: str, place: Path) -> None:
    """A PNG of 1280 × 800 pixels: the sample screenshots, read and merged."""
    async with chromium() as browser, opened(browser, url) as (page, _):
        await upload(page, files(sample_shots()))
        await merge(page)
        await page.mouse.move(0, 0)
        # Images decode and what fades in fades in before the shutter opens.
        await page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
        await page.screenshot(path=place, animations="disabled")


def main() -> int:
    """Starts a service of its own for the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    place = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "service")
        service.start()
        try:
            asyncio.run(take_picture(service.url, place))
        finally:
            service.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
