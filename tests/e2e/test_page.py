"""The page in a real Chromium, against the real service: what a newcomer sees and does."""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, ViewportSize, WebSocketRoute, expect

from tests.e2e.axe import load_axe, violations
from tests.e2e.browser import NARROW, TIMEOUT_MS, WIDE, files, merge, opened, upload
from tests.e2e.service import Service, sample_shots
from tests.screenshots.samples import FRIEND

KEY = "tok_a-key-for-this-test"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("page"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shots() -> list[FilePayload]:
    return files(sample_shots())


def session_id(page: Page) -> str:
    return page.url.partition("#")[2]


async def read_from(service: Service, path: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=service.url, headers={"Accept": "application/json"}, timeout=30) as http:
        answer: dict[str, Any] = (await http.get(path)).raise_for_status().json()
        return answer


async def shown(page: Page) -> list[tuple[str, str]]:
    """What the conversation shows, from top to bottom: the side of each bubble and its words."""
    found: list[list[str]] = await page.locator("#log .message").evaluate_all(
        """all => all.map(one => [
            one.classList.contains("system") ? "system" : one.classList.contains("own") ? "user" : "interlocutor",
            (one.querySelector(".words, .notice-line")?.textContent ?? "")])"""
    )
    return [(side, words) for side, words in found]


def expected(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The same of messages or bubbles as the service tells of them."""
    return [("system" if one["kind"] == "system" else one["speaker"], one["text"]) for one in messages]


async def test_a_newcomer_uploads_watches_merges_and_takes_the_transcript_along(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, console):
        await expect(page.locator("#merge-button")).to_be_disabled()
        await upload(page, shots)
        assert page.url.startswith(f"{service.url}/#")
        await expect(page.locator("#link-state")).to_have_text("live")
        await expect(page.locator("#uploads li")).to_have_count(0)

        stream = await read_from(service, f"/streams/session:{session_id(page)}/events?limit=1000")
        accepted = [one["data"]["screenshot"] for one in stream["events"] if one["type"] == "screenshot.accepted"]
        number = {shot["screenshot_id"]: shot["upload_order"] for shot in accepted}
        read = [event["data"] for event in stream["events"] if event["type"] == "bubble.read"]
        read.sort(key=lambda event: (number[event["screenshot_id"]], event["bubble"]["order"]))
        live = await shown(page)
        assert live == expected([event["bubble"] for event in read])
        await expect(page.locator("#shots rect")).to_have_count(len(read))
        await expect(page.locator("#log .divider")).to_have_text(["Screenshot 1", "Screenshot 2", "Screenshot 3"])
        await boxes_lie_where_they_were_read(page, read)

        await merge(page)
        listed = await read_from(service, f"/sessions/{session_id(page)}/messages")
        assert await shown(page) == expected(listed["messages"])
        assert len(listed["messages"]) < len(read)
        await expect(page.locator("#counts")).to_have_text(f"{len(listed['messages'])} messages from 3 screenshots")
        await expect(page.locator("#log .gap")).to_have_count(0)
        await expect(page.locator("#log .sender").first).to_have_text(FRIEND)
        times = [one["sent_at"] for one in listed["messages"] if one["sent_at"] and one["kind"] != "system"]
        await expect(page.locator("#log .time")).to_have_text(times)
        for mark in ("partial", "uncertain"):
            marked = sum(one[mark] for one in listed["messages"] if one["kind"] != "system")
            await expect(page.locator(f"#log .bubble.{mark}")).to_have_count(marked)

        async with page.expect_download() as saving:
            await page.click("[data-format=csv]")
        table = (await (await saving.value).path()).read_text("utf-8-sig")
        assert len(list(csv.DictReader(io.StringIO(table)))) == len(listed["messages"])
        for form in ("json", "txt", "csv", "md"):
            link = await page.locator(f"[data-format={form}]").get_attribute("href")
            assert link == f"sessions/{session_id(page)}/transcript?format={form}"

        await page.click("#view-live")
        assert await shown(page) == live
        assert console.complaints == []


async def boxes_lie_where_they_were_read(page: Page, read: list[dict[str, Any]]) -> None:
    """Every box is drawn over the very pixels of the screenshot that the bubble was read from."""
    drawn: list[dict[str, float]] = await page.locator("#shots rect").evaluate_all(
        """all => all.map(box => {
            const image = box.closest(".shot").querySelector("img"), frame = image.getBoundingClientRect();
            const scale = image.naturalWidth / frame.width, place = box.getBoundingClientRect();
            return {x: (place.x - frame.x) * scale, y: (place.y - frame.y) * scale,
                    width: place.width * scale, height: place.height * scale};
        })"""
    )
    wanted = sorted((one["bubble"]["position"] for one in read), key=lambda box: (box["y"], box["x"], box["height"]))
    pixels = 4.0
    for box, position in zip(sorted(drawn, key=lambda box: (box["y"], box["x"], box["height"])), wanted, strict=True):
        for side in ("x", "y", "width", "height"):
            assert box[side] == pytest.approx(position[side], abs=pixels)


async def test_bubbles_appear_one_after_the_other_while_they_are_read(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, console):
        await page.evaluate(
            """() => {
                window.counts = [];
                const log = document.getElementById("log"), shots = document.getElementById("shots");
                new MutationObserver(() => window.counts.push([
                    log.querySelectorAll(".message").length, shots.querySelector("[data-status]")?.dataset.status,
                ])).observe(log, {childList: true, subtree: true});
            }"""
        )
        await upload(page, shots[:1])
        counts: list[tuple[int, str]] = await page.evaluate("window.counts")
        total = await page.locator("#log .message").count()
        # The screenshot counts as read after its last bubble; most must have been there before.
        while_reading = {count for count, status in counts if status == "queued" and count > 0}
        assert len(while_reading) >= 2, counts
        assert max(while_reading) <= total
        assert console.complaints == []


async def test_what_is_refused_is_told_beside_the_file_and_the_others_go_on(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    text = FilePayload(name="notes.png", mimeType="image/png", buffer=b"no image at all")
    async with opened(browser, service.url) as (page, console):
        await page.set_input_files("#files", [text, shots[0], shots[2]])
        await expect(page.locator("#shots [data-status=read]")).to_have_count(2, timeout=TIMEOUT_MS)
        refused = page.locator("#uploads .refused")
        await expect(refused).to_have_count(1)
        await expect(refused.locator(".name")).to_have_text("notes.png")
        async with httpx.AsyncClient(base_url=service.url) as http:
            problem = await http.post(
                f"/sessions/{session_id(page)}/upload", files={"file": ("notes.png", b"no image")}
            )
        await expect(refused.locator(".state")).to_have_text(problem.json()["detail"])
        await refused.get_by_role("button", name="Dismiss notes.png").click()
        await expect(refused).to_have_count(0)

        # The second screenshot of three is missing, and the transcript says so at the right place.
        await merge(page)
        listed = await read_from(service, f"/sessions/{session_id(page)}/messages")
        first_of_right = next(
            place
            for place, one in enumerate(listed["messages"])
            if one["screenshot_id"] != listed["messages"][0]["screenshot_id"]
        )
        rows: list[str] = await page.locator("#log > *").evaluate_all("all => all.map(one => one.className)")
        assert [place for place, row in enumerate(rows) if row == "divider gap"] == [first_of_right]
        await expect(page.locator("#log .gap")).to_have_text("Messages may be missing here")
        # Chromium itself notes every answer of 400 and above; nothing else may be there.
        assert [one for one in console.complaints if "415 (Unsupported Media Type)" not in one] == []


async def test_a_session_is_opened_again_by_address_and_from_the_list_and_grows(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, _):
        await upload(page, shots[:2])
        await merge(page)
        before = await shown(page)
        address = page.url
    async with opened(browser, address, language="ko-KR") as (page, console):
        await expect(page.locator("#log[data-view=merged] .message").first).to_be_visible(timeout=TIMEOUT_MS)
        assert await shown(page) == before
        await expect(page.locator("html")).to_have_attribute("lang", "ko")
        await expect(page.locator("#merge-button")).to_have_text("병합")
        await page.wait_for_function("[...document.querySelectorAll('#shots img')].every(one => one.naturalWidth > 0)")

        await page.get_by_role("link", name="새로 만들기").click()
        await expect(page.locator("#log .message")).to_have_count(0)
        await expect(page.locator("#shots li[data-status]")).to_have_count(0)
        await page.locator(f"#sessions a[href='#{address.partition('#')[2]}']").click()
        await expect(page.locator("#log[data-view=merged] .message").first).to_be_visible(timeout=TIMEOUT_MS)
        await expect(page.locator("#sessions [aria-current]")).to_have_count(1)

        await page.set_input_files("#files", shots[2:])
        await expect(page.locator("#log[data-view=live] .message").first).to_be_visible(timeout=TIMEOUT_MS)
        await expect(page.locator("#shots [data-status=read]")).to_have_count(3, timeout=TIMEOUT_MS)
        await merge(page)
        await expect(page.locator("#counts")).to_contain_text("3장")
        assert len(await shown(page)) > len(before)
        assert console.complaints == []


async def test_a_deleted_session_is_gone_from_the_page_and_from_the_service(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, console):
        await upload(page, shots[:1])
        identifier = session_id(page)
        entry = page.locator(f"#sessions li:has(a[href='#{identifier}'])")
        await entry.get_by_role("button").click()
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await expect(entry).to_have_count(1)
        await entry.get_by_role("button").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(entry).to_have_count(0)
        await expect(page.locator("#log .message")).to_have_count(0)
        assert session_id(page) == ""
        assert console.complaints == []
        async with httpx.AsyncClient(base_url=service.url) as http:
            assert (await http.get(f"/sessions/{identifier}")).status_code == 404
        await page.goto(f"{service.url}/#{identifier}")
        await expect(page.locator("#problem")).to_contain_text("not found", ignore_case=True)
        await expect(page.locator("#link-state")).to_have_text("not connected")


async def test_the_page_comes_back_after_the_service_was_killed_and_misses_nothing(
    tmp_path: Path, browser: Browser, shots: list[FilePayload]
) -> None:
    service = Service(tmp_path)
    service.start()
    try:
        async with opened(browser, service.url) as (page, _):
            await upload(page, shots[:1])
            before = await shown(page)
            seen = (await read_from(service, f"/streams/session:{session_id(page)}/events?limit=1000"))["events"]
            sent_frames: list[str] = []
            page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent_frames.append(str(frame))))
            service.kill9()
            await expect(page.locator("#link-state")).to_have_text("reconnecting …", timeout=TIMEOUT_MS)
            service.start()
            # Sent while the page is still away or just back: what happened in between must reach it all the same.
            async with httpx.AsyncClient(base_url=service.url, timeout=60) as http:
                upload_path = f"/sessions/{session_id(page)}/upload"
                sent = await http.post(upload_path, files={"file": ("b.png", shots[1]["buffer"])})
                sent.raise_for_status()
            await expect(page.locator("#link-state")).to_have_text("live", timeout=TIMEOUT_MS)
            await expect(page.locator("#shots [data-status=read]")).to_have_count(2, timeout=TIMEOUT_MS)
            subscribed = [json.loads(frame) for frame in sent_frames if '"subscribe"' in frame]
            assert [one["since"] for one in subscribed] == [{"epoch": seen[-1]["epoch"], "seq": seen[-1]["seq"]}]
            now = await shown(page)
            assert now[: len(before)] == before
            stream = await read_from(service, f"/streams/session:{session_id(page)}/events?limit=1000")
            read = [event["data"]["bubble"] for event in stream["events"] if event["type"] == "bubble.read"]
            assert now == expected(read)
            # The image of the second one was never on this page: it comes from the service.
            await page.wait_for_function(
                "[...document.querySelectorAll('#shots img')].every(one => one.naturalWidth > 0)"
            )
    finally:
        service.stop()


async def test_an_upload_whose_answer_got_lost_is_repeated_and_counts_once(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, _):
        keys: list[str | None] = []

        async def lose_the_first_answer(route: Route) -> None:
            keys.append(await route.request.header_value("idempotency-key"))
            if len(keys) == 1:
                await route.fetch()  # The service does its work, and the page never hears of it.
                await route.abort()
            else:
                await route.continue_()

        await page.route("**/upload", lose_the_first_answer)
        await upload(page, shots[:1])
        await expect(page.locator("#uploads li")).to_have_count(0, timeout=TIMEOUT_MS)
        assert keys == [keys[0]] * 2
        assert keys[0]
        assert (await read_from(service, f"/sessions/{session_id(page)}"))["total_screenshots"] == 1


@pytest.mark.slow
async def test_a_connection_that_falls_silent_is_given_up_for_another(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, _):
        connections: list[WebSocketRoute] = []

        def answer_none_on_the_first(route: WebSocketRoute) -> None:
            connections.append(route)
            if len(connections) > 1:
                route.connect_to_server()

        await page.route_web_socket("**/ws", answer_none_on_the_first)
        await upload(page, shots[:1])
        await expect(page.locator("#link-state")).to_have_text("live")
        assert len(connections) == 2


async def test_files_may_be_dropped_or_pasted(service: Service, browser: Browser, shots: list[FilePayload]) -> None:
    async with opened(browser, service.url) as (page, _):
        for number, event in enumerate(("drop", "paste"), 1):
            await page.evaluate(
                """([data, event]) => {
                    const bytes = Uint8Array.from(atob(data), one => one.charCodeAt(0)), carried = new DataTransfer();
                    carried.items.add(new File([bytes], "shot.png", {type: "image/png"}));
                    document.body.dispatchEvent(event === "drop"
                        ? new DragEvent("drop", {dataTransfer: carried, bubbles: true})
                        : new ClipboardEvent("paste", {clipboardData: carried, bubbles: true}));
                }""",
                [base64.b64encode(shots[number]["buffer"]).decode(), event],
            )
            read = page.locator("#shots [data-status=read]")
            await expect(read).to_have_count(number, timeout=TIMEOUT_MS)


async def test_a_service_with_keys_asks_for_one_and_everything_works_with_it(
    tmp_path: Path, browser: Browser, shots: list[FilePayload]
) -> None:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    service = Service(tmp_path, {"TOKSTREAM_API_KEYS": f"alice={digest}"})
    service.start()
    try:
        async with opened(browser, service.url) as (page, _):
            dialog = page.get_by_role("dialog")
            await expect(dialog).to_be_visible()
            await expect(page.locator("#key-wrong")).to_be_hidden()
            for key in ("wrong", KEY):
                await page.fill("#key", key)
                await page.keyboard.press("Enter")
                if key != KEY:
                    await expect(page.locator("#key-wrong")).to_be_visible()
            await expect(dialog).to_be_hidden()
            await upload(page, shots[:1])
            await merge(page)
            async with page.expect_download() as saving:
                await page.click("[data-format=json]")
            saved = await saving.value
            assert saved.suggested_filename == f"transcript-{session_id(page)}.json"
            listed = json.loads((await saved.path()).read_bytes())
            assert await shown(page) == expected(listed["messages"])
            await page.reload()
            await expect(page.locator("#log[data-view=merged] .message").first).to_be_visible(timeout=TIMEOUT_MS)
            await page.wait_for_function("document.querySelector('#shots img').naturalWidth > 0")
            address = page.url
        async with opened(browser, address) as (page, _):
            await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
            await expect(page.locator("#problem")).to_contain_text("Without a key")
            await expect(page.locator("#log .message")).to_have_count(0)
    finally:
        service.stop()


async def test_what_people_write_is_text_and_nothing_else(service: Service, browser: Browser) -> None:
    words = "<img src=x onerror=alert(1)><script>alert(2)</script>&amp; [링크](javascript:alert(3))"
    async with opened(browser, service.url) as (page, console):
        texts: list[str] = await page.evaluate(
            """async words => {
                const {bubbleElement} = await import("./web/bubbles.js");
                const message = {text: words, sender: words, sent_at: words, speaker: "interlocutor", kind: "text",
                                 partial: false, uncertain: false};
                const log = document.getElementById("log");
                log.replaceChildren(bubbleElement(message, null, []));
                log.append(bubbleElement({...message, kind: "system"}, message, []));
                return [".words", ".sender", ".time", ".notice-line"].map(one => log.querySelector(one).textContent);
            }""",
            words,
        )
        assert texts == [words] * 4
        await expect(page.locator("#log img, #log script, #log a")).to_have_count(0)
        # And should a script ever try: the browser refuses.
        refused = await page.evaluate(
            "words => { try { document.body.innerHTML = words; } catch (error) { return error.name; } }", words
        )
        assert refused == "TypeError"
        assert [one for one in console.complaints if "TrustedHTML" not in one] == []


async def test_the_page_works_by_keyboard_alone(service: Service, browser: Browser, shots: list[FilePayload]) -> None:
    async with opened(browser, service.url) as (page, _):
        reached: list[str] = []
        # Earlier sessions are stops on the way, two each: how many there are depends on the tests before this one.
        while "about" not in reached and len(reached) < 200:
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.id"))
        assert [one for one in reached if one in ("files", "fresh", "log", "relationship", "about")][:5] == [
            "files",
            "fresh",
            "log",
            "relationship",
            "about",
        ]
        await upload(page, shots[:1])
        await page.locator("#shots button").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Screenshot 1")).to_be_visible()
        await expect(page.locator("#shot-large rect")).to_have_count(await page.locator("#shots rect").count())
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.locator("#about").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#log[data-view=merged] .message").first).to_be_visible(timeout=TIMEOUT_MS)


async def test_pointing_at_a_message_lights_up_where_it_was_read(
    service: Service, browser: Browser, shots: list[FilePayload]
) -> None:
    async with opened(browser, service.url) as (page, _):
        await upload(page, shots[:2])
        await merge(page)
        listed = await read_from(service, f"/sessions/{session_id(page)}/messages")
        place, message = next((place, one) for place, one in enumerate(listed["messages"]) if len(one["sources"]) == 2)
        await expect(page.locator("#shots .lit")).to_have_count(0)
        await page.locator("#log .message").nth(place).locator(".bubble").hover()
        lit: list[str] = await page.locator("#shots .lit").evaluate_all("all => all.map(one => one.dataset.box)")
        assert sorted(lit) == sorted(f"{one['screenshot_id']}/{one['order']}" for one in message["sources"])


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_axe_finds_nothing_to_complain_about(
    service: Service,
    browser: Browser,
    shots: list[FilePayload],
    viewport: ViewportSize,
    colours: Literal["light", "dark"],
) -> None:
    async with opened(browser, service.url, viewport, colours=colours) as (page, _):
        # What moves would be measured half faded in.
        await page.emulate_media(reduced_motion="reduce")
        await load_axe(page)
        assert await violations(page) == []
        text = FilePayload(name="notes.png", mimeType="image/png", buffer=b"no image at all")
        await page.set_input_files("#files", [text, shots[0], shots[2]])
        await expect(page.locator("#shots [data-status=read]")).to_have_count(2, timeout=TIMEOUT_MS)
        await expect(page.locator("#uploads .refused")).to_have_count(1)
        assert await violations(page) == []
        await merge(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert await violations(page) == []
        await page.locator("#shots button").first.click()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await page.locator("#sessions button").first.click()
        assert await violations(page) == []
