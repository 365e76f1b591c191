"""What the page's layout says of itself is what its picture shows."""

import numpy as np
import pytest
from playwright.async_api import Browser

from tests.browser_shots.shoot import TEMPLATES, set_stage, shoot

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_seed_gives_the_same_screenshot_and_truth(browser: Browser) -> None:
    first, second = await shoot(browser, "kakao", 3), await shoot(browser, "kakao", 3)
    assert first.truth == second.truth
    assert np.array_equal(np.asarray(first.image), np.asarray(second.image))
    assert (await shoot(browser, "kakao", 4)).truth != first.truth


async def test_lines_and_boxes_are_those_of_the_picture(browser: Browser) -> None:
    shot = await shoot(browser, "kakao-pc", 1)
    whole = [m for m in shot.truth.messages if m.kind == "text" and not m.partial and m.bubble]
    assert whole
    pixels = np.asarray(shot.image).astype(int)
    for message in whole:
        x, y, _width, height = message.box
        inside = pixels[y + height // 2, x + 2 : x + 5].mean(axis=0)
        outside = pixels[y + height // 2, x - 14 : x - 11].mean(axis=0)
        assert np.abs(inside - outside).max() > 8
        assert all(line == line.strip() for line in message.text.split("\n"))
        said = set_stage("kakao-pc", 1).conversation.utterances[message.index].text
        assert message.text.replace("\n", "").replace(" ", "") == said.replace("\n", "").replace(" ", "")


async def test_what_the_edges_cut_is_partial_and_says_what_is_seen(browser: Browser) -> None:
    seen = [m for seed in range(4) for m in (await shoot(browser, "kakao", seed)).truth.messages]
    cut = [m for m in seen if m.partial and m.kind == "text"]
    assert cut
    assert all(m.text in m.whole for m in cut)
    assert any(m.text != m.whole for m in cut)


@pytest.mark.parametrize("name", list(TEMPLATES))
async def test_every_template_shows_a_conversation_inside_its_window(name: str, browser: Browser) -> None:
    truth = (await shoot(browser, name, 5)).truth
    assert len(truth.messages) >= 3
    for message in truth.messages:
        x, y, width, height = message.box
        assert x >= 0
        assert x + width <= truth.width + 1
        assert truth.top <= y
        assert y + height <= truth.bottom
