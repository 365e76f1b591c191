"""Everything of a chat screen that is not the conversation: status bar, title, notice, input box, quick replies,
keyboard, the button that scrolls down, navigation bar."""

import random

from PIL import Image, ImageFilter

from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from processors.ocr.training.lettering import shorten, text_width
from tests.screenshots import wallpapers
from tests.screenshots.dressing import Dressing, Frame, covers
from tests.screenshots.footer import paint_footer
from tests.screenshots.grounds import Pen
from tests.screenshots.wallpapers import brightness, mixed


def paint(
    canvas: Canvas, dressing: Dressing, pen: Pen, frame: Frame, title: str, members: int, rng: random.Random
) -> tuple[str, ...]:
    """Draw it all over the conversation. Returns the strings drawn. The same `rng` state gives the same, so shots
    of one sequence share all but the clock, which `dressing.minute` moves on."""
    labels: list[str] = []
    if dressing.scroll_button != "none":
        labels += _scroll_button(canvas, dressing, pen, frame)
    if dressing.header:
        labels += _header(canvas, dressing, pen, frame, title, members, rng)
    if dressing.notice:
        labels += _notice(canvas, dressing, pen, frame)
    if dressing.footer:
        labels += paint_footer(canvas, dressing, pen, frame, rng)
    return tuple(label for label in labels if label)


def _ground(canvas: Canvas, top: int, bottom: int, colour: Colour, *, translucent: bool) -> None:
    """A bar; a translucent one lets what is behind it shine through, blurred."""
    box = (0, top, canvas.width, bottom)
    if translucent and bottom > top:
        behind = canvas.image.crop(box).filter(ImageFilter.GaussianBlur(max(2.0, canvas.width / 120)))
        canvas.image.paste(Image.blend(behind, Image.new("RGB", behind.size, colour), 0.78), box)
    else:
        canvas.image.paste(colour, box)


def _header(
    canvas: Canvas, dressing: Dressing, pen: Pen, frame: Frame, title: str, members: int, rng: random.Random
) -> list[str]:
    look, px = pen.look, pen.px
    ink = look.palette.bar_ink
    bottom = frame.top - (round(px(38)) if dressing.notice else 0)
    _ground(canvas, 0, bottom, look.palette.bar, translucent=dressing.translucent)
    if look.platform == "pc":
        return _window_header(canvas, pen, title, members, rng)
    bar = px(46 if look.platform == "ios" else 52)
    labels = _status_bar(canvas, dressing, pen, bottom - bar, ink, rng)
    middle = bottom - bar / 2
    _arrow(canvas, px(16), middle, px(8), pen, ink)
    style = pen.style(17, bold=True)
    shown = shorten(title, style, pen.screen * 0.45)
    left = px(64)
    if look.messenger == "WhatsApp":
        canvas.circle(px(54), middle, px(17), wallpapers.avatar(round(px(34)), random.Random(title)))
        left = px(80)
    if look.platform == "ios":
        left = (pen.screen - text_width(shown, style)) / 2
        back = str(rng.randint(1, 99))
        canvas.text(px(28), middle + px(6), back, pen.style(16), ink)
        labels.append(back)
    if look.messenger == "Telegram":
        canvas.circle(pen.screen - px(28), middle, px(17), wallpapers.avatar(round(px(34)), random.Random(title)))
    raised = px(7) if look.messenger in ("WhatsApp", "Telegram") else 0
    end = left + canvas.text(left, middle + px(6) - raised, shown, style, ink)
    if members > 1:
        canvas.text(
            end + px(6), middle + px(6) - raised, str(members + 1), pen.style(15), mixed(ink, look.palette.bar, 0.5)
        )
        labels.append(str(members + 1))
    if raised:
        below = rng.choice(("온라인", "최근에 접속함", "last seen recently", "오늘 접속"))
        canvas.text(left, middle + px(15), below, pen.style(12), mixed(ink, look.palette.bar, 0.45))
        labels.append(below)
    if look.messenger != "Telegram":
        _glass(canvas, pen.screen - px(62), middle, pen, ink)
        for row in (-5, 0, 5):
            ends = [(pen.screen - px(30), middle + px(row)), (pen.screen - px(14), middle + px(row))]
            canvas.stroke(ends, px(1.6), ink)
    canvas.fill(Rectangle(0, bottom - max(1, round(px(0.5))), canvas.width, bottom), mixed(look.palette.bar, ink, 0.12))
    return [*labels, shown]


def _status_bar(
    canvas: Canvas, dressing: Dressing, pen: Pen, height: float, ink: Colour, rng: random.Random
) -> list[str]:
    px = pen.px
    style = pen.style(14 if pen.look.platform == "ios" else 12.5, bold=pen.look.platform == "ios")
    baseline = height * 0.5 + style.size * 0.36
    minute = rng.randint(60, 779) + dressing.minute
    time = f"{minute // 60}:{minute % 60:02d}"
    carrier = rng.choice(("", "KT ", "SKT ", "LG U+ ")) if pen.look.platform == "android" else ""
    canvas.text(px(22 if pen.look.platform == "ios" else 14), baseline, carrier + time, style, ink)
    x = pen.screen - px(30)
    box = Rectangle(x - px(8), baseline - px(10), x + px(14), baseline + px(1))
    canvas.outline(box, px(3), px(1), ink, 0.6)
    canvas.rounded(
        Rectangle(box.left + px(2), box.top + px(2), box.left + px(rng.uniform(6, 20)), box.bottom - px(2)),
        px(1.4),
        ink,
    )
    for bar in range(4):
        canvas.rounded(
            Rectangle(x - px(52 - 4.5 * bar), baseline - px(3 + 2.2 * bar), x - px(49 - 4.5 * bar), baseline),
            px(0.7),
            ink,
        )
    labels = [carrier + time]
    network = rng.choice(("LTE", "5G", ""))
    if network:
        canvas.text(x - px(32), baseline, network, pen.style(10.5, bold=True), ink)
        labels.append(network)
    return labels


