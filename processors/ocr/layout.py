"""The layout of a screenshot: which rows scroll, and where in them messages may be. Nothing is read.

reduced copy → bands → planes → elements → furniture dropped → sides → candidates (pixels of the screenshot)
"""

from itertools import pairwise
from typing import Literal

import msgspec
import numpy as np

from contracts.base import Record
from contracts.resources import Kind
from processors.ocr import (
    area,
    borders,
    cards,
    elements,
    furniture,
    panes,
    patterns,
    planes,
    preview,
    quotes,
    scale,
    speakers,
    title,
)
from processors.ocr.engines.port import Box, Image
from processors.ocr.speakers import Side

Cut = Literal["none", "top", "bottom", "both", "side"]


class Candidate(Record, frozen=True):
    """One possible message. Boxes are pixels of the screenshot. `side_certainty` is 0–1. `body` is the part of a card
    that holds its text; `clear` tells that it has a visible edge all around, `round` that it is a circle. `quote` is
    the part that holds what it answers. `unsided` messages have no bubble and stand all at the left; their `heading`
    says who wrote them, and when."""

    box: Box
    kind: Kind
    side: Side
    side_certainty: float
    colour: tuple[int, int, int]
    cut: Cut = "none"
    buttons: tuple[Box, ...] = ()
    body: Box | None = None
    clear: bool = True
    round: bool = False
    centred: bool = False
    quote: Box | None = None
    unsided: bool = False
    heading: Box | None = None


class Layout(Record, frozen=True):
    """`top` and `bottom` bound the rows, `left` and `right` the columns in which the conversation scrolls (px, half
    open). `background` is its flat colour, None where it is a picture."""

    width: int
    height: int
    top: int
    bottom: int
    left: int
    right: int
    background: tuple[int, int, int] | None
    candidates: tuple[Candidate, ...]


COLUMN_SHARE = 0.9
"""A side list is set off over this share of the rows."""


LEAST_CELL = 24
"""Working pixels: lower or narrower parts of the window hold no bubble."""


def find_layout(image: Image) -> Layout:
    """The layout of an image of shape (height, width, 3), which may show the screen between two borders."""
    width = image.shape[1]
    left, right = borders.screen_columns(image)
    if right - left == width:
        return find_screen(image)
    return beside_border(find_screen(np.ascontiguousarray(image[:, left:right])), left, width)


def beside_border(layout: Layout, border: int, width: int) -> Layout:
    """The layout of a screen that begins `border` px from the left of an image `width` px wide."""

    def move(box: Box) -> Box:
        return Box(box.left + border, box.top, box.right + border, box.bottom)

    candidates = tuple(
        msgspec.structs.replace(
            one,
            box=move(one.box),
            buttons=tuple(map(move, one.buttons)),
            body=move(one.body) if one.body else None,
            quote=move(one.quote) if one.quote else None,
        )
        for one in layout.candidates
    )
    return msgspec.structs.replace(
        layout, width=width, left=layout.left + border, right=layout.right + border, candidates=candidates
    )


def find_screen(image: Image) -> Layout:
    """The layout of an image that shows a screen, or a part of one, from edge to edge."""
    height, width = image.shape[:2]
    small, factor = scale.reduce(image)
    if min(small.shape[:2]) < LEAST_CELL:
        return Layout(
            width=width, height=height, top=0, bottom=height, left=0, right=width, background=None, candidates=()
        )
    pane = panes.conversation_pane(small)
    screen_width, small = small.shape[1], np.ascontiguousarray(small[:, pane[0] : pane[1]])
    rows = area.breaks(small)
    columns = area.breaks(small.transpose(1, 0, 2), COLUMN_SHARE) if small.shape[1] > small.shape[0] else []
    found = [
        plane
        for top, bottom in pairwise([0, *rows, small.shape[0]])
        for left, right in pairwise([0, *columns, small.shape[1]])
        if bottom - top >= LEAST_CELL and right - left >= LEAST_CELL
        for plane in planes_in(small, Box(left, top, right, bottom))
    ]
    found = planes.largest(found) if len(found) > planes.MOST_PLANES else found
    top, bottom = area.join(area.bands(small, rows), weights(found, [0, *rows, small.shape[0]], 1, small.shape[1]))
    left, right = area.join(
        area.bands(small.transpose(1, 0, 2), columns), weights(found, [0, *columns, small.shape[1]], 0, small.shape[1])
    )
    within = Box(left, top, right, bottom)
    moved = [shift(p, left, top) for p in found if planes.inside(p.box, within) >= 0.9]
    parts = elements.find_parts(small[top:bottom, left:right], moved)
    wide, high = right - left, bottom - top
    part = small[top:bottom, left:right]
    kept = cards.with_bare_cards(cards.joined_at_rules(part, list(parts.elements), parts.background))
    if parts.background is None:
        kept = patterns.without_shades(kept, parts.edges, wide)
    kept = furniture.without_avatars(kept, wide)
    begin = 0
    if not scale.is_piece(width, height):
        if parts.background is not None and top < 0.1 * high:
            begin = title.title_end(part, parts.background)
        kept, begin = furniture.below_notice(kept, parts.banners, begin, wide)
        kept = [e for e in kept if e.box.top + e.box.bottom > 2 * begin]
        kept = furniture.without_banners(kept, wide)
    kept = furniture.without_companions(kept, wide)
    kept, end = furniture.without_button_rows(furniture.without_specks(kept, wide, high), wide, high)
    kept = furniture.without_floating(kept, 0, wide)
    kept = patterns.without_strays(patterns.without_repeats(kept, wide), wide)
    if parts.background is not None:
        inputs = furniture.input_row(part, kept, list(parts.outlines), parts.background)
        end = min(end, inputs) if inputs is not None else end
    field = furniture.field_beside_button(list(parts.elements), wide, high)
    end = min(end, field) if field is not None else end
    kept = preview.without_preview(kept, parts.edges, end, wide)
    kept = [e for e in kept if e.box.top < end]
    begin = min([begin, *(e.box.top for e in kept)])
    if end - begin < LEAST_CELL:
        # A title and an input box never meet: neither of them is one.
        begin, end = 0, high
    sided = speakers.sides(kept, 0, wide)
    left, right = left + pane[0], right + pane[0]
    within = Box(left, top, right, bottom)
    candidates = tuple(
        candidate(one, within, factor, cut_of(one.element, wide, begin, end), image.shape[:2]) for one in sided
    )
    return Layout(
        width=width,
        height=height,
        top=round((top + begin) * factor),
        bottom=min(height, round((top + end) * factor)) if top + end < small.shape[0] else height,
        left=round(left * factor),
        right=min(width, round(right * factor)) if right < screen_width else width,
        background=parts.background,
        candidates=candidates,
    )


