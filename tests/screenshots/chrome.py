"""Everything of a chat screen that is not the conversation: status bar, title, notice, input box, quick replies,
keyboard, the button that scrolls down, navigation bar."""

import random
from typing import Literal

from PIL import Image, ImageFilter

from contracts.base import Record
from tests.screenshots import wallpapers
from tests.screenshots.bubbles import Pen
from tests.screenshots.drawing import Canvas, Colour, Rectangle, shorten, text_width
from tests.screenshots.wallpapers import brightness, mixed

KEYS = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ")
PLACEHOLDERS = {
    "KakaoTalk": ("메시지 입력", "메시지를 입력하세요", "채널에 메시지 보내기"),
    "iMessage": ("iMessage", "문자 메시지"),
    "WhatsApp": ("메시지", "메시지를 입력하세요"),
    "Telegram": ("메시지", "Message"),
    "LINE": ("Aa", "메시지를 입력"),
}


class Dressing(Record, frozen=True):
    """What surrounds the conversation. `header` and `footer` are False where the user cropped them off."""

    header: bool = True
    footer: bool = True
    translucent: bool = False
    notice: str = ""
    keyboard: bool = False
    draft: str = ""
    quick_replies: tuple[str, ...] = ()
    scroll_button: Literal["none", "button", "preview"] = "none"
    preview: str = ""
    buttons: Literal["gestures", "three"] = "gestures"
    minute: int = 0


class Frame(Record, frozen=True):
    """Rows (px): the conversation is seen from `top` to `bottom`."""

    top: int
    bottom: int


def has_home_indicator(pen: Pen, height: int) -> bool:
    """Tall iPhones have no home button but a bar at the bottom."""
    return height > 1.9 * pen.screen


def covers(dressing: Dressing, pen: Pen, frame: Frame) -> tuple[Rectangle, ...]:
    """What floats over the conversation and hides a part of it."""
    px = pen.px
    if dressing.scroll_button == "preview":
        return (Rectangle(px(12), frame.bottom - px(48), pen.screen - px(12), frame.bottom - px(10)),)
    if dressing.scroll_button == "button":
        x, y = pen.screen - px(30), frame.bottom - px(36)
        return (Rectangle(x - px(18), y - px(18), x + px(18), y + px(18)),)
    return ()


def measure(dressing: Dressing, pen: Pen, height: int) -> Frame:
    """Where the conversation is seen on a screen `height` pixels high."""
    px, platform = pen.px, pen.look.platform
    top = 0.0
    if dressing.header:
        status = {"ios": 47 if has_home_indicator(pen, height) else 20, "android": 26, "pc": 0}[platform]
        top = px(status + {"ios": 46, "android": 52, "pc": 68}[platform])
    if dressing.notice:
        top += px(38)
    bottom = float(height)
    if dressing.footer:
        bottom -= px({"ios": 52, "android": 52, "pc": 92}[platform])
        if platform != "pc":
            if dressing.keyboard:
                bottom -= px(258)
            if platform == "ios" and has_home_indicator(pen, height):
                bottom -= px(30)
            if platform == "android":
                bottom -= px(18 if dressing.buttons == "gestures" else 44)
        if dressing.quick_replies:
            bottom -= px(44)
    return Frame(top=round(top), bottom=round(bottom))


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
        labels += _footer(canvas, dressing, pen, frame, rng)
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


def _footer(canvas: Canvas, dressing: Dressing, pen: Pen, frame: Frame, rng: random.Random) -> list[str]:
    px, palette, look = pen.px, pen.look.palette, pen.look
    ink: Colour = (30, 30, 34) if brightness(palette.input) > 128 else (235, 235, 238)
    y = float(frame.bottom)
    labels: list[str] = []
    if dressing.quick_replies:
        labels += _quick_replies(canvas, dressing, pen, y)
        y += px(44)
    canvas.fill(Rectangle(0, y, canvas.width, canvas.height), palette.input)
    if look.platform == "pc":
        return labels + _window_input(canvas, dressing, pen, y, ink)
    middle = y + px(26)
    field = Rectangle(px(46), middle - px(18), pen.screen - px(52), middle + px(18))
    canvas.stroke([(px(16), middle), (px(32), middle)], px(1.8), mixed(ink, palette.input, 0.4))
    canvas.stroke([(px(24), middle - px(8)), (px(24), middle + px(8))], px(1.8), mixed(ink, palette.input, 0.4))
    canvas.rounded(field, px(18), palette.field)
    canvas.outline(field, px(18), max(1.0, px(0.6)), mixed(palette.field, ink, 0.12))
    style = pen.style(15)
    text = dressing.draft or rng.choice(PLACEHOLDERS[look.messenger])
    shown = shorten(text, style, field.width - px(50))
    end = field.left + px(14)
    end += canvas.text(
        end, middle + style.size * 0.36, shown, style, ink if dressing.draft else mixed(ink, palette.field, 0.6)
    )
    labels.append(shown)
    if dressing.draft:
        canvas.fill(Rectangle(end + px(1), middle - px(9), end + px(2.5), middle + px(9)), (70, 120, 240))
    send: Colour = palette.own if dressing.draft else mixed(palette.input, ink, 0.1)
    canvas.circle(pen.screen - px(26), middle, px(16), send)
    x = pen.screen - px(26)
    canvas.stroke(
        [(x, middle + px(7)), (x, middle - px(7))],
        px(1.8),
        palette.own_ink if dressing.draft else mixed(ink, palette.input, 0.4),
    )
    canvas.stroke(
        [(x - px(5), middle - px(2)), (x, middle - px(7)), (x + px(5), middle - px(2))],
        px(1.8),
        palette.own_ink if dressing.draft else mixed(ink, palette.input, 0.4),
    )
    below = y + px(52)
    if dressing.keyboard:
        labels += _keyboard(canvas, pen, below, ink)
    if look.platform == "ios" and has_home_indicator(pen, canvas.height):
        canvas.rounded(
            Rectangle(pen.screen * 0.32, canvas.height - px(13), pen.screen * 0.68, canvas.height - px(8)), px(2.5), ink
        )
    elif look.platform == "android":
        _navigation(canvas, dressing, pen, ink)
    return labels


