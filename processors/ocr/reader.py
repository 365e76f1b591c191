"""Reads a screenshot: from its layout to its messages, one by one from top to bottom."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from contracts.resources import Bubble, Doubt, Kind, Position, Speaker, TextLine
from processors.ocr import words
from processors.ocr.bare import bare_rows, read_row, with_bare
from processors.ocr.calibration import Calibration, load_calibration
from processors.ocr.colours import apart_from, medians
from processors.ocr.engines.emoji import EmojiNamer
from processors.ocr.engines.port import Box, Image, RegionLine, RegionReader, RegionText
from processors.ocr.layout import Candidate, Layout, find_layout
from processors.ocr.quotes import without_quote
from processors.ocr.rows import with_rows
from processors.ocr.surroundings import Surroundings, find_surroundings, line_unit, usual_pitch

BELIEVED = 0.5
"""Mean confidence from which a first bubble proves that the image shows a chat at all."""

DOUBTED = 0.35
"""Below it a text without any other sign of a bubble is taken for a picture."""

TALL_SHARE = 0.25
"""A bubble higher than this share of the width says more than a punctuation mark."""

UNCERTAIN_SIDE = 0.12

FIELD_SHARE = 0.4

NAME_SHARE = 0.3
"""Heights of a quote above it from which a name stands there."""


class Reading(NamedTuple):
    """A candidate as read, before runs are counted. `legibility` is the mean confidence of its lines, by which it is
    told from pictures."""

    candidate: Candidate
    kind: Kind
    lines: tuple[RegionLine, ...]
    text: str
    legibility: float
    sender: str | None
    sent_at: str | None


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


def proves_chat(readings: list[Reading], layout: Layout) -> bool:
    """Whether the candidates read so far show that the image is a chat: a text that was read well; on a picture two of
    them, or one with its time, as a photo may show a sign."""
    texts = [r for r in readings if r.kind != "system" and r.legibility >= BELIEVED and mostly_letters(r.text)]
    if not texts:
        return False
    return layout.background is not None or len(texts) > 1 or any(r.sent_at for r in texts)


def mostly_letters(text: str) -> bool:
    """Whether at least half of a text is letters and digits."""
    bare = words.squeeze(text)
    return bool(bare) and sum(letter.isalnum() for letter in bare) >= 0.5 * len(bare)


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


def join_lines(lines: tuple[RegionLine, ...]) -> str:
    """The lines as shown; where a line's place is left free, an empty line."""
    pitch = usual_pitch([line.box.top for line in lines])
    parts: list[str] = []
    for i, line in enumerate(lines):
        if i and pitch and line.box.top - lines[i - 1].box.top > 1.7 * pitch and len(lines) > 2:
            parts.append("")
        parts.append(line.recognition.text)
    return "\n".join(parts).strip()


def weighted_confidence(lines: tuple[RegionLine, ...]) -> float:
    """Mean confidence of the lines, weighted by their length; 0 for no lines."""
    total = sum(len(line.recognition.text) for line in lines)
    if total == 0:
        return 0.0
    return sum(line.recognition.confidence * len(line.recognition.text) for line in lines) / total


def without_halves(lines: tuple[RegionLine, ...], candidate: Candidate) -> tuple[RegionLine, ...]:
    """The lines without those that the edge of the conversation cuts and that cannot be read; the last one stays."""
    top, bottom = candidate.cut in ("top", "both"), candidate.cut in ("bottom", "both")

    def unreadable(line: RegionLine) -> bool:
        reach = line.box.height // 2
        at_edge = (top and line.box.top < candidate.box.top + reach) or (
            bottom and line.box.bottom > candidate.box.bottom - reach
        )
        return at_edge and line.recognition.confidence < BELIEVED

    return tuple(line for line in lines if not unreadable(line)) or lines