def planes_in(image: Image, cell: Box) -> list[planes.Plane]:
    """The planes of a part of the image, in pixels of the image. Nothing grows from one part into another: a bubble
    cut by an input box of its own colour ends there."""
    part = image[cell.top : cell.bottom, cell.left : cell.right]
    return [shift(plane, -cell.left, -cell.top) for plane in planes.find_planes(part)]


def weights(found: list[planes.Plane], edges: list[int], axis: int, width: int) -> list[float]:
    """The area of possible bubbles between each two `edges`, rows (axis 1) or columns (axis 0)."""
    possible = [p for p in found if planes.stands_out(p) and p.box.width < 0.9 * width]
    shapes = [elements.Element(p.box, "bubble", p.colour) for p in possible]
    buttons = [e for row in furniture.rows_of_buttons(shapes, width) if len(row) >= 3 for e in row]
    result = []
    for start, stop in pairwise(edges):
        total = 0.0
        for shape in shapes:
            first, last = shape.box[axis], shape.box[axis + 2]
            if shape not in buttons and first >= start and last <= stop:
                total += shape.box.width * shape.box.height
        result.append(total)
    return result


def shift(plane: planes.Plane, left: int, top: int) -> planes.Plane:
    """The plane with boxes relative to the point `left`, `top`."""

    def move(box: Box) -> Box:
        return Box(box.left - left, box.top - top, box.right - left, box.bottom - top)

    return plane._replace(box=move(plane.box), whole=move(plane.whole))


def cut_of(element: elements.Element, width: int, top: int, bottom: int) -> Cut:
    """At which edge of the conversation an element is cut: it touches it, or its corners are square only there."""
    box = element.box
    # Both corners of an end tell: a picture pinned to a bubble may hide one.
    upper, lower = element.corners[:2], element.corners[2:]
    top_cut = box.top <= top + 2 or (min(upper) > 0.97 and max(lower) < 0.9)
    bottom_cut = box.bottom >= bottom - 2 or (min(lower) > 0.97 and max(upper) < 0.9)
    if top_cut or bottom_cut:
        return "both" if top_cut and bottom_cut else "top" if top_cut else "bottom"
    return "side" if box.right >= width - 1 or box.left <= 1 else "none"


def candidate(one: speakers.Sided, within: Box, factor: float, cut: Cut, shape: tuple[int, ...]) -> Candidate:
    """An element in pixels of the screenshot."""

    def enlarge(box: Box) -> Box:
        return Box(
            max(0, round((box.left + within.left) * factor)),
            max(0, round((box.top + within.top) * factor)),
            min(shape[1], round((box.right + within.left) * factor)),
            min(shape[0], round((box.bottom + within.top) * factor)),
        )

    box = Box(*(v + d for v, d in zip(one.element.box, (within.left, within.top) * 2, strict=True)))
    kinds: dict[str, Kind] = {"bubble": "text", "card": "card", "photo": "photo"}
    quote = quotes.boxed_quote(one.element.box, one.element.buttons, one.element.body)
    kind: Kind = "system" if one.side == "centre" else "text" if quote else kinds[one.element.kind]
    return Candidate(
        box=enlarge(one.element.box),
        kind=kind,
        side=one.side,
        side_certainty=one.certainty,
        colour=one.element.colour,
        cut=cut,
        buttons=() if quote else tuple(enlarge(b) for b in one.element.buttons),
        body=enlarge(one.element.body) if one.element.body else None,
        clear=one.element.clear,
        round=one.element.round,
        quote=enlarge(quote) if quote else None,
        centred=abs(box.left - within.left - (within.right - box.right)) <= 0.05 * within.width,
    )
