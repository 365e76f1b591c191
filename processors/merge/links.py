"""What two screenshots share: image first, text second, and nothing where neither proves enough.

The image knows exactly which bubble is which, cut or repeated ones too, but needs pictures of one device. The text
needs two messages that agree. Where both speak they must not contradict each other.
"""

from collections.abc import Sequence
from itertools import combinations

import msgspec

from contracts.resources import Bubble, Extraction, MergeMethod, Position
from processors.merge.alignment import (
    CONFIDENT,
    LEAST_EVIDENCE,
    NO_OVERLAP,
    Pairs,
    TextOverlap,
    align_readings,
    most_evidence,
)
from processors.merge.images import NOT_ALIGNED, ImageAlignment, Rows, agreement_at, align, fixed_footer
from processors.merge.proof import Same, contradict, overlooked, prove
from processors.merge.shots import Shot
from processors.merge.texts import Evidence, Reading, evidence_matrix

FEWEST_BY_TEXT = 2
"""Messages that must agree before text alone joins two screenshots (the specification's rule)."""

DIFFERENT = 0.25
"""Share of the detail of two images that agrees where they show different things, at most; one thing agrees from 0.9,
or from 0.3 before a wallpaper that does not scroll."""

OVERLOOKED = 0.25
"""Share of the height that a header may take."""

STEADY = 4
"""Bubbles that lie equally far apart in two screenshots and are believed against the images, whose wallpaper may not
scroll."""

NEIGHBOUR_PRIOR = -2.0
STRANGER_PRIOR = -5.0
LOOSE_END_PRIOR = -2.5
"""Evidence that two screenshots overlap before they are looked at: uploaded one after the other; any two; two that
are left over where most others are joined."""

ALL_PAIRS = 12
"""Up to so many screenshots each pair of images is compared; beyond, only those that upload order or text suggests."""

SUPPORTED_IMAGE = 0.15
"""Image confidence that is believed where the texts at that shift agree as well."""

SUPPORT = 4.0
DENIED = -7.0
"""Evidence (nats) of the texts at a shift from which they support the image, and down to which they do not deny it:
one message may be misread beyond recognition, but not all."""


SAME_EDGE = 4.0
"""Pixels by which a screenshot may reach beyond another and still show nothing new."""


class Link(msgspec.Struct, frozen=True):
    """Screenshot `left` is followed by `right`, or shows all of it where `contains`. Indexes are those of the
    uploads.

    `strength` ranks links: the more two screenshots share the larger. `pairs` are the bubbles (of left, of right)
    that are one message, from top to bottom. `shift` and `scale` bring row y of right to row `shift + scale * y` of
    left, where the images tell. A link that is not `proven` holds only between loose ends (see LOOSE_END_PRIOR).
    """

    left: int
    right: int
    strength: float
    pairs: Pairs
    method: MergeMethod
    confidence: float
    contains: bool = False
    proven: bool = True
    shift: float | None = None
    scale: float = 1.0


def find_links(shots: Sequence[Shot], items: Sequence[tuple[Reading, ...]]) -> list[Link]:
    """All links between screenshots in upload order that image or text prove; `items` are the readings of each. Exports
    among `shots` are left out."""
    drawn = [index for index, shot in enumerate(shots) if not shot.extraction.exported]
    starts = [0]
    for index, item in enumerate(items):
        starts.append(starts[-1] + (0 if shots[index].extraction.exported else len(item)))
    matrix = evidence_matrix([reading for index in drawn for reading in items[index]])
    most = most_evidence(matrix, starts)
    links: list[Link] = []
    for one, two in combinations(drawn, 2):
        evidence = matrix[starts[one] : starts[one + 1], starts[two] : starts[two + 1]]
        text = NO_OVERLAP
        if most[one, two] > LEAST_EVIDENCE:
            text = align_readings(items[one], items[two], evidence)
        among_left = matrix[starts[one] : starts[one + 1], starts[one] : starts[one + 1]]
        link = _link(one, two, shots, items, evidence, among_left, text)
        if link is not None:
            links.append(link)
    return links


