"""The page in a real Chromium: conversations whose replies stream in."""

import random
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from processors.ai.port import Completion, Relationship
from tests.ai import EVALUATION, MODELS, ScriptedEngine
from tests.e2e.axe import load_axe, violations
from tests.e2e.browser import NARROW, TIMEOUT_MS, WIDE, opened
from tests.e2e.coached import coached
from tests.e2e.conversing import MARKUP, WORDS, is_over, replies, say, start
from tests.gateway.talking import talking
from tests.processors.judging_engine import JudgingEngine


async def test_a_reply_grows_word_by_word_and_ends_with_a_judgement(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, pace=0.2)
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, console):
        await start(page)
        await is_over(page, 1)
        await page.evaluate(
            """() => {
                window.grown = [];
                new MutationObserver(() => window.grown.push([
                    [...document.querySelectorAll("#talk-log .theirs .words")].at(-1).textContent,
                    document.getElementById("spoken").textContent,
                ])).observe(document.getElementById("talk-log"), {childList: true, subtree: true, characterData: true});
                document.getElementById("spoken").textContent = "";
            }"""
        )
        await say(page, f"미안해 {MARKUP}")
        await is_over(page, 2)
        whole = "".join(WORDS)
        await expect(replies(page)).to_have_text([whole, whole])
        grown: list[tuple[str, str]] = await page.evaluate("window.grown")
        steps = [step for step in dict.fromkeys(text for text, _ in grown) if 0 < len(step) < len(whole)]
        assert len(steps) >= 3, grown
        assert all(whole.startswith(step) for step in steps)
        # Read out once it is whole, and not before.
        assert {spoken for text, spoken in grown if text != whole} <= {""}
        assert EVALUATION.suggested_alternative is not None
        await expect(page.locator("#spoken")).to_have_text(
            f"{whole} – Score 60, neutral, Relationship 0, {EVALUATION.review_comment}"
        )
        judgement = page.locator("#talk-log .own .judgement")
        await expect(judgement.locator(".verdict")).to_have_text("Score 60neutralRelationship 0")
        await expect(judgement.locator(".comment")).to_have_text(EVALUATION.review_comment)
        await expect(judgement.locator(".said")).to_have_text(EVALUATION.suggested_alternative)
        await expect(page.locator("#talk-log .own .words")).to_have_text(f"미안해 {MARKUP}")
        await expect(page.locator("#talk-log b, #talk-log img")).to_have_count(0)
        assert console.complaints == []


async def test_a_reply_that_is_stopped_stays_as_far_as_it_came(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, stall=2)
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        await start(page)
        await expect(replies(page)).to_have_text(["".join(WORDS[:2])])
        await say(page, "하나")
        await expect(page.locator("#talk-log .own .state")).to_have_text("waiting for its turn")
        await page.get_by_role("button", name="Stop").click()
        stopped = page.locator("#talk-log .theirs[data-state=cancelled]")
        await expect(stopped).to_have_count(2, timeout=TIMEOUT_MS)
        await expect(stopped.first.locator(".words")).to_have_text("".join(WORDS[:2]))
        await expect(stopped.locator(".mark")).to_have_text(["stopped", "stopped"])
        await expect(page.locator("#talk-log .own .words")).to_have_text(["하나"])
        await expect(page.locator("#stop")).to_be_hidden()
        await expect(page.locator("#words")).to_be_focused()
        engine.go.set()
        await say(page, "둘")
        await is_over(page, 1)
        await expect(replies(page).last).to_have_text("".join(WORDS))


async def test_a_reply_that_fails_says_why(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, fail=1, error=TokstreamError(AI_ENGINE_FAILED, "The engine is <i>away</i>."))
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        await start(page)
        failed = page.locator("#talk-log .theirs[data-state=failed]")
        await expect(failed.locator(".words")).to_have_text(WORDS[0], timeout=TIMEOUT_MS)
        await expect(failed.locator(".state")).to_have_text("Broken off: The engine is <i>away</i>.")
        await expect(page.locator("#stop")).to_be_hidden()


async def test_a_relationship_may_be_told_in_own_words(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine()
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk", language="ko-KR") as (page, _):
        await expect(page.locator("#practise-who")).to_be_hidden()
        await page.select_option("#practise-relationship", label="직접 쓰기 …")
        await expect(page.locator("#practise-who")).to_be_focused()
        await page.fill("#practise-who", "직장 상사")
        await page.fill("#practise-about", "3년째 같은 팀")
        await page.keyboard.press("Enter")
        await is_over(page, 1)
        await expect(page.locator("#talk-title")).to_have_text("연습: 직장 상사")
        await expect(page.locator("#talk-log .sender")).to_have_text("직장 상사")
        assert engine.asked == [Relationship(relationship="직장 상사", relationship_info="3년째 같은 팀")]


async def test_a_chat_has_a_name_and_a_model_and_is_found_again_by_its_name(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine()
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):

        async def chat(name: str, model: str) -> None:
            await page.fill("#ask-name", name)
            await page.select_option("#ask-model", model)
            await page.get_by_role("button", name="Open").click()
            await expect(page.locator("#talk-title")).to_have_text(f"Chat of {name}", timeout=TIMEOUT_MS)

        await chat("민수", MODELS[1])
        await expect(page.locator("#words")).to_be_focused()
        await say(page, "첫 번째")
        await is_over(page, 1)
        await expect(page.locator("#talk-log .sender")).to_have_text([MODELS[1]])
        await say(page, "두 번째")
        await is_over(page, 2)
        address = page.url
        await chat("지영", MODELS[0])
        await expect(replies(page)).to_have_count(0)
        await chat("민수", MODELS[0])
        await is_over(page, 2)
        assert page.url == address
        await say(page, "세 번째")
        await is_over(page, 3)
        await expect(page.locator("#talk-log .own .words")).to_have_text(["첫 번째", "두 번째", "세 번째"])
        await expect(page.locator("#talk-log .sender")).to_have_text([MODELS[1], MODELS[1], MODELS[0]])
        asked = [one.model for one in engine.asked if isinstance(one, Completion)]
        assert asked == [MODELS[1], MODELS[1], MODELS[0]]

        await page.get_by_role("button", name="Delete the conversation “Chat of 민수”").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.locator("#talks a")).to_have_count(0)
        await expect(page.locator("#say")).to_be_hidden()
        await chat("민수", MODELS[1])
        await say(page, "처음부터")
        await is_over(page, 1)
        await expect(page.locator("#talk-log .own .words")).to_have_text(["처음부터"])


