"""From planes to the things of a conversation: bubbles, cards with buttons, photos; and what is only interface.

An element is what one message may be. Nothing is read here: shape, colour and place decide.
"""

from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from processors.ocr.blobs import BACKGROUND_TOLERANCE, PANEL_SHARE
from processors.ocr.colours import ColourCounts
from processors.ocr.engines.port import Box, Image
from processors.ocr.frames import Edges, find_frames, is_painted
from processors.ocr.plane_roles import (
    buttons_in,
    holds_something,
    is_body,
    is_clear,
    is_glued,
    is_outline,
    is_round,
    is_same,
)
from processors.ocr.planes import LEAST_SIDE, Plane, difference, inside, near_colour, without_twins
from processors.ocr.shapes import LEAST_CONTRAST, LOW_SHARE, find_shapes, middle_colour

ElementKind = Literal["bubble", "card", "photo"]

OUTLINE_SHARE = 0.6

CARD_SHARE, INSET_SHARE = 0.8, 0.3
"""A card is at most so wide, as a share of the conversation; a picture on it that covers less of it than the other
share is an ornament of its text."""

SQUARE_CORNER = 0.97
HIGHEST_FREE = 0.6
"""A panel of the window is higher, as a share of the width, than a bubble that is as wide as one."""

STACKED_SHARE = 0.55
GLUED_SHARE = 0.5
WHOLE_GLUED_SHARE = 0.7
"""Bubbles that touch fill this share of the box around them; patches of one colour in a picture do not, the less so
where the box has four whole sides."""


class Element(NamedTuple):
    """One possible message. Boxes are pixels of the reduced image. `buttons` are boxes inside it that look like
    buttons,
    `body` the part of a card that holds its text; `clear` tells that it has a visible edge all around; `round` is
    true for circles; `corners` as in `Plane`."""

    box: Box
    kind: ElementKind
    colour: tuple[int, int, int]
    buttons: tuple[Box, ...] = ()
    body: Box | None = None
    clear: bool = True
    round: bool = False
    corners: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)


class Parts(NamedTuple):
    """What was found in a conversation: possible messages, mere outlines (input boxes are drawn so), low rectangles
    over the whole width, and the edges of the image."""

    elements: tuple[Element, ...]
    outlines: tuple[Box, ...]
    background: tuple[int, int, int] | None
    banners: tuple[Box, ...]
    edges: Edges


def sort_planes(planes: list[Plane], width: int) -> tuple[list[Plane], list[Box]]:
    """The planes that may be bubbles or parts of them, and the outlines."""
    solid, outlines = [], []
    for plane in planes:
        if plane.box.width >= PANEL_SHARE * width and not stands_free(plane, width):
            continue
        if plane.outside > OUTLINE_SHARE:
            outlines.append(plane.box)
        elif plane.contrast >= LEAST_CONTRAST:
            solid.append(plane)
    return solid, outlines


def stands_free(plane: Plane, width: int) -> bool:
    """Whether a plane as wide as a panel is a bubble that somebody has cut out closely: round at all corners, with
    something around it."""
    beside = plane.whole.left > 0 and plane.whole.right < width
    return beside and max(plane.corners) < SQUARE_CORNER and plane.box.height <= HIGHEST_FREE * width


def background_colour(image: Image, planes: list[Plane]) -> tuple[int, int, int] | None:
    """The flat colour behind the bubbles; None where a picture is there."""
    free = np.ones(image.shape[:2], bool)
    for plane in planes:
        if is_clear(plane):
            free[plane.whole.top : plane.whole.bottom, plane.whole.left : plane.whole.right] = False
    pixels = ColourCounts(image, free)
    if pixels.total < 50:
        return None
    peak = int(pixels.counts.argmax())
    middle = pixels.refine([peak])[peak].median()
    colour = (int(middle[0]), int(middle[1]), int(middle[2]))
    near = np.count_nonzero(near_colour(image, colour, BACKGROUND_TOLERANCE)[free])
    return colour if near / pixels.total >= 0.6 else None


