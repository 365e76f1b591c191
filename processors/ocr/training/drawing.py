"""Drawing with smooth edges: rounded shapes, and text with colour emoji, wrapped as chat apps wrap it.

Lengths and positions are pixels, x to the right and y down, and may be fractional. Colours are (red, green, blue),
0–255.
"""

import functools
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

from processors.ocr.training.fonts import Typeface, emoji_pictures
from processors.ocr.training.vectors import painted

Colour = tuple[int, int, int]
Wrap = Literal["word", "character"]
Mask = NDArray[np.float32]

OVERSAMPLING = 4
"""Polygons and lines are drawn this much larger and averaged down: Pillow's own have stair steps."""

EMOJI_WIDTH = 1.22
"""Advance of an emoji in units of the text size, about what phones use."""

_PICTURED = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5"
    "\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797"
    "\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f300-\U0001faff"
)
"""Shown in colour by themselves (Unicode emoji-data, Emoji_Presentation)."""
_EITHER = "[\u203c\u2049\u2194-\u21aa\u2328\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u3030\u303d]"
"""Shown as letters unless the variation selector that follows asks for colour."""
_ONE = f"(?:[{_PICTURED}]\ufe0f?|{_EITHER}(?:\ufe0f|(?=[\U0001f3fb-\U0001f3ff])))[\U0001f3fb-\U0001f3ff]?"

EMOJI = re.compile(f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d(?:{_ONE}|[\u2600-\u27bf]))*)")


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


class TextStyle(NamedTuple):
    """How letters look. `size` is the em in pixels.

    `latin` draws what is ASCII, as phones mix two families; `fallback` what `face` has no glyph for, in their order.
    `spacing` is added after every letter, in ems. `emoji` names the set that draws emoji (`fonts.emoji_sources`).
    """

    face: Typeface
    size: float
    bold: bool = False
    latin: Typeface | None = None
    fallback: tuple[Typeface, ...] = ()
    spacing: float = 0.0
    emoji: str | None = None

    @property
    def plain(self) -> bool:
        """Whether one font draws all of a text at once."""
        return self.latin is None and not self.fallback and not self.spacing


class Glyphs(NamedTuple):
    """A piece of text that one font draws, its distance from the start of the run and its advance in pixels."""

    text: str
    font: ImageFont.FreeTypeFont
    left: float
    advance: float


@functools.lru_cache(maxsize=256)
def _font(face: Typeface, size: float, bold: bool) -> ImageFont.FreeTypeFont:
    path = face.bold if bold and face.bold is not None else face.regular
    return ImageFont.truetype(str(path), size, index=face.number, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=65536)
def has_glyph(face: Typeface, character: str) -> bool:
    """Whether a family can draw a character: whether it shows anything but what it shows for unassigned ones."""
    font = _font(face, 32.0, False)
    shown, nothing = (font.getmask(letter) for letter in (character, "\U0010ffff"))
    return character == " " or shown.size != nothing.size or bytes(shown) != bytes(nothing)


def glyph_runs(text: str, style: TextStyle) -> list[Glyphs]:
    """A text without emoji as pieces of one font each, from left to right."""
    if style.plain:
        font = _font(style.face, style.size, style.bold)
        return [Glyphs(text, font, 0.0, font.getlength(text))]
    runs: list[Glyphs] = []
    left = 0.0
    for face, letters in itertools.groupby(text, lambda letter: _face_for(letter, style)):
        font = _font(face, style.size, style.bold)
        joined = "".join(letters)
        for piece in joined if style.spacing else (joined,):
            runs.append(Glyphs(piece, font, left, font.getlength(piece) + style.spacing * style.size * len(piece)))
            left += runs[-1].advance
    return runs


def _face_for(letter: str, style: TextStyle) -> Typeface:
    if style.latin is not None and "!" <= letter <= "~":
        return style.latin
    return next((face for face in (style.face, *style.fallback) if has_glyph(face, letter)), style.face)


@functools.lru_cache(maxsize=65536)
def _advance(piece: str, style: TextStyle) -> float:
    return sum(glyphs.advance for glyphs in glyph_runs(piece, style))


