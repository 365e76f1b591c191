"""The page in a real Chromium: judgements of what was said, and what to say next."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from contracts.conversations import STYLES
from tests.e2e.browser import TIMEOUT_MS, merge, opened
from tests.e2e.coached import Coached, coached

MARKUP = "<b>정말</b> <img src=x onerror=alert(1)>"
CHAT = ("어디야?", "집이야", "왜 안 와", MARKUP, "알겠어", "ㅇㅇ")
LONG = tuple(f"{'내' if place % 2 else '네'} 말 {place}" for place in range(90))


async def listed(service: Coached, page: Page) -> list[dict[str, Any]]:
    answer = await service.talk.client.get(f"/sessions/{page.url.partition('#')[2]}/messages")
    messages: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
    return messages


async def judgements(page: Page) -> dict[str, tuple[str, str, str]]:
    """By the words of a bubble: (verdict, comment, alternative) below it, as they are read."""
    found: list[list[str]] = await page.locator("#log .message:has(.judgement)").evaluate_all(
        """all => all.map(one => [".words", ".verdict", ".comment", ".alternative .said"].map(
            part => one.querySelector(part)?.textContent ?? ""))"""
    )
    return {words: (verdict, comment, alternative) for words, verdict, comment, alternative in found}


def expected(messages: list[dict[str, Any]]) -> dict[str, tuple[str, str, str]]:
    """The same of messages as the service tells of them."""
    return {
        one["text"]: (
            f"Score {one['score']:.0f}neutralRelationship {one['impact_score']:+.0f}",
            one["ai_message"],
            one["suggested_alternative"] or "",
        )
        for one in messages
        if one["score"] is not None
    }


async def test_each_own_message_shows_its_judgement_and_does_so_after_a_reload(
    tmp_path: Path, browser: Browser
) -> None:
    async with coached(tmp_path, CHAT) as service, opened(browser, service.url) as (page, console):
        await service.processed(page)
        wanted = expected(await listed(service, page))
        assert wanted.keys() == {CHAT[1], CHAT[3], CHAT[5]}
        assert [wanted[text][2] for text in (CHAT[1], MARKUP)] == ["", MARKUP.upper()]
        assert await judgements(page) == wanted
        await expect(page.locator("#log b, #log img")).to_have_count(0)
        await page.reload()
        await expect(page.locator("#log .judgement")).to_have_count(3, timeout=TIMEOUT_MS)
        assert await judgements(page) == wanted
        await page.click("#view-live")
        await expect(page.locator("#log .judgement")).to_have_count(0)
        await expect(page.locator("#suggest")).to_be_hidden()
        assert console.complaints == []


async def test_the_page_tells_how_far_the_analysis_is(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, LONG) as service, opened(browser, service.url) as (page, _):
        go = asyncio.Event()

        async def hold_the_last(texts: tuple[str, ...]) -> None:
            if LONG[-1] in texts:
                await go.wait()

        service.engine.entered = hold_the_last
        await service.uploaded(page)
        await page.click("#merge-button")
        await expect(page.locator("#judging-text")).to_have_text("40 of 45 judged", timeout=TIMEOUT_MS)
        await expect(page.locator("#judging-last")).to_have_text(re.compile(r"\S.* · Score \d+"))
        assert await page.locator("#judging-bar").evaluate("bar => bar.position") == pytest.approx(40 / 45)
        go.set()
        await expect(page.locator("#log .judgement")).to_have_count(45, timeout=TIMEOUT_MS)
        await expect(page.locator("#judging")).to_be_hidden()


async def test_a_failed_analysis_keeps_the_transcript_and_is_run_again_from_the_page(
    tmp_path: Path, browser: Browser
) -> None:
    async with coached(tmp_path, LONG) as service, opened(browser, service.url) as (page, _):
        service.engine.failing = {LONG[-1]}
        await service.processed(page)
        await expect(page.locator("#log .message")).to_have_count(len(LONG))
        await expect(page.locator("#problem")).to_have_text("the script fails here")
        await expect(page.locator("#again")).to_be_visible()
        judged = await page.locator("#log .judgement").count()
        assert 0 < judged < 45

        await page.reload()
        await expect(page.locator("#again")).to_be_visible(timeout=TIMEOUT_MS)
        await expect(page.locator("#log .judgement")).to_have_count(judged, timeout=TIMEOUT_MS)

        service.engine.failing = set()
        go = asyncio.Event()
        service.engine.entered = lambda texts: go.wait()
        await page.locator("#again").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#judging-text")).to_have_text(f"0 of {45 - judged} judged", timeout=TIMEOUT_MS)
        await expect(page.locator("#problem")).to_be_hidden()
        go.set()
        await expect(page.locator("#log .judgement")).to_have_count(45, timeout=TIMEOUT_MS)
        await expect(page.locator("#again")).to_be_hidden()
        assert await judgements(page) == expected(await listed(service, page))


async def test_scores_appear_in_the_transcript_one_window_after_the_other(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, LONG) as service, opened(browser, service.url) as (page, _):
        service.engine.failing = set(LONG)
        await service.processed(page)
        await expect(page.locator("#log .judgement")).to_have_count(0)
        service.engine.failing = set()
        go = asyncio.Event()

        async def hold_the_last(texts: tuple[str, ...]) -> None:
            if LONG[-1] in texts:
                await go.wait()

        service.engine.entered = hold_the_last
        await page.click("#again")
        await expect(page.locator("#log .judgement")).to_have_count(40, timeout=TIMEOUT_MS)
        await expect(page.locator("#judging-text")).to_have_text("40 of 45 judged")
        go.set()
        await expect(page.locator("#log .judgement")).to_have_count(45, timeout=TIMEOUT_MS)


async def test_three_replies_are_suggested_and_can_be_copied(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, (*CHAT, MARKUP)) as service, opened(browser, service.url) as (page, console):
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await service.processed(page)
        await page.locator("#suggest").focus()
        await page.keyboard.press("Enter")
        said = page.locator("#suggestions .said")
        await expect(said).to_have_text([f"{style}: {MARKUP}" for style in STYLES], timeout=TIMEOUT_MS)
        await expect(page.locator("#suggestions h4")).to_have_text(["Empathy", "Solution", "Relationship"])
        await expect(page.locator("#suggestions .impact")).to_have_text(["Relationship +1"] * 3)
        await expect(page.locator("#suggestions .why")).to_have_text(["scripted"] * 3)
        await expect(page.locator("#suggestions b, #suggestions img")).to_have_count(0)
        await expect(page.locator("#suggest")).to_be_focused()
        await page.get_by_role("button", name="Copy the reply: Solution").click()
        await expect(page.locator("#suggestions button").nth(1)).to_have_text("Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == f"{STYLES[1]}: {MARKUP}"

        service.engine.failing = {MARKUP}
        await page.click("#suggest")
        await expect(page.locator("#problem")).to_have_text("the script fails here", timeout=TIMEOUT_MS)
        await expect(page.locator("#suggestions")).to_be_hidden()
        await expect(page.locator("#suggest")).to_have_text("What could I say next?")
        assert console.complaints == []


async def test_suggestions_go_with_the_transcript_that_they_were_for(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, CHAT) as service, opened(browser, service.url, language="ko-KR") as (page, _):
        await service.processed(page)
        await page.click("#suggest")
        await expect(page.locator("#suggestions h4")).to_have_text(list(STYLES), timeout=TIMEOUT_MS)
        await merge(page)
        await expect(page.locator("#suggestions")).to_be_hidden(timeout=TIMEOUT_MS)
        await page.click("#fresh")
        await expect(page.locator("#coach")).to_be_hidden()