def texts_around(found: RegionText) -> list[str]:
    """What stands beside a bubble, line by line. Of a time alone ("오전 11:05") the end is taken for a stamp: it goes
    on the line."""
    texts = [line.recognition.text for line in found.lines]
    if found.stamp is not None:
        texts[-1:] = [" ".join([*texts[-1:], found.stamp.recognition.text])]
    return texts


def headed(found: RegionText) -> tuple[str | None, str | None]:
    """The sender and the time that a heading states, each None where it does not."""
    text = " ".join(line.recognition.text for line in (*found.lines, *([found.stamp] if found.stamp else ())))
    return words.name_and_time(text) or (text.strip() or None, None)


def sender_of(found: RegionText | None, around: Surroundings) -> str | None:
    """The sender's name above a bubble; a date or a time that stands there is none."""
    if found is None or around.name is None or not found.lines:
        return None
    text = found.lines[-1].recognition.text.strip()
    if not text or len(text) > 40 or found.lines[-1].recognition.confidence < 0.45:
        return None
    return None if words.is_date(text) or words.is_mark(text) else text


def inner_name(
    image: Image, lines: tuple[RegionLine, ...], candidate: Candidate
) -> tuple[str | None, tuple[RegionLine, ...]]:
    """The sender's name inside the bubble (WhatsApp, Telegram): a first line in a colour while letters below it are
    grey. Emoji and addresses are colourful too."""
    if len(lines) < 2 or candidate.kind != "text":
        return None, lines
    first = ink_chroma(image, lines[0].box)
    rest = min((ink_chroma(image, line.box) for line in lines[1:] if has_letters(line.recognition.text)), default=0.0)
    text = lines[0].recognition.text.strip()
    if first < 70 or rest > 0.5 * first or len(text) > 30 or words.LINK.search(text):
        return None, lines
    return text, lines[1:]


def ink_chroma(image: Image, box: Box) -> float:
    """How colourful the ink of a line is: largest minus smallest channel (0 to 255) of its strongest pixels."""
    part = image[box.top : box.bottom, box.left : box.right]
    if part.size == 0:
        return 0.0
    channels = cv2.split(part)
    apart = apart_from(channels, medians(channels))
    middle = medians(tuple(part[apart >= 0.75 * apart.max()].T))
    return max(middle) - min(middle)


def kind_of(candidate: Candidate, text: str) -> Kind | None:
    """What kind of message a candidate is, now that it is read; None for a date or another line between messages."""
    if candidate.centred and (words.is_date(text) or words.resembles_date(text)):
        return None
    if candidate.kind == "card" and not candidate.buttons and not has_letters(text):
        return "photo"
    if candidate.side == "centre" or (candidate.centred and words.is_room_notice(text)):
        return "system" if words.is_room_notice(text) else None
    if candidate.kind == "photo":
        return "photo"
    if words.is_deleted(text):
        return "deleted"
    if words.is_file(text):
        return "file"
    return candidate.kind


def is_message(image: Image, candidate: Candidate, kind: Kind, text: str, legibility: float, layout: Layout) -> bool:
    """Whether what was read is worth believing: text that is read well, or the company of bubbles of the same
    colour."""
    if kind == "photo":
        return True
    mates = sum(
        other is not candidate
        and not other.round
        and other.side == candidate.side
        and max(abs(a - b) for a, b in zip(other.colour, candidate.colour, strict=True)) <= 20
        for other in layout.candidates
    )
    letters = has_letters(text)
    if words.is_prompt(text) and is_field(candidate, layout):
        return False
    if candidate.unsided and words.are_reactions(text):
        return False
    if words.is_arrow(text) and is_squarish(candidate.box):
        return False
    tall = candidate.box.height > TALL_SHARE * (layout.right - layout.left)
    if not letters and (legibility < BELIEVED or tall):
        # Nothing but pictures: emoji in a bubble are colourful, drawings on a wallpaper are not.
        return candidate.clear and not candidate.round and colourful(image, candidate)
    if (words.is_time(text) or words.is_piece_of_time(text)) and mates == 0:
        return False
    if candidate.round and mates == 0:
        return legibility >= 0.75 and letters
    return legibility >= DOUBTED or (mates > 0 and candidate.clear)