@functools.lru_cache(maxsize=512)
def emoji_picture(cluster: str, size: int, source: str | None = None) -> Image.Image:
    """One emoji (RGBA, `size` × `size` px) as drawn by one of `emoji_sources()`, or by the usual one. Sequences it does
    not know give their first code point."""
    drawn = drawn_emoji(cluster, source) or drawn_emoji(cluster[0], source)
    if drawn is None:
        return Image.new("RGBA", (size, size), (255, 204, 77, 255))
    return drawn.resize((size, size), Image.Resampling.LANCZOS)


def drawn_emoji(cluster: str, source: str | None = None) -> Image.Image | None:
    """One emoji (RGBA, in the size it comes in); None where the source has none for just this sequence."""
    pictures = emoji_pictures(source)
    if pictures.folder is not None:
        path = pictures_by_name(pictures.folder).get(emoji_name(cluster))
        if path is not None:
            with Image.open(path) as opened:
                return opened.convert("RGBA")
    if pictures.icons is not None:
        return painted(pictures.icons, emoji_name(cluster))
    if pictures.font is None:
        return None
    font = ImageFont.truetype(str(pictures.font), 109)
    shown = cluster.replace("\ufe0f", "")
    # Without shaping, a sequence takes the room of its parts.
    if font.getbbox(shown)[2] > 136 or font.getmask(shown).getbbox() is None:
        return None
    drawn = Image.new("RGBA", (136, 128))
    ImageDraw.Draw(drawn).text((0, 0), shown, font=font, embedded_color=True)
    return drawn


@functools.cache
def pictures_by_name(folder: Path) -> dict[str, Path]:
    """The files of a drawing set by `emoji_name`."""
    return {re.sub(r"-fe0f|\b0+", "", path.stem.lower()): path for path in sorted(folder.iterdir())}


def emoji_name(cluster: str) -> str:
    """Code points in hexadecimal, without the variation selector: sets differ in whether they write it."""
    return "-".join(f"{ord(c):x}" for c in cluster if c != "\ufe0f")


def split_emoji(text: str) -> list[tuple[str, bool]]:
    """Runs of text and single emoji, in order; True marks an emoji."""
    runs: list[tuple[str, bool]] = []
    position = 0
    for match in EMOJI.finditer(text):
        if match.start() > position:
            runs.append((text[position : match.start()], False))
        runs.append((match.group(), True))
        position = match.end()
    if position < len(text):
        runs.append((text[position:], False))
    return runs


def only_emoji(text: str) -> bool:
    """True where nothing but emoji and blanks is left."""
    return bool(text.strip()) and not EMOJI.sub("", text).strip()


def text_width(text: str, style: TextStyle) -> float:
    """Advance of one line in pixels."""
    return sum(EMOJI_WIDTH * style.size if emoji else _advance(run, style) for run, emoji in split_emoji(text))


def wrap_text(text: str, style: TextStyle, width: float, by: Wrap) -> list[str]:
    """Lines no wider than `width`. By word, a word wider than a line is broken by character."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, style, width, by))
    return lines


def _wrap_paragraph(paragraph: str, style: TextStyle, width: float, by: Wrap) -> list[str]:
    pieces = [piece for run, emoji in split_emoji(paragraph) for piece in ([run] if emoji else _pieces(run, by))]
    lines: list[str] = []
    line, used = "", 0.0
    for piece in pieces:
        room = text_width(piece, style)
        if line and used + (0 if piece.isspace() else text_width(piece.rstrip(), style)) > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
            piece = piece.lstrip()
            room = text_width(piece, style)
        if room > width and len(piece) > 1:
            *whole, line = _wrap_paragraph(piece, style, width, "character")
            lines.extend(whole)
            used = text_width(line, style)
            continue
        line += piece
        used += room
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _pieces(run: str, by: Wrap) -> list[str]:
    return list(run) if by == "character" else re.findall(r"\S+\s*|\s+", run)


def shorten(text: str, style: TextStyle, width: float) -> str:
    """`text`, or its beginning with an ellipsis, no wider than `width`."""
    if text_width(text, style) <= width:
        return text
    while text and text_width(text + "…", style) > width:
        text = text[:-1]
    return text.rstrip() + "…"


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
                x += _advance(run, style)
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
