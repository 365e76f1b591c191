"""Shapes that edges draw, or that stand out from a flat background: what may be a photo, a painted bubble or a card."""

from typing import NamedTuple

import cv2

from processors.ocr.blobs import PANEL_SHARE, Blob, blobs
from processors.ocr.colours import medians
from processors.ocr.engines.port import Box, Image
from processors.ocr.frames import Edges, Frame, is_hollow, is_painted
from processors.ocr.plane_roles import EQUAL
from processors.ocr.planes import difference, inside, overlap

LOW_SHARE = 0.14
"""Elements lower than this share of the width hold a line or two of text."""

LEAST_CONTRAST = 6
"""Levels of a channel from the background that make a colour another one."""

SURE_FILL = 0.95
REACHING_OUT = 8
"""Pixels by which a box must reach out of another to be more than its halo or its shadow."""

SAME_SHAPE = 0.88
"""Intersection over union of a frame and a blob that are one shape."""

BLOB_SIDES = 0.6
"""So much of the sides of a blob must be edges: the shades of a picture fade away."""


class Shapes(NamedTuple):
    """Shapes that hold one message each, in part or whole: photos, painted bubbles, cards. `framed` are those with four
    straight sides, `bounds` all that may bound a bubble, `outlines` mere lines."""

    shapes: list[Blob]
    framed: list[Box]
    bounds: list[Box]
    outlines: list[Box]


def find_shapes(
    image: Image, edges: Edges, frames: list[Frame], background: tuple[int, int, int] | None, bubbles: list[Box]
) -> Shapes:
    """The shapes of an image that frames draw, or that stand out from its flat background where there is one. `bubbles`
    are boxes that hold a message each for sure."""
    width = image.shape[1]
    least = max(13, round(0.05 * width))
    grown = blobs(image, background, least) if background is not None else []
    grown = [blob for blob in grown if blob.fill >= 0.85 and edges.drawn(blob.box) >= BLOB_SIDES]
    sure = [*bubbles, *(blob.box for blob in grown if blob.fill >= SURE_FILL)]
    shapes, outlines = [], []
    for frame in frames:
        box = uncrossed(frame.box, sure)
        if box is None or box.width >= PANEL_SHARE * width:
            continue
        middle = middle_colour(image, box)
        if is_hollow(image, box) or (background is not None and difference(middle, background) <= LEAST_CONTRAST + 2):
            outlines.append(box)
        elif box.height >= LOW_SHARE * width or is_painted(image, box):
            shapes.append(Blob(box, 1.0))
    # A frame may close at a line inside a card, or around the halo of JPEG; a blob ends where the background begins.
    shapes = [
        max((b for b in grown if overlap(b.box, s.box) >= SAME_SHAPE), key=lambda b: b.fill, default=s) for s in shapes
    ]
    framed = [shape.box for shape in shapes]
    shapes += [
        blob
        for blob in grown
        if min(blob.box.width, blob.box.height) >= 2 * least
        and (edges.is_whole(blob.box) or all(inside(box, blob.box) < 0.1 for box in framed))
    ]
    bounds = [*framed, *(blob.box for blob in sorted(grown, key=lambda blob: blob.box.height))]
    return Shapes(shapes, framed, bounds, outlines)


def uncrossed(frame: Box, sure: list[Box]) -> Box | None:
    """The frame, if no message crosses it. Of one that closes at a line inside a card, the picture above the card's
    text; None of others that are crossed."""
    crossing = [box for box in sure if crosses(box, frame)]
    if not crossing:
        return frame
    if any(abs(box.left - frame.left) > EQUAL or abs(box.right - frame.right) > EQUAL for box in crossing):
        return None
    card = min(crossing, key=lambda box: box.top)
    return Box(card.left, frame.top, card.right, card.top) if card.top - frame.top >= REACHING_OUT else None


def crosses(one: Box, other: Box) -> bool:
    """Whether each of two boxes reaches out of the other: at most one of them is a whole message."""
    if max(inside(one, other), inside(other, one)) < 0.2:
        return False
    out = [
        max(a.left - b.left, a.top - b.top, b.right - a.right, b.bottom - a.bottom)
        for a, b in ((one, other), (other, one))
    ]
    return min(out) > REACHING_OUT


def middle_colour(image: Image, box: Box) -> tuple[int, int, int]:
    """The median colour of a part of the image."""
    blue, green, red = medians(cv2.split(image[box.top : box.bottom, box.left : box.right]))
    return int(blue), int(green), int(red)
