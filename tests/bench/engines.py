"""The recognisers side by side, in one run, on lines whose text is known; and what a worker costs.

    python -m tests.bench.engines --corpora FOLDER [--npm FOLDER …] [--lines 600] [--model FILE.onnx …]

Lines of natural Korean, of texts and in typefaces that our recogniser was not trained on, as screenshots show them: all
sizes, themes and JPEG. Every engine sees the same crops, on one thread. `--model` adds other weights of ours, with the
charset.json beside them. The typefaces and texts are named in processors/ocr/training (faces.py, corpus.py).
"""

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track
from rich.table import Table

from processors.ocr.engines import tesseract
from processors.ocr.engines.port import Image, Recogniser, Recognition
from processors.ocr.engines.ppocr import PpOcrRecogniser
from processors.ocr.engines.scripts import better, worth_asking
from processors.ocr.engines.tesseract import TesseractRecogniser
from processors.ocr.engines.tokstream import TokstreamRecogniser
from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.corpus import conversations, load_corpus
from processors.ocr.training.faces import find_faces
from processors.ocr.training.rendering import LineRenderer, Look
from processors.ocr.training.texts import TextSampler

SEED = 77
BATCH = 16
SCRIPTS = ("chinese", "japanese", "french", "german", "italian", "portuguese", "spanish", "turkish")
"""Languages of chatterbot-corpus that ours cannot write, or not all of."""
BANDS = ((20.0, "20 px and more"), (12.0, "12 to 20 px"), (0.0, "under 12 px"))
"""Ems of the letters: phones, PC windows and scaled-down phones, thumbnails."""
# Each is measured in a process of its own: how long, and how much memory when it is done.
_COSTS = (
    ("import PaddleOCR", "import paddleocr"),
    ("our recogniser, ready", "from processors.ocr.engines.tokstream import TokstreamRecogniser as R; R()"),
    ("OCR worker, ready", "from processors.ocr.worker import OcrServer, ReaderOptions as O; OcrServer(O())"),
    (
        "OCR worker, one Korean screenshot read",
        "from tests.bench.engines import read_phone; read_phone()",
    ),
)


class Sample(NamedTuple):
    """A line to read. `em` is the size of its letters in pixels of the screenshot."""

    crop: Image
    text: str
    em: float


class Result(NamedTuple):
    """Errors of one engine on one band. `seconds` of processor time."""

    distance: int
    characters: int
    right: int
    lines: int
    seconds: float

    def __add__(self, other: "Result") -> "Result":  # type: ignore[override]
        return Result(
            self.distance + other.distance,
            self.characters + other.characters,
            self.right + other.right,
            self.lines + other.lines,
            self.seconds + other.seconds,
        )


def draw_samples(corpora: Path, npm: Sequence[Path], count: int) -> list[Sample]:
    """Lines that our recogniser never saw, without emoji: no engine but ours has a class for them."""
    sampler = TextSampler(load_corpus(corpora, held_out=True), Alphabet(charset()), SEED)
    renderer = LineRenderer(find_faces(npm, held_out=True), SEED)
    samples: list[Sample] = []
    while len(samples) < count:
        look, text = renderer.look(), sampler.korean()
        if not text.isprintable() or any(ord(letter) > 0xFFFF for letter in text):
            continue
        crop = renderer.crop(text, look, sampler.korean())
        if crop is not None:
            samples.append(Sample(crop, text, look.style.size * look.scale))
    return samples


def bare(text: str) -> str:
    return "".join(text.split())


def measure(recogniser: Recogniser, samples: Sequence[Sample]) -> dict[str, Result]:
    """All samples, by band."""
    results = {name: Result(0, 0, 0, 0, 0.0) for _, name in BANDS}
    for start in range(0, len(samples), BATCH):
        batch = samples[start : start + BATCH]
        before = time.process_time()
        answers = recogniser.recognise([sample.crop for sample in batch])
        seconds = (time.process_time() - before) / len(batch)
        for sample, answer in zip(batch, answers, strict=True):
            band = next(name for least, name in BANDS if sample.em >= least)
            distance = Levenshtein.distance(bare(answer.text), bare(sample.text))
            results[band] += Result(distance, len(bare(sample.text)), int(distance == 0), 1, seconds)
    return results


def engines(models: Sequence[Path]) -> list[tuple[str, Callable[[], Recogniser]]]:
    """The recognisers at hand, by name; each is opened when its turn comes."""
    found: list[tuple[str, Callable[[], Recogniser]]] = [("tokstream", TokstreamRecogniser)]
    for path in models:
        found.append((str(path), partial(TokstreamRecogniser, path, path.with_name("charset.json"))))
    found.append(("PP-OCRv5 (zh, ja, en)", PpOcrRecogniser))
    if tesseract.unavailable() is None:
        found.append(("Tesseract 5 kor+eng", TesseractRecogniser))
    return found


