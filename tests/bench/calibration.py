"""How far a confidence may be believed, and the fitting of it.

    python -m tests.bench.calibration --write SAMPLES [--shots N] [--seed S] [--corpus TEXT]
    python -m tests.bench.calibration --fit SAMPLES           # writes processors/ocr/engines/weights/calibration.json
    python -m tests.bench.calibration --report SAMPLES … [--real IMAGES TRUTH] [--plot FILE.png]

All in one, whenever the recogniser's weights change:

    python -m tests.bench.calibration --refit FOLDER

`TRUTH` is JSON lines, an object an image: `file`, `messages` with `text`, `kind`, `partial`, `box` (x, y, width,
height), and maybe `alt_texts`. A message is right where its text is that of the truth but for white space, emoji and
the shapes of quotes and dashes.
"""

import argparse
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
from rapidfuzz.distance import Editop, Levenshtein
from rich.console import Console
from rich.progress import track

from processors.ocr.belief import Reading
from processors.ocr.calibration import CALIBRATION, line_features, load_calibration
from processors.ocr.engines import weights
from processors.ocr.engines.port import Image
from processors.ocr.engines.select import open_reader
from processors.ocr.numbering import position
from processors.ocr.reader import ScreenshotReader
from processors.ocr.training.calibrate import LineSample, MessageSample, fit_and_describe, read_samples, write
from storage.pixels import decode
from tests.bench.calibration_report import plot, report
from tests.bench.calibration_shots import hard_shots
from tests.screenshots.scoring import FOUND, intersection_over_union, is_required, letters

SHAPES = str.maketrans(
    {
        **dict.fromkeys("‘’‚", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("–—―−", "-"),
        **dict.fromkeys("～∼", "~"),
        "…": "...",
        "⋯": "...",
        "・": "·",
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5E)},
    }
)
FIT_SEED, TEST_SEED = 1, 2
FIT_SHOTS, TEST_SHOTS = 240, 120


class Known(msgspec.Struct, frozen=True):
    """A message whose text is known: any of `texts` is right. `box` is x, y, width and height in pixels."""

    texts: tuple[str, ...]
    box: tuple[int, int, int, int]


class RealMessage(msgspec.Struct, frozen=True):
    """A message in TRUTH."""

    text: str
    kind: str
    box: tuple[int, int, int, int] | None = None
    partial: bool = False
    alt_texts: tuple[str, ...] = ()


class RealTruth(msgspec.Struct, frozen=True):
    """A line of TRUTH."""

    file: str
    messages: tuple[RealMessage, ...]


class Span(NamedTuple):
    """A line in the characters of its message."""

    start: int
    end: int

    def holds(self, fault: Editop) -> bool:
        """Whether a fault lies in this line; what is missing between two lines is put down to the upper."""
        if fault.tag == "insert":
            return self.start < fault.src_pos <= self.end or fault.src_pos == self.start == 0
        return self.start <= fault.src_pos < self.end


def normal(text: str) -> str:
    """Text as it is compared."""
    return letters(text.translate(SHAPES))


def samples_of(readings: Sequence[Reading], known: Sequence[Known], shot: str) -> Iterator[MessageSample]:
    """What was read of the messages that were found: the reading that overlaps each most."""
    for message in known:
        overlaps = [intersection_over_union(message.box, position(r.candidate.box)) for r in readings]
        if not overlaps or max(overlaps) < FOUND:
            continue
        reading = readings[overlaps.index(max(overlaps))]
        if reading.lines:
            yield sample_of(reading, [normal(text) for text in message.texts], shot)


def sample_of(reading: Reading, truths: Sequence[str], shot: str) -> MessageSample:
    """A reading, given the normalised texts that are right."""
    parts = [normal(line.recognition.text) for line in reading.lines]
    read = "".join(parts)
    truth = min(truths, key=lambda one: Levenshtein.distance(read, one))
    faults = Levenshtein.editops(read, truth)
    lines = []
    start = 0
    for line, part in zip(reading.lines, parts, strict=True):
        span = Span(start, start + len(part))
        lines.append(LineSample(tuple(map(float, line_features(line))), not any(map(span.holds, faults))))
        start = span.end
    return MessageSample(tuple(lines), read == truth, reading.text, shot)


