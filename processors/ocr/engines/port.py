"""What reading text means here: a line finder says where lines are, a recogniser says what they say.

Images are uint8 arrays of shape (height, width, 3), channels blue, green, red as OpenCV has them. Boxes are half-open
pixel rectangles (left, top, right, bottom) of the image they were found in.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


class Box(NamedTuple):
    """Half-open rectangle in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


class Alternative(NamedTuple):
    """What a character may be instead, with its probability (0–1)."""

    character: str
    probability: float


class Recognition(NamedTuple):
    """What one line says. `confidence` is the mean probability of a character, 0–1: how well the line reads, not how
    likely it is right (see `processors.ocr.calibration`). `characters` holds one probability a character of `text`."""

    text: str
    confidence: float
    characters: tuple[float, ...]
    engine: str
    alternatives: tuple[tuple[Alternative, ...], ...] = ()
    """For each character of `text` what else it may be, the likeliest first; empty where no character has any."""
    surprise: float = 0.0
    """Natural logarithm of 1 / the probability of the frames as they were read, blanks included; 0 where the engine
    does not say. A character that was nearly seen between two others shows here and in `omitted` alone."""
    omitted: float = 0.0
    """Probability of the likeliest character that was nearly seen where nothing was read."""
    agreement: float = 1.0
    """Share of the further looks at the line that read the same; 1 where there was none."""


class LineFinder(Protocol):
    """Finds the lines of text inside a region, from top to bottom. An empty region gives an empty sequence."""

    def find(self, image: Image, region: Box) -> Sequence[Box]: ...


class Recogniser(Protocol):
    """Reads cropped lines. One answer a crop, in the same order; a crop without text gives an empty text."""

    name: str

    def recognise(self, lines: Sequence[Image]) -> Sequence[Recognition]: ...


class RegionLine(NamedTuple):
    """A line found and read, with its box in the whole image."""

    box: Box
    recognition: Recognition


class RegionText(NamedTuple):
    """All that a region says. `stamp` is a time or a read mark at the end of the last line (WhatsApp, Telegram), which
    is not part of the text."""

    lines: tuple[RegionLine, ...]
    stamp: RegionLine | None


class RegionReader(Protocol):
    """Reads the lines of one region (a bubble, a name, a time), choosing finder and recogniser by evidence."""

    engine: str
    """What runs, for `/info` and the extraction: for example "tokstream"."""

    def read(self, image: Image, region: Box) -> RegionText: ...

    def read_many(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> Sequence[RegionText]:
        """As `read`, one batch through the recogniser: the answers for `regions`, then those for `rows`, regions that
        most likely hold one line each and nothing else."""
        ...