def without_loose(planes: list[Plane]) -> list[Plane]:
    """The planes without those that a border's colour has grown around others: bubbles of nearly their colour fill
    them, and are better boxes than they."""
    kept = []
    for plane in planes:
        better = [
            other.box.width * other.box.height
            for other in planes
            if other is not plane
            and other.fill > plane.fill + 0.02
            and difference(other.colour, plane.colour) <= 16
            and inside(other.box, plane.box) >= 0.9
        ]
        if plane.fill >= 0.96 or sum(better) < 0.7 * plane.box.width * plane.box.height:
            kept.append(plane)
    return kept


def nest(planes: list[Plane]) -> list[tuple[Plane, list[Plane]]]:
    """Planes that lie in no other, each with those inside it, the largest first."""
    tops: list[tuple[Plane, list[Plane]]] = []
    for plane in sorted(planes, key=lambda p: -p.box.width * p.box.height):
        for parent, children in tops:
            if inside(plane.box, parent.box) >= 0.85:
                children.append(plane)
                break
        else:
            tops.append((plane, []))
    return tops


def find_parts(image: Image, planes: list[Plane]) -> Parts:
    """The elements of the conversation `image` (reduced, already cut to its rows and columns)."""
    width = image.shape[1]
    solid, outlines = sort_planes(planes, width)
    solid = without_twins(solid)
    background = background_colour(image, solid)
    if background is None:
        solid = [p for p in solid if is_clear(p)]
    else:
        solid = [p for p in solid if difference(p.colour, background) > LEAST_CONTRAST + 2]
    tops = []
    for plane, children in nest(without_loose(solid)):
        if is_outline(plane, planes):
            outlines.append(plane.box)
        else:
            tops.append((plane, children))
    edges = Edges(image)
    frames = find_frames(edges)
    bubbles = [plane.box for plane, _ in tops if holds_something(plane) and not is_round(plane)]
    shapes, framed, bounds, lines = find_shapes(image, edges, frames, background, bubbles)
    outlines += lines
    elements: list[Element] = []
    taken: list[Plane] = []
    for shape in shapes:
        members = [(plane, children) for plane, children in tops if inside(plane.box, shape.box) >= 0.85]
        if any(inside(shape.box, element.box) >= 0.8 for element in elements):
            continue
        if any(is_inset(shape.box, plane, width) for plane, _ in tops):
            continue
        low = shape.box.height < LOW_SHARE * width
        same = [plane for plane, _ in members if is_same(plane, shape.box)]
        if same and (low or any(map(is_clear, same)) or is_painted(image, shape.box)):
            continue
        share = WHOLE_GLUED_SHARE if edges.is_whole(shape.box) else GLUED_SHARE
        # The box of a blob is that of its widest rows: a bubble may reach out of it.
        if is_glued([plane for plane, _ in tops if inside(plane.box, shape.box) >= 0.5], shape.box, share):
            continue
        # A picture, alone or on top of a card: the planes in it are pieces of it.
        below = [plane for plane, _ in members if is_body(plane, shape.box)]
        body = max(below, key=lambda p: p.box.height, default=None)
        inner = [child for plane, children in members for child in (plane, *children)]
        buttons = buttons_in(body.box, inner, outlines) if body else ()
        if body is not None:
            elements.append(Element(shape.box, "card", body.colour, buttons, body.box))
        else:
            # Nothing so low is a photo: a bubble painted with a gradient or a picture.
            text = low or is_painted(image, shape.box)
            if text and not low and (shape.box.left <= 1 or shape.box.right >= width - 1):
                # The wallpaper beside a bubble, with other bubbles above and below.
                continue
            elements.append(Element(shape.box, "bubble" if text else "photo", middle_colour(image, shape.box)))
        taken.extend(plane for plane, _ in members)
    for plane, children in tops:
        if plane in taken or any(inside(plane.box, element.box) >= 0.6 for element in elements):
            continue
        pieces = stacked(bounds, plane)
        if pieces:
            free = [piece for piece in pieces if all(inside(piece, element.box) < 0.6 for element in elements)]
            elements.extend(Element(piece, "bubble", plane.colour) for piece in free)
            continue
        buttons = buttons_in(plane.box, children, outlines)
        if plane.solid > 0.988 and not children:
            continue
        elements.append(
            Element(
                plane.box,
                "card" if buttons else "bubble",
                plane.colour,
                buttons,
                clear=is_clear(plane),
                round=is_round(plane),
                corners=plane.corners,
            )
        )
    for outline in outlines:
        # A card of the colour of the background, with nothing but a thin border: its buttons give it away.
        inner = [plane for plane, children in tops for plane in (plane, *children)]
        buttons = buttons_in(outline, inner, [])
        if buttons and outline.height >= LOW_SHARE * width:
            elements = [e for e in elements if inside(e.box, outline) < 0.85]
            elements.append(Element(outline, "card", background or (0, 0, 0), buttons))
    elements.sort(key=lambda e: (e.box.top, e.box.left))
    outlines = [o for o in outlines if all(inside(o, e.box) < 0.8 for e in elements)]
    banners = tuple(frame.box for frame in frames if is_banner(frame.box, width))
    return Parts(tuple(stack(untangled(elements, framed), edges)), tuple(outlines), background, banners, edges)


