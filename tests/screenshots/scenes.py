"""Draws screenshots with truth: one by one (`draw`), or scrolling through a conversation (`scroll`).

Everything is decided by the seed: the same arguments on a machine with the same fonts give the same pixels.
"""

import io
import random
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from PIL import Image

from contracts.base import Record
from processors.ocr.training.drawing import Canvas, Rectangle
from processors.ocr.training.fonts import Typeface, typeface
from tests.screenshots import chrome, phrases, wallpapers
from tests.screenshots.conversations import Conversation
from tests.screenshots.dressing import Dressing, Frame, covers, measure
from tests.screenshots.grounds import Pen, plan_skin
from tests.screenshots.looks import BY_NAME, Look
from tests.screenshots.page import Block, Page, Placed, set_page
from tests.screenshots.truth import Join, MergedMessage, SequenceTruth, ShotTruth, TruthMessage

LOOKS: tuple[str, ...] = tuple(BY_NAME)

IOS_SCREENS = (
    (750, 1334, 2.0),
    (828, 1792, 2.0),
    (1125, 2436, 3.0),
    (1170, 2532, 3.0),
    (1179, 2556, 3.0),
    (1242, 2688, 3.0),
    (1290, 2796, 3.0),
)
ANDROID_SCREENS = (
    (720, 1560, 2.0),
    (1080, 1920, 3.0),
    (1080, 2220, 3.0),
    (1080, 2340, 2.8125),
    (1080, 2340, 2.625),
    (1080, 2400, 2.625),
)
LEGIBLE = 0.6
"""A line cut at the edge counts as seen when this share of its height is."""


class Device(Record, frozen=True):
    """A screen or window: pixels, and pixels a point."""

    width: int
    height: int
    scale: float


class Shot(NamedTuple):
    """A screenshot (RGB) and what is true of it."""

    image: Image.Image
    truth: ShotTruth


class Scroll(NamedTuple):
    """Screenshots of one conversation as uploaded, and what they merge to."""

    shots: list[Shot]
    truth: SequenceTruth


class Stage(NamedTuple):
    """What the shots of one sequence share."""

    look: Look
    device: Device
    pen: Pen
    page: Page
    conversation: Conversation
    wallpaper: Image.Image
    seed: int


def choose_device(look: Look, rng: random.Random) -> Device:
    """A screen that the look is seen on."""
    if look.platform == "pc":
        if rng.random() < 0.15:
            return Device(width=2 * rng.randint(350, 520), height=2 * rng.randint(480, 760), scale=2.0)
        return Device(width=rng.randint(350, 520), height=rng.randint(460, 820), scale=1.0)
    width, height, scale = rng.choice(IOS_SCREENS if look.platform == "ios" else ANDROID_SCREENS)
    return Device(width=width, height=height, scale=scale)


def choose_dressing(look: Look, rng: random.Random) -> Dressing:
    """What surrounds the conversation, by lot."""
    footer = rng.random() > 0.08
    phone = look.platform != "pc"
    previews = 8 if look.messenger in ("KakaoTalk", "LINE") else 0
    scroll = rng.choices(("none", "button", "preview"), (78 - previews, 22, previews))[0]
    return Dressing(
        header=rng.random() > 0.08,
        footer=footer,
        translucent=phone and rng.random() < 0.3,
        notice=phrases.fill("{day} {clock} {place} 모임 공지", rng)
        if look.messenger in ("KakaoTalk", "LINE") and rng.random() < 0.07
        else "",
        keyboard=phone and footer and rng.random() < 0.16,
        draft=phrases.fill(rng.choice(phrases.DRAFTS), rng) if rng.random() < 0.22 else "",
        quick_replies=tuple(rng.sample(phrases.QUICK_REPLIES, 3))
        if look.messenger == "KakaoTalk" and rng.random() < 0.1
        else (),
        scroll_button="button" if scroll == "button" else "preview" if scroll == "preview" else "none",
        preview=phrases.fill("{name} {food} 먹으러 갈 사람?", rng),
        buttons=rng.choice(("gestures", "three")),
    )


def set_stage(
    conversation: Conversation, look_name: str, seed: int, device: Device | None = None, face: Typeface | None = None
) -> Stage:
    """Choose screen, theme and fonts (or take `device` and `face`), and lay the conversation out."""
    rng = random.Random(f"stage/{look_name}/{seed}")
    look = BY_NAME[look_name]
    if look.theme == "picture":
        look = msgspec.structs.replace(look, palette=wallpapers.picture_palette(look.palette, rng))
    device = device if device is not None else choose_device(look, rng)
    preferred = list(look.fonts)
    if rng.random() < 0.3:
        rng.shuffle(preferred)
    face = face if face is not None else typeface(*preferred)
    zoom = rng.choice((0.92, 1.0, 1.0, 1.0, 1.08)) if look.platform != "pc" else 1.0
    pen = Pen(look, face, face, device.scale, zoom, device.width, plan_skin(look, rng))
    clock = (
        rng.choice(("24", "korean", "12"))
        if look.messenger in ("WhatsApp", "Telegram")
        else rng.choice(("korean",) * 9 + ("12",))
    )
    unread = rng.choice((0, 0, 2, 5)) if not conversation.group else rng.choice((0, 4, 10_000))
    page = set_page(conversation, pen, clock, unread, rng)
    backdrop = wallpapers.wallpaper(look, device.width, device.height, device.scale, rng)
    return Stage(look, device, pen, page, conversation, backdrop, seed)