def is_field(candidate: Candidate, layout: Layout) -> bool:
    """Whether a candidate may be an input box: the lowest of all, over a good part of the width."""
    wide = candidate.box.width >= FIELD_SHARE * (layout.right - layout.left)
    return wide and all(other.box.top <= candidate.box.top for other in layout.candidates)


def has_letters(text: str) -> bool:
    """Whether a text says anything."""
    return any(letter.isalnum() for letter in text)


def is_squarish(box: Box) -> bool:
    """Whether a box is about as wide as high."""
    return 0.75 <= box.width / max(1, box.height) <= 1.6


def colourful(image: Image, candidate: Candidate) -> bool:
    """Whether a bubble holds emoji: ink of a colour that is not a shade of its own."""
    box = candidate.box
    part = image[box.top : box.bottom, box.left : box.right].astype(np.int16)
    apart = np.abs(part - np.array(candidate.colour, np.int16)).max(axis=2) > 60
    chroma = part.max(axis=2) - part.min(axis=2)
    own = max(candidate.colour) - min(candidate.colour)
    return bool((apart & (np.abs(chroma - own) > 60)).mean() > 0.01)


class Numbering:
    """Counts messages and runs of one sender, and carries a name down its run."""

    def __init__(self, calibration: Calibration) -> None:
        self.calibration = calibration
        self.order = 0
        self.group = 0
        self.side: str | None = None
        self.sender: str | None = None

    def bubble(self, reading: Reading) -> Bubble:
        """The message of a reading: the next in order."""
        candidate = reading.candidate
        side = candidate.side
        if side != self.side or (reading.sender is not None and reading.sender != self.sender):
            self.group += 1
            self.sender = None
        self.side = side
        self.sender = reading.sender or self.sender
        speaker: Speaker = "user" if side == "right" else "interlocutor"
        right = [self.calibration.line_probability(line) for line in reading.lines]
        confidence = self.calibration.message_probability(right)
        uncertain = is_uncertain(reading, confidence, self.calibration.uncertain)
        if reading.kind == "photo" and not reading.lines:
            confidence = candidate.side_certainty
        bubble = Bubble(
            text=reading.text,
            speaker=speaker,
            confidence=round(confidence, 4),
            position=position(candidate.box),
            order=self.order,
            group_id=self.group,
            kind=reading.kind,
            sender=self.sender if side == "left" else None,
            sent_at=reading.sent_at,
            partial=candidate.cut != "none",
            uncertain=uncertain,
            lines=tuple(text_line(line, probability) for line, probability in zip(reading.lines, right, strict=True)),
        )
        self.order += 1
        return bubble


def is_uncertain(reading: Reading, right: float, threshold: float) -> bool:
    """Whether the speaker or the text is a guess, given the probability that the text is right."""
    candidate = reading.candidate
    if candidate.side != "centre" and candidate.side_certainty < UNCERTAIN_SIDE:
        return True
    return reading.kind != "photo" and right < threshold


def position(box: Box) -> Position:
    """A box as the contracts say it."""
    return Position(x=float(box.left), y=float(box.top), width=float(box.width), height=float(box.height))


def text_line(line: RegionLine, right: float) -> TextLine:
    """A line as the contracts say it; `right` is the probability that it is right."""
    read = line.recognition
    return TextLine(
        text=read.text,
        confidence=round(right, 4),
        position=position(line.box),
        engine=read.engine,
        doubts=tuple(
            Doubt(
                place=place,
                probability=round(probability, 3),
                others={other.character: other.probability for other in others},
            )
            for place, (probability, others) in enumerate(zip(read.characters, read.alternatives, strict=False))
            if others
        ),
    )
