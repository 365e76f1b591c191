"""The default reader: ours first; PP-OCRv5 for lines that ours cannot write and for bubbles whose lines it cannot find.

What is read decides. Korean chats never load PaddleOCR as long as their lines read well.
"""

import weakref
from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from processors.ocr.engines.paddle import ModelDirectories, PaddleDetector
from processors.ocr.engines.patience import Patience
from processors.ocr.engines.pictures import is_picture
from processors.ocr.engines.port import Box, Image, LineFinder, Recogniser, RegionLine, RegionText
from processors.ocr.engines.ppocr import PpOcrRecogniser
from processors.ocr.engines.regions import WORTHLESS, ProjectionReader, Reading, cut
from processors.ocr.engines.scripts import better, has_han_or_kana, has_hangul, worth_asking
from processors.ocr.lines import Hypothesis

POOR = 0.5
"""Confidence of the weakest line below which the detector looks for the lines as well."""
CLEARLY_BETTER = 0.5
"""Worth by which the detector's lines must win: two sure characters more."""
SMALLEST = 30
"""Pixels; nothing smaller is shown to the detector: it holds one line, which projection has."""
LOWEST_LINE = 7
LONGEST_LINE = 60
"""Pixels, and width in heights: a line lower or longer than that is no writing but the grain of a picture, and costs
the second recogniser seconds, since it scales lines to one height."""
SEVERAL_LINES = 2.2
"""Height of a region, in heights of its poor line, from which there may be more lines than were found: where there is
room for one alone, the detector would cost its loading and find the same."""


class Helper(Protocol):
    """The second engine; both parts may be built when they are first used."""

    @property
    def detector(self) -> LineFinder: ...

    @property
    def recogniser(self) -> Recogniser: ...


class PaddleHelper:
    """PP-OCRv5, each part loaded when first used: the recogniser in 60 ms, the detector, which needs PaddleOCR, in some
    three seconds and 200 MB."""

    @cached_property
    def models(self) -> ModelDirectories:
        return ModelDirectories()

    @cached_property
    def detector(self) -> LineFinder:
        return PaddleDetector(self.models)

    @cached_property
    def recogniser(self) -> Recogniser:
        return PpOcrRecogniser()


class AutoReader:
    """A `RegionReader` that chooses finder and recogniser by evidence. One thread at a time."""

    def __init__(self, recogniser: Recogniser, helper: Helper | None) -> None:
        """`helper` is None where PaddleOCR is not installed: all is then read by `recogniser`."""
        self.own = ProjectionReader(recogniser)
        self.helper = helper
        self.engine = recogniser.name
        self.foreign: weakref.ref[Image] | None = None
        """The image in which a line of another script was found: all its lines are then shown to the helper."""
        self.patience = Patience()

    def read(self, image: Image, region: Box) -> RegionText:
        """What `region` says."""
        return self.read_many(image, [region])[0]

    def read_many(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> list[RegionText]:
        """What each region and row says; those of one image help each other to know its script. Where a row is, is
        known: the detector is not asked."""
        readings = self.own.readings(image, regions, rows)
        if self.helper is None:
            return [reading.text for reading in readings]
        self.patience.turn_to(image)
        texts = [reading.text for reading in readings]
        asked: set[Box] = set()
        texts = self.ask(self.helper, image, texts, asked, everything=self.is_foreign(image))
        if self.is_foreign(image):
            texts = self.ask(self.helper, image, texts, asked, everything=True)
        for place, region in enumerate(regions):
            texts[place] = self.find_again(self.helper, image, region, readings[place], texts[place])
        return texts

    def is_foreign(self, image: Image) -> bool:
        """Whether a line of another script was found in this image."""
        return self.foreign is not None and self.foreign() is image

    def ask(
        self, helper: Helper, image: Image, texts: Sequence[RegionText], asked: set[Box], *, everything: bool
    ) -> list[RegionText]:
        """Show lines to the second recogniser: the doubtful ones, or all without Hangul where `everything` is set, as
        long as there is patience. It cannot read emoji either."""
        lines = [
            line
            for text in texts
            for line in text.lines
            if line.box not in asked
            and line.box.height >= LOWEST_LINE
            and line.box.width <= LONGEST_LINE * line.box.height
            and (worth_asking(line.recognition) or (everything and not has_hangul(line.recognition.text)))
            and not is_picture(cut(image, line.box))
        ]
        lines = lines[: self.patience.affords([line.box for line in lines])]
        if not lines:
            return list(texts)
        asked.update(line.box for line in lines)
        answers = helper.recogniser.recognise([cut(image, line.box) for line in lines])
        chosen = {line.box: better(line.recognition, answer) for line, answer in zip(lines, answers, strict=True)}
        for line in lines:
            self.patience.spend(line.box, vain=chosen[line.box] is line.recognition)
        if any(has_han_or_kana(answer.text) for answer in chosen.values()):
            self.foreign = weakref.ref(image)
        return [
            text._replace(
                lines=tuple(RegionLine(line.box, chosen.get(line.box, line.recognition)) for line in text.lines)
            )
            for text in texts
        ]

    def find_again(self, helper: Helper, image: Image, region: Box, reading: Reading, text: RegionText) -> RegionText:
        """Find the lines by the detector where those of the projection read poorly; keep whichever says more. That
        emoji or a piece of a photo read poorly is no doubt about the lines."""
        poor = [line for line in text.lines if line.recognition.confidence < POOR]
        if (text.lines and not poor) or min(region.width, region.height) < SMALLEST:
            return text
        if poor and region.height < SEVERAL_LINES * min(line.box.height for line in poor):
            return text
        if (not text.lines and not reading.inked) or self.patience.searches <= 0:
            return text
        if is_picture(cut(image, region)) or (poor and all(is_picture(cut(image, line.box)) for line in poor)):
            return text
        boxes = tuple(helper.detector.find(image, region))
        (found,) = self.own.settle(image, [[Hypothesis(boxes)]])
        vain = not boxes or found.worth < worth(text) + CLEARLY_BETTER
        self.patience.spend_search(vain=vain)
        if vain:
            return text
        (again,) = self.ask(helper, image, [found.text], set(), everything=self.is_foreign(image))
        return again


def worth(text: RegionText) -> float:
    """As `Reading.worth`, of lines that two engines may have read."""
    return sum(p - WORTHLESS for line in text.lines for p in line.recognition.characters)