def take(stage: Stage, offset: int, dressing: Dressing, seed: int, jpeg: int | None = None) -> Shot:
    """The screen with row `offset` of the page at the top of the visible conversation. `jpeg` is a quality 1–95."""
    rng = random.Random(f"chrome/{seed}")
    frame = measure(dressing, stage.pen, stage.device.height)
    canvas = Canvas(stage.wallpaper)
    shift = offset - frame.top
    reach = 0 if dressing.translucent else frame.top
    for block in stage.page.blocks:
        if block.bottom - shift > reach - 40 and block.top - shift < frame.bottom + 40:
            block.paint(canvas, shift)
    if dressing.quick_replies:
        # Chips float over the wallpaper; bubbles end above them.
        below = (0, frame.bottom, stage.device.width, stage.device.height)
        canvas.image.paste(stage.wallpaper.crop(below), below)
    labels = chrome.paint(
        canvas, dressing, stage.pen, frame, stage.conversation.title, len(stage.conversation.members), rng
    )
    image = canvas.image
    if jpeg is not None:
        coded = io.BytesIO()
        image.save(coded, "JPEG", quality=jpeg)
        image = Image.open(coded).convert("RGB")
    return Shot(image, _truth(stage, shift, frame, labels, seed, covers(dressing, stage.pen, frame)))


def _truth(
    stage: Stage, shift: int, frame: Frame, labels: Sequence[str], seed: int, covers: Sequence[Rectangle]
) -> ShotTruth:
    messages: list[TruthMessage] = []
    ignored = list(labels)
    for block in stage.page.blocks:
        ignored += [text for text, row in block.labels if frame.top <= row - shift < frame.bottom]
        seen = _seen(block, shift, frame, len(messages), covers)
        if seen is not None:
            messages.append(seen)
    look, device = stage.look, stage.device
    return ShotTruth(
        look=look.name,
        messenger=look.messenger,
        theme=look.theme,
        platform=look.platform,
        seed=seed,
        width=device.width,
        height=device.height,
        scale=device.scale,
        top=frame.top,
        bottom=frame.bottom,
        group=stage.conversation.group,
        offset=shift,
        messages=tuple(messages),
        ignored=tuple(dict.fromkeys(ignored)),
    )


def _seen(block: Block, shift: int, frame: Frame, number: int, covers: Sequence[Rectangle]) -> TruthMessage | None:
    placed = block.message
    if placed is None:
        return None
    box = placed.box.moved(0, -shift)
    top, bottom = max(box.top, frame.top), min(box.bottom, frame.bottom)
    if bottom - top < 1:
        return None
    utterance = placed.utterance

    def legible(row_top: float, row_bottom: float) -> bool:
        part = min(row_bottom - shift, bottom) - max(row_top - shift, top)
        return part >= LEGIBLE * (row_bottom - row_top)

    left, right = round(box.left), round(box.right)
    return TruthMessage(
        id=number,
        index=utterance.index,
        text="\n".join(line.text for line in placed.lines if legible(line.box.top, line.box.bottom)),
        whole="\n".join(line.text for line in placed.lines),
        speaker=utterance.speaker,
        sender=utterance.sender or None,
        sender_shown=placed.name_top is not None and placed.name_top - shift >= frame.top,
        time=placed.time,
        time_shown=placed.time_shown and box.bottom <= frame.bottom,
        kind=utterance.kind,
        box=(left, round(top), right - left, round(bottom) - round(top)),
        partial=box.top < frame.top - 0.5 or box.bottom > frame.bottom + 0.5,
        bubble=placed.bubble,
        obscured=any(line.box.moved(0, -shift).meets(cover) for line in placed.lines for cover in covers),
        buttons=utterance.buttons,
        image_text="\n".join(line.text for line in placed.picture if legible(line.box.top, line.box.bottom)),
    )


def draw(
    conversation: Conversation,
    look: str,
    seed: int,
    *,
    device: Device | None = None,
    dressing: Dressing | None = None,
    position: float | None = None,
    jpeg: int | None = None,
    face: Typeface | None = None,
) -> Shot:
    """One screenshot somewhere in the conversation; `position` 0 is its beginning, 1 its end, None by lot."""
    stage = set_stage(conversation, look, seed, device, face)
    rng = random.Random(f"draw/{look}/{seed}")
    dressing = dressing if dressing is not None else choose_dressing(stage.look, rng)
    frame = measure(dressing, stage.pen, stage.device.height)
    room = max(0.0, stage.page.height - (frame.bottom - frame.top))
    share = position if position is not None else rng.random()
    return take(stage, round(room * share), dressing, seed, jpeg)