def is_inset(shape: Box, plane: Plane, width: int) -> bool:
    """Whether a shape is a small picture in a bubble or a card."""
    return (
        holds_something(plane)
        and plane.box.width <= CARD_SHARE * width
        and inside(shape, plane.box) >= 0.95
        and shape.width * shape.height <= INSET_SHARE * plane.box.width * plane.box.height
    )


def is_banner(box: Box, width: int) -> bool:
    """Whether a rectangle may be a notice pinned to the top of the conversation: low, and over its whole width."""
    return box.width >= 0.9 * width and box.height <= 0.2 * width


def stacked(shapes: list[Box], plane: Plane) -> list[Box]:
    """The shapes, one under the other, that a plane has grown over: bubbles 2 points apart on a wallpaper of nearly
    their colour; none where it is one bubble."""
    parts: list[Box] = []
    for shape in shapes:
        if inside(shape, plane.whole) >= 0.85 and all(
            max(inside(shape, part), inside(part, shape)) < 0.3 for part in parts
        ):
            parts.append(shape)
    parts.sort(key=lambda part: part.top)
    if len(parts) < 2 or any(b.top < a.bottom - 1 for a, b in pairwise(parts)):
        return []
    area = sum(part.width * part.height for part in parts)
    return parts if area >= STACKED_SHARE * plane.box.width * plane.box.height else []


def untangled(elements: list[Element], framed: list[Box]) -> list[Element]:
    """The elements, those that have grown into a bubble with four sides of its own cut back to the rows beside it."""
    result = []
    for element in elements:
        box = element.box
        for frame in framed:
            grown_into = frame.left < box.left - 4 or frame.right > box.right + 4
            if not grown_into or inside(frame, box) < 0.3 or inside(box, frame) < 0.25:
                continue
            above, below = frame.top - 1 - box.top, box.bottom - frame.bottom - 1
            if max(above, below) >= 2 * LEAST_SIDE:
                rest = (box.top, frame.top - 1) if above >= below else (frame.bottom + 1, box.bottom)
                element = Element(Box(box.left, rest[0], box.right, rest[1]), "bubble", element.colour)
                box = element.box
        result.append(element)
    return sorted(result, key=lambda e: (e.box.top, e.box.left))


def stack(elements: list[Element], edges: Edges) -> list[Element]:
    """Joins elements of the same left and right edges that touch: a picture and the card below it."""
    result: list[Element] = []
    for element in elements:
        for place, other in enumerate(result):
            near = max(2, 0.01 * other.box.width)
            if (
                abs(other.box.left - element.box.left) <= near
                and abs(other.box.right - element.box.right) <= near
                and -3 <= element.box.top - other.box.bottom <= 3
                and difference(element.colour, other.colour) > 20
                and not edges.broken(Box(other.box.left, other.box.top, other.box.right, element.box.bottom))
            ):
                box = Box(other.box.left, other.box.top, other.box.right, element.box.bottom)
                corners = (*other.corners[:2], *element.corners[2:])
                buttons = other.buttons + element.buttons
                result[place] = Element(
                    box, "card", element.colour, buttons, element.body or element.box, corners=corners
                )
                break
        else:
            result.append(element)
    return result
