"""Cards in several parts: divided by a rule, or without a border (a photo, its text on the bare background, and buttons
set in by equal margins)."""

from processors.ocr.elements import Element
from processors.ocr.engines.port import Box, Image
from processors.ocr.planes import difference
from processors.ocr.shapes import middle_colour

LEAST_INSET, MOST_INSET = 0.02, 0.12
"""How far a button is set in from either edge of the photo above it, as a share of the width of the photo."""

BUTTON_HEIGHT = 0.3
"""A button is at most so high as a share of its width."""

TEXT_SHARE = 0.9
"""Between a photo and its first button stands text no higher than this share of the width of the photo."""

BUTTON_GAP = 0.6
"""Buttons follow each other within this share of their height."""

RULE, SQUARE_CORNER = 3, 0.95
"""Height of a rule between the parts of a card at most (pixels), and the filled share of corners that are square."""


def with_bare_cards(elements: list[Element]) -> list[Element]:
    """The elements (from top to bottom), each photo joined with the buttons that hang under it to one card."""
    result: list[Element] = []
    for element in elements:
        above = result[-1] if result else None
        if above is not None and hangs_under(element, above):
            result[-1] = joined(above, element)
        else:
            result.append(element)
    return result


def hangs_under(element: Element, above: Element) -> bool:
    """Whether an element is a button of the photo, or of the bare card, right above it. A bubble shares one edge with
    its neighbours; only a button keeps the same distance from both."""
    box, card = element.box, above.box
    if element.kind != "bubble" or element.round or box.height > BUTTON_HEIGHT * box.width:
        return False
    if above.buttons:
        last = above.buttons[-1]
        return (
            max(abs(box.left - last.left), abs(box.right - last.right), abs(box.height - last.height)) <= 2
            and 0 <= box.top - last.bottom <= BUTTON_GAP * box.height
        )
    left, right = box.left - card.left, card.right - box.right
    return (
        above.kind != "bubble"
        and min(left, right) >= max(3, LEAST_INSET * card.width)
        and max(left, right) <= MOST_INSET * card.width
        and abs(left - right) <= 3
        and 0 <= box.top - card.bottom <= TEXT_SHARE * card.width
    )


def joined(above: Element, button: Element) -> Element:
    """The card of a photo, or of a bare card, and one more button. It ends as far below the button as the button is set
    in from its side."""
    inset = button.box.left - above.box.left
    box = Box(above.box.left, above.box.top, above.box.right, button.box.bottom + inset)
    if above.buttons and above.body is None:
        body = None
    else:
        top = above.body.top if above.buttons and above.body else above.box.bottom
        body = Box(box.left, top, box.right, box.bottom)
    return above._replace(box=box, kind="card", buttons=(*above.buttons, button.box), body=body)


def joined_at_rules(image: Image, elements: list[Element], background: tuple[int, int, int] | None) -> list[Element]:
    """Joins elements of one colour with nothing but a rule between them: the parts of a card. Between two bubbles the
    background shows."""
    result: list[Element] = []
    for element in elements:
        place = next((i for i, above in enumerate(result) if meets_at_rule(image, above, element, background)), None)
        if place is None:
            result.append(element)
            continue
        above = result[place]
        box = Box(above.box.left, above.box.top, above.box.right, element.box.bottom)
        corners = (*above.corners[:2], *element.corners[2:])
        buttons = above.buttons + element.buttons
        result[place] = Element(box, "card", element.colour, buttons, clear=above.clear, corners=corners)
    return result


def meets_at_rule(image: Image, above: Element, below: Element, background: tuple[int, int, int] | None) -> bool:
    """Whether nothing but a rule, of nearly their colour, parts an element from the one right above it."""
    one, other = above.box, below.box
    gap = other.top - one.bottom
    if (
        not 0 <= gap <= RULE
        or max(abs(one.left - other.left), abs(one.right - other.right)) > 2
        or difference(above.colour, below.colour) > 4
        or min(*above.corners[2:], *below.corners[:2]) < SQUARE_CORNER
    ):
        return False
    if gap == 0:
        return True
    inset = one.width // 8
    rule = middle_colour(image, Box(one.left + inset, one.bottom, one.right - inset, other.top))
    return difference(rule, below.colour) < (24 if background is None else 0.5 * difference(background, below.colour))
