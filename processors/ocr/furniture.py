"""What looks like a bubble and is interface: avatars, keys, quick replies, floating buttons.

Each rule names a fact of chat interfaces, none a messenger: messages stand one under another, an avatar stands left of the
bubble it belongs to, keys and quick replies stand side by side.
"""

from statistics import median

from processors.ocr.elements import Element
from processors.ocr.engines.port import Box
from processors.ocr.planes import inside
from processors.ocr.speakers import colour_groups, place_score

AVATAR_SHARE = 0.2
"""Largest width of an avatar as a share of the width of the conversation, in windows of up to 400 px."""


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
    """The elements that are no avatar."""
    largest = AVATAR_SHARE * width
    return [e for e in elements if e.box.width > largest or not is_avatar(e, elements)]


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
        if len(row) == 2 and (row[0].round or row[1].round):
            continue
        gone.extend(row)
        top = min(e.box.top for e in row)
        below = [e for e in elements if e.box.top > top and e not in row]
        if top > 0.35 * height and len(row) + len(below) >= 2:
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
        if (mates and (median(mates) > 0) == (own > 0)) or (not mates and not any(covers(element, other) for other in elements if other is not element)):
            kept.append(element)
    return kept


def covers(button: Element, other: Element) -> bool:
    """Whether a floating button lies over or beside another element rather than in a row of its own."""
    grown = Box(other.box.left - 4, other.box.top - 4, other.box.right + other.box.height, other.box.bottom + 4)
    return inside(button.box, grown) > 0.1 or shared_rows(button.box, other.box) > 0.5
