"""What looks like a bubble and is interface: avatars, keys, quick replies, floating buttons.

Each rule names a fact of chat interfaces, none a messenger: messages stand one under another, an avatar stands left
of the bubble it belongs to, keys and quick replies stand side by side.
"""

import cv2
import numpy as np

from processors.ocr.colours import apart_from
from processors.ocr.elements import Element
from processors.ocr.engines.port import Box, Image
from processors.ocr.planes import LEAST_SIDE, difference, inside
from processors.ocr.runs import runs
from processors.ocr.speakers import SAME_COLOUR, colour_groups, place_score

Colour = tuple[int, int, int]

AVATAR_SHARE = 0.17
"""Largest width of an avatar as a share of the width of the conversation."""

WIDEST_PHONE = 600
"""Working pixels: wider conversations are windows, where avatars do not grow any more."""

BANNER_SHARE = 0.85

PINNED_SHARE = 0.06
"""A pinned notice starts within this share of the width below the title."""

USUAL_LINE = 0.095
"""Height of a bubble of one line as a share of the width; in windows it is lower."""

SPECK_SHARE = 0.6
"""Elements lower than this share of the lowest line hold none, unless they are wide, as the pills of notices are. The
lowest may hold two lines, of which one is 0.65 as high."""

TOUCHING = 5
"""What begins so near a box (pixels) is its round end, or the tail of a bubble."""

COMPANION_SHARE = 0.09
"""Largest width of a button beside a message."""


def shared_rows(a: Box, b: Box) -> float:
    """Rows that two boxes share, as a share of the lower one."""
    common = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(0, common) / max(1, min(a.height, b.height))


def is_avatar(element: Element, others: list[Element]) -> bool:
    """Whether a squarish element stands just left of another that starts at its height."""
    box = element.box
    if not 0.75 <= box.width / box.height <= 1.33:
        return False
    for other in others:
        beside = other.box
        if other is element or beside.width < 0.8 * box.width:
            continue
        gap = beside.left - box.right
        if (
            -0.1 * box.width <= gap <= 0.75 * box.width
            and -0.3 * box.height <= beside.top - box.top <= 1.2 * box.height
        ):
            return True
    return False


def without_avatars(elements: list[Element], width: int) -> list[Element]:
    """The elements that are no avatar: small squares beside a bubble, or left of where all bubbles of the left
    begin."""
    largest = AVATAR_SHARE * min(width, WIDEST_PHONE)
    wide = [e.box.left for e in elements if e.box.width > largest and e.box.left < 0.4 * width]
    column = min(wide, default=0)
    return [e for e in elements if e.box.width > largest or not (is_avatar(e, elements) or e.box.right <= column + 2)]


def without_specks(elements: list[Element], width: int, height: int) -> list[Element]:
    """The elements without those lower than a line of text: letters of a picture, drawings. What is cut stays."""
    lines = [e.box.height for e in elements if e.kind == "bubble" and e.clear and e.box.width > 2 * e.box.height]
    if len(lines) < 2:
        return elements
    line = min(*lines, USUAL_LINE * width)
    return [
        e
        for e in elements
        if e.box.height >= SPECK_SHARE * line or e.box.width >= 2 * line or e.box.top <= 2 or e.box.bottom >= height - 2
    ]


def without_banners(elements: list[Element], width: int) -> list[Element]:
    """The elements that are no banner: a low box over nearly the whole width, with equal margins."""
    return [
        e
        for e in elements
        if not (
            e.box.width >= BANNER_SHARE * width
            and e.box.height <= 0.25 * width
            and abs(e.box.left - (width - e.box.right)) <= 0.03 * width
        )
    ]


def below_notice(
    elements: list[Element], banners: tuple[Box, ...], begin: int, width: int
) -> tuple[list[Element], int]:
    """The elements without what lies under a notice pinned below the row `begin`, and the row (px) at which the
    conversation begins then. Notices let bubbles shine through."""
    pinned = [box for box in banners if box.top <= begin + PINNED_SHARE * width]
    if not pinned:
        return elements, begin
    end = max(box.bottom for box in pinned)
    kept = []
    for element in elements:
        box = element.box
        if box.top >= end:
            kept.append(element)
        elif box.bottom >= end + LEAST_SIDE:
            kept.append(
                element._replace(
                    box=Box(box.left, end, box.right, box.bottom),
                    buttons=tuple(button for button in element.buttons if button.top >= end),
                    body=element.body if element.body and element.body.top >= end else None,
                )
            )
    return kept, end


def without_companions(elements: list[Element], width: int) -> list[Element]:
    """The elements that are no button beside a message (share, forward): small squares within the rows of something
    much larger at their side. Messages stand one under another, never side by side."""
    return [
        e
        for e in elements
        if not (
            0.75 <= e.box.width / e.box.height <= 1.33
            and e.box.width <= COMPANION_SHARE * width
            and any(
                other is not e
                and other.box.height >= 2 * e.box.height
                and other.box.top <= e.box.top
                and e.box.bottom <= other.box.bottom
                and 0 <= max(other.box.left - e.box.right, e.box.left - other.box.right) <= e.box.width
                for other in elements
            )
        )
    ]


