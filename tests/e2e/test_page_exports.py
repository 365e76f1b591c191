"""The page in a real Chromium: chat exports beside screenshots."""

from pathlib import Path

from playwright.async_api import Browser, FilePayload, Page, expect

from tests.e2e.browser import TIMEOUT_MS, merge, opened
from tests.e2e.coached import coached

KAKAO = """<b>민지</b> 님과 카카오톡 대화
저장한 날짜 : 2026년 3월 4일 오후 3:05

2026년 3월 1일 오후 1:23, <b>민지</b> : 점심 먹었어?
2026년 13월 1일 오후 1:23, <b>민지</b> : 없는 달
2026년 3월 2일 오후 1:24, 지우 : <i>아직</i>
"""
GROUP = KAKAO + "2026년 3월 3일 오후 1:25, 서준 : 저도요\n"
READ = ("어디야?", "집이야")


def export(text: str, name: str = "KakaoTalk.txt") -> FilePayload:
    return FilePayload(name=name, mimeType="text/plain", buffer=text.encode())


async def imported(page: Page) -> None:
    """Returns when the export is shown."""
    await expect(page.locator("#shots .export")).to_have_count(1, timeout=TIMEOUT_MS)
    await expect(page.locator("#uploads li")).to_have_count(0, timeout=TIMEOUT_MS)


async def test_an_export_is_imported_shown_as_a_file_and_judged(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, READ) as service, opened(browser, service.url) as (page, console):
        await page.set_input_files("#files", export(KAKAO))
        await imported(page)
        shown = page.locator("#shots li")
        await expect(shown.locator(".name")).to_have_text("KakaoTalk.txt")
        await expect(shown.locator(".participants")).to_have_text("<b>민지</b>, 지우")
        await expect(shown.locator(".caption")).to_have_text("Chat export 12 messages")
        await expect(shown.locator("summary")).to_have_text("1 broken line")
        await shown.locator("summary").click()
        await expect(shown.locator(".broken li")).to_have_text("Line 5: names a day or time that does not exist")
        await expect(page.locator("#counts")).to_have_text("2 messages from 1 file")
        await expect(page.locator("#log .divider")).to_have_text("Chat export 1 · 2 messages")

        await merge(page)
        await expect(page.locator("#log .words")).to_have_text(["점심 먹었어?", "<i>아직</i>"])
        await expect(page.locator("#log .sender")).to_have_text("<b>민지</b>")
        await expect(page.locator("#log .time")).to_have_text(["Mar 1, 1:23 PM", "Mar 2, 1:24 PM"])
        await expect(page.locator("#log .own .judgement")).to_have_count(1)
        await expect(page.locator("#counts")).to_have_text("2 messages from 1 file")
        await expect(page.locator("main b, main i")).to_have_count(0)

        await page.reload()
        await expect(page.locator("#log .judgement")).to_have_count(1, timeout=TIMEOUT_MS)
        await imported(page)
        await expect(shown.locator(".caption")).to_have_text("Chat export 12 messages")
        assert console.complaints == []


async def test_the_own_name_is_asked_for_where_the_export_does_not_tell_it(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, READ) as service, opened(browser, service.url) as (page, _):
        await page.set_input_files("#files", export(GROUP))
        dialog = page.get_by_role("dialog", name="Who are you in this chat?")
        await expect(dialog).to_be_visible(timeout=TIMEOUT_MS)
        await expect(page.locator("#me")).to_be_focused()
        await expect(page.locator("#me-why")).to_contain_text("<b>민지</b>, 지우, 서준")
        await page.keyboard.type("누구")
        await page.keyboard.press("Enter")
        await expect(page.locator("#me-why")).to_contain_text("'누구'", timeout=TIMEOUT_MS)
        await page.fill("#me", "서준")
        await page.keyboard.press("Enter")
        await imported(page)
        await merge(page)
        await expect(page.locator("#log .own .words")).to_have_text(["저도요"])

        # Who closes the dialog sends nothing, and is told what was missing.
        await page.set_input_files("#files", export(GROUP))
        await expect(dialog).to_be_visible(timeout=TIMEOUT_MS)
        await page.keyboard.press("Escape")
        refused = page.locator("#uploads .refused .state")
        await expect(refused).to_contain_text("which of those who write is you")
        await expect(page.locator("#shots .export")).to_have_count(1)


async def test_exports_and_screenshots_are_one_session(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, READ) as service, opened(browser, service.url) as (page, console):
        await page.set_input_files("#files", [service.picture(), export(KAKAO, "chat.csv.TXT")])
        await imported(page)
        await expect(page.locator("#shots [data-status=read]")).to_have_count(2, timeout=TIMEOUT_MS)
        await expect(page.locator("#shots button.shot")).to_have_count(1)
        await expect(page.locator("#counts")).to_have_text("4 messages from 2 files")
        await page.reload()
        await imported(page)
        await page.wait_for_function("() => document.querySelector('#shots img').naturalWidth > 0")
        assert console.complaints == []


async def test_a_text_that_is_no_export_is_refused_beside_its_name(tmp_path: Path, browser: Browser) -> None:
    async with coached(tmp_path, READ) as service, opened(browser, service.url) as (page, _):
        await page.set_input_files("#files", export("dear diary", "notes.txt"))
        refused = page.locator("#uploads .refused")
        await expect(refused.locator(".name")).to_have_text("notes.txt", timeout=TIMEOUT_MS)
        await expect(refused.locator(".state")).to_contain_text("KakaoTalk")
        await expect(page.locator("#shots .export")).to_have_count(0)