def _link(
    one: int,
    two: int,
    shots: Sequence[Shot],
    items: Sequence[tuple[Reading, ...]],
    evidence: Evidence,
    among_left: Evidence,
    text: TextOverlap,
) -> Link | None:
    confidence = text.confidence(NEIGHBOUR_PRIOR if two - one == 1 else STRANGER_PRIOR)
    first, second = _without_footer(shots[one], shots[two])
    image = NOT_ALIGNED
    if len(shots) <= ALL_PAIRS or two - one <= 2 or text.pairs:
        image = _align_images(first, second)
    scale = first.extraction.width / second.extraction.width
    pairs = paired_by_rows(first.extraction, second.extraction, image, scale) if image.confidence > 0 else ()
    likeliest = _likeliest(pairs, evidence)
    agreement = sum(float(evidence[i, j]) for i, j in likeliest)
    left, right = first.extraction.bubbles, second.extraction.bubbles
    same = [Same(i, left[i], right[j]) for i, j in likeliest]
    more = overlooked(same, image, first.extraction.width)
    if _image_holds(image, agreement, confidence, text.evidence) and prove(same, among_left, image.agreement, more):
        return _image_link(one, two, first.extraction, second.extraction, image, scale, pairs, agreement)
    if sum(not contradict(left[i], right[j]) for i, j in text.pairs) < FEWEST_BY_TEXT:
        return None
    if _images_deny(first, second, text.pairs):
        return None
    if confidence >= CONFIDENT:
        return _text_link(one, two, text.pairs, items, confidence)
    confidence = text.confidence(LOOSE_END_PRIOR)
    if confidence >= CONFIDENT:
        return msgspec.structs.replace(_text_link(one, two, text.pairs, items, confidence), proven=False)
    return None


def _without_footer(first: Shot, second: Shot) -> tuple[Shot, Shot]:
    """Both with the conversation ending where they stand still to their end, if the reader overlooked that in both."""
    if first.signature is None or second.signature is None:
        return first, second
    if any(shot.extraction.bottom < shot.extraction.height for shot in (first, second)):
        return first, second
    footer = fixed_footer(first.signature, second.signature)
    if footer is None:
        return first, second
    one, other = (
        msgspec.structs.replace(shot, extraction=msgspec.structs.replace(shot.extraction, bottom=float(footer)))
        for shot in (first, second)
    )
    return one, other


def _image_holds(image: ImageAlignment, agreement: float, text_confidence: float, text_evidence: float) -> bool:
    """Whether the images prove a shift that the texts at that shift do not deny."""
    if image.confident:
        return agreement > DENIED and not (agreement <= 0 and text_confidence >= CONFIDENT and text_evidence > 12.0)
    return image.confidence >= SUPPORTED_IMAGE and agreement >= SUPPORT


def _images_deny(first: Shot, second: Shot, pairs: Pairs) -> bool:
    """Whether screenshots of one width show other things where the texts say that they show the same."""
    one, other = first.extraction, second.extraction
    if first.signature is None or second.signature is None or one.width != other.width:
        return False
    shifts = sorted(
        round(shift) for i, j in pairs for shift in _shifts(one.bubbles[i].position, other.bubbles[j].position)
    )
    if any(last - start <= SAME_EDGE for start, last in zip(shifts, shifts[2 * STEADY - 1 :], strict=False)):
        return False
    return agreement_at(first.signature, second.signature, shifts, _scrolling(one, other)) < DIFFERENT


def _shifts(one: Position, other: Position) -> tuple[float, float]:
    """How far two bubbles lie apart, told by their tops and by their bottoms, of which an edge may cut one."""
    top = one.y - other.y
    return top, top + one.height - other.height


def _align_images(first: Shot, second: Shot) -> ImageAlignment:
    if first.signature is None or second.signature is None:
        return NOT_ALIGNED
    return align(first.signature, second.signature, *_scrolling(first.extraction, second.extraction))


def _scrolling(first: Extraction, second: Extraction) -> tuple[Rows | None, Rows | None]:
    """The rows of each in which the conversation scrolls, None where the reader did not say. A header that was found in
    one of two screenshots of one size alone was overlooked in the other."""
    top = max(first.top, second.top)
    one_size = (first.width, first.height) == (second.width, second.height)
    overlooked = one_size and min(first.top, second.top) <= 0 and top < OVERLOOKED * first.height
    one, other = (
        Rows(int(top if overlooked else shot.top), int(shot.bottom)) if shot.bottom > shot.top else None
        for shot in (first, second)
    )
    return one, other


def paired_by_rows(left: Extraction, right: Extraction, image: ImageAlignment, scale: float) -> Pairs:
    """Bubbles that lie at one place once `right` is shifted onto `left`, (of left, of right) from top to bottom.

    A bubble that one reading split goes to the bubble that covers it, so an index may come twice.
    """
    pairs: list[tuple[int, int]] = []
    for j, other in enumerate(right.bubbles):
        if not _scrolls(other, right):
            continue
        top, bottom = _rows(other, image.shift, scale)
        best, share = -1, 0.0
        for i, one in enumerate(left.bubbles):
            if not _scrolls(one, left):
                continue
            upper, lower = _rows(one, 0.0, 1.0)
            shared = min(bottom, lower) - max(top, upper)
            if shared <= 2 or not _same_column(one, other, scale):
                continue
            ratio = shared / max(1.0, min(bottom - top, lower - upper))
            # Two halves of a bubble taller than the overlap touch only where both are visible.
            if (ratio >= 0.5 or (one.partial and other.partial)) and ratio > share:
                best, share = i, ratio
        if best >= 0:
            pairs.append((best, j))
    return tuple(pairs)