async def test_a_long_reply_is_followed_unless_the_person_reads_above(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=[f"{number}번째 줄이 이어집니다.\n" for number in range(120)], stall=100)
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk", NARROW) as (page, _):
        await start(page)
        await expect(replies(page)).to_contain_text("99번째")
        away = "log => log.scrollHeight - log.scrollTop - log.clientHeight"
        log = page.locator("#talk-log")
        assert await log.evaluate(away) < 2
        await expect(page.locator("#latest")).to_be_hidden()
        await log.focus()
        await page.keyboard.press("Home")
        await page.wait_for_function("() => document.getElementById('talk-log').scrollTop === 0")
        engine.go.set()
        await is_over(page, 1)
        assert await log.evaluate("log => log.scrollTop") == 0
        await page.get_by_role("button", name="Latest").click()
        await page.wait_for_function(f"() => ({away})(document.getElementById('talk-log')) < 2")
        await expect(page.locator("#latest")).to_be_hidden()


async def test_deltas_fold_by_code_points(tmp_path: Path, browser: Browser) -> None:
    source = random.Random(4)
    deltas, text = [], ""
    for _ in range(300):
        piece = "".join(source.choices("a가👍🏽\u200d\n", k=source.randrange(0, 6)))
        offset = len(text) if source.random() < 0.8 else source.randrange(len(text) + 1)
        deltas.append([offset, piece])
        text = text[:offset] + piece
    async with talking(tmp_path) as talk, opened(browser, talk.url) as (page, _):
        folded = await page.evaluate(
            """async deltas => {
                const {Fold} = await import("./web/fold.js"), fold = new Fold();
                deltas.forEach(([offset, text]) => fold.apply(offset, text));
                return fold.text;
            }""",
            deltas,
        )
        assert folded == text


async def test_a_conversation_works_by_keyboard_alone(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, stall=4)
    engine.go.set()
    async with talking(tmp_path, engine) as talk, opened(browser, talk.url) as (page, _):

        async def tab_to(name: str) -> None:
            for _ in range(40):
                if await page.evaluate("document.activeElement.id") == name:
                    return
                await page.keyboard.press("Tab")
            pytest.fail(f"{name} cannot be reached")

        await tab_to("nav-talk")
        await page.keyboard.press("Enter")
        await tab_to("practise-relationship")
        await page.keyboard.press("ArrowDown")
        await tab_to("practise-button")
        await page.keyboard.press("Enter")
        await is_over(page, 1)
        await expect(page.locator("#talk-title")).to_have_text("Practice: a partner")
        await expect(page.locator("#words")).to_be_focused()
        engine.go.clear()
        await page.keyboard.type("두 줄")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("이야")
        await page.keyboard.press("Enter")
        await expect(replies(page).last).to_have_text("".join(WORDS[:4]), timeout=TIMEOUT_MS)
        await expect(page.locator("#talk-log .own .words")).to_have_text("두 줄\n이야", use_inner_text=True)
        await tab_to("stop")
        await page.keyboard.press("Enter")
        await expect(page.locator("#talk-log [data-state=cancelled]")).to_have_count(1, timeout=TIMEOUT_MS)
        await expect(page.locator("#words")).to_be_focused()


async def test_enter_that_ends_a_syllable_sends_nothing(tmp_path: Path, browser: Browser) -> None:
    async with talking(tmp_path) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        await start(page)
        await is_over(page, 1)
        await page.fill("#words", "안녀")
        await page.locator("#words").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
        await expect(page.locator("#words")).to_have_value("안녀")
        await page.locator("#words").dispatch_event("keydown", {"key": "Enter", "isComposing": False})
        await expect(page.locator("#words")).to_have_value("")
        await is_over(page, 2)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_axe_finds_nothing_to_complain_about(
    tmp_path: Path, browser: Browser, viewport: ViewportSize, colours: Literal["light", "dark"]
) -> None:
    engine = JudgingEngine(pieces=WORDS)
    async with (
        coached(tmp_path, ("어디야?", "집이야"), engine) as service,
        opened(browser, service.url, viewport, colours=colours) as (page, _),
    ):
        # What moves would be measured half faded in.
        await page.emulate_media(reduced_motion="reduce")
        await load_axe(page)
        await service.processed(page)
        await page.click("#suggest")
        await expect(page.locator("#suggestions li")).to_have_count(3, timeout=TIMEOUT_MS)
        assert await violations(page) == []
        await page.click("#nav-talk")
        assert await violations(page) == []
        await start(page)
        await is_over(page, 1)
        engine.stall = 3
        await say(page, "안녕")
        await expect(page.locator("#stop")).to_be_visible()
        assert await violations(page) == []
        engine.go.set()
        await is_over(page, 2)
        engine.fail = 2
        await say(page, "안녕")
        await expect(page.locator("#talk-log [data-state=failed]")).to_have_count(1, timeout=TIMEOUT_MS)
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
