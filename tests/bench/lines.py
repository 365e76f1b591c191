"""How well the lines inside bubbles are found and read when the bubble itself is known, or known badly.

    python -m tests.bench.lines [--looks LOOK …] [--shots N] [--hard N] [--real FOLDER] [--engine auto|tokstream]

Bubbles of the generator's looks, hard ones drawn one by one (`hard_bubbles`), and, by path, those of real screenshots
(FOLDER/truth.jsonl names the files beside it; its line breaks count as lines). Each is read in its true box, in boxes
too tight and too large, and on a screen scaled down and up. Nothing of the real screenshots is kept in the repository.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track

from processors.ocr.engines.auto import AutoReader, PaddleHelper
from processors.ocr.engines.port import Box, Image, LineFinder, Recogniser
from processors.ocr.engines.tokstream import TokstreamRecogniser
from processors.ocr.lines import ProjectionFinder
from storage.pixels import decode
from tests.bench.hard_bubbles import CATEGORIES, draw_hard
from tests.bench.lines_tables import Outcome, by_category, by_perturbation, print_faults
from tests.bench.reading import draw_shots, pixels
from tests.screenshots.looks import BY_NAME
from tests.screenshots.scenes import LOOKS
from tests.screenshots.scoring import letters


class Case(NamedTuple):
    """One bubble: where it is, and the lines it shows. Empty lines are no lines."""

    category: str
    image: Image
    box: Box
    lines: tuple[str, ...]


class Perturbation(NamedTuple):
    """What is done to a bubble before it is read: the box grows on every side, the screen is scaled."""

    name: str
    grow: int = 0
    scale: float = 1.0


PERTURBATIONS = (
    Perturbation("true box"),
    Perturbation("-6 px", grow=-6),
    Perturbation("-3 px", grow=-3),
    Perturbation("+6 px", grow=6),
    Perturbation("+12 px", grow=12),
    Perturbation("× 0.6", scale=0.6),
    Perturbation("× 1.5", scale=1.5),
)
SMALLEST = 9.0
"""Text of fewer pixels is illegible to people too: such bubbles are not scaled down."""


class CountingHelper:
    """PP-OCRv5, and how often either part was asked for."""

    def __init__(self, helper: PaddleHelper) -> None:
        self.helper = helper
        self.detections = 0
        self.recognitions = 0

    @property
    def detector(self) -> LineFinder:
        self.detections += 1
        return self.helper.detector

    @property
    def recogniser(self) -> Recogniser:
        self.recognitions += 1
        return self.helper.recogniser


def drawn_cases(looks: Sequence[str], shots: int, seed: int) -> Iterator[Case]:
    """Text bubbles of the looks that are seen whole."""
    for look in looks:
        inside = BY_NAME[look].names == "inside"
        for shot in draw_shots(look, shots, seed):
            image = pixels(shot.image)
            for message in shot.truth.messages:
                if message.kind != "text" or message.partial or message.obscured or not message.bubble:
                    continue
                name = [message.sender] if inside and message.sender_shown and message.sender else []
                lines = tuple(line for line in (*name, *message.text.split("\n")) if line.strip())
                yield Case(look, image, box_of(*message.box), lines)


def hard_cases(count: int, seed: int) -> Iterator[Case]:
    """So many of each hard category, every fourth after JPEG."""
    for category in CATEGORIES:
        for number in range(count):
            bubble = draw_hard(category, number, seed)
            image = pixels(bubble.image)
            if number % 4 == 3:
                _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 82])
                image = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
            left, top, right, bottom = (round(side) for side in bubble.box)
            yield Case(category, image, Box(left, top, right, bottom), bubble.lines)


def real_cases(folder: Path) -> Iterator[Case]:
    """Text bubbles of real screenshots that are seen whole."""
    for row in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(row)
        image = decode((folder / record["file"]).read_bytes())
        for message in record["messages"]:
            if message["kind"] == "text" and not message["partial"] and message["text"].strip():
                lines = tuple(line for line in message["text"].split("\n") if line.strip())
                yield Case(f"real: {record['messenger']}", image, box_of(*message["box"]), lines)


def box_of(left: int, top: int, width: int, height: int) -> Box:
    return Box(left, top, left + width, top + height)


def perturbed(case: Case, how: Perturbation) -> tuple[Image, Box] | None:
    """Image and box as they are read; None where too little would be left."""
    image, box = case.image, case.box
    if how.scale != 1:
        if how.scale < 1 and how.scale * box.height / max(1, len(case.lines)) < 1.5 * SMALLEST:
            return None
        # Only what is around the bubble is scaled: all of a phone's screen would cost more than the reading.
        near = Box(max(0, box.left - 40), max(0, box.top - 40), box.right + 40, box.bottom + 40)
        part = image[near.top : near.bottom, near.left : near.right]
        way = cv2.INTER_AREA if how.scale < 1 else cv2.INTER_CUBIC
        image = np.asarray(cv2.resize(part, None, fx=how.scale, fy=how.scale, interpolation=way), np.uint8)
        left, top = near.left, near.top
        box = Box(*(round(how.scale * (side - start)) for side, start in zip(box, (left, top) * 2, strict=True)))
    grown = Box(box.left - how.grow, box.top - how.grow, box.right + how.grow, box.bottom + how.grow)
    if min(grown.width, grown.height) < 0.6 * min(box.width, box.height):
        return None
    return image, grown


class LineBench:
    """Reads every case in every perturbation."""

    def __init__(self, engine: str) -> None:
        self.helper = CountingHelper(PaddleHelper())
        self.reader = AutoReader(TokstreamRecogniser(), self.helper if engine == "auto" else None)
        self.finder = ProjectionFinder()

    def outcome(self, case: Case, how: Perturbation) -> Outcome | None:
        """How one reading went; None where it makes no sense."""
        seen = perturbed(case, how)
        if seen is None:
            return None
        image, box = seen
        started = time.perf_counter()
        self.finder.split(image, box)
        found = time.perf_counter()
        asked = self.helper.detections, self.helper.recognitions
        text = self.reader.read(image, box)
        ended = time.perf_counter()
        got = tuple(line.recognition.text for line in text.lines)
        wanted, had = letters("".join(case.lines)), letters("".join(got))
        shown, read = (" ".join("\n".join(lines).split(" ")) for lines in (case.lines, got))
        return Outcome(
            category=case.category,
            perturbation=how.name,
            expected=case.lines,
            got=got,
            letters=len(wanted),
            edits=Levenshtein.distance(wanted, had),
            spaced_letters=len(shown),
            spaced_edits=Levenshtein.distance(shown, read),
            detections=self.helper.detections - asked[0],
            recognitions=self.helper.recognitions - asked[1],
            find_ms=1000 * (found - started),
            read_ms=1000 * (ended - found),
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lines", description=__doc__)
    parser.add_argument("--looks", nargs="*", default=list(LOOKS), metavar="LOOK", help=f"any of: {' '.join(LOOKS)}")
    parser.add_argument("--shots", type=int, default=1, help="screenshots a look")
    parser.add_argument("--hard", type=int, default=12, help="bubbles a hard category")
    parser.add_argument("--real", type=Path, help="folder of real screenshots with truth.jsonl")
    parser.add_argument("--engine", default="auto", choices=["auto", "tokstream"])
    parser.add_argument("--only", default="", help="categories whose name holds this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--errors", type=int, default=0, help="faults to print, a category")
    parser.add_argument("--keep", type=Path, help="folder for pictures of the faults that are printed")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    cases = [
        *drawn_cases(options.looks, options.shots, options.seed),
        *hard_cases(options.hard, options.seed),
        *(real_cases(options.real) if options.real else ()),
    ]
    cases = [case for case in cases if options.only in case.category]
    bench = LineBench(options.engine)
    outcomes: list[Outcome] = []
    faults: dict[str, int] = {}
    for case in track(cases, "reading"):
        for how in PERTURBATIONS:
            outcome = bench.outcome(case, how)
            if outcome is None:
                continue
            outcomes.append(outcome)
            if options.keep and outcome.wrong and faults.setdefault(case.category, 0) < options.errors:
                faults[case.category] += 1
                keep(options.keep, case, how, faults[case.category])
    console = Console()
    console.print(by_category(outcomes, [how.name for how in PERTURBATIONS]))
    console.print(by_perturbation(outcomes))
    print_faults(console, outcomes, options.errors)


def keep(folder: Path, case: Case, how: Perturbation, number: int) -> None:
    """Write the surroundings of a bubble that went wrong, as they were read, with the box drawn in."""
    seen = perturbed(case, how)
    if seen is None:
        return
    image, box = seen
    folder.mkdir(parents=True, exist_ok=True)
    marked = image.copy()
    cv2.rectangle(marked, (box.left, box.top), (box.right, box.bottom), (255, 0, 255), 1)
    part = marked[max(0, box.top - 20) : box.bottom + 20, max(0, box.left - 20) : box.right + 20]
    name = f"{case.category}-{number}-{how.name}.png".replace(" ", "_").replace(":", "")
    cv2.imwrite(str(folder / name), part)


if __name__ == "__main__":
    main()
