"""From readings to the messages of the contracts, numbered and grouped."""

from contracts.resources import Bubble, Doubt, Position, Speaker, TextLine
from processors.ocr.belief import Reading
from processors.ocr.calibration import Calibration
from processors.ocr.engines.port import Box, RegionLine

UNCERTAIN_SIDE = 0.12
"""Certainty of the side below which the speaker is a guess."""


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
