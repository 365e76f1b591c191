"""What a plane may be among others: a bubble with an edge of its own, a mere line, a circle, or a part of a card."""

from processors.ocr.blobs import BACKGROUND_TOLERANCE
from processors.ocr.engines.port import Box
from processors.ocr.planes import FLAT, LEAST_SIDE, Plane, difference, inside

BUTTON_SHARE = 0.7
"""A button is lower than this share of its card, which has text too."""

EQUAL = 3
"""Pixels by which edges may differ that are one."""

CLEAR_FILL = 0.88
CLEAR_SHARP = 0.93
HALO = 9
"""Pixels: as far JPEG carries a strong colour out of its bubble, a block of 8 at most."""

CLEAR_CONTRAST = 12
"""A plane with such an edge all around is no shade of a wallpaper."""


def is_clear(plane: Plane) -> bool:
    """Whether a plane has a visible edge all around, as no shade of a wallpaper has."""
    return plane.sharp >= CLEAR_SHARP and plane.contrast >= CLEAR_CONTRAST and plane.fill >= CLEAR_FILL


def is_outline(plane: Plane, planes: list[Plane]) -> bool:
    """Whether a plane is a mere line around the colour that is also outside of it (a drawing on a wallpaper)."""
    area = plane.box.width * plane.box.height
    return plane.solid < 0.6 and any(
        child is not plane
        and child.box.width * child.box.height >= 0.4 * area
        and plane.around is not None
        and difference(child.colour, plane.around) <= BACKGROUND_TOLERANCE
        and inside(child.box, plane.box) >= 0.85
        for child in planes
    )


def holds_something(plane: Plane) -> bool:
    """Whether a plane is clear, and not of one colour all over."""
    return is_clear(plane) and plane.solid < FLAT


def is_button(child: Plane, parent: Box) -> bool:
    """Whether a plane inside a bubble looks like a button: a wide flat bar, or one of two in a row."""
    wide = child.box.width / max(1, parent.width)
    inset = min(child.box.left - parent.left, parent.right - child.box.right)
    # A step of a gradient reaches from edge to edge, or to the upper or lower one.
    if inset < 0.012 * parent.width or min(inset, child.box.top - parent.top, parent.bottom - child.box.bottom) < 2:
        return False
    if child.box.height > BUTTON_SHARE * parent.height:
        return False
    return wide >= 0.3 and child.box.height <= 0.45 * child.box.width and child.fill >= 0.9 and child.solid >= 0.5


def buttons_in(parent: Box, inner: list[Plane], outlines: list[Box]) -> tuple[Box, ...]:
    """The buttons of a card, from top to bottom."""
    found = [p.box for p in inner if inside(p.box, parent) >= 0.9 and is_button(p, parent)]
    found += [o for o in outlines if inside(o, parent) >= 0.9 and outline_is_button(o, parent)]
    kept: list[Box] = []
    for box in sorted(found, key=lambda b: -b.width * b.height):
        if all(inside(box, other) < 0.5 for other in kept):
            kept.append(box)
    return tuple(sorted(kept, key=lambda b: (b.top, b.left)))


def is_body(plane: Plane, shape: Box) -> bool:
    """Whether a plane is the text below the picture of a card: over its whole width, at its end, with something on
    it."""
    return (
        plane.box.width >= 0.96 * shape.width
        and plane.box.bottom >= shape.bottom - max(6, 0.02 * shape.height)
        and plane.box.height >= max(LEAST_SIDE, 0.06 * shape.width)
        and plane.fill >= 0.92
        and plane.solid < 0.988
    )


def is_glued(members: list[Plane], shape: Box, share: float) -> bool:
    """Whether a shape is two bubbles or more, one under the other, whose shadows or tails touch: they fill `share`
    of it, or of its rows where they are equal."""
    bubbles = [p for p in members if holds_something(p)]
    touching = [
        a for a in bubbles if any(a.box.bottom <= b.box.top + 2 or b.box.bottom <= a.box.top + 2 for b in bubbles)
    ]
    if sum(p.box.width * p.box.height for p in touching if p.fill >= 0.93) >= share * shape.width * shape.height:
        return True
    equal = [p for p in touching if is_equal(p, touching[0]) and p.box.width >= 0.6 * shape.width]
    return sum(p.box.height for p in equal) >= share * shape.height


def is_equal(one: Plane, other: Plane) -> bool:
    """Whether two planes have one colour, and one edge or the other in common."""
    near = min(abs(one.box.left - other.box.left), abs(one.box.right - other.box.right))
    return near <= EQUAL and difference(one.colour, other.colour) <= BACKGROUND_TOLERANCE


def is_same(plane: Plane, blob: Box) -> bool:
    """Whether a blob is a bubble with its frame, shadow and tail (and the avatar that the tail touches), rather than a
    card with a picture on top."""
    rim = max(abs(a - b) for a, b in zip(plane.box, blob, strict=True))
    if rim <= HALO and is_clear(plane):
        return True
    wide, high = blob.width - plane.box.width, blob.height - plane.box.height
    if wide <= max(12, 0.1 * blob.width) and high <= max(12, 0.12 * blob.height):
        return True
    # A picture would stand above the text; below it there is but the gap to the next bubble.
    low = plane.box.top - blob.top <= 6 and high <= 0.2 * blob.height
    return low and plane.box.width >= 0.6 * blob.width and holds_something(plane)


def outline_is_button(outline: Box, parent: Box) -> bool:
    """Whether an outline of the colour of its card is a button: a wide bar in the lower part."""
    return (
        outline.width >= 0.6 * parent.width
        and outline.height <= 0.3 * outline.width
        and outline.top > parent.top + 0.2 * parent.height
    )


def is_round(plane: Plane) -> bool:
    """Whether a plane is a circle (a floating button), judged with what the trimming took off."""
    wide, high = plane.whole.width, plane.whole.height
    filled = plane.fill * plane.box.width * plane.box.height
    return 0.85 <= wide / high <= 1.18 and filled / (wide * high) <= 0.84
