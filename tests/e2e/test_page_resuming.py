"""The page in a real Chromium: conversations over connections that come and go."""

import json
from pathlib import Path

from playwright.async_api import Browser, WebSocketRoute, expect

from tests.ai import ScriptedEngine
from tests.e2e.browser import TIMEOUT_MS, opened
from tests.e2e.coached import coached
from tests.e2e.conversing import WORDS, is_over, replies, say, start
from tests.gateway.talking import talking


async def test_a_reload_in_mid_reply_goes_on_where_it_was(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, stall=3)
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        await start(page)
        await expect(replies(page)).to_have_text(["".join(WORDS[:3])])
        await page.reload()
        await expect(replies(page)).to_have_text(["".join(WORDS[:3])], timeout=TIMEOUT_MS)
        await expect(page.locator("#talk-title")).to_have_text("Practice: a friend")
        await expect(page.locator("#stop")).to_be_visible()
        engine.go.set()
        await is_over(page, 1)
        await expect(replies(page)).to_have_text(["".join(WORDS)])


async def test_a_dropped_connection_is_resumed_at_its_cursor(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, stall=3)
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        connections: list[WebSocketRoute] = []
        sent: list[dict[str, object]] = []

        def pass_on(route: WebSocketRoute) -> None:
            connections.append(route)
            server = route.connect_to_server()

            def forward(message: str | bytes) -> None:
                sent.append(json.loads(message))
                server.send(message)

            route.on_message(forward)

        await page.route_web_socket("**/ws", pass_on)
        await start(page)
        await expect(replies(page)).to_have_text(["".join(WORDS[:3])])
        shown = await page.locator("#talk-log .turn").element_handle()
        await connections[0].close(code=1001)
        await expect(page.locator("#link-state")).to_have_text("reconnecting …")
        engine.go.set()
        await is_over(page, 1)
        await expect(replies(page)).to_have_text(["".join(WORDS)])
        # What stood there stayed, and only what was missing was asked for.
        assert shown is not None
        assert await shown.evaluate("one => one.isConnected")
        first, second = [one for one in sent if one["type"] == "subscribe"]
        assert "since" not in first
        assert isinstance(second["since"], dict)
        assert second["since"]["seq"] > 0


async def test_what_was_not_sent_says_so_and_is_sent_again(tmp_path: Path, browser: Browser) -> None:
    async with talking(tmp_path) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        lost: list[str | bytes] = []

        def lose_the_first(route: WebSocketRoute) -> None:
            server = route.connect_to_server()

            async def forward(message: str | bytes) -> None:
                if '"say"' in str(message) and not lost:
                    lost.append(message)
                    await route.close(code=1001)
                else:
                    server.send(message)

            route.on_message(forward)

        await page.route_web_socket("**/ws", lose_the_first)
        await start(page)
        await is_over(page, 1)
        await say(page, "들려?")
        await expect(page.locator("#talk-log .state.problem:visible")).to_contain_text(
            "Not sent: The connection was lost."
        )
        await expect(page.locator("#link-state")).to_have_text("live", timeout=TIMEOUT_MS)
        await page.get_by_role("button", name="Send again").click()
        await is_over(page, 2)
        await expect(page.locator("#talk-log .own .words")).to_have_text(["들려?"])
        await expect(page.locator("#talk-log .state:visible")).to_have_count(0)


async def test_what_was_sent_is_not_taken_for_lost_because_the_answer_was(tmp_path: Path, browser: Browser) -> None:
    async with talking(tmp_path) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        answers: list[str | bytes] = []

        def lose_the_first_answer(route: WebSocketRoute) -> None:
            server = route.connect_to_server()

            async def back(message: str | bytes) -> None:
                if '"accepted"' in str(message) and not answers:
                    answers.append(message)
                    await route.close(code=1001)
                elif not answers or route is not first[0]:
                    route.send(message)

            first.append(route)
            server.on_message(back)

        first: list[WebSocketRoute] = []
        await page.route_web_socket("**/ws", lose_the_first_answer)
        await start(page)
        await is_over(page, 1)
        await say(page, "들려?")
        await is_over(page, 2)
        assert len(answers) == 1
        await expect(page.locator("#talk-log .own .words")).to_have_text(["들려?"])
        await expect(page.locator("#talk-log .state:visible")).to_have_count(0)


async def test_a_turn_that_waits_is_still_there_after_a_reload(tmp_path: Path, browser: Browser) -> None:
    engine = ScriptedEngine(pieces=WORDS, stall=2)
    async with talking(tmp_path, engine) as talk, opened(browser, f"{talk.url}/#talk") as (page, _):
        await start(page)
        await say(page, "기다릴게")
        await expect(page.locator("#talk-log .own .state")).to_have_text("waiting for its turn")
        await page.reload()
        await expect(page.locator("#talk-log .own .state")).to_have_text("waiting for its turn")
        engine.go.set()
        await is_over(page, 2)
        await expect(page.locator("#talk-log .own .words")).to_have_text(["기다릴게"])
        await expect(page.locator("#talk-log .own .state")).to_have_count(0)


async def test_everything_goes_over_one_websocket(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, ("어디야?", "집이야")) as service, opened(browser, service.url) as (page, _):
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        await service.processed(page)
        session = page.url
        await page.click("#nav-talk")
        await start(page)
        await is_over(page, 1)
        await say(page, "안녕")
        await is_over(page, 2)
        await page.click("#nav-sessions")
        assert page.url == session
        await expect(page.locator("#log .message")).to_have_count(2)
        await page.click("#suggest")
        await expect(page.locator("#suggestions li")).to_have_count(3, timeout=TIMEOUT_MS)
        await page.click("#nav-talk")
        await expect(replies(page)).to_have_count(2)
        for _ in range(3):
            # Left and opened again at once: the same stream on the same connection.
            talked = page.url
            await page.evaluate(
                "address => { location.hash = '#talk'; location.hash = address }", talked.partition("#")[2]
            )
            await is_over(page, 2)
        assert len(sockets) == 1
