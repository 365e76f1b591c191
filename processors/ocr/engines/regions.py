"""Reads the regions of a screenshot: hypotheses about the lines, read by a recogniser, settled by what they say."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from processors.ocr.engines.port import Box, Image, Recogniser, Recognition, RegionLine, RegionText
from processors.ocr.lines import Hypothesis, ProjectionFinder
from processors.ocr.tails import says_time

WORTHLESS = 0.6
"""Probability at which a character counts for nothing: more probable ones speak for a reading, others against it."""
UNSURE = 0.5
"""Confidence below which a line is looked at again."""
SECOND_LOOKS = (0.8, 1.25)
"""Heights of the crops of a second look, as shares of the first."""


class Reading(NamedTuple):
    """What a region says if a hypothesis is true."""

    text: RegionText
    worth: float
    """Sum over the characters of (probability - WORTHLESS): many sure ones are worth more than few or doubtful."""
    weakest: float
    """The least confidence of a line, 0 for no lines, less the burden of the hypothesis."""
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
        probabilities = [p for line in (*kept, *([stamp] if stamp else ())) for p in line.recognition.characters]
        return Reading(
            RegionText(kept, stamp),
            sum(p - WORTHLESS for p in probabilities),
            min((line.recognition.confidence for line in kept), default=0.0) - self.hypothesis.burden,
        )


class ProjectionReader:
    """A `RegionReader` on row projection and one recogniser. One thread at a time."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.finder = ProjectionFinder()
        self.recogniser = recogniser
        self.engine = recogniser.name

    def read(self, image: Image, region: Box) -> RegionText:
        """What `region` says."""
        return self.read_many(image, [region])[0]

    def read_many(self, image: Image, regions: Sequence[Box]) -> list[RegionText]:
        """What each region says, all lines in one call of the recogniser."""
        return [reading.text for reading in self.readings(image, regions)]

    def readings(self, image: Image, regions: Sequence[Box]) -> list[Reading]:
        """As `read_many`, with the worth of each."""
        found = [self.finder.split(image, region).hypotheses for region in regions]
        return self.settle(image, found)

    def settle(self, image: Image, found: Sequence[Sequence[Hypothesis]]) -> list[Reading]:
        """Read all hypotheses in one batch and choose one for each region."""
        jobs = [[Job(hypothesis) for hypothesis in hypotheses] for hypotheses in found]
        boxes = [box for region in jobs for job in region for box in job.boxes]
        answers = iter(self.look_again(image, boxes, self.recogniser.recognise([cut(image, box) for box in boxes])))
        return [choose([job.settle(take(answers, len(job.boxes))) for job in region]) for region in jobs]

    def look_again(self, image: Image, boxes: Sequence[Box], first: Sequence[Recognition]) -> list[Recognition]:
        """Read unsure lines again in lower and taller crops, and keep what is read most surely."""
        answers = list(first)
        unsure = [index for index, answer in enumerate(answers) if answer.confidence < UNSURE]
        crops = [(index, resized(boxes[index], factor, image)) for index in unsure for factor in SECOND_LOOKS]
        again = self.recogniser.recognise([cut(image, box) for _, box in crops])
        for place, index in enumerate(unsure):
            looks = again[place * len(SECOND_LOOKS) :][: len(SECOND_LOOKS)]
            answers[index] = most_sure([answers[index], *looks])
        return answers


NOTHING_READ = Reading(RegionText((), None), 0.0, 0.0, inked=False)


def choose(readings: Sequence[Reading]) -> Reading:
    """The hypothesis whose worst line reads best."""
    best, *others = sorted(readings, key=lambda reading: -reading.weakest) or [NOTHING_READ]
    margin = best.weakest - others[0].weakest if others else 1.0
    return best._replace(text=best.text._replace(margin=margin))


def most_sure(looks: Sequence[Recognition]) -> Recognition:
    """The most confident of several looks at one line, with the share of the others that read the same."""
    best = max(looks, key=lambda look: look.confidence)
    return best._replace(agreement=(sum(look.text == best.text for look in looks) - 1) / (len(looks) - 1))


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