def _window_header(canvas: Canvas, pen: Pen, title: str, members: int, rng: random.Random) -> list[str]:
    px, ink = pen.px, pen.look.palette.bar_ink
    size = px(40)
    canvas.rounded(
        Rectangle(px(12), px(15), px(12) + size, px(15) + size),
        size * 0.42,
        wallpapers.avatar(round(size), random.Random(title)),
    )
    style = pen.style(13.5, bold=True)
    shown = shorten(title, style, pen.screen * 0.5)
    canvas.text(px(62), px(32), shown, style, ink)
    labels = [shown]
    if members > 1:
        canvas.text(px(62), px(51), f"👤 {members + 1}", pen.style(11), mixed(ink, pen.look.palette.bar, 0.4))
        labels.append(str(members + 1))
    else:
        for icon in range(rng.randint(0, 3)):
            canvas.outline(Rectangle(px(62 + 22 * icon), px(42), px(74 + 22 * icon), px(54)), px(3), px(1.2), ink, 0.7)
    x = pen.screen - px(16)
    canvas.stroke([(x - px(4), px(10)), (x + px(4), px(18))], px(1), ink)
    canvas.stroke([(x + px(4), px(10)), (x - px(4), px(18))], px(1), ink)
    canvas.outline(Rectangle(x - px(28), px(10), x - px(20), px(18)), 0, px(1), ink)
    canvas.stroke([(x - px(50), px(17)), (x - px(42), px(17))], px(1), ink)
    _glass(canvas, x - px(34), px(46), pen, ink)
    for row in (-4, 0, 4):
        canvas.stroke([(x - px(8), px(46 + row)), (x + px(4), px(46 + row))], px(1.2), ink)
    return labels


def _arrow(canvas: Canvas, x: float, y: float, size: float, pen: Pen, ink: Colour) -> None:
    canvas.stroke([(x + size * 0.6, y - size), (x - size * 0.4, y), (x + size * 0.6, y + size)], pen.px(1.9), ink)
    if pen.look.platform == "android":
        canvas.stroke([(x - size * 0.4, y), (x + size * 1.6, y)], pen.px(1.9), ink)


def _glass(canvas: Canvas, x: float, y: float, pen: Pen, ink: Colour) -> None:
    px = pen.px
    canvas.outline(Rectangle(x - px(7), y - px(7), x + px(5), y + px(5)), px(6), px(1.6), ink)
    canvas.stroke([(x + px(3.5), y + px(3.5)), (x + px(8), y + px(8))], px(1.6), ink)


def _notice(canvas: Canvas, dressing: Dressing, pen: Pen, frame: Frame) -> list[str]:
    """A pinned announcement under the title."""
    px, palette = pen.px, pen.look.palette
    ground = palette.other if pen.look.theme != "picture" else (255, 255, 255)
    ink = palette.other_ink if pen.look.theme != "picture" else (30, 30, 34)
    box = Rectangle(px(6), frame.top - px(37), pen.screen - px(6), frame.top - px(2))
    canvas.rounded(box, px(6), ground, 0.96)
    canvas.circle(box.left + px(17), box.top + box.height / 2, px(8), (90, 150, 220))
    style = pen.style(12.5)
    shown = shorten(dressing.notice, style, box.width - px(70))
    canvas.text(box.left + px(34), box.top + box.height * 0.63, shown, style, ink)
    return [shown]


def _scroll_button(canvas: Canvas, dressing: Dressing, pen: Pen, frame: Frame) -> list[str]:
    px, palette = pen.px, pen.look.palette
    dark = brightness(palette.background) < 90
    ground: Colour = (60, 60, 64) if dark else (255, 255, 255)
    ink: Colour = (220, 220, 224) if dark else (90, 90, 96)
    if dressing.scroll_button == "preview":
        (box,) = covers(dressing, pen, frame)
        canvas.rounded(box, px(19), ground, 0.95)
        style = pen.style(13)
        shown = shorten(dressing.preview, style, box.width - px(60))
        canvas.text(box.left + px(16), box.top + box.height * 0.63, shown, style, ink)
        x, y = box.right - px(20), box.top + box.height / 2
        labels = [shown]
    else:
        x, y = pen.screen - px(30), frame.bottom - px(36)
        canvas.circle(x, y + px(1), px(19), (0, 0, 0), 0.12)
        canvas.circle(x, y, px(18), ground, 0.96)
        labels = []
    canvas.stroke([(x - px(6), y - px(3)), (x, y + px(4)), (x + px(6), y - px(3))], px(1.8), ink)
    return labels
