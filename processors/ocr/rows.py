"""Messages without bubbles, as Discord and Slack set them: a column of avatars and, right of it, for everybody alike,
a heading with name and time and the lines below it.

Where an avatar stands tells the heading, and where a line ends tells whether the next belongs to the same message: it
does where its first word had no room.
"""

from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.ocr.colours import apart_from
from processors.ocr.engines.port import Box, Image
from processors.ocr.layout import Candidate, Layout
from processors.ocr.runs import runs

INK = 30
"""Least difference to the background, in a channel, of letters: times are drawn in grey."""

RULE_SHARE = 0.6
"""Share of the columns that a rule between days crosses."""

LEAST_AVATAR, MOST_AVATAR = 20, 0.17
"""Side of an avatar in pixels, and as a share of the width of the conversation."""

ALIKE = 0.12
"""Avatars differ by so little in width and height."""

LEAST_HEADINGS = 2
"""So many avatars beside lines of text make a conversation in rows."""

MOST_LINE = 0.62
LEAST_LINE = 0.12
"""Heights of the ink of a line in heights of an avatar; what is higher is a picture."""

INDENT = 0.12
"""Lines begin within this share of an avatar's width of the column of text: marks of approval and dates do not."""


class Line(NamedTuple):
    """A line of ink: its box, how wide its first word is (px), and whether an avatar stands beside it."""

    box: Box
    word: int
    heading: bool


def with_rows(image: Image, layout: Layout) -> Layout:
    """The layout with the messages of a conversation in rows in place of its candidates, photos apart; as it is where
    the conversation is none."""
    if layout.background is None or layout.right - layout.left < 3 * LEAST_AVATAR:
        return layout
    part = image[layout.top : layout.bottom, layout.left : layout.right]
    ink = np.asarray(apart_from(cv2.split(part), layout.background) > INK)
    ink[ink.mean(axis=1) > RULE_SHARE] = False
    avatars = avatar_column(ink)
    if len(avatars) < LEAST_HEADINGS:
        return layout
    lines = text_lines(ink, avatars)
    headings = sum(line.heading for line in lines)
    if headings < LEAST_HEADINGS or has_bubbles(layout, len(lines)):
        return layout
    photos = [c for c in layout.candidates if c.kind == "photo"]
    lines = [line for line in lines if not any(inside(line.box, photo.box, layout) for photo in photos)]
    found = messages(lines, ink.shape, layout)
    if not found:
        return layout
    ordered = sorted([*found, *photos], key=lambda candidate: candidate.box.top)
    return msgspec.structs.replace(layout, candidates=tuple(ordered))


def has_bubbles(layout: Layout, lines: int) -> bool:
    """Whether the layout has found bubbles in earnest: wider than avatars, and at least half as many as lines."""
    width = layout.right - layout.left
    wide = [c for c in layout.candidates if c.kind != "photo" and c.box.width > MOST_AVATAR * width and c.clear]
    return 2 * len(wide) >= lines


def avatar_column(ink: NDArray[np.bool_]) -> list[Box]:
    """The avatars at the left of an image of ink: squares of one size and one left edge; from top to bottom."""
    width = ink.shape[1]
    closed = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed[:, : round(0.35 * width)], connectivity=8)
    squares = [
        Box(left, top, left + wide, top + high)
        for left, top, wide, high, area in stats[1:].tolist()
        if LEAST_AVATAR <= wide <= MOST_AVATAR * width and abs(wide - high) <= ALIKE * wide and area >= 0.3 * wide * high
    ]
    columns = [
        [
            other
            for other in squares
            if abs(other.left - one.left) <= ALIKE * one.width and abs(other.width - one.width) <= ALIKE * one.width
        ]
        for one in squares
    ]
    return sorted(max(columns, key=len, default=[]), key=lambda box: box.top)


