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
from processors.ocr.layout import Candidate, Cut, Layout
from processors.ocr.runs import runs

INK = 30
"""Least difference to the background, in a channel, of letters: times are drawn in grey."""

RULE_SHARE = 0.6
"""Share of the columns that a rule between days crosses."""

FIELD = 5
"""Least difference of an input box or its edge: dark themes set it off by a few levels."""

LEAST_ROWS = 0.6
"""The input box begins below this share of the height."""

LEAST_AVATAR, MOST_AVATAR = 20, 0.17
"""Side of an avatar in pixels, and as a share of the width of the conversation."""

MOST_SQUARES = 400
"""So many squares are compared, the leftmost first: a texture has thousands."""

ALIKE = 0.12
"""Avatars differ by so little in width and height."""

LEAST_HEADINGS = 2
"""So many avatars beside lines of text make a conversation in rows."""

BUBBLES_SHARE = 0.5

MOST_LINE = 0.62
LEAST_LINE = 0.12
"""Heights of the ink of a line in heights of an avatar; what is higher is a picture."""

WORD_GAP = 0.07
"""Space between words at least, in widths of an avatar."""

SLIVER = 0.6
"""Heights of a usual line that are seen at least of one which the border cuts."""

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
    apart = apart_from(cv2.split(part), layout.background)
    ink = np.asarray(apart > INK)
    ink[ink.mean(axis=1) > RULE_SHARE] = False
    avatars = avatar_column(ink)
    if len(avatars) < LEAST_HEADINGS:
        return layout
    ink[end_of_rows(apart, avatars) :] = False
    lines = text_lines(ink, avatars)
    headings = sum(line.heading for line in lines)
    if headings < LEAST_HEADINGS or has_bubbles(layout, avatars, headings):
        return layout
    photos = [c for c in layout.candidates if c.kind == "photo"]
    lines = [line for line in lines if not any(inside(line.box, photo.box, layout) for photo in photos)]
    found = Rows(layout, part.shape[:2], lines, avatars).messages(photos)
    return msgspec.structs.replace(layout, candidates=tuple(found)) if found else layout


def end_of_rows(apart: NDArray[np.uint8], avatars: list[Box]) -> int:
    """The row at which the input box begins, below all avatars: its upper edge goes across. Else the last."""
    across = np.asarray((apart > FIELD).mean(axis=1) > RULE_SHARE)
    height = len(across)
    last = max(avatar.bottom for avatar in avatars)
    starts = [start for start, _ in runs(across, gap=0) if start > max(last, LEAST_ROWS * height)]
    return min(starts, default=height)


def has_bubbles(layout: Layout, avatars: list[Box], headings: int) -> bool:
    """Whether the conversation has bubbles: right of the avatars, and half as many as headings. Rows may hold
    cards, fewer than that."""
    end = layout.left + max(box.right for box in avatars)
    side = avatars[0].width
    right = [c for c in layout.candidates if c.kind in ("text", "card") and c.box.right > end + side]
    bubbles = [c for c in right if c.box.width > side]
    return len(bubbles) >= BUBBLES_SHARE * headings


def avatar_column(ink: NDArray[np.bool_]) -> list[Box]:
    """The avatars at the left of an image of ink: squares of one size and one left edge; from top to bottom."""
    width = ink.shape[1]
    closed = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed[:, : round(0.35 * width)], connectivity=8)
    squares = [
        Box(left, top, left + wide, top + high)
        for left, top, wide, high, area in stats[1:].tolist()
        if LEAST_AVATAR <= wide <= MOST_AVATAR * width
        and abs(wide - high) <= ALIKE * wide
        and area >= 0.3 * wide * high
    ]
    squares = sorted(squares)[:MOST_SQUARES]
    columns = [
        [
            other
            for other in squares
            if abs(other.left - one.left) <= ALIKE * one.width and abs(other.width - one.width) <= ALIKE * one.width
        ]
        for one in squares
    ]
    several = [column for column in columns if len(column) >= LEAST_HEADINGS]
    if not several:
        return []
    column = min(several, key=lambda boxes: (min(box.left for box in boxes), -len(boxes)))
    # Pale photos fall to pieces: whatever is half as high in that column is an avatar too, and what the lower border
    # cuts. What the upper border cuts has its heading beyond.
    left, right = min(box.left for box in column), max(box.right for box in column)
    bands = runs(np.asarray(ink[:, left:right].any(axis=1)), gap=2)
    return [
        Box(left, top, right, bottom)
        for top, bottom in bands
        if top > 1 and (bottom - top >= 0.5 * (right - left) or bottom == len(ink))
    ]


