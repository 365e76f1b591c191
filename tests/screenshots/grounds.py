"""The ground of a bubble: its shape, its tail, and how a theme fills it."""

import random
from typing import NamedTuple

from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from processors.ocr.training.fonts import Typeface
from processors.ocr.training.lettering import TextStyle
from tests.screenshots import wallpapers
from tests.screenshots.looks import Look
from tests.screenshots.wallpapers import brightness, mixed


class Place(NamedTuple):
    """Where in a run a message stands, and what is written inside its bubble."""

    own: bool
    first: bool
    last: bool
    name: str = ""
    stamp: str = ""


class Skin(NamedTuple):
    """How bubbles are filled: flat, or as a painted theme has it."""

    style: str
    opacity: float
    radius: float


class Pen(NamedTuple):
    """What all bodies of one page share. `px` of points is `points * scale`; `zoom` is the text size the user chose."""

    look: Look
    face: Typeface
    latin: Typeface
    scale: float
    zoom: float
    screen: int
    skin: Skin

    def px(self, points: float) -> float:
        return points * self.scale

    @property
    def text(self) -> TextStyle:
        return TextStyle(self.face, self.px(self.look.metrics.text) * self.zoom)

    def style(self, points: float, bold: bool = False) -> TextStyle:
        return TextStyle(self.face, self.px(points), bold)

    @property
    def small(self) -> TextStyle:
        return self.style(self.look.metrics.small)

    @property
    def widest(self) -> float:
        return self.look.metrics.widest * self.screen


def plan_skin(look: Look, rng: random.Random) -> Skin:
    """Flat but for painted themes."""
    radius = look.metrics.radius
    if look.theme != "picture":
        return Skin("flat", 1.0, radius)
    style = rng.choice(("flat", "flat", "gradient", "outlined", "ornament", "translucent"))
    return Skin(
        style, rng.uniform(0.88, 0.96) if style == "translucent" else 1.0, radius * rng.choice((0.4, 1.0, 1.0, 1.25))
    )


def paint_ground(canvas: Canvas, box: Rectangle, place: Place, pen: Pen, colour: Colour) -> None:
    """The bubble itself, with the tail its place in the run gives it."""
    radius = pen.px(pen.skin.radius)
    if box.height < 2.3 * radius:
        radius = min(radius, box.height / 2)
    _tail(canvas, box, place, pen, colour)
    square: tuple[int, ...] = ()
    if pen.look.tail == "corner" and place.first:
        square = (1,) if place.own else (0,)
    if pen.skin.style == "gradient":
        top = mixed(colour, (255, 255, 255), 0.18)
        shaded = wallpapers.gradient(16, 16, (top, colour, mixed(colour, (0, 0, 0), 0.05)), random.Random(7))
        canvas.rounded(box, radius, shaded, square=square)
    else:
        canvas.rounded(box, radius, colour, pen.skin.opacity, square)
    if pen.skin.style == "outlined":
        canvas.outline(
            box, radius, pen.px(1.3), mixed(colour, (0, 0, 0) if brightness(colour) > 90 else (255, 255, 255), 0.55)
        )
    if pen.skin.style == "ornament":
        corner = box.right - pen.px(7) if place.own else box.left + pen.px(7)
        accent = mixed(colour, (200, 60, 110), 0.7)
        for step in (-1, 1):
            canvas.circle(corner + step * pen.px(3.4), box.top - pen.px(1), pen.px(4), accent)
        canvas.polygon(
            [
                (corner - pen.px(6.6), box.top + pen.px(1)),
                (corner + pen.px(6.6), box.top + pen.px(1)),
                (corner, box.top + pen.px(8)),
            ],
            accent,
        )


def _tail(canvas: Canvas, box: Rectangle, place: Place, pen: Pen, colour: Colour) -> None:
    tail, px = pen.look.tail, pen.px
    edge, out = (box.right, 1) if place.own else (box.left, -1)
    if tail == "kakao" and place.first:
        points = [
            (edge - out * px(9), box.top + px(1.5)),
            (edge + out * px(5.5), box.top + px(1)),
            (edge, box.top + px(12)),
        ]
    elif tail == "spike" and place.first:
        points = [
            (edge - out * px(1), box.top + px(6)),
            (edge + out * px(6), box.top + px(7)),
            (edge - out * px(1), box.top + px(13)),
        ]
    elif tail == "corner" and place.first:
        points = [(edge - out * px(4), box.top), (edge + out * px(7), box.top), (edge, box.top + px(9))]
    elif tail in ("imessage", "telegram") and place.last:
        points = [
            (edge - out * px(1), box.bottom - px(13)),
            (edge + out * px(6), box.bottom - px(0.5)),
            (edge - out * px(12), box.bottom - px(1)),
        ]
    else:
        return
    canvas.polygon(points, colour, pen.skin.opacity)
