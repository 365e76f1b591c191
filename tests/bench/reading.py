"""How well drawn screenshots are read and merged, one row a look.

python -m tests.bench.reading [--looks LOOK …] [--shots N] [--sequences N]
                              [--engine auto|tokstream|paddle|tesseract …]

The parent draws, a fresh process a look reads, so that seconds and peak memory are the reader's own. Sequences go
through overlaps of k messages and of shares of the screen, shuffled and repeated uploads, and shots that share
nothing.
"""

import argparse
import json
import multiprocessing
import pathlib
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

from contracts.resources import Bubble, Extraction
from processors.merge.images import RowSignature, row_signature
from processors.merge.merge import Merged, merge
from processors.merge.shots import Shot as MergeShot
from processors.ocr.engines.select import EngineName, open_reader
from processors.ocr.reader import ScreenshotReader
from tests.bench.reading_tables import Row, comparison_table, print_failures, sequence_table, shot_table
from tests.screenshots.conversations import converse
from tests.screenshots.oracle import extraction
from tests.screenshots.scenes import LOOKS, Scroll, Shot, draw, scroll
from tests.screenshots.scoring import ShotScore, score_shot
from tests.screenshots.sequences import SequenceScore, score_sequence

Pixels = NDArray[np.uint8]

SESSION = "bench"


class SequencePlan(NamedTuple):
    """How a sequence scrolls; see `scenes.scroll`. `messages` goes before `overlap`."""

    overlap: float
    messages: int | None = None
    shuffled: bool = False
    duplicated: bool = False
    redressed: bool = False
    skip: int = 0


PLANS = (
    SequencePlan(0.3),
    SequencePlan(0.3, messages=2),
    SequencePlan(0, skip=2),
    SequencePlan(0.5, shuffled=True),
    SequencePlan(0.3, messages=3, duplicated=True),
    SequencePlan(0.2, redressed=True),
    SequencePlan(0),
    SequencePlan(0.8, shuffled=True, duplicated=True),
    SequencePlan(0.3, messages=4, shuffled=True),
    SequencePlan(0.4, redressed=True, duplicated=True),
)
"""Every third or so shares nothing; the rest covers what people upload."""


class Read(NamedTuple):
    """What the reading process answers for one screenshot. Seconds are wall clock, `peak` is MB of the process so
    far."""

    extraction: Extraction
    first: float
    seconds: float
    layout: float
    signature: bytes
    peak: float


class _Worker:
    """The reading process's own state."""

    reader: ScreenshotReader
    engine: str


def start_worker(engine: EngineName) -> None:
    """Open the models once, and read one blank picture so that no screenshot pays for the warming up."""
    cv2.setNumThreads(1)
    regions = open_reader(engine)
    _Worker.reader, _Worker.engine = ScreenshotReader(regions), regions.engine
    list(_Worker.reader.read(np.full((400, 300, 3), 255, np.uint8)))


def read_one(image: Pixels, name: str, sign: bool) -> Read:
    """Read an image (height, width, 3; blue, green, red) in the reading process."""
    started = time.perf_counter()
    layout = _Worker.reader.layout(image)
    laid_out = time.perf_counter() - started
    first = 0.0
    bubbles: list[Bubble] = []
    for bubble in _Worker.reader.read(image, layout):
        first = first or time.perf_counter() - started
        bubbles.append(bubble)
    seconds = time.perf_counter() - started
    found = Extraction(
        screenshot_id=name,
        session_id=SESSION,
        width=image.shape[1],
        height=image.shape[0],
        top=layout.top,
        bottom=layout.bottom,
        bubbles=tuple(bubbles),
        engine=_Worker.engine,
        seconds=seconds,
    )
    signature = row_signature(image).to_bytes() if sign else b""
    return Read(found, first, seconds, laid_out, signature, peak_memory())


def peak_memory() -> float:
    """Peak resident memory of this process in MB. Linux hands a child its parent's `ru_maxrss`, so its own mark is read
    where there is one."""
    status = pathlib.Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def pixels(image: Image.Image) -> Pixels:
    """Blue, green, red as OpenCV has them."""
    return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])