def drawn_samples(count: int, seed: int, corpus: Sequence[str]) -> Iterator[MessageSample]:
    """Of screenshots drawn for it."""
    reader = ScreenshotReader(open_reader("auto"))
    for name, pixels, truth in track(hard_shots(count, seed, corpus), "reading", total=count):
        known = [
            Known((message.text,), message.box)
            for message in truth.messages
            if is_required(message) and message.kind == "text" and not message.obscured and normal(message.text)
        ]
        yield from samples_of(list(reader.readings(pixels)), known, name)


def real_samples(images: Path, truth: Path) -> Iterator[MessageSample]:
    """Of real screenshots, for the report alone."""
    reader = ScreenshotReader(open_reader("auto"))
    for line in truth.read_bytes().splitlines():
        known = msgspec.json.decode(line, type=RealTruth)
        image: Image = decode((images / Path(known.file).name).read_bytes())
        yield from samples_of(
            list(reader.readings(image)),
            [
                Known((message.text, *message.alt_texts), message.box)
                for message in known.messages
                if message.kind == "text" and message.box and not message.partial and normal(message.text)
            ],
            known.file,
        )


def corpus_lines(path: Path | None) -> list[str]:
    """Texts of a corpus: the last column of tab-separated lines, compressed with xz or not."""
    if path is None:
        return []
    data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    return [line.rpartition("\t")[2] for line in data.decode("utf-8").splitlines() if line.strip()]


def write_samples(path: Path, samples: Iterator[MessageSample]) -> None:
    """JSON lines, as they come."""
    with path.open("wb") as out:
        for sample in samples:
            out.write(msgspec.json.encode(sample) + b"\n")


def committed() -> Path:
    """Where the calibration lies that the package ships."""
    return Path(weights.__file__).parent / CALIBRATION


def fit_committed(samples: Path) -> None:
    """Fit and write it."""
    write(fit_and_describe(read_samples(samples)), committed())
    load_calibration.cache_clear()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.calibration", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="SAMPLES", help="draw, read and write samples")
    parser.add_argument("--shots", type=int, default=FIT_SHOTS)
    parser.add_argument("--seed", type=int, default=FIT_SEED)
    parser.add_argument("--corpus", type=Path, help="Korean text, one a line, to put into the bubbles")
    parser.add_argument("--fit", type=Path, metavar="SAMPLES", help="fit the committed calibration")
    parser.add_argument("--report", type=Path, nargs="*", default=[], metavar="SAMPLES")
    parser.add_argument("--real", type=Path, nargs=2, metavar=("IMAGES", "TRUTH"), help="report on real ones as well")
    parser.add_argument("--plot", type=Path, help="draw a reliability diagram of each set into this PNG")
    parser.add_argument("--refit", type=Path, metavar="FOLDER", help="write, fit and report on held-out seeds")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    corpus = corpus_lines(options.corpus)
    reports: list[Path] = list(options.report)
    if options.write:
        write_samples(options.write, drawn_samples(options.shots, options.seed, corpus))
    if options.refit:
        options.refit.mkdir(parents=True, exist_ok=True)
        fitted, held_out = options.refit / "fit.jsonl", options.refit / "test.jsonl"
        write_samples(fitted, drawn_samples(FIT_SHOTS, FIT_SEED, corpus))
        write_samples(held_out, drawn_samples(TEST_SHOTS, TEST_SEED, corpus))
        fit_committed(fitted)
        reports += [fitted, held_out]
    if options.fit:
        fit_committed(options.fit)
    sets: dict[str, list[MessageSample]] = {path.stem: read_samples(path) for path in reports}
    if options.real:
        sets["real"] = list(real_samples(*options.real))
    if sets:
        report(Console(width=150), sets, load_calibration())
    if options.plot:
        plot(options.plot, sets, load_calibration())


if __name__ == "__main__":
    main()
