"""Text as chat apps set it: fonts and their fallbacks, colour emoji among the letters, widths and line breaks.

Lengths are pixels and may be fractional.
"""

import functools
import itertools
import re
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from processors.ocr.training.fonts import Typeface, emoji_pictures
from processors.ocr.training.vectors import painted

Wrap = Literal["word", "character"]

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