def line_table(samples: Sequence[Sample], models: Sequence[Path]) -> Table:
    """One row an engine: character errors by band, lines right, processor time a line."""
    table = Table(title=f"{len(samples)} lines of natural Korean, typefaces and texts never trained on (%)")
    columns = ("engine", *(f"CER {name}" for _, name in BANDS), "CER all", "lines right", "ms a line")
    for heading in columns:
        table.add_column(heading, justify="left" if heading == "engine" else "right")
    for name, open_engine in track(engines(models), "reading", console=Console(stderr=True), transient=True):
        recogniser = open_engine()
        recogniser.recognise([samples[0].crop])
        results = measure(recogniser, samples)
        total = sum(results.values(), Result(0, 0, 0, 0, 0.0))
        cells = [f"{100 * r.distance / max(1, r.characters):.2f}" for r in (*results.values(), total)]
        right = f"{100 * total.right / total.lines:.1f}"
        table.add_row(name, *cells, right, f"{1000 * total.seconds / total.lines:.2f}")
    return table


def foreign_samples(count: int) -> dict[str, list[Sample]]:
    """Lines in other scripts, `count` a language, as a phone shows them."""
    renderer = LineRenderer(find_faces(()), SEED)
    chosen = random.Random(SEED)
    samples: dict[str, list[Sample]] = {}
    for language, texts in conversations(SCRIPTS):
        lines = sorted({text[:26].strip() for text in texts if text[:26].strip().isprintable()})
        chosen.shuffle(lines)
        drawn = []
        for text in lines[:count]:
            look = phone_look(renderer)
            crop = renderer.crop(text, look)
            if crop is not None:
                drawn.append(Sample(crop, text, look.style.size * look.scale))
        samples[language] = drawn
    return samples


def phone_look(renderer: LineRenderer) -> Look:
    """A look with letters as large as a phone's, in a typeface that has all scripts."""
    while True:
        look = renderer.look()
        if look.style.size * look.scale >= 20 and "NotoSansCJK" in look.style.face.name:
            return look


def script_table(samples: dict[str, list[Sample]]) -> Table:
    """Character errors by language: ours alone, PP-OCRv5 alone, and the line that the reader keeps of both."""
    table = Table(title="Lines in other scripts (CER %; lines right %)")
    for heading in ("language", "lines", "tokstream", "PP-OCRv5", "chosen by script and confidence", "asked"):
        table.add_column(heading, justify="left" if heading == "language" else "right")
    own, other = TokstreamRecogniser(), PpOcrRecogniser()
    for language, lines in samples.items():
        crops = [sample.crop for sample in lines]
        ours, theirs = own.recognise(crops), other.recognise(crops)
        asked = [worth_asking(answer) for answer in ours]
        chosen = [better(mine, their) if ask else mine for mine, their, ask in zip(ours, theirs, asked, strict=True)]
        cells = [errors(answers, lines) for answers in (ours, theirs, chosen)]
        table.add_row(language, str(len(lines)), *cells, f"{100 * sum(asked) / len(lines):.0f} %")
    return table


def errors(answers: Sequence[Recognition], samples: Sequence[Sample]) -> str:
    """Character errors and lines right, in per cent."""
    distances = [
        Levenshtein.distance(bare(answer.text), bare(sample.text))
        for answer, sample in zip(answers, samples, strict=True)
    ]
    letters = sum(len(bare(sample.text)) for sample in samples)
    return f"{100 * sum(distances) / letters:.1f}; {100 * distances.count(0) / len(samples):.0f}"


def read_phone() -> None:
    """What a worker does first: a phone's screenshot of a Korean chat."""
    from processors.ocr.worker import OcrServer, ReaderOptions, ReadJob
    from tests.bench.latency import LOOK, PHONE
    from tests.e2e.service import png
    from tests.screenshots.conversations import converse
    from tests.screenshots.scenes import draw

    shot = draw(converse(1, 30), LOOK, 1, device=PHONE)
    list(OcrServer(ReaderOptions())(ReadJob("s", "s", png(shot))))


def cost_table() -> Table:
    """Seconds and resident memory of fresh processes. The last row includes drawing the screenshot."""
    table = Table(title="What it costs (a process each)")
    for heading in ("what", "seconds", "MB"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    after = "; from tests.bench.reading import peak_memory; print(peak_memory())"
    for name, code in (("Python, the benchmark's own imports", "pass"), *_COSTS):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code + after], capture_output=True, text=True, timeout=300)
        seconds = time.perf_counter() - started
        answer = f"{float(done.stdout.split()[-1]):.0f}" if done.returncode == 0 else done.stderr.strip()[-80:]
        table.add_row(name, f"{seconds:.2f}", answer)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engines", description=__doc__)
    parser.add_argument("--corpora", type=Path, help="folder with the Korean texts; without it only costs are measured")
    parser.add_argument("--npm", type=Path, action="append", default=[], help="folder of npm typefaces")
    parser.add_argument("--lines", type=int, default=600)
    parser.add_argument("--foreign", type=int, default=100, help="lines in each other language")
    parser.add_argument("--model", type=Path, action="append", default=[], help="other weights of ours")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    console = Console(width=150)
    if options.corpora is not None:
        console.print(line_table(draw_samples(options.corpora, options.npm, options.lines), options.model))
    if samples := foreign_samples(options.foreign):
        console.print(script_table(samples))
    console.print(cost_table())


if __name__ == "__main__":
    main()
