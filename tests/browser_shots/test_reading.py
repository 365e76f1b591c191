"""The reader reads what a browser laid out and lettered, in the look of the main messengers."""

import pytest
from playwright.async_api import Browser

from processors.ocr.engines.select import open_reader
from processors.ocr.reader import ScreenshotReader
from tests.bench.reading import pixels
from tests.browser_shots.shoot import shoot
from tests.screenshots.scoring import score_shot

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST_EDITS = 0.04
"""Share of the letters that may be read wrongly."""


@pytest.fixture(scope="module")
def reader() -> ScreenshotReader:
    return ScreenshotReader(open_reader("tokstream"))


@pytest.mark.parametrize(
    ("template", "seed"),
    [
        ("kakao", 1),
        ("kakao", 6),
        ("kakao-pc", 1),
        ("whatsapp", 2),
        ("whatsapp-web", 4),
        ("telegram", 2),
        ("telegram-web", 4),
        ("line", 1),
        ("imessage", 2),
        ("instagram", 2),
        ("discord", 1),
        ("slack", 4),
    ],
)
async def test_every_message_of_a_browsers_chat_is_read_and_given_its_side(
    template: str, seed: int, browser: Browser, reader: ScreenshotReader
) -> None:
    shot = await shoot(browser, template, seed)
    score = score_shot(shot.truth, list(reader.read(pixels(shot.image))))
    assert score.required >= 3
    faults = [failure for failure in score.failures if failure.kind in ("missed", "false", "speaker")]
    assert not faults
    assert score.distance <= MOST_EDITS * score.letters
