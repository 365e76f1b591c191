"""The message that another one answers, quoted in the same bubble: it was said before, and by somebody else.

WhatsApp and Telegram set it in a box of its own above the answer, KakaoTalk above a hairline, under a heading.
"""

import cv2
import numpy as np

from processors.ocr import words
from processors.ocr.colours import apart_from, medians
from processors.ocr.engines.port import Box, Image, RegionLine

WIDE = 0.75
"""The box of a quote fills at least so much of the width of its bubble."""

ABOVE = 0.75
BELOW = 0.5
"""Heights of a quote above it at most (a name may stand there) and below it at least: buttons end a card."""

RULE = 3
"""Least difference of a hairline to its bubble, in a channel."""

RULE_SHARE = 0.9
"""Share of the columns of the text that a hairline crosses."""


def boxed_quote(bubble: Box, inner: tuple[Box, ...], body: Box | None) -> Box | None:
    """The box in a bubble that holds a quote, given the boxes `inner` in it and the part that is the text of a card."""
    if body is not None or len(inner) != 1:
        return None
    (quote,) = inner
    above, below = quote.top - bubble.top, bubble.bottom - quote.bottom
    fits = quote.width >= WIDE * bubble.width and above <= ABOVE * quote.height and below >= BELOW * quote.height
    return quote if fits else None


def without_quote(image: Image, lines: tuple[RegionLine, ...]) -> tuple[RegionLine, ...]:
    """The lines of a bubble below the hairline that ends a quote; all of them where there is none."""
    if len(lines) < 3 or not words.heads_quote(lines[0].recognition.text):
        return lines
    left, right = min(line.box.left for line in lines), max(line.box.right for line in lines)
    for place in range(1, len(lines) - 1):
        above, below = lines[place].box, lines[place + 1].box
        part = image[(above.top + above.bottom) // 2 : (below.top + below.bottom) // 2, left:right]
        if part.size and has_rule(part):
            return lines[place + 1 :]
    return lines


def has_rule(part: Image) -> bool:
    """Whether a line is drawn across a part of a bubble."""
    channels = cv2.split(part)
    across = (apart_from(channels, medians(channels)) > RULE).mean(axis=1)
    return bool(np.any(across >= RULE_SHARE))
