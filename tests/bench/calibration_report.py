"""Tables and pictures of how far confidences may be believed."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table

from processors.ocr.calibration import Calibration
from processors.ocr.training.calibrate import MessageSample, message_row

BINS = 10
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
RESAMPLES = 300
STANDARD_NORMAL_95 = 1.96
SIDE, MARGIN = 360, 40
"""Pixels of one diagram, and around it."""

Sets = Mapping[str, Sequence[MessageSample]]


class Judged(NamedTuple):
    """Probabilities of being right, shape (n,), whether it was so, and which screenshot each is of."""

    probabilities: NDArray[np.float64]
    right: NDArray[np.bool_]
    shots: NDArray[np.int64]


def judged_lines(samples: Sequence[MessageSample], calibration: Calibration) -> Judged:
    """All lines of some messages."""
    shots = {shot: number for number, shot in enumerate(dict.fromkeys(sample.shot for sample in samples))}
    lines = [(line, shots[sample.shot]) for sample in samples for line in sample.lines]
    return Judged(
        np.array([calibration.line.probability(np.array(line.features)) for line, _ in lines]),
        np.array([line.right for line, _ in lines], np.bool_),
        np.array([shot for _, shot in lines], np.int64),
    )


def judged_messages(samples: Sequence[MessageSample], calibration: Calibration) -> Judged:
    """The messages themselves."""
    shots = {shot: number for number, shot in enumerate(dict.fromkeys(sample.shot for sample in samples))}
    rows = [message_row(calibration.line, sample) for sample in samples]
    return Judged(
        np.array([calibration.message.probability(row) for row in rows]),
        np.array([sample.right for sample in samples], np.bool_),
        np.array([shots[sample.shot] for sample in samples], np.int64),
    )


def calibration_error(judged: Judged) -> float:
    """Expected calibration error: the mean distance of probability and share of right ones, over ten equal ranges of
    probability, weighted by their counts (Naeini et al. 2015)."""
    places = np.minimum((judged.probabilities * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(places, judged.probabilities - judged.right, minlength=BINS)
    return float(np.abs(gaps).sum() / max(1, len(places)))


def separation(judged: Judged) -> float:
    """Chance that a right one is given a higher probability than a wrong one (area under the ROC curve)."""
    right, wrong = judged.probabilities[judged.right], judged.probabilities[~judged.right]
    if not len(right) or not len(wrong):
        return math.nan
    above = (right[:, None] > wrong[None, :]).mean() + 0.5 * (right[:, None] == wrong[None, :]).mean()
    return float(above)


def interval(judged: Judged, measure: Callable[[Judged], float]) -> tuple[float, float]:
    """The middle 95 % of a measure when the screenshots are drawn anew with repetition."""
    chance = np.random.default_rng(1)
    count = int(judged.shots.max()) + 1
    places = [np.flatnonzero(judged.shots == shot) for shot in range(count)]
    values = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([places[shot] for shot in chance.integers(0, count, count)])
        values.append(measure(Judged(*(column[chosen] for column in judged))))
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(low), float(high)


def share(count: int, total: int) -> str:
    """A share with Wilson's 95 % interval."""
    if not total:
        return "–"
    z = STANDARD_NORMAL_95
    p = count / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return (
        f"{count}/{total} = {100 * p:.1f} % ({100 * max(0.0, middle - half):.0f}–{100 * min(1.0, middle + half):.0f})"
    )


def report(console: Console, sets: Sets, calibration: Calibration) -> None:
    """How well calibrated lines and messages of each set are, and what a threshold on messages marks."""
    quality = Table(title=f"Fitted on {calibration.fitted_on}. In brackets 95 % intervals.")
    for heading in ("set", "of", "count", "wrong", "calibration error", "Brier score", "separation"):
        quality.add_column(heading)
    marks = Table(title=f"Messages marked as uncertain; in use: below {calibration.uncertain}")
    for heading in ("set", "below", "wrong ones marked", "right ones marked", "wrong among the marked"):
        marks.add_column(heading)
    for name, samples in sets.items():
        messages = judged_messages(samples, calibration)
        for kind, judged in (("lines", judged_lines(samples, calibration)), ("messages", messages)):
            low, high = interval(judged, calibration_error)
            quality.add_row(
                name,
                kind,
                str(len(judged.right)),
                str(int((~judged.right).sum())),
                f"{calibration_error(judged):.3f} ({low:.3f}–{high:.3f})",
                f"{float(((judged.probabilities - judged.right) ** 2).mean()):.4f}",
                f"{separation(judged):.3f}",
            )
        wrong = int((~messages.right).sum())
        for threshold in sorted({*THRESHOLDS, calibration.uncertain}):
            marked = messages.probabilities < threshold
            hit, false = int((marked & ~messages.right).sum()), int((marked & messages.right).sum())
            marks.add_row(
                name,
                f"{threshold:g}" + (" *" if threshold == calibration.uncertain else ""),
                share(hit, wrong),
                share(false, len(messages.right) - wrong),
                share(hit, hit + false),
                style="bold" if threshold == calibration.uncertain else "",
            )
        marks.add_section()
    console.print(quality)
    console.print(marks)


def plot(path: Path, sets: Sets, calibration: Calibration) -> None:
    """A reliability diagram of each set, lines above messages: share of right ones over probability, a dot a tenth of
    the probabilities, its area by their number."""
    step = SIDE + 2 * MARGIN
    image = Image.new("RGB", (step * len(sets), 2 * step), "white")
    pen = ImageDraw.Draw(image)
    for column, (name, samples) in enumerate(sets.items()):
        for row, judge in enumerate((judged_lines, judged_messages)):
            corner = column * step + MARGIN, row * step + MARGIN
            _diagram(pen, corner, judge(samples, calibration), f"{name}: {'messages' if row else 'lines'}")
    image.save(path)


def _diagram(pen: ImageDraw.ImageDraw, corner: tuple[int, int], judged: Judged, title: str) -> None:
    left, top = corner
    pen.rectangle((left, top, left + SIDE, top + SIDE), outline="black")
    pen.line((left, top + SIDE, left + SIDE, top), fill="grey")
    pen.text((left, top - 14), f"{title}, {len(judged.right)}, error {calibration_error(judged):.3f}", fill="black")
    dots = []
    for low, high in pairwise(np.linspace(0, 1, BINS + 1)):
        inside = (judged.probabilities >= low) & ((judged.probabilities < high) | (high == 1))
        if inside.any():
            x, y = float(judged.probabilities[inside].mean()), float(judged.right[inside].mean())
            dots.append((left + SIDE * x, top + SIDE * (1 - y), 3 + 14 * math.sqrt(float(inside.mean()))))
    pen.line([(x, y) for x, y, _ in dots], fill="blue", width=2)
    for x, y, radius in dots:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline="blue", fill="lightblue")