def input_row(image: Image, elements: list[Element], outlines: list[Box], background: Colour) -> int | None:
    """The upper edge of an input box that stands on the background of the conversation: the lowest wide box, set apart
    from the edges of the bubbles, with icons on both sides or in it; None where there is none."""
    height, width = image.shape[:2]
    boxes = [e.box for e in elements if e.kind == "bubble"] + outlines
    wide = [b for b in boxes if b.width >= 0.4 * width and b.height <= 0.2 * width and b.top > 0.4 * height]
    if not wide:
        return None
    lowest = max(wide, key=lambda b: b.top)
    if any(e.box.top > lowest.bottom and e.box.width > 0.25 * width for e in elements):
        return None
    if lowest in outlines:
        return min([lowest.top, *(e.box.top for e in elements if shared_rows(e.box, lowest) > 0.5)])
    # Bubbles share their edge to the pixel or two.
    near = max(2, 0.004 * width)
    aligned = any(
        e.box != lowest and (abs(e.box.left - lowest.left) <= near or abs(e.box.right - lowest.right) <= near)
        for e in elements
    )
    if aligned or not (
        icon_in(image, lowest, 0, lowest.left, background) and icon_in(image, lowest, lowest.right, width, background)
    ):
        return None
    return lowest.top


def field_beside_button(elements: list[Element], width: int, height: int) -> int | None:
    """The upper edge of an input box with a round button at its right, whatever is behind them; None where there is
    none. It is the lowest of all and reaches over the middle; messages have no circle at their side there."""
    for element in elements:
        box = element.box
        if element.kind != "bubble" or element.round or box.top < 0.4 * height or box.height > 0.2 * width:
            continue
        if box.left > 0.3 * width or box.right < 0.6 * width or any(e.box.top > box.bottom for e in elements):
            continue
        for other in elements:
            alike = 0.7 * box.height <= other.box.height <= 1.5 * box.height
            apart = other.box.left - box.right
            if other.round and alike and shared_rows(box, other.box) >= 0.8 and 0 <= apart <= box.height:
                return min(box.top, other.box.top)
    return None


def icon_in(image: Image, box: Box, left: int, right: int, background: Colour) -> bool:
    """Whether something as low as `box` stands beside it, centred on its middle. The tail of a bubble does not stand
    beside it: it touches."""
    part = image[box.top : box.bottom, left + 3 : right - 3]
    if part.shape[1] < 8:
        return False
    ink = apart_from(cv2.split(part), background) > 20
    outward = ink if left == box.right else ink[:, ::-1]
    inked = runs(np.asarray(outward.any(axis=0)), gap=1)
    if inked and inked[0][0] <= TOUCHING:
        outward = outward[:, inked[0][1] :]
    rows = np.flatnonzero(outward.any(axis=1))
    if len(rows) < 4:
        return False
    return bool(abs((rows[0] + rows[-1]) / 2 - box.height / 2) <= 0.15 * box.height)


def rows_of_buttons(elements: list[Element], width: int) -> list[list[Element]]:
    """Groups of elements that stand side by side at one height and are low: keys of a keyboard, quick replies."""
    rows: list[list[Element]] = []
    used: set[int] = set()
    for i, element in enumerate(elements):
        if i in used or element.box.height > 0.2 * width or element.kind != "bubble":
            continue
        row = [
            j
            for j, other in enumerate(elements)
            if other.kind == "bubble"
            and shared_rows(element.box, other.box) >= 0.7
            and max(element.box.height, other.box.height) <= 1.35 * min(element.box.height, other.box.height)
        ]
        if len(row) >= 2:
            used.update(row)
            rows.append([elements[j] for j in row])
    return rows


def without_button_rows(elements: list[Element], width: int, height: int) -> tuple[list[Element], int]:
    """The elements that are no row of buttons, and the row (px) at which such rows begin below the conversation."""
    gone: list[Element] = []
    bottom = height
    for row in rows_of_buttons(elements, width):
        alike = all(difference(e.colour, row[0].colour) <= SAME_COLOUR for e in row)
        if (len(row) == 2 and not alike) or any(e.round for e in row):
            continue
        gone.extend(row)
        top = min(e.box.top for e in row)
        below = [e for e in elements if e.box.top > top and e not in row]
        # Drawings of a wallpaper repeat side by side too, and have no edge all around.
        if top > 0.4 * height and all(e.clear for e in row) and (len(row) >= 3 or not below):
            bottom = min(bottom, top)
    kept = [e for e in elements if e not in gone and e.box.top < bottom]
    return kept, bottom


def without_floating(elements: list[Element], left: int, right: int) -> list[Element]:
    """The elements that are no floating button: a circle whose colour stands on the other side, or nowhere else."""
    groups = colour_groups(elements)
    kept = []
    for i, element in enumerate(elements):
        if not element.round:
            kept.append(element)
            continue
        own = place_score(element, elements, left, right)
        group = next((g for g in groups if i in g), [i])
        mates = [place_score(elements[j], elements, left, right) for j in group if j != i and not elements[j].round]
        if any((mate > 0) == (own > 0) for mate in mates) or (
            not mates and not any(covers(element, other) for other in elements if other is not element)
        ):
            kept.append(element)
    return kept


def covers(button: Element, other: Element) -> bool:
    """Whether a floating button lies over or beside another element rather than in a row of its own."""
    grown = Box(other.box.left - 4, other.box.top - 4, other.box.right + other.box.height, other.box.bottom + 4)
    return inside(button.box, grown) > 0.1 or shared_rows(button.box, other.box) > 0.5
