"""Drawing with smooth edges: rounded shapes, lines, and text with colour emoji.

Lengths and positions are pixels, x to the right and y down, and may be fractional. Colours are (red, green, blue),
0–255.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from processors.ocr.training.lettering import EMOJI_WIDTH, TextStyle, emoji_picture, glyph_runs, split_emoji, text_width

Colour = tuple[int, int, int]

Mask = NDArray[np.float32]

OVERSAMPLING = 4
"""Polygons and lines are drawn this much larger and averaged down: Pillow's own have stair steps."""


class Rectangle(NamedTuple):
    """Half-open rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def moved(self, x: float, y: float) -> "Rectangle":
        return Rectangle(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def meets(self, other: "Rectangle") -> bool:
        """True where the two share area."""
        return min(self.right, other.right) > max(self.left, other.left) and min(self.bottom, other.bottom) > max(
            self.top, other.top
        )

    def inset(self, x: float, y: float) -> "Rectangle":
        return Rectangle(self.left + x, self.top + y, self.right - x, self.bottom - y)


def rounded_mask(width: float, height: float, radius: float, left: float = 0.0, top: float = 0.0) -> Mask:
    """Coverage 0–1 of a rounded rectangle whose corner lies at the fraction (`left`, `top`) of the first pixel.

    Coverage is taken from the signed distance to the edge, which is within a few percent of the exact area and needs no
    oversampling: shape (ceil(top + height), ceil(left + width)).
    """
    columns, rows = int(np.ceil(left + width)), int(np.ceil(top + height))
    radius = max(0.0, min(radius, width / 2, height / 2))
    across = np.abs(np.arange(columns, dtype=np.float32) + 0.5 - left - width / 2) - (width / 2 - radius)
    down = np.abs(np.arange(rows, dtype=np.float32) + 0.5 - top - height / 2) - (height / 2 - radius)
    if radius <= 0.5:
        return np.outer(np.clip(0.5 - down + radius, 0, 1), np.clip(0.5 - across + radius, 0, 1)).astype(np.float32)
    distance = np.hypot(np.maximum(across, 0)[None, :], np.maximum(down, 0)[:, None])
    inner = np.minimum(np.maximum(across[None, :], down[:, None]), 0)
    coverage: Mask = np.clip(radius + 0.5 - distance - inner, 0, 1).astype(np.float32)
    return coverage


class Canvas:
    """An RGB picture that is drawn on. What lies outside is cut off."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image.convert("RGB")
        self.pen = ImageDraw.Draw(self.image)

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height

    def cover(self, mask: Image.Image, x: int, y: int, fill: Colour | Image.Image, opacity: float = 1.0) -> None:
        """Paint `fill` through an L mask whose corner is at (x, y)."""
        if opacity < 1:
            mask = mask.point(lambda value: value * opacity)
        if isinstance(fill, Image.Image):
            self.image.paste(fill, (x, y), mask)
        else:
            self.image.paste(fill, (x, y, x + mask.width, y + mask.height), mask)

    def rounded(
        self,
        box: Rectangle,
        radius: float,
        fill: Colour | Image.Image,
        opacity: float = 1.0,
        square: Sequence[int] = (),
    ) -> None:
        """A filled rounded rectangle. `square` names corners that stay sharp: 0 top left, 1 top right, 2 bottom right,
        3 bottom left. A picture as `fill` is scaled to the box."""
        x, y = int(np.floor(box.left)), int(np.floor(box.top))
        if box.width < 1 or box.height < 1 or y >= self.height or box.bottom <= 0:
            return
        mask = rounded_mask(box.width, box.height, radius, box.left - x, box.top - y)
        if square:
            sharp = rounded_mask(box.width, box.height, 0, box.left - x, box.top - y)
            middle_row, middle_column = mask.shape[0] // 2, mask.shape[1] // 2
            for corner in square:
                rows = slice(None, middle_row) if corner in (0, 1) else slice(middle_row, None)
                columns = slice(None, middle_column) if corner in (0, 3) else slice(middle_column, None)
                mask[rows, columns] = sharp[rows, columns]
        drawn = Image.fromarray((mask * 255 + 0.5).astype(np.uint8))
        if isinstance(fill, Image.Image):
            fill = fill.convert("RGB").resize(drawn.size, Image.Resampling.BILINEAR)
        self.cover(drawn, x, y, fill, opacity)

    def outline(self, box: Rectangle, radius: float, width: float, fill: Colour, opacity: float = 1.0) -> None:
        """The rim of a rounded rectangle, inside its edge."""
        x, y = int(np.floor(box.left)), int(np.floor(box.top))
        outer = Image.fromarray(
            (rounded_mask(box.width, box.height, radius, box.left - x, box.top - y) * 255).astype(np.uint8)
        )
        inside = box.inset(width, width)
        if inside.width > 1 and inside.height > 1:
            hole = Image.new("L", outer.size)
            ix, iy = int(np.floor(inside.left)), int(np.floor(inside.top))
            inner = rounded_mask(inside.width, inside.height, radius - width, inside.left - ix, inside.top - iy)
            hole.paste(Image.fromarray((inner * 255).astype(np.uint8)), (ix - x, iy - y))
            outer = ImageChops.subtract(outer, hole)
        self.cover(outer, x, y, fill, opacity)

    def circle(self, x: float, y: float, radius: float, fill: Colour | Image.Image, opacity: float = 1.0) -> None:
        """A disc around (x, y)."""
        self.rounded(Rectangle(x - radius, y - radius, x + radius, y + radius), radius, fill, opacity)

    def polygon(self, points: Sequence[tuple[float, float]], fill: Colour, opacity: float = 1.0) -> None:
        """A filled polygon."""
        self._oversampled(points, 1.0, fill, opacity, filled=True)

    def stroke(self, points: Sequence[tuple[float, float]], width: float, fill: Colour, opacity: float = 1.0) -> None:
        """A line through the points with round joints."""
        self._oversampled(points, width, fill, opacity, filled=False)

    def _oversampled(
        self, points: Sequence[tuple[float, float]], width: float, fill: Colour, opacity: float, *, filled: bool
    ) -> None:
        left = int(min(x for x, _ in points) - width) - 1
        top = int(min(y for _, y in points) - width) - 1
        columns = int(max(x for x, _ in points) + width) + 2 - left
        rows = int(max(y for _, y in points) + width) + 2 - top
        large = Image.new("L", (columns * OVERSAMPLING, rows * OVERSAMPLING))
        pen = ImageDraw.Draw(large)
        scaled = [((x - left) * OVERSAMPLING, (y - top) * OVERSAMPLING) for x, y in points]
        if filled:
            pen.polygon(scaled, fill=255)
        else:
            thick = max(1, round(width * OVERSAMPLING))
            pen.line(scaled, fill=255, width=thick, joint="curve")
            for x, y in (scaled[0], scaled[-1]):
                pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
        self.cover(large.resize((columns, rows), Image.Resampling.BOX), left, top, fill, opacity)

    def fill(self, box: Rectangle, colour: Colour, opacity: float = 1.0) -> None:
        """A rectangle with sharp edges at whole pixels."""
        x, y = round(box.left), round(box.top)
        columns, rows = round(box.right) - x, round(box.bottom) - y
        if columns > 0 and rows > 0:
            self.cover(Image.new("L", (columns, rows), 255), x, y, colour, opacity)

    def text(self, x: float, baseline: float, text: str, style: TextStyle, fill: Colour, opacity: float = 1.0) -> float:
        """One line of text with its left end at `x` on the baseline; emoji are pasted. Returns its advance."""
        if baseline < -style.size or baseline > self.height + style.size:
            return text_width(text, style)
        start = x
        shown = fill if opacity >= 1 else self._blended(fill, opacity, x, baseline)
        for run, emoji in split_emoji(text):
            if emoji:
                size = max(4, round(style.size * 1.14))
                picture = emoji_picture(run, size, style.emoji)
                at = (round(x + (EMOJI_WIDTH * style.size - size) / 2), round(baseline - style.size * 0.95))
                self.image.paste(picture, at, picture)
                x += EMOJI_WIDTH * style.size
            else:
                stroke = style.size / 36 if style.bold and style.face.bold is None else 0
                for glyphs in glyph_runs(run, style):
                    left = x + glyphs.left
                    self.pen.text(
                        (left, baseline), glyphs.text, font=glyphs.font, fill=shown, anchor="ls", stroke_width=stroke
                    )
                x += text_width(run, style)
        return x - start

    def _blended(self, fill: Colour, opacity: float, x: float, y: float) -> Colour:
        column = min(max(int(x), 0), self.width - 1)
        row = min(max(int(y), 0), self.height - 1)
        under = self.image.getpixel((column, row))
        if not isinstance(under, tuple):
            return fill
        red, green, blue = (round(a * opacity + b * (1 - opacity)) for a, b in zip(fill, under[:3], strict=True))
        return red, green, blue

    def centred(self, x: float, baseline: float, text: str, style: TextStyle, fill: Colour) -> float:
        """As `text`, centred on `x`."""
        width = text_width(text, style)
        self.text(x - width / 2, baseline, text, style, fill)
        return width
