"""What surrounds the conversation, and how many rows that takes."""

from typing import Literal

from contracts.base import Record
from processors.ocr.training.drawing import Rectangle
from tests.screenshots.grounds import Pen


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
