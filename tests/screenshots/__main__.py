"""`python -m tests.screenshots OUT`: writes screenshots as PNG, with `truth.jsonl` and `sequences.jsonl` beside
them."""

import argparse
import json
import pathlib
import sys

from processors.ocr.training.fonts import FontsMissing
from tests.screenshots.conversations import converse
from tests.screenshots.records import sequence_record, shot_record
from tests.screenshots.samples import sample
from tests.screenshots.scenes import LOOKS, Scroll, draw, scroll


def write_scroll(folder: pathlib.Path, name: str, drawn: Scroll) -> None:
    """PNGs named `name`_1.png … in order of upload, and the records of shots and sequence."""
    files = [f"{name}_{place + 1}.png" for place in range(len(drawn.shots))]
    for file, shot in zip(files, drawn.shots, strict=True):
        shot.image.save(folder / file)
    with (folder / "truth.jsonl").open("a", encoding="utf-8") as out:
        for file, shot in zip(files, drawn.shots, strict=True):
            out.write(json.dumps(shot_record(file, shot.truth), ensure_ascii=False) + "\n")
    with (folder / "sequences.jsonl").open("a", encoding="utf-8") as out:
        out.write(json.dumps(sequence_record(name, files, drawn.truth), ensure_ascii=False) + "\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3, help="shots a look")
    parser.add_argument("--sequences", type=int, default=0, help="scrolling sequences a look")
    parser.add_argument("--overlap", type=float, default=0.3)
    parser.add_argument("--looks", nargs="*", default=list(LOOKS), metavar="LOOK", help=f"any of: {' '.join(LOOKS)}")
    parser.add_argument("--jpeg", type=int, default=None, help="recompress at this quality before writing")
    parser.add_argument("--sample", action="store_true", help="three overlapping KakaoTalk shots, always the same")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.looks if name not in LOOKS]
    if unknown:
        parser.error(f"unknown look: {', '.join(unknown)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for stale in ("truth.jsonl", "sequences.jsonl"):
        (options.out / stale).unlink(missing_ok=True)
    try:
        if options.sample:
            write_scroll(options.out, "sample", sample())
            return 0
        for look in options.looks:
            for number in range(options.count):
                seed = options.seed * 10_000 + number
                shot = draw(converse(seed, 30, group=number % 3 == 2), look, seed, jpeg=options.jpeg)
                file = f"{look}_{seed}.png"
                shot.image.save(options.out / file)
                with (options.out / "truth.jsonl").open("a", encoding="utf-8") as out:
                    out.write(json.dumps(shot_record(file, shot.truth), ensure_ascii=False) + "\n")
            for number in range(options.sequences):
                seed = options.seed * 10_000 + 5_000 + number
                drawn = scroll(
                    converse(seed, 40, group=number % 3 == 2),
                    look,
                    overlap=options.overlap,
                    seed=seed,
                    jpeg=options.jpeg,
                )
                write_scroll(options.out, f"{look}_sequence_{seed}", drawn)
    except FontsMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
