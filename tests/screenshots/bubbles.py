"""The bodies of messages: text, emoji alone, photos, cards, files, deleted ones. Each says how large it is, where
its lines stand, and how to paint it; where it goes on the page is `page`'s business."""

import random
from collections.abc import Callable
from typing import NamedTuple

from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from processors.ocr.training.lettering import TextStyle, emoji_picture, only_emoji, split_emoji, text_width, wrap_text
from tests.screenshots import wallpapers
from tests.screenshots.conversations import Utterance
from tests.screenshots.grounds import Pen, Place, paint_ground
from tests.screenshots.looks import Look
from tests.screenshots.vocabulary import EMOJI_LIKED
from tests.screenshots.wallpapers import brightness, mixed

DELETED = {"KakaoTalk": "삭제된 메시지입니다.", "WhatsApp": "이 메시지는 삭제되었습니다."}


class Line(NamedTuple):
    """A line of text and the rows and columns of its letters."""

    text: str
    box: Rectangle


class Body(NamedTuple):
    """A message's body with its corner at (0, 0). `paint(canvas, x, y)` draws it; `bubble` is False where it has no
    ground. `named` and `stamped` tell whether the sender's name and the time stand in it."""

    width: float
    height: float
    lines: tuple[Line, ...]
    paint: Callable[[Canvas, float, float], None]
    bubble: bool = True
    picture: tuple[Line, ...] = ()
    named: bool = False
    stamped: bool = False


def line_box(text: str, x: float, baseline: float, style: TextStyle) -> Rectangle:
    """Rows and columns that the letters of a line take, about."""
    return Rectangle(x, baseline - style.size * 0.86, x + text_width(text, style), baseline + style.size * 0.16)


def text_body(utterance: Utterance, place: Place, pen: Pen) -> Body:
    """A bubble of text, with the sender's name and the time inside where the messenger has them there."""
    metrics, palette = pen.look.metrics, pen.look.palette
    style, small = pen.text, pen.small
    text = DELETED.get(pen.look.messenger, utterance.text) if utterance.kind == "deleted" else utterance.text
    deleted = utterance.kind == "deleted"
    icon = style.size * 1.25 if deleted else 0.0
    pad_x, pad_y = pen.px(metrics.pad_x), pen.px(metrics.pad_y)
    shown = wrap_text(text, style, pen.widest - 2 * pad_x - icon, pen.look.wrap)
    pitch = style.size * metrics.leading
    name_style = pen.style(metrics.name, bold=True)
    name_rows = name_style.size * 1.45 if place.name else 0.0
    widths = [text_width(line, style) + icon for line in shown]
    inner = max([*widths, text_width(place.name, name_style) if place.name else 0.0])
    stamp_room = text_width(place.stamp, small) + pen.px(9 + (13 if place.own else 0)) if place.stamp else 0.0
    below = 0.0
    if place.stamp:
        if widths[-1] + stamp_room <= pen.widest - 2 * pad_x:
            inner = max(inner, widths[-1] + stamp_room)
        else:
            below = small.size * 1.25
            inner = max(inner, stamp_room)
    width = max(inner + 2 * pad_x, 2 * pen.px(min(metrics.radius, 16)) + pen.px(2))
    height = 2 * pad_y + name_rows + pitch * len(shown) + below
    first = pad_y + name_rows + (pitch - style.size) / 2 + style.size * 0.86
    left = pad_x + icon if width - 2 * pad_x - inner < 1 else (width - inner) / 2 + icon
    lines = tuple(Line(line, line_box(line, left, first + row * pitch, style)) for row, line in enumerate(shown))
    colour = palette.own if place.own else palette.other
    ink = palette.own_ink if place.own else palette.other_ink
    if deleted:
        ink = mixed(ink, colour, 0.5)
    link = (
        palette.own_ink
        if place.own and (pen.look.messenger == "iMessage" or pen.look.theme == "picture")
        else palette.link
    )

    def paint(canvas: Canvas, x: float, y: float) -> None:
        paint_ground(canvas, Rectangle(x, y, x + width, y + height), place, pen, colour)
        if place.name:
            tint = wallpapers.hue(
                random.Random(place.name), (0.5, 0.8), (0.5, 0.75) if brightness(colour) > 128 else (0.8, 1.0)
            )
            canvas.text(x + pad_x, y + pad_y + name_style.size, place.name, name_style, tint)
        if deleted:
            middle = y + first - style.size * 0.36
            ring = Rectangle(
                x + left - icon,
                middle - style.size * 0.45,
                x + left - icon + style.size * 0.9,
                middle + style.size * 0.45,
            )
            canvas.outline(ring, ring.width / 2, pen.px(1.2), ink)
            canvas.stroke(
                [
                    (ring.left + ring.width / 2, ring.top + ring.height * 0.25),
                    (ring.left + ring.width / 2, ring.top + ring.height * 0.7),
                ],
                pen.px(1.3),
                ink,
            )
        for row, line in enumerate(shown):
            _paint_line(
                canvas,
                x + left,
                y + first + row * pitch,
                line,
                style,
                ink,
                link,
                linked="://" in text or "www." in text or ".example" in text,
            )
        if place.stamp:
            quiet = mixed(ink, colour, 0.42)
            end = x + width - pad_x
            baseline = y + height - pad_y * 0.8 - small.size * 0.05
            if place.own:
                _ticks(canvas, end - pen.px(11), baseline - small.size * 0.3, pen, palette.count)
                end -= pen.px(13)
            canvas.text(end - text_width(place.stamp, small), baseline, place.stamp, small, quiet)

    return Body(width, height, lines, paint, named=bool(place.name), stamped=bool(place.stamp))


