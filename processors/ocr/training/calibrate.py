"""Fits the probabilities of being right: `python -m processors.ocr.training.calibrate SAMPLES --out calibration.json`.

SAMPLES are JSON lines, one `MessageSample` each, as `python -m tests.bench.calibration --write` makes them from
screenshots with known truth. Needs numpy alone. To be run whenever the recogniser's weights change.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.ocr.calibration import (
    LINE_FEATURES,
    MESSAGE_FEATURES,
    Calibration,
    Logistic,
    message_features,
)

PENALTY = 1.0
"""Weight of the squared coefficients (of features with mean 0 and deviation 1) against the log-likelihood."""
STEPS, SMALL_STEP = 50, 1e-8
LEAST_DEVIATION = 1e-9
"""A feature that deviates less from its mean is constant and tells nothing."""
MARKED_RIGHT = 0.06
"""Share of right messages that are marked as uncertain of those that are fitted on: of others half as many again are,
and a tenth may be."""

Rows = NDArray[np.float64]
Outcomes = NDArray[np.bool_]


class LineSample(msgspec.Struct, frozen=True):
    """A line: the values of LINE_FEATURES, and whether it was read rightly."""

    features: tuple[float, ...]
    right: bool


class MessageSample(msgspec.Struct, frozen=True):
    """A message of at least one line that was found: its lines, whether its text was right, what it says (`text`) and
    which screenshot shows it."""

    lines: tuple[LineSample, ...]
    right: bool
    text: str
    shot: str


def read_samples(path: Path) -> list[MessageSample]:
    """Samples from JSON lines. Raises `msgspec.DecodeError` where a line is none."""
    decoder = msgspec.json.Decoder(MessageSample)
    return [decoder.decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def fit(samples: Sequence[MessageSample], fitted_on: str) -> Calibration:
    """Models of lines and messages, and the threshold, from samples of which some are right and some are wrong.

    Raises `ValueError` where all are one or the other.
    """
    lines = [line for sample in samples for line in sample.lines]
    line_model = fit_logistic(LINE_FEATURES, [line.features for line in lines], [line.right for line in lines])
    rows = [message_row(line_model, sample) for sample in samples]
    right = np.array([sample.right for sample in samples])
    message_model = fit_logistic(MESSAGE_FEATURES, rows, right)
    probabilities = np.array([message_model.probability(row) for row in rows])
    threshold = float(np.quantile(probabilities[right], MARKED_RIGHT))
    return Calibration(line_model, message_model, round(threshold, 4), fitted_on)


def fit_and_describe(samples: Sequence[MessageSample]) -> Calibration:
    """As `fit`, saying how many samples there were."""
    wrong = sum(not sample.right for sample in samples)
    shots = len({sample.shot for sample in samples})
    return fit(samples, f"{len(samples)} messages of {shots} screenshots, {wrong} read wrongly")


def message_row(line_model: Logistic, sample: MessageSample) -> Rows:
    """The values of MESSAGE_FEATURES of a sample."""
    probabilities = [line_model.probability(np.array(line.features)) for line in sample.lines]
    return message_features(probabilities)


def fit_logistic(names: tuple[str, ...], rows: Sequence[Sequence[float] | Rows], right: Iterable[bool]) -> Logistic:
    """Logistic regression by Newton's method, with a small ridge penalty on all but the intercept."""
    values = np.array(rows, np.float64)
    outcomes = np.array(list(right), np.float64)
    if outcomes.min() == outcomes.max():
        raise ValueError("all samples have the same outcome: there is nothing to fit")
    means, scales = values.mean(axis=0), values.std(axis=0)
    scales = np.where(scales > LEAST_DEVIATION, scales, 1.0)
    design = np.column_stack([(values - means) / scales, np.ones(len(values))])
    ridge = np.diag([PENALTY] * len(names) + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        probabilities = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (outcomes - probabilities) - ridge @ weights
        curvature = (design * (probabilities * (1 - probabilities))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, gradient)
        weights += step
        if float(np.abs(step).max()) < SMALL_STEP:
            break
    slopes = weights[:-1] / scales
    return Logistic(names, tuple(round(float(s), 6) for s in slopes), round(float(weights[-1] - slopes @ means), 6))


def write(calibration: Calibration, path: Path) -> None:
    """As JSON that people can read."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(calibration), indent=2) + b"\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("samples", type=Path, help="JSON lines of samples")
    parser.add_argument("--out", type=Path, required=True, help="where calibration.json goes")
    options = parser.parse_args()
    write(fit_and_describe(read_samples(options.samples)), options.out)


if __name__ == "__main__":
    main()
