"""How likely a line, and a message, is read rightly: logistic models of what the recogniser says about itself.

The mean probability of a character says how well a line reads, not how likely all of it is right: one wrong character
in thirty hardly moves it. What does tell is the least sure character, how many there are, what else they might be, how
small the text is. `python -m tests.bench.calibration` fits the models (`processors.ocr.training.calibrate`); their
numbers lie beside the weights they belong to, in weights/calibration.json.
"""

import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.port import RegionLine

WEIGHTS, CALIBRATION = "processors.ocr.engines.weights", "calibration.json"
LEAST = 1e-4
"""Probabilities are kept this far from 0 and 1, so that their logits stay finite."""

LINE_FEATURES = ("weakest", "surprise", "length", "alternatives", "height", "disagreement", "foreign")
"""The logit of the least probable character; the logarithm of the surprise, of the number of characters; close
alternatives; the logarithm of the crop's height; the share of further looks that read otherwise; whether another
engine than ours read the line. Features told apart by script, and how near another cut of the bubble into lines came,
gained nothing on held-out screenshots."""

MESSAGE_FEATURES = ("lines_right",)
"""The logit of the probability that all lines are right, were they independent. They are not quite: hence a model."""

OWN_ENGINE = "tokstream"

Features = NDArray[np.float64]


class Logistic(msgspec.Struct, frozen=True):
    """A logistic model: the logit is `intercept` + the sum of `weights` × features."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float

    def probability(self, values: Features) -> float:
        """Of one row of features, 0–1."""
        return sigmoid(float(values @ np.array(self.weights)) + self.intercept)


class Calibration(msgspec.Struct, frozen=True):
    """calibration.json. Messages less likely right than `uncertain` are marked as uncertain."""

    line: Logistic
    message: Logistic
    uncertain: float
    fitted_on: str

    def line_probability(self, line: RegionLine) -> float:
        """The probability, 0–1, that the text of a line is right; 0 for an empty one."""
        return self.line.probability(line_features(line)) if line.recognition.text else 0.0

    def message_probability(self, lines: Sequence[float]) -> float:
        """The probability, 0–1, that the text of a message is right, from those of its lines; 0 for no lines."""
        return self.message.probability(message_features(lines)) if lines else 0.0


@cache
def load_calibration() -> Calibration:
    """The numbers that belong to the committed weights.

    Raises `ValueError` where they were fitted for other features than these: fit them again.
    """
    data = (files(WEIGHTS) / CALIBRATION).read_bytes()
    calibration = msgspec.json.decode(data, type=Calibration)
    if (calibration.line.features, calibration.message.features) != (LINE_FEATURES, MESSAGE_FEATURES):
        raise ValueError(f"{CALIBRATION} was fitted for other features; run python -m tests.bench.calibration")
    return calibration


def line_features(line: RegionLine) -> Features:
    """What speaks for and against a line with text: the values of LINE_FEATURES."""
    read = line.recognition
    told = read.surprise or -sum(math.log(max(probability, LEAST)) for probability in read.characters)
    return np.array(
        [
            logit(min(read.characters)),
            math.log(max(told, LEAST)),
            math.log(len(read.text)),
            math.sqrt(sum(map(len, read.alternatives))),
            math.log(max(1, line.box.height)),
            1 - read.agreement,
            float(read.engine != OWN_ENGINE),
        ]
    )


def message_features(lines: Sequence[float]) -> Features:
    """What speaks for and against a message of at least one line: the values of MESSAGE_FEATURES."""
    return np.array([logit(math.prod(lines))])


def logit(probability: float) -> float:
    """The natural logarithm of the odds, of a probability kept away from 0 and 1."""
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))


def sigmoid(value: float) -> float:
    """The inverse of `logit`."""
    return 1 / (1 + math.exp(-min(max(value, -50.0), 50.0)))
