"""Reads a screenshot: from its layout to its messages, one by one from top to bottom."""

from collections.abc import Iterator
from functools import cached_property

from contracts.resources import Bubble
from processors.ocr import words
from processors.ocr.bare import bare_rows, read_row, with_bare
from processors.ocr.belief import Reading, is_message, kind_of, proves_chat
from processors.ocr.calibration import Calibration, load_calibration
from processors.ocr.engines.emoji import EmojiNamer
from processors.ocr.engines.port import Box, Image, RegionReader, RegionText
from processors.ocr.layout import Candidate, Layout, find_layout
from processors.ocr.numbering import Numbering
from processors.ocr.quotes import without_quote
from processors.ocr.rows import with_rows
from processors.ocr.statements import (
    headed,
    inner_name,
    join_lines,
    sender_of,
    texts_around,
    weighted_confidence,
    without_halves,
)
from processors.ocr.surroundings import find_surroundings, line_unit

NAME_SHARE = 0.3
"""Heights of a quote above it from which a name stands there."""


class ScreenshotReader:
    """Reads screenshots with the given region reader. One thread at a time, like the recognisers."""

    def __init__(self, regions: RegionReader, calibration: Calibration | None = None) -> None:
        """`calibration` is that of the committed weights where none is given."""
        self.regions = regions
        self.calibration = calibration

    def layout(self, image: Image) -> Layout:
        """Where the conversation and its possible messages are; see `find_layout`."""
        return with_rows(image, find_layout(image))

    def read(self, image: Image, layout: Layout | None = None) -> Iterator[Bubble]:
        """The messages of an image of shape (height, width, 3), from top to bottom, each as soon as it is read.

        An image that shows no chat gives none. `layout` saves finding it again.
        """
        numbering = Numbering(self.calibration or load_calibration())
        for reading in self.readings(image, layout):
            yield numbering.bubble(reading)

    def readings(self, image: Image, layout: Layout | None = None) -> Iterator[Reading]:
        """As `read`, with all that is known about how each message was read."""
        layout = layout or self.layout(image)
        bare = self.bare_emoji(image, layout)
        layout = with_bare(layout, list(bare))
        unit = line_unit(layout)
        waiting: list[Reading] = []
        believed = False
        for index in range(len(layout.candidates)):
            reading = self.read_candidate(image, layout, index, unit, bare.get(layout.candidates[index]))
            if reading is None:
                continue
            waiting.append(reading)
            believed = believed or proves_chat(waiting, layout)
            if believed:
                yield from waiting
                waiting.clear()

    @cached_property
    def namer(self) -> EmojiNamer:
        """Names large emoji, loaded with the first of them."""
        return EmojiNamer()

    def bare_emoji(self, image: Image, layout: Layout) -> dict[Candidate, RegionText]:
        """Large emoji that stand by themselves, as far as each of a row can be named."""
        texts = {row.candidate: read_row(image, row, self.namer) for row in bare_rows(image, layout)}
        return {candidate: text for candidate, text in texts.items() if text is not None}

    def read_candidate(
        self, image: Image, layout: Layout, index: int, unit: float, known: RegionText | None = None
    ) -> Reading | None:
        """One candidate with its surroundings; None where it is no message after all. `known` is its text, where that
        was read already."""
        candidate = layout.candidates[index]
        around = find_surroundings(image, layout, index, unit)
        regions = text_regions(candidate) if known is None else []
        extra = [
            *([around.name] if around.name else []),
            *around.stamps,
            *([candidate.heading] if candidate.heading else []),
        ]
        answers = list(self.regions.read_many(image, regions, extra))
        body, rest = answers[: len(regions)] if known is None else [known], answers[len(regions) :]
        name_text = rest.pop(0) if around.name else None
        heading = headed(rest.pop()) if candidate.heading else None
        lines = without_halves(tuple(line for answer in body for line in answer.lines), candidate)
        stamps = [answer.stamp.recognition.text for answer in body if answer.stamp]
        stamps += [text for answer in rest for text in texts_around(answer)]
        sent_at = next(filter(None, map(words.time_in, stamps)), None)
        sender = sender_of(name_text, around)
        if candidate.kind == "text":
            lines = without_quote(image, lines)
        if sender is None and candidate.side == "left":
            sender, lines = inner_name(image, lines, candidate)
        if heading is not None:
            sender, sent_at = heading
        legibility = weighted_confidence(lines)
        text = join_lines(lines)
        kind = kind_of(candidate, text)
        if kind is None or not is_message(image, candidate, kind, text, legibility, layout):
            return None
        return Reading(candidate, kind, lines, text, legibility, sender, sent_at)


def text_regions(candidate: Candidate) -> list[Box]:
    """The regions that are read: the whole bubble, or a card's text and each of its buttons by itself."""
    if candidate.kind == "photo":
        return []
    body = candidate.body or candidate.box
    if candidate.quote is not None:
        quote = candidate.quote
        name = (
            [Box(body.left, body.top, body.right, quote.top)]
            if quote.top - body.top > NAME_SHARE * quote.height
            else []
        )
        return [*name, Box(body.left, quote.bottom, body.right, body.bottom)]
    regions = []
    top = body.top
    for row in button_rows(candidate.buttons):
        first = min(b.top for b in row)
        if first - top >= 8:
            regions.append(Box(body.left, top, body.right, first - 1))
        regions.extend(row)
        top = max(b.bottom for b in row) + 1
    if body.bottom - top >= 8:
        regions.append(Box(body.left, top, body.right, body.bottom))
    return regions


def button_rows(buttons: tuple[Box, ...]) -> list[list[Box]]:
    """Buttons that stand side by side, row by row."""
    rows: list[list[Box]] = []
    for button in sorted(buttons, key=lambda b: (b.top, b.left)):
        if rows and button.top < rows[-1][0].bottom - 0.5 * rows[-1][0].height:
            rows[-1].append(button)
        else:
            rows.append([button])
    return rows
