"""The pattern and the shades of a wallpaper, where they look like bubbles."""

from processors.ocr.elements import Element
from processors.ocr.frames import Edges
from processors.ocr.planes import difference
from processors.ocr.speakers import CENTRED, SAME_COLOUR

MOTIF_SHARE = 0.2
"""Largest width of a motif as a share of the width of the conversation."""

STRAY_SHARE = 0.025
"""Elements whose edges are further apart than this share of the width do not share them."""

LOW_SHARE = 0.9
"""What is lower than this share of the lowest bubble holds no line of text."""

WIDE_SHARE = 0.15
DRAWN = 0.45
"""So much of the sides of a bubble of that share of the width is edges; corners leave narrower ones no straight
sides."""


def without_repeats(elements: list[Element], width: int) -> list[Element]:
    """The elements that are no motif of a wallpaper: small shapes of one size and colour that share neither their left
    nor their right edge. Equal messages of one sender share both."""
    gone: list[int] = []
    for place, element in enumerate(elements):
        for later, other in enumerate(elements[place + 1 :], place + 1):
            if is_repeat(element, other, width):
                gone += [place, later]
    motifs = [elements[place] for place in gone]
    return [e for e in elements if not any(e is m or is_copy(e, m) for m in motifs)]


def without_strays(elements: list[Element], width: int) -> list[Element]:
    """The elements without small shapes that begin and end where no larger element of their side does, as all messages
    of a side share its edge, and that have no whole edge of their own or are lower than a line. Where a side has none
    to compare with, all stay."""
    large = [e.box for e in elements if e.box.width > MOTIF_SHARE * width]
    lefts = [box.left for box in large if box.left < width - box.right]
    rights = [box.right for box in large if box.left > width - box.right]
    if not lefts or not rights:
        return elements
    near, line = STRAY_SHARE * width, LOW_SHARE * min(box.height for box in large)
    return [
        e
        for e in elements
        if e.kind != "bubble"
        or e.box.width > MOTIF_SHARE * width
        or (e.clear and e.box.height >= line)
        or min(abs(e.box.left - left) for left in lefts) <= near
        or min(abs(e.box.right - right) for right in rights) <= near
        or abs(e.box.left - (width - e.box.right)) <= CENTRED * width
    ]


def is_copy(element: Element, other: Element) -> bool:
    """Whether two elements have one size and one colour."""
    return (
        element.kind == other.kind == "bubble"
        and abs(element.box.width - other.box.width) <= 1
        and abs(element.box.height - other.box.height) <= 1
        and difference(element.colour, other.colour) <= SAME_COLOUR
    )


def is_repeat(element: Element, other: Element, width: int) -> bool:
    """Whether two elements are one motif of a wallpaper at two places across."""
    return (
        element.box.width <= MOTIF_SHARE * width
        and is_copy(element, other)
        and abs(element.box.left - other.box.left) > 0.03 * width
    )


def without_shades(elements: list[Element], edges: Edges, width: int) -> list[Element]:
    """The elements that are no shade of a picture behind the conversation: those with edges for sides."""
    return [
        e for e in elements if e.kind != "bubble" or e.box.width < WIDE_SHARE * width or edges.drawn(e.box) >= DRAWN
    ]
