"""Takes screenshots of templates in Chromium, with truth read from the page's own layout."""

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
from PIL import Image
from playwright.async_api import Browser

from contracts.base import Record
from contracts.resources import Kind, Speaker
from tests.browser_shots.apps.inside import telegram, telegram_web, whatsapp, whatsapp_web
from tests.browser_shots.apps.kakao import kakao, kakao_pc
from tests.browser_shots.apps.line import line
from tests.browser_shots.apps.plain import imessage, instagram, messenger
from tests.browser_shots.apps.rows import discord, slack
from tests.browser_shots.page import document
from tests.browser_shots.sayings import talk
from tests.browser_shots.stage import PHONES, Device, Screen, Stage, phone, window
from tests.browser_shots.turns import Language, clock_of, turns
from tests.screenshots.conversations import converse
from tests.screenshots.scenes import LEGIBLE, Shot
from tests.screenshots.truth import ShotTruth, TruthMessage

MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")

SLIVER = 4.0
"""CSS px: of a message cut lower nothing can be said."""


class Template(NamedTuple):
    """An app's template: the languages its users write, and the devices it runs on."""

    messenger: str
    draw: Callable[[Stage], Screen]
    device: Callable[[random.Random], Device]
    languages: tuple[Language, ...] = ("ko",)
    groups: float = 0.35
    dark: float = 0.35


def desktop(rng: random.Random) -> Device:
    """A browser's window."""
    return window(rng, (720, 1400), (560, 900))


def any_device(rng: random.Random) -> Device:
    """A phone or a browser's window."""
    return desktop(rng) if rng.random() < 0.5 else phone(rng)


def iphone(rng: random.Random) -> Device:
    """A phone of Apple's."""
    return rng.choice([device for device in PHONES if device.system == "ios"])


EVERYWHERE: tuple[Language, ...] = ("ko", "en", "ko", "it", "en", "ja")
TEMPLATES: dict[str, Template] = {
    "kakao": Template("KakaoTalk", kakao, phone),
    "kakao-pc": Template("KakaoTalk", kakao_pc, lambda rng: window(rng, (340, 620), (480, 900))),
    "whatsapp": Template("WhatsApp", whatsapp, phone, EVERYWHERE),
    "whatsapp-web": Template("WhatsApp", whatsapp_web, desktop, EVERYWHERE),
    "telegram": Template("Telegram", telegram, phone, EVERYWHERE),
    "telegram-web": Template("Telegram", telegram_web, desktop, EVERYWHERE),
    "line": Template("LINE", line, phone, ("ja", "ko", "en", "ja")),
    "imessage": Template("iMessage", imessage, iphone, EVERYWHERE),
    "instagram": Template("Instagram", instagram, phone, EVERYWHERE),
    "messenger": Template("Messenger", messenger, phone, EVERYWHERE),
    "discord": Template("Discord", discord, any_device, ("en", "ko"), groups=0.8, dark=0.8),
    "slack": Template("Slack", slack, any_device, ("en", "ko"), groups=0.8),
}


class MeasuredLine(Record, frozen=True):
    """A line of a message in CSS pixels."""

    text: str
    top: float
    bottom: float


class MeasuredMessage(Record, frozen=True):
    """A message as `measure.js` finds it; see `markup.marks`. `box`: left, top, right, bottom."""

    message: str
    speaker: Speaker
    sender: str
    named: str
    time: str
    timed: str
    kind: Kind
    bare: str
    box: tuple[float, float, float, float]
    covered: bool
    buttons: tuple[str, ...]
    lines: tuple[MeasuredLine, ...]


class Measured(Record, frozen=True):
    """All messages of a page, and the part of it in which they are seen."""

    clip: tuple[float, float, float, float]
    messages: tuple[MeasuredMessage, ...]


def set_stage(name: str, seed: int) -> Stage:
    """What the screenshot of a seed shows."""
    template = TEMPLATES[name]
    rng = random.Random(f"browser/{name}/{seed}")
    language = template.languages[seed % len(template.languages)]
    group = rng.random() < template.groups
    own = rng.getrandbits(31)
    conversation = converse(own, 36, group=group) if language == "ko" else talk(own, language, 36, group=group)
    clock = clock_of(language)
    if template.messenger in ("WhatsApp", "Telegram") and rng.random() < 0.6:
        clock = "24"
    dark = rng.random() < template.dark
    return Stage(
        device=template.device(rng),
        conversation=conversation,
        turns=turns(conversation, language, clock, 0.05, own),
        language=language,
        dark=dark,
        bars=rng.random() > 0.08,
        rng=rng,
    )


async def shoot(browser: Browser, name: str, seed: int) -> Shot:
    """The screenshot of a template and a seed, with its truth."""
    stage = set_stage(name, seed)
    device = stage.device
    html = document(TEMPLATES[name].draw(stage), stage)
    context = await browser.new_context(
        viewport={"width": device.width, "height": device.height}, device_scale_factor=device.scale
    )
    try:
        page = await context.new_page()
        await page.set_content(html)
        found = await page.evaluate(MEASURE, stage.rng.random())
        image = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    finally:
        await context.close()
    return Shot(image, truth_of(msgspec.convert(found, Measured), name, seed, stage, image.size))


def truth_of(measured: Measured, name: str, seed: int, stage: Stage, size: tuple[int, int]) -> ShotTruth:
    """What can be seen of the measured messages."""
    scale = stage.device.scale
    seen = [seen_message(one, measured.clip, scale) for one in measured.messages]
    _left, top, _right, bottom = (round(edge * scale) for edge in measured.clip)
    return ShotTruth(
        look=name,
        messenger=TEMPLATES[name].messenger,
        theme="dark" if stage.dark else "light",
        platform=stage.device.system,
        seed=seed,
        width=size[0],
        height=size[1],
        scale=scale,
        top=top,
        bottom=bottom,
        group=stage.conversation.group,
        offset=0,
        messages=tuple(message for message in seen if message is not None),
        ignored=(),
    )


def seen_message(one: MeasuredMessage, clip: tuple[float, ...], scale: float) -> TruthMessage | None:
    """The visible part of a message in pixels; None where less than a sliver is seen."""
    box = [max(one.box[0], clip[0]), max(one.box[1], clip[1]), min(one.box[2], clip[2]), min(one.box[3], clip[3])]
    if box[3] - box[1] < SLIVER:
        return None
    partial = box[3] - box[1] < one.box[3] - one.box[1] - 0.5

    def legible(line: MeasuredLine) -> bool:
        shown = min(line.bottom, clip[3]) - max(line.top, clip[1])
        return line.bottom == 0 or shown >= LEGIBLE * (line.bottom - line.top)

    whole = "\n".join(line.text for line in one.lines)
    text = "\n".join(line.text for line in one.lines if legible(line)) if partial else whole
    x, y, right, bottom = (round(edge * scale) for edge in box)
    return TruthMessage(
        id=int(one.message),
        index=int(one.message),
        text=text.strip(),
        whole=whole.strip(),
        speaker=one.speaker,
        sender=one.sender or None,
        sender_shown=bool(one.named),
        time=one.time,
        time_shown=bool(one.timed),
        kind=one.kind,
        box=(x, y, right - x, bottom - y),
        partial=partial,
        bubble=not one.bare,
        obscured=one.covered,
        buttons=one.buttons,
    )