def first_seed(look: str, seed: int) -> int:
    """A range of seeds of its own for every look, so that no two looks show the same conversation."""
    return (seed * len(LOOKS) + LOOKS.index(look)) * 1000


def draw_shots(look: str, count: int, seed: int) -> Iterator[Shot]:
    """Every third a group room, every fourth recompressed."""
    base = first_seed(look, seed)
    for number in range(count):
        conversation = converse(base + number, 30, group=number % 3 == 2)
        yield draw(conversation, look, base + number, jpeg=82 if number % 4 == 3 else None)


def draw_scrolls(look: str, count: int, seed: int) -> Iterator[Scroll]:
    """Three or four screenshots each, going round the plans."""
    base = first_seed(look, seed)
    for number in range(count):
        plan = PLANS[number % len(PLANS)]
        conversation = converse(base + 500 + number, 60, group=number % 3 == 1)
        yield scroll(
            conversation,
            look,
            overlap=plan.overlap,
            messages=plan.messages,
            skip=plan.skip,
            count=3 + number % 2,
            seed=base + 500 + number,
            shuffled=plan.shuffled,
            duplicated=plan.duplicated,
            redressed=plan.redressed,
        )


class Bench:
    """Runs one look after the other."""

    def __init__(self, engine: EngineName, seed: int, keep: pathlib.Path | None, oracle: float | None = None) -> None:
        self.engine = engine
        self.oracle = oracle
        self.seed = seed
        self.keep = keep

    def row(self, look: str, shots: int, sequences: int, progress: Progress) -> Row:
        """Draw, read, merge and score one look."""
        task = progress.add_task(look, total=shots + sequences)
        context = multiprocessing.get_context("spawn")
        score = ShotScore()
        provable, others = SequenceScore(), SequenceScore()
        seconds: list[float] = []
        layouts: list[float] = []
        merges: list[float] = []
        peak = 0.0
        with ProcessPoolExecutor(1, context, start_worker, (self.engine,)) as pool:
            for number, shot in enumerate(draw_shots(look, shots, self.seed)):
                read = pool.submit(read_one, pixels(shot.image), f"{look}-{number}", False).result()
                scored = score_shot(shot.truth, read.extraction.bubbles)
                self.keep_failures(f"{look}-{shot.truth.seed}", shot, read.extraction, scored)
                score += scored
                seconds.append(read.seconds)
                layouts.append(read.layout)
                peak = max(peak, read.peak)
                progress.advance(task)
            for number, drawn in enumerate(draw_scrolls(look, sequences, self.seed)):
                names = [f"{look}-{number}-{place}" for place in range(len(drawn.shots))]
                reads = [self.read(pool, shot, name) for shot, name in zip(drawn.shots, names, strict=True)]
                started = time.perf_counter()
                merged = merge_reads(reads)
                merges.append(time.perf_counter() - started)
                truths = {name: shot.truth for name, shot in zip(names, drawn.shots, strict=True)}
                result = score_sequence(drawn.truth, truths, names, merged.messages, merged.info)
                if result.provable:
                    provable += result
                else:
                    others += result
                self.keep_sequence(f"{look}-sequence-{number}", drawn, reads, merged, result)
                peak = max(peak, *(read.peak for read in reads))
                progress.advance(task)
        return Row(look, score, provable, others, tuple(seconds), tuple(layouts), tuple(merges), peak)

    def read(self, pool: ProcessPoolExecutor, shot: Shot, name: str) -> Read:
        """Read a screenshot of a sequence, or take its truth where merging alone is measured."""
        if self.oracle is None:
            return pool.submit(read_one, pixels(shot.image), name, True).result()
        signature = row_signature(pixels(shot.image)).to_bytes()
        return Read(extraction(name, shot.truth, SESSION, self.oracle), 0.0, 0.0, 0.0, signature, peak_memory())

    def keep_failures(self, name: str, shot: Shot, extraction: Extraction, scored: ShotScore) -> None:
        """Write a screenshot on which bubbles or speakers went wrong, with the faults drawn in."""
        serious = [failure for failure in scored.failures if failure.kind in ("missed", "false", "speaker")]
        if self.keep is None or not serious:
            return
        self.keep.mkdir(parents=True, exist_ok=True)
        shot.image.save(self.keep / f"{name}.png")
        marked = shot.image.copy()
        pen = ImageDraw.Draw(marked)
        width = max(2, marked.width // 250)
        for bubble in extraction.bubbles:
            box = bubble.position
            pen.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), outline=(0, 160, 0), width=width)
        for failure in serious:
            x, y, columns, rows = failure.box
            colour = {"missed": (255, 0, 0), "false": (255, 0, 255), "speaker": (0, 0, 255)}[failure.kind]
            pen.rectangle((x - width, y - width, x + columns + width, y + rows + width), outline=colour, width=width)
        marked.save(self.keep / f"{name}-marked.png")

    def keep_sequence(self, name: str, drawn: Scroll, reads: list[Read], merged: Merged, result: SequenceScore) -> None:
        """Write what a sequence that was not merged perfectly was merged to."""
        if self.keep is None or result.perfect:
            return
        self.keep.mkdir(parents=True, exist_ok=True)
        for place, shot in enumerate(drawn.shots):
            shot.image.save(self.keep / f"{name}-{place}.png")
        report = {
            "score": msgspec.to_builtins(result),
            "truth": msgspec.to_builtins(drawn.truth),
            "info": msgspec.to_builtins(merged.info),
            "messages": [msgspec.to_builtins(message) for message in merged.messages],
            "extractions": [msgspec.to_builtins(read.extraction) for read in reads],
        }
        (self.keep / f"{name}.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


def merge_reads(reads: list[Read]) -> Merged:
    """As the service merges: the extractions with the signatures of their rows."""
    shots = [MergeShot(extraction=read.extraction, signature=RowSignature.from_bytes(read.signature)) for read in reads]
    return merge(shots, session_id=SESSION, revision=1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__)
    parser.add_argument("--looks", nargs="*", default=list(LOOKS), metavar="LOOK", help=f"any of: {' '.join(LOOKS)}")
    parser.add_argument("--shots", type=int, default=6, help="single screenshots a look")
    parser.add_argument("--sequences", type=int, default=0, help="scrolling sequences a look")
    parser.add_argument(
        "--engine",
        nargs="+",
        default=["auto"],
        choices=["auto", "tokstream", "paddle", "tesseract"],
        help="several are compared on the same screenshots",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--errors", type=int, default=0, help="faults to print, a look and kind")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the screenshots that went wrong")
    parser.add_argument(
        "--oracle", type=float, metavar="CER", help="sequences: do not read, merge the truth with this error rate (0-1)"
    )
    parser.add_argument("--json", type=pathlib.Path, help="write the rows as JSON")
    options = parser.parse_args()
    unknown = [name for name in options.looks if name not in LOOKS]
    if unknown:
        parser.error(f"unknown look: {', '.join(unknown)}")
    console = Console(width=190)
    columns = (SpinnerColumn(), *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    results: dict[str, list[Row]] = {}
    for engine in options.engine:
        bench = Bench(engine, options.seed, options.keep, options.oracle)
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            rows = [bench.row(look, options.shots, options.sequences, progress) for look in options.looks]
        results[engine] = rows
        if options.errors:
            print_failures(console, rows, options.errors)
        if options.shots:
            console.print(shot_table(rows, engine))
        if options.sequences:
            console.print(sequence_table(rows))
    if len(results) > 1:
        console.print(comparison_table(results))
    if options.json:
        named = {engine: [row._asdict() for row in rows] for engine, rows in results.items()}
        options.json.write_bytes(msgspec.json.encode(named))


if __name__ == "__main__":
    main()