def text_lines(ink: NDArray[np.bool_], avatars: list[Box]) -> list[Line]:
    """The lines right of the avatars that begin where most headings do."""
    side = avatars[0].width
    start = max(box.right for box in avatars) + max(2, side // 12)
    text = ink[:, start:]
    found = []
    for top, bottom in runs(np.asarray(text.any(axis=1)), gap=1):
        pieces = runs(np.asarray(text[top:bottom].any(axis=0)), gap=max(1, round(WORD_GAP * side)))
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


class Rows:
    """Makes messages of lines (boxes relative to the conversation, `shape` its rows and columns)."""

    def __init__(self, layout: Layout, shape: tuple[int, ...], lines: list[Line], avatars: list[Box]) -> None:
        self.layout = layout
        self.height, self.width = shape
        heights = [line.box.height for line in lines]
        self.usual = float(np.percentile(heights, 80)) if heights else 0.0
        self.lines = [line for line in lines if not self.is_sliver(line.box)]
        # The margin at the right is about that at the left.
        reach = self.width - max(2.5 * avatars[0].left, 0.06 * self.width)
        self.end = max([reach, *(line.box.right for line in self.lines)])

    def is_sliver(self, box: Box) -> bool:
        """Whether the border leaves too little of a line to read."""
        return box.height < SLIVER * self.usual and (box.top <= 1 or box.bottom >= self.height - 1)

    def messages(self, photos: list[Candidate]) -> list[Candidate]:
        """The messages from top to bottom. A heading begins one, and so does a line whose first word would still have
        fitted into the line above; `photos` are messages as they are."""
        found: list[Candidate] = []
        group: list[Line] = []
        heading: Box | None = None
        waiting = sorted(photos, key=lambda photo: photo.box.top)
        for line in [*self.lines, None]:
            top = self.layout.top + (line.box.top if line else self.height)
            new = line is None or line.heading or not group or not self.goes_on(group[-1], line)
            if group and (new or (waiting and waiting[0].box.top < top)):
                found.append(self.candidate(heading, group))
                heading, group = None, []
            while waiting and waiting[0].box.top < top:
                photo = waiting.pop(0)
                placed = self.placed(heading) if heading else None
                found.append(
                    msgspec.structs.replace(photo, side="left", side_certainty=0.0, unsided=True, heading=placed)
                )
                heading = None
            if line is not None and line.heading:
                heading = line.box
            elif line is not None:
                group.append(line)
        return found

    def goes_on(self, above: Line, line: Line) -> bool:
        """Whether a line continues the one above it."""
        near = line.box.top - above.box.bottom <= 1.2 * self.usual
        return near and above.box.right + line.word + 0.3 * self.usual > self.end

    def candidate(self, heading: Box | None, lines: list[Line]) -> Candidate:
        """The message of some lines, in pixels of the screenshot. Lines of low letters are as high as others."""
        boxes = [line.box for line in lines]
        above, below = (max(0, round((self.usual - box.height) / 2)) for box in (boxes[0], boxes[-1]))
        whole = Box(
            min(box.left for box in boxes),
            boxes[0].top - above,
            max(box.right for box in boxes),
            boxes[-1].bottom + below,
        )
        cut: Cut = "top" if boxes[0].top <= 1 else "bottom" if boxes[-1].bottom >= self.height - 1 else "none"
        return Candidate(
            box=self.placed(whole),
            kind="text",
            side="left",
            side_certainty=0.0,
            colour=self.layout.background or (0, 0, 0),
            cut=cut,
            unsided=True,
            heading=self.placed(heading) if heading else None,
        )

    def placed(self, box: Box) -> Box:
        """A box in pixels of the screenshot, a little larger."""
        margin = max(2, round(0.2 * self.usual))
        return Box(
            self.layout.left + max(0, box.left - margin),
            self.layout.top + max(0, box.top - margin),
            self.layout.left + min(self.width, box.right + margin),
            self.layout.top + min(self.height, box.bottom + margin),
        )


def inside(box: Box, photo: Box, layout: Layout) -> bool:
    """Whether the middle of a line (relative to the conversation) lies in a photo of the screenshot."""
    x, y = (box.left + box.right) / 2 + layout.left, (box.top + box.bottom) / 2 + layout.top
    return photo.left <= x <= photo.right and photo.top <= y <= photo.bottom