def _ticks(canvas: Canvas, x: float, y: float, pen: Pen, colour: Colour) -> None:
    px = pen.px
    for step in (0.0, 4.0):
        canvas.stroke(
            [(x + px(step), y), (x + px(step + 2.6), y + px(2.7)), (x + px(step + 7), y - px(3.4))], px(1.1), colour
        )


def _paint_line(
    canvas: Canvas, x: float, baseline: float, line: str, style: TextStyle, ink: Colour, link: Colour, *, linked: bool
) -> None:
    if not linked:
        canvas.text(x, baseline, line, style, ink)
        return
    for word in line.split(" "):
        address = sum(character in "./:?=&" for character in word) >= 1 and any(
            character.isascii() and character.isalpha() for character in word
        )
        advance = canvas.text(x, baseline, word, style, link if address else ink)
        if address:
            canvas.stroke(
                [(x, baseline + style.size * 0.12), (x + advance, baseline + style.size * 0.12)],
                max(1.0, style.size / 18),
                link,
            )
        x += advance + text_width(" ", style)


def emoji_body(utterance: Utterance, place: Place, pen: Pen) -> Body:
    """A few emoji, large, without a bubble."""
    count = len([run for run, emoji in split_emoji(utterance.text) if emoji])
    style = TextStyle(pen.face, pen.px(pen.look.metrics.text) * (2.6 if count < 3 else 2.0))
    width, height = text_width(utterance.text, style), style.size * 1.3
    line = Line(utterance.text, Rectangle(0, 0, width, height))

    def paint(canvas: Canvas, x: float, y: float) -> None:
        canvas.text(x, y + style.size * 1.02, utterance.text, style, pen.look.palette.other_ink)

    return Body(width, height, (line,), paint, bubble=False)


def sticker_body(utterance: Utterance, pen: Pen) -> Body:
    """A large drawing without a bubble and without text."""
    size = pen.px(96 if pen.look.platform != "pc" else 84)
    picture = emoji_picture(random.Random(utterance.seed).choice(EMOJI_LIKED), round(size))

    def paint(canvas: Canvas, x: float, y: float) -> None:
        canvas.image.paste(picture, (round(x), round(y)), picture)

    return Body(size, size, (), paint, bubble=False)