def _likeliest(pairs: Pairs, evidence: Evidence) -> Pairs:
    """Of the pieces that a reading made of one bubble of the other the one that reads most like it."""
    chosen: list[tuple[int, int]] = []
    for i, j in sorted(pairs, key=lambda pair: -float(evidence[pair])):
        if all(i != left and j != right for left, right in chosen):
            chosen.append((i, j))
    return tuple(sorted(chosen))


def _scrolls(bubble: Bubble, extraction: Extraction) -> bool:
    """Whether a bubble lies above the footer; below it something else was taken for one."""
    return not 0 < extraction.bottom <= bubble.position.y


def _rows(bubble: Bubble, shift: float, scale: float) -> tuple[float, float]:
    top = shift + bubble.position.y * scale
    return top, top + bubble.position.height * scale


def _same_column(one: Bubble, other: Bubble, scale: float) -> bool:
    left, right = other.position.x * scale, (other.position.x + other.position.width) * scale
    shared = min(one.position.x + one.position.width, right) - max(one.position.x, left)
    return shared >= 0.3 * min(one.position.width, right - left)


def _image_link(
    one: int,
    two: int,
    left: Extraction,
    right: Extraction,
    image: ImageAlignment,
    scale: float,
    pairs: Pairs,
    agreement: float,
) -> Link:
    support = 1.0 if agreement <= 0 else 2.0 ** (-agreement / 4.0)
    confidence = min(1.0, 1.0 - (1.0 - image.confidence) * support)
    shared = (image.rows.bottom - image.rows.top) / max(1.0, left.bottom - left.top)
    strength = len(pairs) + min(1.0, shared)
    forward = Link(one, two, strength, pairs, "image", confidence, shift=image.shift, scale=scale)
    backward = reversed_link(forward)
    top, bottom = image.shift + right.top * scale, image.shift + right.bottom * scale
    above, below = left.top - top, bottom - left.bottom
    if {j for _, j in pairs} == set(range(len(right.bubbles))) and max(above, below) <= SAME_EDGE:
        return msgspec.structs.replace(forward, contains=True)
    if {i for i, _ in pairs} == set(range(len(left.bubbles))) and min(above, below) >= -SAME_EDGE:
        return msgspec.structs.replace(backward, contains=True)
    return forward if below - above >= 0 else backward


def reversed_link(link: Link) -> Link:
    """The same facts told from the other screenshot."""
    shift = None if link.shift is None else -link.shift / link.scale
    pairs = tuple(sorted((j, i) for i, j in link.pairs))
    return msgspec.structs.replace(
        link, left=link.right, right=link.left, pairs=pairs, shift=shift, scale=1.0 / link.scale, contains=False
    )


def composed(first: Link, second: Link) -> Link | None:
    """What `first` (a to b) and `second` (b to c) say of a and c together, None where they share nothing or are one."""
    if first.left == second.right:
        return None
    onward: dict[int, list[int]] = {}
    for middle, last in second.pairs:
        onward.setdefault(middle, []).append(last)
    pairs = tuple(sorted({(start, last) for start, middle in first.pairs for last in onward.get(middle, ())}))
    by_image = first.shift is not None and second.shift is not None
    if not pairs and not by_image:
        return None
    return Link(
        first.left,
        second.right,
        min(first.strength, second.strength),
        pairs,
        "image" if by_image else "text",
        first.confidence * second.confidence,
        shift=first.shift + first.scale * second.shift
        if first.shift is not None and second.shift is not None
        else None,
        scale=first.scale * second.scale,
    )


def _text_link(one: int, two: int, pairs: Pairs, items: Sequence[tuple[Reading, ...]], confidence: float) -> Link:
    """The link that aligned texts mean: who has messages before the shared ones, and who after."""
    left, right = items[one], items[two]
    before, after = pairs[0][0] - pairs[0][1], (len(right) - 1 - pairs[-1][1]) - (len(left) - 1 - pairs[-1][0])
    forward = Link(one, two, len(pairs), pairs, "text", confidence)
    if len(pairs) == len(right):
        return msgspec.structs.replace(forward, contains=True)
    if len(pairs) == len(left):
        return msgspec.structs.replace(reversed_link(forward), contains=True)
    return forward if before + after >= 0 else reversed_link(forward)
