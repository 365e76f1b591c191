"""Reads a folder of real screenshots and writes what was read, one JSON object a line, for a scorer that knows the
truth.

    python -m tests.bench.real IMAGES --out predictions.jsonl [--engine auto] [--annotate FOLDER] [--warm]

Nothing of the images enters the repository.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import cv2

from contracts.base import encode
from contracts.resources import Bubble, Extraction
from gateway.annotated import annotate
from processors.ocr.engines.select import open_reader
from processors.ocr.reader import ScreenshotReader
from storage.pixels import decode

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("images", type=Path, help="folder of screenshots, or one screenshot")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines: file, messages")
    parser.add_argument("--engine", default="auto", choices=["auto", "tokstream", "paddle", "tesseract"])
    parser.add_argument("--annotate", type=Path, help="folder for the images with bubbles drawn in")
    parser.add_argument("--warm", action="store_true", help="read every image twice and time the second run")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    reader = ScreenshotReader(open_reader(options.engine))
    files = [options.images] if options.images.is_file() else sorted(options.images.iterdir())
    firsts, totals, layouts = [], [], []
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8") as out:
        for file in (f for f in files if f.suffix.lower() in SUFFIXES):
            image = decode(file.read_bytes())
            if options.warm:
                list(reader.read(image))
            started = time.perf_counter()
            layout = reader.layout(image)
            layouts.append(time.perf_counter() - started)
            bubbles: list[Bubble] = []
            for bubble in reader.read(image, layout):
                if not bubbles:
                    firsts.append(time.perf_counter() - started)
                bubbles.append(bubble)
            totals.append(time.perf_counter() - started)
            messages = [json.loads(encode(bubble)) for bubble in bubbles]
            out.write(json.dumps({"file": file.name, "messages": messages}, ensure_ascii=False) + "\n")
            print(f"{file.name}: {len(bubbles)} bubbles, layout {layouts[-1]:.3f} s, all {totals[-1]:.3f} s")
            if options.annotate:
                options.annotate.mkdir(parents=True, exist_ok=True)
                extraction = Extraction(
                    screenshot_id=file.stem,
                    session_id="",
                    width=layout.width,
                    height=layout.height,
                    top=layout.top,
                    bottom=layout.bottom,
                    bubbles=tuple(bubbles),
                    engine=options.engine,
                )
                (options.annotate / f"{file.stem}.png").write_bytes(annotate(file.read_bytes(), extraction))
    if totals:
        first = f"{statistics.median(firsts):.3f} s" if firsts else "none"
        print(
            f"{len(totals)} images; medians: layout {statistics.median(layouts):.3f} s, first bubble {first}, "
            f"all {statistics.median(totals):.3f} s"
        )


if __name__ == "__main__":
    main()