def photo_body(utterance: Utterance, place: Place, pen: Pen) -> Body:
    """A picture with rounded corners, with text in it where the utterance says so."""
    rng = random.Random(utterance.seed)
    width = pen.screen * rng.uniform(0.42, 0.62)
    height = width * rng.choice((0.66, 0.75, 1.0, 1.25, 1.33))
    columns, rows = round(width), round(height)
    radius = pen.px(min(pen.look.metrics.radius, 14))
    paper = bool(utterance.picture) and rng.random() < 0.6
    ink = (30, 30, 34) if paper else (255, 255, 255)
    style = TextStyle(pen.face, min(width / 12, height / (2.2 * max(1, len(utterance.picture)))), bold=True)
    first = height / 2 - style.size * 0.8 * (len(utterance.picture) - 1)
    marks = tuple(
        Line(text, line_box(text, (width - text_width(text, style)) / 2, first + row * style.size * 1.7, style))
        for row, text in enumerate(utterance.picture)
    )

    def paint(canvas: Canvas, x: float, y: float) -> None:
        shown = wallpapers.photo(columns, rows, random.Random(utterance.seed + 1))
        if paper:
            board = Canvas(shown)
            board.rounded(
                Rectangle(columns * 0.05, rows * 0.06, columns * 0.95, rows * 0.94), pen.px(3), (247, 245, 240)
            )
            shown = board.image
        canvas.rounded(Rectangle(x, y, x + width, y + height), radius, shown)
        for line in marks:
            canvas.text(x + line.box.left, y + line.box.top + style.size * 0.86, line.text, style, ink)
        if place.stamp:
            small = pen.small
            room = text_width(place.stamp, small) + pen.px(10)
            chip = Rectangle(
                x + width - room - pen.px(6),
                y + height - small.size * 1.5 - pen.px(6),
                x + width - pen.px(6),
                y + height - pen.px(6),
            )
            canvas.rounded(chip, chip.height / 2, (0, 0, 0), 0.4)
            canvas.text(chip.left + pen.px(5), chip.bottom - small.size * 0.45, place.stamp, small, (255, 255, 255))

    return Body(width, height, (), paint, picture=marks, stamped=bool(place.stamp))


def card_body(utterance: Utterance, place: Place, pen: Pen) -> Body:
    """A link or channel card: picture, title, description, buttons."""
    rng = random.Random(utterance.seed)
    metrics, palette = pen.look.metrics, pen.look.palette
    width = pen.screen * rng.uniform(0.5, min(0.68, metrics.widest + 0.04))
    pad = pen.px(12 if metrics.text > 14 else 9)
    title, _, description = utterance.text.partition("\n")
    bold, plain = TextStyle(pen.face, pen.text.size * 0.98, bold=True), TextStyle(pen.face, pen.text.size * 0.85)
    dark = brightness(palette.other) < 110
    ground, ink = ((44, 44, 47), (238, 238, 238)) if dark else ((255, 255, 255), (25, 25, 28))
    picture_rows = width * 0.5 if rng.random() < 0.6 or utterance.picture else 0.0
    y = picture_rows + pad
    lines: list[tuple[Line, TextStyle, Colour]] = []
    for text, style, colour in ((title, bold, ink), (description, plain, mixed(ink, ground, 0.4))):
        for shown in wrap_text(text, style, width - 2 * pad, pen.look.wrap):
            lines.append((Line(shown, line_box(shown, pad, y + style.size, style)), style, colour))
            y += style.size * 1.4
        y += style.size * 0.3
    button_rows = plain.size * 2.5
    buttons: list[tuple[str, Rectangle]] = []
    for label in utterance.buttons:
        buttons.append((label, Rectangle(pad, y, width - pad, y + button_rows)))
        y += button_rows + pen.px(6)
    height = y + pad - (pen.px(6) if buttons else plain.size * 0.4)
    mark = TextStyle(pen.face, width / 13, bold=True)
    marks = tuple(
        Line(text, line_box(text, pad * 1.4, picture_rows * (0.45 + 0.3 * row), mark))
        for row, text in enumerate(utterance.picture)
    )
    radius = pen.px(min(metrics.radius, 14))

    def paint(canvas: Canvas, x: float, top: float) -> None:
        canvas.rounded(Rectangle(x, top, x + width, top + height), radius, ground)
        if picture_rows:
            shown = wallpapers.photo(round(width), round(picture_rows), random.Random(utterance.seed + 2))
            canvas.rounded(Rectangle(x, top, x + width, top + picture_rows), radius, shown, square=(2, 3))
        for line in marks:
            canvas.text(x + line.box.left, top + line.box.top + mark.size * 0.86, line.text, mark, (255, 255, 255))
        for line, style, colour in lines:
            canvas.text(x + line.box.left, top + line.box.top + style.size * 0.86, line.text, style, colour)
        for label, box in buttons:
            canvas.rounded(box.moved(x, top), pen.px(5), mixed(ground, ink, 0.06))
            canvas.centred(x + width / 2, top + box.top + box.height / 2 + plain.size * 0.36, label, plain, ink)

    return Body(width, height, tuple(line for line, _, _ in lines), paint, picture=marks)