def scroll(
    conversation: Conversation,
    look: str,
    *,
    overlap: float = 0.3,
    messages: int | None = None,
    skip: int = 0,
    count: int | None = None,
    seed: int = 0,
    shuffled: bool = False,
    duplicated: bool = False,
    redressed: bool = False,
    device: Device | None = None,
    dressing: Dressing | None = None,
    jpeg: int | None = None,
) -> Scroll:
    """Screenshots from the beginning of a conversation onwards, each `overlap` (share of the visible height, 0 to
    0.8) with the one before; or with exactly `messages` whole messages in common. `overlap=0` shows nothing twice,
    not even the cut half of a bubble, and leaves out `skip` messages. `redressed` opens a keyboard or hides the
    notice in some. `count` bounds the shots."""
    if not 0 <= overlap <= 0.8:
        raise ValueError(f"overlap must be 0 to 0.8, not {overlap}")
    stage = set_stage(conversation, look, seed, device)
    rng = random.Random(f"scroll/{look}/{seed}")
    base = dressing if dressing is not None else choose_dressing(stage.look, rng)
    shots: list[Shot] = []
    placed = [block.message for block in stage.page.blocks if block.message is not None]
    offset, number = 0.0, 0
    while count is None or number < count:
        worn = (
            msgspec.structs.replace(base, keyboard=not base.keyboard, notice="")
            if redressed and rng.random() < 0.4 and base.footer
            else base
        )
        frame = measure(worn, stage.pen, stage.device.height)
        view = frame.bottom - frame.top
        last = stage.page.height - view
        if overlap > 0 or messages is not None:
            offset = min(offset, max(0.0, last))
        worn = msgspec.structs.replace(worn, minute=number // 2)
        shots.append(take(stage, round(offset), worn, seed, jpeg))
        number += 1
        if offset >= last:
            break
        following = _next_offset(placed, offset, view, overlap, messages, skip)
        if following is None or following <= offset:
            break
        offset = following
    return _uploaded(stage, shots, rng, shuffled=shuffled, duplicated=duplicated, seed=seed)


def _next_offset(
    placed: Sequence[Placed], offset: float, view: float, overlap: float, messages: int | None, skip: int
) -> float | None:
    """Where the next shot begins, or None where nothing is left to show."""
    end = offset + view
    if messages:
        whole = [message for message in placed if message.box.top >= offset and message.box.bottom <= end]
        return whole[-messages].box.top - 2 if len(whole) > messages else None
    if messages == 0 or overlap == 0:
        beyond = [message for message in placed if message.box.top >= end][skip:]
        return beyond[0].box.top - 2 if beyond else None
    return offset + view * (1 - overlap)


def _uploaded(
    stage: Stage, shots: list[Shot], rng: random.Random, *, shuffled: bool, duplicated: bool, seed: int
) -> Scroll:
    places = list(range(len(shots)))
    if duplicated:
        places.insert(rng.randint(1, len(places)), rng.randrange(len(shots)))
    if shuffled:
        rng.shuffle(places)
    first = {shot: place for place, shot in reversed(list(enumerate(places)))}
    order = tuple(first[shot] for shot in range(len(shots)))
    truth = SequenceTruth(
        look=stage.look.name,
        seed=seed,
        order=order,
        duplicates=tuple(place for place, shot in enumerate(places) if first[shot] != place),
        merged=_merged(stage, shots),
        joins=tuple(_join(shots, order, step) for step in range(len(shots) - 1)),
    )
    return Scroll([shots[place] for place in places], truth)


def _merged(stage: Stage, shots: Sequence[Shot]) -> tuple[MergedMessage, ...]:
    seen: dict[int, bool] = {}
    for shot in shots:
        for message in shot.truth.messages:
            seen[message.index] = seen.get(message.index, True) and message.partial
    merged = []
    for block in stage.page.blocks:
        placed = block.message
        if placed is not None and placed.utterance.index in seen:
            utterance = placed.utterance
            merged.append(
                MergedMessage(
                    index=utterance.index,
                    text="\n".join(line.text for line in placed.lines),
                    speaker=utterance.speaker,
                    kind=utterance.kind,
                    sender=utterance.sender or None,
                    buttons=utterance.buttons,
                    partial=seen[utterance.index],
                )
            )
    return tuple(merged)


def _join(shots: Sequence[Shot], order: Sequence[int], step: int) -> Join:
    left, right = shots[step].truth, shots[step + 1].truth
    whole = [{m.index for m in truth.messages if not m.partial and not m.obscured} for truth in (left, right)]
    seen = [{m.index for m in truth.messages} for truth in (left, right)]
    rows = min(left.bottom + left.offset, right.bottom + right.offset) - max(
        left.top + left.offset, right.top + right.offset
    )
    return Join(
        left=order[step],
        right=order[step + 1],
        shared=len(whole[0] & whole[1]),
        rows=max(0, rows),
        gap=not seen[0] & seen[1],
    )
