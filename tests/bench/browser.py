"""How well screenshots are read that Chromium drew: chats laid out in HTML, one row a template.

python -m tests.bench.browser [--templates NAME …] [--shots N] [--seed S] [--errors N] [--keep FOLDER]

The reader was developed on screenshots that our own generator draws; here lettering, line breaking and layout are a
browser's.
"""

import argparse
import asyncio
import pathlib
import time

import cv2
from PIL import ImageDraw
from rich.console import Console

from contracts.resources import Bubble
from processors.ocr.engines.select import open_reader
from processors.ocr.reader import ScreenshotReader
from tests.bench.reading import pixels
from tests.bench.reading_tables import Row, print_failures, shot_table
from tests.browser_shots.shoot import TEMPLATES, shoot
from tests.e2e.browser import chromium
from tests.screenshots.scenes import Shot
from tests.screenshots.scoring import ShotScore, score_shot
from tests.screenshots.sequences import SequenceScore

SERIOUS = {"missed": (255, 0, 0), "false": (255, 0, 255), "speaker": (0, 0, 255), "text": (255, 140, 0)}
"""Faults that are drawn into a kept screenshot, and in which colour."""


def keep(folder: pathlib.Path, name: str, shot: Shot, bubbles: list[Bubble], scored: ShotScore) -> None:
    """Write a screenshot with what was read (green) and what went wrong drawn in."""
    folder.mkdir(parents=True, exist_ok=True)
    pen = ImageDraw.Draw(shot.image)
    width = max(2, shot.image.width // 250)
    for bubble in bubbles:
        box = bubble.position
        pen.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), outline=(0, 160, 0), width=width)
    for failure in scored.failures:
        if failure.kind in SERIOUS:
            x, y, columns, rows = failure.box
            edge = (x - width, y - width, x + columns + width, y + rows + width)
            pen.rectangle(edge, outline=SERIOUS[failure.kind], width=width)
    shot.image.save(folder / f"{name}.png")


async def measure(options: argparse.Namespace, reader: ScreenshotReader) -> list[Row]:
    """Draw, read and score every template."""
    rows = []
    async with chromium() as browser:
        for name in options.templates:
            score, seconds, layouts = ShotScore(), [], []
            for seed in range(options.seed * 1000, options.seed * 1000 + options.shots):
                shot = await shoot(browser, name, seed)
                image = pixels(shot.image)
                started = time.perf_counter()
                layout = reader.layout(image)
                layouts.append(time.perf_counter() - started)
                bubbles = list(reader.read(image, layout))
                seconds.append(time.perf_counter() - started)
                scored = score_shot(shot.truth, bubbles)
                if options.keep:
                    keep(options.keep, f"{name}-{seed}", shot, bubbles, scored)
                score += scored
            rows.append(Row(name, score, SequenceScore(), SequenceScore(), tuple(seconds), tuple(layouts), (), 0))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.browser", description=__doc__)
    parser.add_argument("--templates", nargs="*", default=list(TEMPLATES), choices=list(TEMPLATES), metavar="NAME")
    parser.add_argument("--shots", type=int, default=6, help="screenshots a template")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--errors", type=int, default=0, help="faults to print, a template and kind")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the screenshots with what was read drawn in")
    parser.add_argument("--engine", default="auto", choices=["auto", "tokstream", "paddle", "tesseract"])
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rows = asyncio.run(measure(options, ScreenshotReader(open_reader(options.engine))))
    console = Console(width=190)
    if options.errors:
        print_failures(console, rows, options.errors)
    console.print(shot_table(rows, options.engine))


if __name__ == "__main__":
    main()
