"""Cards without a visible border: a photo, its text on the bare background, and buttons set in by equal margins."""

from processors.ocr.elements import Element
from processors.ocr.engines.port import Box

LEAST_INSET, MOST_INSET = 0.02, 0.12
"""How far a button is set in from either edge of the photo above it, as a share of the width of the photo."""

BUTTON_HEIGHT = 0.3
"""A button is at most so high as a share of its width."""

TEXT_SHARE = 0.9
"""Between a photo and its first button stands text no higher than this share of the width of the photo."""

BUTTON_GAP = 0.6
"""Buttons follow each other within this share of their height."""


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
