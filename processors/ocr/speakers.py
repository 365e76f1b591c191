"""Who said it: the reader's own messages stand on the right, everybody else's on the left.

Alignment comes first. Elements of one side share their outer edge, whatever their width; colour then carries the
answer to the elements whose place says little (those as wide as the conversation).
"""

from typing import Literal, NamedTuple

from processors.ocr.elements import Element
from processors.ocr.planes import difference

Side = Literal["left", "right", "centre"]

SAME_COLOUR = 20
"""Own bubbles of one shot differ by less than this in a channel, gradients from top to bottom included."""

DECIDED = 0.5
"""From this score on the place of an element speaks for itself."""

CENTRED = 0.035
"""An element is centred when its margins differ by less than this share of the width of the conversation."""


class Sided(NamedTuple):
    """The side of an element and how sure it is, 0 to 1."""

    element: Element
    side: Side
    certainty: float


def colour_groups(elements: list[Element]) -> list[list[int]]:
    """Indices of the elements grouped by colour: single linkage, so that a gradient over the shot stays one group."""
    groups: list[list[int]] = []
    for index, element in enumerate(elements):
        if element.kind == "photo":
            continue
        near = [
            group
            for group in groups
            if any(difference(elements[other].colour, element.colour) <= SAME_COLOUR for other in group)
        ]
        joined = [index, *(other for group in near for other in group)]
        groups = [group for group in groups if group not in near] + [sorted(joined)]
    return groups


def place_score(element: Element, others: list[Element], left: int, right: int) -> float:
    """How far an element stands to the right: from -1 (left) to 1 (right). Its margins count, and so does sharing an
    outer edge with elements of another width."""
    box = element.box
    margin_left, margin_right = max(0, box.left - left), max(0, right - box.right)
    score = (margin_left - margin_right) / max(1, margin_left + margin_right)
    near = max(2, 0.008 * (right - left))
    for other in others:
        if other is element or abs(other.box.width - box.width) <= 2 * near:
            continue
        if abs((other.box.left - left) - (right - other.box.right)) <= CENTRED * (right - left):
            # A date or a notice: whose edge it happens to share says nothing.
            continue
        if abs(other.box.right - box.right) <= near and abs(other.box.left - box.left) > near:
            score += 0.35
        if abs(other.box.left - box.left) <= near and abs(other.box.right - box.right) > near:
            score -= 0.35
    return max(-1.5, min(1.5, score))


def is_centred(element: Element, others: list[Element], left: int, right: int) -> bool:
    """Whether an element stands in the middle, like a date or a system line: one or two low lines that share no edge
    with another element."""
    box = element.box
    width = right - left
    if element.kind != "bubble" or box.height > 0.16 * width or min(box.left - left, right - box.right) < 0.08 * width:
        return False
    if abs((box.left - left) - (right - box.right)) > CENTRED * width:
        return False
    near = max(2, 0.008 * width)
    return not any(
        other is not element
        and (abs(other.box.left - box.left) <= near or abs(other.box.right - box.right) <= near)
        and other.box.width != box.width
        for other in others
    )


def beside_cut(element: Element, elements: list[Element], right: int) -> int | None:
    """The index of the element that one cut by the right edge continues: cards that are swiped sideways belong to the
    sender of the first."""
    box = element.box
    if box.right < right - 2:
        return None
    for index, other in enumerate(elements):
        common = min(box.bottom, other.box.bottom) - max(box.top, other.box.top)
        if other.box.right <= box.left and common >= 0.8 * max(box.height, other.box.height):
            return index
    return None


def sides(elements: list[Element], left: int, right: int) -> list[Sided]:
    """The side of every element of a conversation whose columns are `left` to `right`."""
    middle = {i for i, e in enumerate(elements) if is_centred(e, elements, left, right)}
    groups = colour_groups(elements)
    for group in groups:
        # A bubble that happens to stand in the middle has the colour of bubbles that do not.
        if any(i not in middle for i in group) and any(i in middle for i in group):
            middle -= set(group)
    scores = [place_score(e, elements, left, right) for e in elements]
    leaning = dict.fromkeys(range(len(elements)), 0.0)
    for group in groups:
        # Cards of both sides have the same colour, so they neither vote nor follow.
        # What the right edge cuts tells nothing.
        voters = [
            i
            for i in group
            if i not in middle
            and elements[i].kind == "bubble"
            and not elements[i].round
            and elements[i].box.right < right - 2
        ]
        if (
            min((scores[i] for i in voters), default=0) < -DECIDED
            and max((scores[i] for i in voters), default=0) > DECIDED
        ):
            # A colour of both sides, as of files.
            continue
        for i in voters:
            rest = [scores[j] for j in voters if j != i]
            leaning[i] = sum(rest) / len(rest) if rest else 0.0
    strongest = max((sum(scores[i] for i in g if i not in middle) / len(g) for g in groups), key=abs, default=0.0)
    for group in groups:
        mean = sum(scores[i] for i in group) / len(group)
        if abs(mean) < 0.35 and abs(strongest) > 0.6 and not middle & set(group):
            # Two colours, one of them clearly on one side: the other is the other side's.
            for i in group:
                leaning[i] -= 0.4 if strongest > 0 else -0.4
    result = []
    for i, element in enumerate(elements):
        if i in middle:
            result.append(Sided(element, "centre", 1.0))
            continue
        total = scores[i] + 0.6 * leaning[i]
        before = beside_cut(element, elements, right)
        if before is not None:
            total = scores[before] + 0.6 * leaning[before]
        result.append(Sided(element, "right" if total > 0 else "left", min(1.0, abs(total))))
    return result
