"""Lays a whole conversation out on an endless page: bubbles, names, avatars, times, date separators."""

import datetime
import random
from collections.abc import Callable
from typing import NamedTuple

from processors.ocr.training.drawing import Canvas, Rectangle
from processors.ocr.training.lettering import text_width
from tests.screenshots import wallpapers
from tests.screenshots.bubbles import Body, Line, body_of
from tests.screenshots.conversations import Conversation, Utterance
from tests.screenshots.grounds import Pen, Place

WEEKDAYS = "월화수목금토일"
SILENT_KINDS = {"iMessage": {"deleted", "system"}, "Telegram": {"deleted"}, "LINE": {"deleted"}}
"""Kinds of which these messengers show nothing."""


class Placed(NamedTuple):
    """A message on the page: `box` is its bubble, `lines` those inside, in page coordinates. `name_top` is the upper
    edge of the sender's name, None where it is not shown."""

    utterance: Utterance
    box: Rectangle
    lines: tuple[Line, ...]
    picture: tuple[Line, ...]
    time: str | None
    time_shown: bool
    name_top: float | None
    bubble: bool


class Block(NamedTuple):
    """A strip of the page. `paint(canvas, offset)` draws it `offset` pixels higher. `labels` are its strings that
    are no text of the message, each with its row."""

    top: float
    bottom: float
    paint: Callable[[Canvas, float], None]
    message: Placed | None
    labels: tuple[tuple[str, float], ...]


class Page(NamedTuple):
    """`height` is the row after the last block."""

    blocks: tuple[Block, ...]
    height: float


def clock_text(minute: datetime.datetime, style: str) -> str:
    """A time as the messenger writes it."""
    hour = minute.hour % 12 or 12
    if style == "24":
        return f"{minute:%H:%M}"
    if style == "12":
        return f"{hour}:{minute:%M} {'AM' if minute.hour < 12 else 'PM'}"
    return f"{'오전' if minute.hour < 12 else '오후'} {hour}:{minute:%M}"


def day_text(minute: datetime.datetime, messenger: str, clock: str) -> str:
    """A date separator."""
    weekday = WEEKDAYS[minute.weekday()]
    if messenger == "iMessage":
        return f"{minute.month}월 {minute.day}일 ({weekday}) {clock_text(minute, clock)}"
    if messenger == "LINE":
        return f"{minute.year}.{minute.month:02d}.{minute.day:02d} {weekday}요일"
    if messenger == "Telegram":
        return f"{minute.month}월 {minute.day}일"
    return f"{minute.year}년 {minute.month}월 {minute.day}일 {weekday}요일"