def _quick_replies(canvas: Canvas, dressing: Dressing, pen: Pen, y: float) -> list[str]:
    px, palette = pen.px, pen.look.palette
    ground = palette.other if brightness(palette.background) < 90 else (255, 255, 255)
    ink: Colour = (30, 30, 34) if brightness(ground) > 128 else (235, 235, 238)
    style = pen.style(13)
    x = px(10)
    for label in dressing.quick_replies:
        width = text_width(label, style) + px(24)
        canvas.rounded(Rectangle(x, y + px(6), x + width, y + px(38)), px(16), ground)
        canvas.outline(
            Rectangle(x, y + px(6), x + width, y + px(38)), px(16), max(1.0, px(0.7)), mixed(ground, ink, 0.25)
        )
        canvas.text(x + px(12), y + px(22) + style.size * 0.36, label, style, ink)
        x += width + px(8)
    return list(dressing.quick_replies)


def _window_input(canvas: Canvas, dressing: Dressing, pen: Pen, y: float, ink: Colour) -> list[str]:
    px, palette = pen.px, pen.look.palette
    style = pen.style(12.5)
    text = dressing.draft or "메시지 입력"
    canvas.text(px(14), y + px(26), text, style, ink if dressing.draft else mixed(ink, palette.input, 0.65))
    button = Rectangle(pen.screen - px(66), y + px(54), pen.screen - px(14), y + px(82))
    canvas.rounded(button, px(3), palette.own if dressing.draft else mixed(palette.own, palette.input, 0.5))
    canvas.centred(button.left + button.width / 2, button.top + px(19), "전송", style, palette.own_ink)
    for icon in range(5):
        canvas.outline(
            Rectangle(px(14 + 24 * icon), y + px(62), px(28 + 24 * icon), y + px(76)), px(4), px(1.2), ink, 0.45
        )
    return [text, "전송"]


def _keyboard(canvas: Canvas, pen: Pen, y: float, ink: Colour) -> list[str]:
    px = pen.px
    dark = brightness(pen.look.palette.input) < 110
    ground: Colour = (43, 43, 45) if dark else (209, 211, 217)
    key: Colour = (107, 107, 110) if dark else (255, 255, 255)
    special: Colour = (70, 70, 73) if dark else (172, 177, 187)
    canvas.fill(Rectangle(0, y, canvas.width, canvas.height), ground)
    style = pen.style(20)
    pitch = (pen.screen - px(6)) / 10
    for row, letters in enumerate(KEYS):
        left = (pen.screen - pitch * len(letters)) / 2
        top = y + px(8 + 53 * row)
        for column, letter in enumerate(letters):
            box = Rectangle(left + column * pitch + px(3), top, left + (column + 1) * pitch - px(3), top + px(43))
            canvas.rounded(box, px(5), key)
            canvas.centred(box.left + box.width / 2, top + px(29), letter, style, ink)
    top = y + px(8 + 53 * 3)
    labels = []
    for label, start, end, colour in (
        ("123", 0.0, 0.22, special),
        ("스페이스", 0.24, 0.74, key),
        ("이동", 0.76, 1.0, special),
    ):
        box = Rectangle(px(4) + start * (pen.screen - px(8)), top, px(4) + end * (pen.screen - px(8)), top + px(43))
        canvas.rounded(box, px(5), colour)
        canvas.centred(box.left + box.width / 2, top + px(27), label, pen.style(15), ink)
        labels.append(label)
    return [*"".join(KEYS), *labels]


def _navigation(canvas: Canvas, dressing: Dressing, pen: Pen, ink: Colour) -> None:
    px = pen.px
    if dressing.buttons == "gestures":
        canvas.rounded(
            Rectangle(pen.screen * 0.36, canvas.height - px(9), pen.screen * 0.64, canvas.height - px(5)),
            px(2),
            ink,
            0.8,
        )
        return
    y, soft = canvas.height - px(22), mixed(ink, pen.look.palette.input, 0.4)
    for column in (-5, 0, 5):
        canvas.stroke(
            [(pen.screen * 0.22 + px(column), y - px(7)), (pen.screen * 0.22 + px(column), y + px(7))], px(1.6), soft
        )
    canvas.outline(
        Rectangle(pen.screen / 2 - px(8), y - px(8), pen.screen / 2 + px(8), y + px(8)), px(3), px(1.6), soft
    )
    x = pen.screen * 0.78
    canvas.stroke([(x + px(4), y - px(7)), (x - px(4), y), (x + px(4), y + px(7))], px(1.6), soft)
