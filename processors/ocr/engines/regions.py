"""Reads the regions of a screenshot: hypotheses about the lines, read by a recogniser, settled by what they say."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from processors.ocr.engines.port import Box, Image, Recogniser, Recognition, RegionLine, RegionText
from processors.ocr.lines import Hypothesis, ProjectionFinder
from processors.ocr.tails import says_time

WORTHLESS = 0.75
"""Probability at which a character counts for nothing: more probable ones speak for a reading, others against it. What
lines cut wrongly are read as lies below it, for most characters."""
UNSURE = 0.9
"""Probability of the least sure character below which a line is looked at again: a quarter of the lines of small
screenshots, few of others."""
OMITTED = 0.1
"""Probability of a character that was not read from which a line is looked at again: that one is left out lowers the
probability of no other."""
SECOND_LOOKS = (0.8, 1.1, 1.25)
"""Heights of the crops of further looks, as shares of the first."""


class Reading(NamedTuple):
    """What a region says if a hypothesis is true."""

    text: RegionText
    worth: float
    """Sum over the characters of (probability - WORTHLESS): many sure ones are worth more than few or doubtful."""
    burden: float = 0.0
    """Worth that other hypotheses may lack against this one."""
    inked: bool = True
    """Whether there was anything to read."""


class Job:
    """The crops of one hypothesis, to be read in a batch with all others."""

    def __init__(self, hypothesis: Hypothesis) -> None:
        self.hypothesis = hypothesis
        tail = hypothesis.tail
        self.boxes = list(hypothesis.lines)
        if tail is not None:
            self.boxes += [tail.stamp] if tail.text is None else [tail.stamp, tail.text]

    def settle(self, answers: Sequence[Recognition]) -> Reading:
        """The reading, given one answer a box. The tail is a stamp where it says so."""
        read = [RegionLine(box, answer) for box, answer in zip(self.boxes, answers, strict=True)]
        count = len(self.hypothesis.lines)
        lines, extra = read[:count], read[count:]
        stamp: RegionLine | None = None
        tail = self.hypothesis.tail
        if tail is not None and says_time(extra[0].recognition.text, sure=tail.sure):
            stamp = extra[0]
            lines = lines[:-1] + extra[1:]
        kept = tuple(line for line in lines if line.recognition.text)
        worth = sum(p - WORTHLESS for line in kept for p in line.recognition.characters)
        if stamp is not None:
            # The read ticks beside a time are read as anything: that speaks against nothing.
            worth += sum(max(0.0, p - WORTHLESS) for p in stamp.recognition.characters)
        return Reading(RegionText(kept, stamp), worth, self.hypothesis.burden)


class ProjectionReader:
    """A `RegionReader` on row projection and one recogniser. One thread at a time."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.finder = ProjectionFinder()
        self.recogniser = recogniser
        self.engine = recogniser.name

    def read(self, image: Image, region: Box) -> RegionText:
        """What `region` says."""
        return self.read_many(image, [region])[0]

    def read_many(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> list[RegionText]:
        """What each region and each row says, all lines in one call of the recogniser."""
        return [reading.text for reading in self.readings(image, regions, rows)]

    def readings(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> list[Reading]:
        """As `read_many`, with the worth of each."""
        found = [self.finder.split(image, region).hypotheses for region in regions]
        found += [self.row_hypotheses(image, row) for row in rows]
        return self.settle(image, found)

    def row_hypotheses(self, image: Image, row: Box) -> tuple[Hypothesis, ...]:
        """What the line in a row may be: the row as it is, since on a picture its ink is hard to tell from what is
        behind it, or the one line that is found in it."""
        split = self.finder.split(image, row).hypotheses
        return Hypothesis((row,)), *(hypothesis for hypothesis in split if len(hypothesis.lines) == 1)

    def settle(self, image: Image, found: Sequence[Sequence[Hypothesis]]) -> list[Reading]:
        """Read all hypotheses in one batch and choose one for each region."""
        jobs = [[Job(hypothesis) for hypothesis in hypotheses] for hypotheses in found]
        boxes = [box for region in jobs for job in region for box in job.boxes]
        answers = iter(self.look_again(image, boxes, self.recogniser.recognise([cut(image, box) for box in boxes])))
        return [choose([job.settle(take(answers, len(job.boxes))) for job in region]) for region in jobs]

    def look_again(self, image: Image, boxes: Sequence[Box], first: Sequence[Recognition]) -> list[Recognition]:
        """Read unsure lines again in lower and taller crops, and keep what is read most often."""
        answers = list(first)
        unsure = [index for index, answer in enumerate(answers) if is_unsure(answer)]
        crops = [(index, resized(boxes[index], factor, image)) for index in unsure for factor in SECOND_LOOKS]
        again = self.recogniser.recognise([cut(image, box) for _, box in crops])
        for place, index in enumerate(unsure):
            looks = again[place * len(SECOND_LOOKS) :][: len(SECOND_LOOKS)]
            answers[index] = agreed_on([answers[index], *looks])
        return answers


NOTHING_READ = Reading(RegionText((), None), 0.0, inked=False)


def choose(readings: Sequence[Reading]) -> Reading:
    """The hypothesis whose reading is worth most: of lines cut wrongly little can be read, however surely."""
    return max(readings, key=lambda reading: reading.worth - reading.burden, default=NOTHING_READ)


def is_unsure(answer: Recognition) -> bool:
    """Whether a character was read with little certainty, or one may have been left out."""
    return min(answer.characters, default=0.0) < UNSURE or answer.omitted > OMITTED


def agreed_on(looks: Sequence[Recognition]) -> Recognition:
    """Of several looks at one line the reading of most, where they part the most confident, with the share of the
    other looks that read the same."""
    votes = Counter(look.text for look in looks)
    best = max(looks, key=lambda look: (votes[look.text], look.confidence))
    return best._replace(agreement=(votes[best.text] - 1) / (len(looks) - 1))


def resized(box: Box, factor: float, image: Image) -> Box:
    """The box with its height changed by a factor about its middle, inside the image."""
    change = round(box.height * (factor - 1) / 2)
    top, bottom = max(0, box.top - change), min(image.shape[0], box.bottom + change)
    return Box(box.left, top, box.right, bottom) if bottom - top > 2 else box


def cut(image: Image, box: Box) -> Image:
    """The pixels of a box."""
    return image[box.top : box.bottom, box.left : box.right]


def take(answers: Iterator[Recognition], count: int) -> list[Recognition]:
    """The next `count` answers."""
    return [next(answers) for _ in range(count)]
