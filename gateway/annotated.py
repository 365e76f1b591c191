"""A screenshot with what was read drawn on it: bubbles, speakers, reading order."""

import io

from PIL import Image, ImageDraw, ImageFont, ImageOps

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from contracts.resources import Bubble, Extraction
from storage.images import DECODING_ERRORS, open_header

Colour = tuple[int, int, int]
USER: Colour = (0, 114, 178)
INTERLOCUTOR: Colour = (213, 94, 0)
SYSTEM: Colour = (0, 158, 115)
"""Blue, vermilion and green of Okabe and Ito's palette: told apart by colour-blind eyes too."""
SCROLL_EDGE: Colour = (120, 120, 120)


def annotate(data: bytes, extraction: Extraction) -> bytes:
    """A PNG of the image `data` with the bubbles of its extraction, each with `<order> <speaker>`, or the kind
    where it is not text. A `?` marks uncertain bubbles, `...` partial ones; grey lines bound the conversation. Raises
    TokstreamError(IMAGE_UNREADABLE).
    """
    try:
        with open_header(data) as header:
            picture = ImageOps.exif_transpose(header).convert("RGB")
    except (*DECODING_ERRORS, Image.DecompressionBombError) as error:
        raise TokstreamError(IMAGE_UNREADABLE, "The stored image cannot be decoded.") from error
    draw = ImageDraw.Draw(picture)
    stroke = max(2, picture.width // 360)
    font = ImageFont.load_default(size=max(12, picture.width // 40))
    for edge in (extraction.top, extraction.bottom):
        draw.line((0, edge, picture.width, edge), fill=SCROLL_EDGE, width=stroke)
    for bubble in extraction.bubbles:
        _draw_bubble(draw, bubble, stroke, font)
    buffer = io.BytesIO()
    # The least compression that still compresses: screenshots are flat, and somebody waits.
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _draw_bubble(
    draw: ImageDraw.ImageDraw, bubble: Bubble, stroke: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    box = bubble.position
    right, bottom = box.x + max(box.width, 1.0), box.y + max(box.height, 1.0)
    colour = SYSTEM if bubble.kind == "system" else USER if bubble.speaker == "user" else INTERLOCUTOR
    draw.rectangle((box.x, box.y, right, bottom), outline=colour, width=stroke)
    for line in bubble.lines:
        base = line.position.y + line.position.height
        draw.line((line.position.x, base, line.position.x + line.position.width, base), fill=colour, width=1)
    # The other side has its name above the left corner, so its label goes to the right one.
    corner, anchor = ((box.x, box.y), "ls") if bubble.speaker == "user" else ((right, box.y), "rs")
    _draw_label(draw, _label(bubble), corner, anchor, colour, font)


def _label(bubble: Bubble) -> str:
    what = bubble.speaker if bubble.kind == "text" else bubble.kind
    return f"{bubble.order} {what}{'?' if bubble.uncertain else ''}{'...' if bubble.partial else ''}"


def _draw_label(
    draw: ImageDraw.ImageDraw,
    label: str,
    corner: tuple[float, float],
    anchor: str,
    colour: Colour,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """White on the colour, above the corner, or below it where there is no room above."""
    left, top, right, bottom = draw.textbbox(corner, label, font=font, anchor=anchor)
    shift = 0.0 if top >= 0 else bottom - top
    draw.rectangle((left - 2, top + shift, right + 2, bottom + shift), fill=colour)
    draw.text((corner[0], corner[1] + shift), label, fill=(255, 255, 255), font=font, anchor=anchor)
