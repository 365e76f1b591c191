"""The bottom of a chat screen: quick replies, input box with a draft, keyboard, navigation bar."""

import random

from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from processors.ocr.training.lettering import shorten, text_width
from tests.screenshots.dressing import Dressing, Frame, has_home_indicator
from tests.screenshots.grounds import Pen
from tests.screenshots.wallpapers import brightness, mixed

KEYS = ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅋㅌㅊㅍㅠㅜㅡ")
PLACEHOLDERS = {
    "KakaoTalk": ("메시지 입력", "메시지를 입력하세요", "채널에 메시지 보내기"),
    "iMessage": ("iMessage", "문자 메시지"),
    "WhatsApp": ("메시지", "메시지를 입력하세요"),
    "Telegram": ("메시지", "Message"),
    "LINE": ("Aa", "메시지를 입력"),
}


def paint_footer(canvas: Canvas, dressing: Dressing, pen: Pen, frame: Frame, rng: random.Random) -> list[str]:
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
