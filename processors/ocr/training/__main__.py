"""Trains the recogniser of Korean screen text, from corpora and typefaces to the file that ships.

    python -m processors.ocr.training render   --corpora FOLDER --npm FOLDER --out RUN
    python -m processors.ocr.training train    --out RUN
    python -m processors.ocr.training export   --out RUN --ship FOLDER
    python -m processors.ocr.training all      --corpora FOLDER --npm FOLDER --out RUN

Each step shows its progress and goes on where it was interrupted. Needs `pip install -e .[train]`, the Korean texts
named in corpus.py and the typefaces named in faces.py; the more of them, the better.
"""

import argparse
import math
import os
from pathlib import Path

from processors.ocr.training.export import ship
from processors.ocr.training.loop import AVERAGED, measure_network, train
from processors.ocr.training.model import load_network
from processors.ocr.training.plan import Plan
from processors.ocr.training.rendering import Rendering
from processors.ocr.training.shards import Sources, read_folder, read_shard, render

LINES_A_SHARD = 2000
VALIDATION_LINES = 1000
FIRST_VALIDATION_SEED = 900_001
"""Seeds of shards that are never trained on."""
MODEL = "korline.q8"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m processors.ocr.training", description=__doc__.split("\n\n")[0])
    parser.add_argument("step", choices=["all", "render", "train", "export"])
    parser.add_argument("--out", type=Path, required=True, help="folder of the run: shards, checkpoints, log")
    parser.add_argument("--corpora", type=Path, help="folder with the Korean texts (render)")
    parser.add_argument("--npm", type=Path, action="append", default=[], help="folder of npm typefaces (render)")
    parser.add_argument("--rendered", type=int, default=400_000, help="lines to draw; each is looked at several times")
    parser.add_argument("--small", type=float, default=0.2, help="share of them that is small whatever the usual sizes")
    parser.add_argument("--lines", type=int, default=3_000_000, help="lines to learn from, each look counted")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop training after, at the latest")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate at its height")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where to learn")
    parser.add_argument("--start", type=Path, help="ONNX file of an earlier model to start from")
    parser.add_argument("--measured", type=int, default=60_000, help="lines between two measurements")
    parser.add_argument("--ship", type=Path, help="folder for the model and its charset (default: RUN/shipped)")
    options = parser.parse_args()
    if options.step in ("all", "render"):
        if options.corpora is None:
            parser.error("render needs --corpora")
        render_all(options)
    if options.step in ("all", "train"):
        train(plan(options))
    if options.step in ("all", "export"):
        export_all(options)


def shards(run: Path) -> Path:
    return run / "shards"


def validation(run: Path) -> Path:
    return run / "validation"


def plan(options: argparse.Namespace) -> Plan:
    return Plan(
        shards=shards(options.out),
        validation=validation(options.out),
        out=options.out,
        lines=options.lines,
        minutes=options.minutes,
        measured=options.measured,
        rate=options.rate,
        seed=options.seed,
        processes=options.processes,
        start=options.start,
        device=options.device,
    )


def render_all(options: argparse.Namespace) -> None:
    """Draws the lines to learn from and three sets to measure with: the training mixture and natural Korean in
    typefaces and texts that are held out, and the mixture in those of the training."""
    seeds = range(FIRST_VALIDATION_SEED, FIRST_VALIDATION_SEED + 2)
    for name, held_out, natural in (("mixture", True, False), ("natural", True, True), ("seen", False, False)):
        sources = Sources(options.corpora, tuple(options.npm), held_out, natural)
        for path in render(sources, validation(options.out) / name, seeds, VALIDATION_LINES, 1):
            print(f"rendered {path}", flush=True)
    wanted = range(options.seed * 10_000, options.seed * 10_000 + math.ceil(options.rendered / LINES_A_SHARD))
    sources = Sources(options.corpora, tuple(options.npm), rendering=Rendering(small=options.small))
    for number, path in enumerate(
        render(sources, shards(options.out), wanted, LINES_A_SHARD, options.processes), start=1
    ):
        print(f"rendered {path} ({number} of at most {len(wanted)})", flush=True)


def export_all(options: argparse.Namespace) -> None:
    """Writes the model and says what it reads wrongly of each set."""
    weights = options.out / AVERAGED
    paths = sorted(shards(options.out).glob("*.npz"))
    model = ship(weights, options.ship or options.out / "shipped", read_shard(paths[0]), MODEL)
    print(f"{model}: {model.stat().st_size / 1e6:.2f} MB")
    for folder in sorted(validation(options.out).iterdir()):
        errors = measure_network(load_network(weights), read_folder(folder)).character_errors
        print(f"{folder.name}: character errors {100 * errors:.2f} %")


if __name__ == "__main__":
    main()