def file_body(utterance: Utterance, place: Place, pen: Pen) -> Body:
    """A file: a sheet of paper, its name and size."""
    metrics, palette = pen.look.metrics, pen.look.palette
    style, small = TextStyle(pen.face, pen.text.size * 0.95), pen.small
    colour = palette.own if place.own and pen.look.messenger != "KakaoTalk" else palette.other
    ink = palette.own_ink if place.own and pen.look.messenger != "KakaoTalk" else palette.other_ink
    pad, icon = pen.px(metrics.pad_x), style.size * 2.2
    shown = wrap_text(utterance.text, style, pen.widest - icon - 3 * pad, "character")
    width = icon + 3 * pad + max(text_width(line, style) for line in shown)
    size = f"용량 {random.Random(utterance.seed).randint(12, 980)}KB"
    pitch = style.size * 1.3
    height = max(icon, pitch * len(shown) + small.size * 1.5) + 2 * pad
    lines = tuple(
        Line(line, line_box(line, 2 * pad + icon, pad + style.size + row * pitch, style))
        for row, line in enumerate(shown)
    )

    def paint(canvas: Canvas, x: float, y: float) -> None:
        paint_ground(canvas, Rectangle(x, y, x + width, y + height), place, pen, colour)
        canvas.rounded(Rectangle(x + pad, y + pad, x + pad + icon, y + pad + icon), pen.px(5), (90, 140, 220))
        for line in lines:
            canvas.text(x + line.box.left, y + line.box.top + style.size * 0.86, line.text, style, ink)
        canvas.text(
            x + 2 * pad + icon, y + pad + pitch * len(shown) + small.size, size, small, mixed(ink, colour, 0.45)
        )

    return Body(width, height, lines, paint)


def body_of(utterance: Utterance, place: Place, pen: Pen) -> Body:
    """The body for the kind of message."""
    if utterance.kind == "photo":
        return photo_body(utterance, place, pen)
    if utterance.kind == "sticker":
        return sticker_body(utterance, pen)
    if utterance.kind == "card":
        return card_body(utterance, place, pen)
    if utterance.kind == "file":
        return file_body(utterance, place, pen)
    if (
        utterance.kind == "text"
        and only_emoji(utterance.text)
        and len(split_emoji(utterance.text)) <= large_emoji(pen.look)
    ):
        return emoji_body(utterance, place, pen)
    return text_body(utterance, place, pen)


def large_emoji(look: Look) -> int:
    """How many emoji by themselves are shown large and without a bubble."""
    if look.messenger == "LINE" or look.platform == "pc":
        return 0
    return 1 if look.messenger == "KakaoTalk" else 3