def text_lines(ink: NDArray[np.bool_], avatars: list[Box]) -> list[Line]:
    """The lines right of the avatars that begin where most headings do."""
    side = round(float(np.median([box.width for box in avatars])))
    start = max(box.right for box in avatars) + max(2, side // 12)
    text = ink[:, start:]
    found = []
    for top, bottom in runs(np.asarray(text.any(axis=1)), gap=1):
        pieces = runs(np.asarray(text[top:bottom].any(axis=0)), gap=max(2, round(0.16 * side)))
        if pieces and LEAST_LINE * side <= bottom - top <= MOST_LINE * side:
            box = Box(start + pieces[0][0], top, start + pieces[-1][1], bottom)
            beside = any(a.top - 0.25 * side <= top and (top + bottom) / 2 <= a.top + 0.6 * side for a in avatars)
            found.append(Line(box, pieces[0][1] - pieces[0][0], beside))
    first = first_below(found, avatars, side)
    begins = [line.box.left for line in found if line in first]
    if not begins:
        return []
    column = float(np.median(begins))
    return [
        line._replace(heading=line in first) for line in found if abs(line.box.left - column) <= max(2, INDENT * side)
    ]


def first_below(lines: list[Line], avatars: list[Box], side: int) -> list[Line]:
    """The heading of each avatar: the uppermost line beside it."""
    result = []
    for avatar in avatars:
        beside = [line for line in lines if line.heading and avatar.top - 0.25 * side <= line.box.top <= avatar.bottom]
        if beside:
            result.append(min(beside, key=lambda line: line.box.top))
    return result


def messages(lines: list[Line], shape: tuple[int, ...], layout: Layout) -> list[Candidate]:
    """Messages from lines (boxes relative to the conversation): a heading begins one, and so does a line whose first
    word would still have fitted into the line above."""
    if not lines:
        return []
    widest = max(line.box.right for line in lines)
    found: list[tuple[Box | None, list[Line]]] = []
    heading: Box | None = None
    for above, line in zip([None, *lines], lines, strict=False):
        if line.heading:
            heading = line.box
            continue
        joined = (
            above is not None
            and not above.heading
            and found
            and line.box.top - above.box.bottom <= 1.6 * max(line.box.height, above.box.height)
            and above.box.right + line.word + 0.5 * line.box.height > widest
        )
        if joined:
            found[-1][1].append(line)
        else:
            found.append((heading, [line]))
            heading = None
    return [row_candidate(name, group, shape, layout) for name, group in found]


def row_candidate(heading: Box | None, lines: list[Line], shape: tuple[int, ...], layout: Layout) -> Candidate:
    """A message of rows in pixels of the screenshot, a little larger than its ink."""
    margin = max(2, round(0.2 * max(line.box.height for line in lines)))

    def placed(box: Box) -> Box:
        return Box(
            layout.left + max(0, box.left - margin),
            layout.top + max(0, box.top - margin),
            layout.left + min(shape[1], box.right + margin),
            layout.top + min(shape[0], box.bottom + margin),
        )

    boxes = [line.box for line in lines]
    whole = Box(min(b.left for b in boxes), boxes[0].top, max(b.right for b in boxes), boxes[-1].bottom)
    cut = "top" if boxes[0].top <= 1 else "bottom" if boxes[-1].bottom >= shape[0] - 1 else "none"
    return Candidate(
        box=placed(whole),
        kind="text",
        side="left",
        side_certainty=0.0,
        colour=layout.background or (0, 0, 0),
        cut=cut,
        unsided=True,
        heading=placed(heading) if heading else None,
    )


def inside(box: Box, photo: Box, layout: Layout) -> bool:
    """Whether the middle of a line (relative to the conversation) lies in a photo of the screenshot."""
    x, y = (box.left + box.right) / 2 + layout.left, (box.top + box.bottom) / 2 + layout.top
    return photo.left <= x <= photo.right and photo.top <= y <= photo.bottom
