"""Reads the regions of a screenshot: lines found by projection, read by one recogniser."""

from collections.abc import Iterable, Sequence

from processors.ocr.engines.port import Box, Image, Recogniser, Recognition, RegionLine, RegionText
from processors.ocr.lines import FoundLines, ProjectionFinder


class ProjectionReader:
    """A `RegionReader` on row projection and one recogniser."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.finder = ProjectionFinder()
        self.recogniser = recogniser
        self.engine = recogniser.name

    def read(self, image: Image, region: Box) -> RegionText:
        """What `region` says."""
        return self.read_many(image, [region])[0]

    def read_many(self, image: Image, regions: Sequence[Box]) -> list[RegionText]:
        """What each region says, all lines in one call of the recogniser."""
        found = [self.finder.split(image, region) for region in regions]
        boxes = [box for lines in found for box in boxes_of(lines)]
        read = iter(self.recogniser.recognise([cut(image, box) for box in boxes]))
        return [assemble(lines, read) for lines in found]


def boxes_of(found: FoundLines) -> Iterable[Box]:
    """Lines, then the stamp if there is one: the order in which they are read."""
    yield from found.lines
    if found.stamp is not None:
        yield found.stamp


def cut(image: Image, box: Box) -> Image:
    """The pixels of a box."""
    return image[box.top : box.bottom, box.left : box.right]


def assemble(found: FoundLines, read: Iterable[Recognition]) -> RegionText:
    """Lines with what was read in them; lines without text are left out."""
    answers = iter(read)
    lines = tuple(RegionLine(box, next(answers)) for box in found.lines)
    stamp = None if found.stamp is None else RegionLine(found.stamp, next(answers))
    return RegionText(tuple(line for line in lines if line.recognition.text), stamp)
