"""Whether what was read is a message, of what kind, and whether the image shows a chat at all."""

from typing import NamedTuple

import numpy as np

from contracts.resources import Kind
from processors.ocr import words
from processors.ocr.engines.pictures import is_picture
from processors.ocr.engines.port import Box, Image, RegionLine
from processors.ocr.engines.regions import cut
from processors.ocr.layout import Candidate, Layout
from processors.ocr.planes import difference
from processors.ocr.statements import LEGIBLE, has_letters

DOUBTED = 0.35
"""Below it a text without any other sign of a bubble is taken for a picture."""

TALL_SHARE = 0.25
"""A bubble higher than this share of the width says more than a punctuation mark."""

FIELD_SHARE = 0.4
"""An input box is at least so wide, as a share of the conversation."""


class Reading(NamedTuple):
    """A candidate as read, before runs are counted. `legibility` is the mean confidence of its lines, by which it is
    told from pictures."""

    candidate: Candidate
    kind: Kind
    lines: tuple[RegionLine, ...]
    text: str
    legibility: float
    sender: str | None
    sent_at: str | None


def proves_chat(readings: list[Reading], layout: Layout) -> bool:
    """Whether the candidates read so far show that the image is a chat: a text that was read well; on a picture two of
    them, or one with its time, as a photo may show a sign."""
    texts = [r for r in readings if r.kind != "system" and r.legibility >= LEGIBLE and mostly_letters(r.text)]
    if not texts:
        return False
    return layout.background is not None or len(texts) > 1 or any(r.sent_at for r in texts)


def mostly_letters(text: str) -> bool:
    """Whether at least half of a text is letters and digits."""
    bare = words.squeeze(text)
    return bool(bare) and sum(letter.isalnum() for letter in bare) >= 0.5 * len(bare)


def kind_of(candidate: Candidate, text: str) -> Kind | None:
    """What kind of message a candidate is, now that it is read; None for a date or another line between messages."""
    if candidate.centred and (words.is_date(text) or words.resembles_date(text)):
        return None
    if candidate.kind == "card" and not candidate.buttons and not has_letters(text):
        return "photo"
    if candidate.side == "centre" or (candidate.centred and words.is_room_notice(text)):
        return "system" if words.is_room_notice(text) else None
    if candidate.kind == "photo":
        return "photo"
    if words.is_deleted(text):
        return "deleted"
    if words.is_file(text):
        return "file"
    return candidate.kind


def is_message(image: Image, candidate: Candidate, kind: Kind, text: str, legibility: float, layout: Layout) -> bool:
    """Whether what was read is worth believing: text that is read well, or the company of bubbles of the same
    colour."""
    if kind == "photo":
        return True
    mates = sum(
        other is not candidate
        and not other.round
        and other.side == candidate.side
        and difference(other.colour, candidate.colour) <= 20
        for other in layout.candidates
    )
    letters = has_letters(text)
    if words.is_prompt(text) and is_field(candidate, layout):
        return False
    if candidate.unsided and words.are_reactions(text):
        return False
    if words.is_arrow(text) and is_squarish(candidate.box):
        return False
    tall = candidate.box.height > TALL_SHARE * (layout.right - layout.left)
    if not letters and (legibility < LEGIBLE or tall):
        # Nothing but pictures: emoji in a bubble are colourful, drawings on a wallpaper are not.
        return candidate.clear and not candidate.round and colourful(image, candidate)
    if (words.is_time(text) or words.is_piece_of_time(text)) and mates == 0:
        return False
    if legibility < LEGIBLE and is_picture(cut(image, candidate.box)):
        # A piece of a photo: its grain was read as letters.
        return False
    if candidate.round and mates == 0:
        return legibility >= 0.75 and letters
    return legibility >= DOUBTED or (mates > 0 and candidate.clear)


def is_field(candidate: Candidate, layout: Layout) -> bool:
    """Whether a candidate may be an input box: the lowest of all, over a good part of the width."""
    wide = candidate.box.width >= FIELD_SHARE * (layout.right - layout.left)
    return wide and all(other.box.top <= candidate.box.top for other in layout.candidates)


def is_squarish(box: Box) -> bool:
    """Whether a box is about as wide as high."""
    return 0.75 <= box.width / max(1, box.height) <= 1.6


def colourful(image: Image, candidate: Candidate) -> bool:
    """Whether a bubble holds emoji: ink of a colour that is not a shade of its own."""
    box = candidate.box
    part = image[box.top : box.bottom, box.left : box.right].astype(np.int16)
    apart = np.abs(part - np.array(candidate.colour, np.int16)).max(axis=2) > 60
    chroma = part.max(axis=2) - part.min(axis=2)
    own = max(candidate.colour) - min(candidate.colour)
    return bool((apart & (np.abs(chroma - own) > 60)).mean() > 0.01)