class _Setter:
    def __init__(self, conversation: Conversation, pen: Pen, clock: str, unread: int, rng: random.Random) -> None:
        self.conversation = conversation
        self.pen = pen
        self.clock = clock
        self.unread = unread
        self.blocks: list[Block] = []
        self.y = pen.px(10)
        self.avatars = {name: rng.getrandbits(31) for name in conversation.members}
        self.avatar_shown = pen.look.avatars or (conversation.group and pen.look.messenger != "WhatsApp")

    def page(self) -> Page:
        silent = SILENT_KINDS.get(self.pen.look.messenger, set())
        shown = [utterance for utterance in self.conversation.utterances if utterance.kind not in silent]
        for place, utterance in enumerate(shown):
            before = shown[place - 1] if place else None
            after = shown[place + 1] if place + 1 < len(shown) else None
            if before is None or before.minute.date() != utterance.minute.date() or self._pause(before, utterance):
                self.separator(
                    day_text(utterance.minute, self.pen.look.messenger, self.clock), line=self.pen.look.platform == "pc"
                )
            if utterance.kind == "system":
                self.system(utterance)
            else:
                self.message(utterance, first=not self._run(before, utterance), last=not self._run(utterance, after))
        return Page(tuple(self.blocks), self.y + self.pen.px(8))

    def _pause(self, before: Utterance, after: Utterance) -> bool:
        return self.pen.look.stamps == "centre" and after.minute - before.minute > datetime.timedelta(minutes=40)

    def _run(self, before: Utterance | None, after: Utterance | None) -> bool:
        """Whether two neighbours belong to one run: one sender, one minute (iMessage: until a time is shown)."""
        if before is None or after is None or "system" in (before.kind, after.kind) or before.sender != after.sender:
            return False
        if self.pen.look.stamps == "centre":
            return not self._pause(before, after) and before.minute.date() == after.minute.date()
        return before.minute == after.minute

    def separator(self, text: str, *, line: bool = False, message: Utterance | None = None) -> None:
        pen, palette = self.pen, self.pen.look.palette
        style = pen.style(pen.look.metrics.small + 1)
        width = text_width(text, style)
        middle = pen.screen / 2
        top = self.y + pen.px(7)
        height = style.size * 2.0
        box = Rectangle(middle - width / 2 - pen.px(12), top, middle + width / 2 + pen.px(12), top + height)

        def paint(canvas: Canvas, offset: float) -> None:
            pill = box.moved(0, -offset)
            if line:
                for left, right in ((pen.px(12), pill.left), (pill.right, pen.screen - pen.px(12))):
                    row = pill.top + height / 2
                    canvas.stroke([(left, row), (right, row)], max(1.0, pen.px(0.6)), palette.stamp, 0.5)
                canvas.centred(middle, pill.top + height * 0.68, text, style, palette.stamp)
            else:
                if palette.pill_opacity:
                    canvas.rounded(pill, height / 2, palette.pill, palette.pill_opacity)
                canvas.centred(middle, pill.top + height * 0.68, text, style, palette.pill_ink)

        placed = None
        if message is not None:
            shown = Line(
                text, Rectangle(middle - width / 2, top + height * 0.2, middle + width / 2, top + height * 0.8)
            )
            placed = Placed(message, box, (shown,), (), None, time_shown=False, name_top=None, bubble=False)
        labels = () if message is not None else ((text, top + height / 2),)
        self.blocks.append(Block(top, top + height, paint, placed, labels))
        self.y = top + height + pen.px(4)

    def system(self, utterance: Utterance) -> None:
        self.separator(utterance.text, message=utterance)

    def message(self, utterance: Utterance, *, first: bool, last: bool) -> None:
        pen, look = self.pen, self.pen.look
        metrics = look.metrics
        own = utterance.speaker == "user"
        time = None if look.stamps == "centre" else clock_text(utterance.minute, self.clock)
        named = first and not own and (self.conversation.group or look.messenger == "KakaoTalk")
        inside = time if look.stamps == "inside" and time is not None else ""
        place = Place(own, first, last, utterance.sender if named and look.names == "inside" else "", inside)
        body = body_of(utterance, place, pen)
        self.y += pen.px(metrics.far if first else metrics.near)
        top = self.y
        above = named and look.names == "above"
        name_style = pen.style(metrics.name)
        if above:
            self.y += name_style.size * 1.5
        left = self._left(own, body)
        box = Rectangle(left, self.y, left + body.width, self.y + body.height)
        beside = self._beside(utterance, time, last) if look.stamps == "beside" else []
        name_row = top + name_style.size * 1.05
        name_left = box.left + (pen.px(metrics.pad_x) if look.messenger == "iMessage" else 0)
        avatar = self._avatar(own, first, last, top, box)
        name_top = top if above else box.top if body.named else None

        def paint(canvas: Canvas, offset: float) -> None:
            if above:
                canvas.text(name_left, name_row - offset, utterance.sender, name_style, look.palette.name)
            if avatar is not None:
                frame = avatar.moved(0, -offset)
                picture = wallpapers.avatar(max(8, round(frame.width)), random.Random(self.avatars[utterance.sender]))
                canvas.rounded(frame, frame.width * metrics.avatar_radius, picture)
            body.paint(canvas, box.left, box.top - offset)
            if look.messenger == "KakaoTalk" and utterance.kind in ("photo", "card") and utterance.seed % 2:
                self.share_button(canvas, own, box.moved(0, -offset))
            for row, (text, colour) in enumerate(reversed(beside)):
                baseline = box.bottom - offset - pen.small.size * (0.15 + 1.25 * row)
                at = box.left - pen.px(5) - text_width(text, pen.small) if own else box.right + pen.px(5)
                canvas.text(at, baseline, text, pen.small, colour)

        labels = [(text, box.bottom - pen.small.size) for text, _ in beside]
        if above or body.named:
            labels.append((utterance.sender, name_row))
        if body.stamped:
            labels.append((inside, box.bottom - pen.small.size))
        self.blocks.append(
            Block(
                min(top, box.top - pen.px(6)),
                max(box.bottom, avatar.bottom if avatar is not None else 0) + pen.px(2),
                paint,
                Placed(
                    utterance,
                    box,
                    _moved(body.lines, box),
                    _moved(body.picture, box),
                    time,
                    bool(beside and beside[-1][0] == time) or body.stamped,
                    name_top,
                    body.bubble,
                ),
                tuple(labels),
            )
        )
        self.y = box.bottom

    def share_button(self, canvas: Canvas, own: bool, box: Rectangle) -> None:
        """The round button that KakaoTalk puts beside pictures."""
        px, palette = self.pen.px, self.pen.look.palette
        x = box.left - px(22) if own else box.right + px(22)
        y = box.top + box.height / 2
        canvas.circle(x, y, px(14), palette.pill, max(0.14, palette.pill_opacity))
        canvas.stroke([(x - px(4), y + px(5)), (x - px(4), y), (x + px(4), y)], px(1.4), palette.pill_ink)
        canvas.stroke([(x + px(1), y - px(3.5)), (x + px(5), y), (x + px(1), y + px(3.5))], px(1.4), palette.pill_ink)

    def _left(self, own: bool, body: Body) -> float:
        metrics, pen = self.pen.look.metrics, self.pen
        if own:
            return pen.screen - pen.px(metrics.own_right) - body.width
        if self.avatar_shown and not self.pen.look.avatars:
            return pen.px(metrics.avatar_left + metrics.avatar + 7)
        return pen.px(metrics.other_left)

    def _avatar(self, own: bool, first: bool, last: bool, top: float, box: Rectangle) -> Rectangle | None:
        """KakaoTalk and LINE show it beside the first of a run, iMessage and Telegram beside the last."""
        if own or not self.avatar_shown:
            return None
        size, left = self.pen.px(self.pen.look.metrics.avatar), self.pen.px(self.pen.look.metrics.avatar_left)
        if self.pen.look.avatars:
            return Rectangle(left, top, left + size, top + size) if first else None
        return Rectangle(left, box.bottom - size, left + size, box.bottom) if last else None

    def _beside(self, utterance: Utterance, time: str | None, last: bool) -> list[tuple[str, tuple[int, int, int]]]:
        palette = self.pen.look.palette
        shown: list[tuple[str, tuple[int, int, int]]] = []
        if self.pen.look.messenger == "LINE":
            if utterance.speaker == "user" and last:
                read = f"읽음 {len(self.conversation.members)}" if self.conversation.group else "읽음"
                shown.append((read, palette.stamp))
        elif utterance.index >= len(self.conversation.utterances) - self.unread:
            shown.append(
                (str(random.Random(utterance.seed).randint(1, max(1, len(self.conversation.members)))), palette.count)
            )
        if last and time is not None:
            shown.append((time, palette.stamp))
        return shown


def _moved(lines: tuple[Line, ...], box: Rectangle) -> tuple[Line, ...]:
    return tuple(Line(line.text, line.box.moved(box.left, box.top)) for line in lines)


def set_page(conversation: Conversation, pen: Pen, clock: str, unread: int, rng: random.Random) -> Page:
    """The page of a conversation. `unread` counts messages at its end that carry a read count (KakaoTalk)."""
    return _Setter(conversation, pen, clock, unread, rng).page()
