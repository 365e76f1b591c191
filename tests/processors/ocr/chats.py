"""Plain chats drawn with OpenCV: what the layout must find is known from what was drawn."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from processors.ocr.engines.port import Box, Image

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """Colours as blue, green, red."""

    background: Colour = (218, 199, 178)
    own: Colour = (0, 229, 254)
    other: Colour = (255, 255, 255)
    ink: Colour = (20, 20, 20)
    bar: Colour = (255, 255, 255)


KAKAO = Theme()
DARK = Theme((30, 28, 28), (0, 200, 240), (51, 48, 48), (235, 235, 235), (38, 36, 36))
MESSAGES = Theme((255, 255, 255), (255, 132, 10), (235, 233, 233), (20, 20, 20), (249, 249, 249))


@dataclass
class Chat:
    """A chat being drawn; `bubbles` collects what is a message, from top to bottom."""

    theme: Theme = KAKAO
    scale: float = 2.0
    width: int = 390
    height: int = 700
    image: Image = field(init=False)
    bubbles: list[tuple[Box, str]] = field(default_factory=list)
    row: int = 90

    def __post_init__(self) -> None:
        size = (round(self.height * self.scale), round(self.width * self.scale), 3)
        self.image = np.full(size, self.theme.background, np.uint8)

    def rectangle(self, box: tuple[float, float, float, float], colour: Colour, radius: float = 0) -> Box:
        """A filled rectangle with round corners; `box` is left, top, right, bottom in points."""
        x0, y0, x1, y1 = (round(v * self.scale) for v in box)
        r = round(radius * self.scale)
        cv2.rectangle(self.image, (x0 + r, y0), (x1 - 1 - r, y1 - 1), colour, cv2.FILLED)
        cv2.rectangle(self.image, (x0, y0 + r), (x1 - 1, y1 - 1 - r), colour, cv2.FILLED)
        for x, y in ((x0 + r, y0 + r), (x1 - 1 - r, y0 + r), (x0 + r, y1 - 1 - r), (x1 - 1 - r, y1 - 1 - r)):
            cv2.circle(self.image, (x, y), r, colour, cv2.FILLED, cv2.LINE_AA)
        return Box(x0, y0, x1, y1)

    def words(self, x: float, y: float, width: float, colour: Colour | None = None, high: float = 12) -> None:
        """Something like a line of text: strokes of `high` points from `x` on, standing on `y`."""
        ink = colour or self.theme.ink
        for place in np.arange(x, x + width - 5, high * 0.75):
            left, top, bottom = round(place * self.scale), round((y - high) * self.scale), round(y * self.scale)
            wide = max(1, round(high * 0.1 * self.scale))
            cv2.line(self.image, (left, top), (left, bottom), ink, wide)
            right = left + round(high * 0.5 * self.scale)
            cv2.line(self.image, (left, (top + bottom) // 2), (right, top), ink, wide)

    def bubble(self, side: str, width: float, lines: int = 1, gap: float = 8) -> Box:
        """A bubble of `lines` lines below the last."""
        high = 16 + 20 * lines
        left = 56 if side == "left" else self.width - 12 - width
        colour = self.theme.other if side == "left" else self.theme.own
        box = self.rectangle((left, self.row, left + width, self.row + high), colour, 14)
        for line in range(lines):
            self.words(left + 12, self.row + 24 + 20 * line, width - 24)
        self.bubbles.append((box, side))
        self.row += round(high + gap)
        return box

    def avatar(self) -> None:
        """A square picture left of the next bubble."""
        self.rectangle((10, self.row, 46, self.row + 36), (180, 120, 60), 14)
        self.rectangle((20, self.row + 8, 36, self.row + 24), (90, 60, 200), 8)

    def frame(self) -> None:
        """A title with icons and an input box with a draft."""
        for x in (14, self.width - 34):
            self.words(x, 60, 18, high=16)
        self.words(60, 60, 120, high=15)
        self.rectangle((0, self.height - 60, self.width, self.height), self.theme.bar)
        self.words(50, self.height - 25, 150)
        self.rectangle((self.width - 60, self.height - 46, self.width - 12, self.height - 14), self.theme.own, 6)
        self.words(self.width - 50, self.height - 24, 30)


def small_talk(theme: Theme) -> Chat:
    """Four messages on both sides, of one line to three."""
    chat = Chat(theme)
    chat.frame()
    chat.bubble("right", 150)
    chat.bubble("left", 240, 3)
    chat.bubble("right", 260, 2)
    chat.bubble("left", 90)
    return chat
