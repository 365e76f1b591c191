"""The tone of a text in three classes, by a linear classifier over hashed n-grams. MODEL_CARD.md tells how it was made.

The model file holds `weights` (int8, classes × buckets), `scales` (float32, one a class), `bias` (float32, classes) and
`temperature` (float32, one number): logits are (weights · features · scale + bias) / temperature.
"""

import functools
import re
import unicodedata
import zlib
from collections.abc import Sequence
from enum import StrEnum
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.ai.builtin.kiwi import Morpheme

BUCKETS = 1 << 18
LONGEST = 4
"""Characters of the longest n-gram."""
MODEL = "tone.q8.npz"
_CONTENT = ("N", "V", "M", "IC", "XR", "EF", "EP", "SW")
_REPEATS = re.compile(r"(.)\1{2,}")
_DIGITS = re.compile(r"\d+")
_BLANKS = re.compile(r"\s+")


class Tone(StrEnum):
    POSITIVE = "POSITIVE"
    NEUTRAL = "NEUTRAL"
    NEGATIVE = "NEGATIVE"


CLASSES = (Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)


class ToneModel(NamedTuple):
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float


def normalised(text: str) -> str:
    """One spelling of what says the same: NFC, lower case, runs of a character cut to two, numbers as 0."""
    text = unicodedata.normalize("NFC", text).lower()
    return _REPEATS.sub(r"\1\1", _DIGITS.sub("0", _BLANKS.sub(" ", text))).strip()


def features(text: str, morphemes: Sequence[Morpheme]) -> list[int]:
    """The buckets of the n-grams in a text, each once, ascending."""
    padded = f" {normalised(text)} "
    grams = {padded[i : i + n] for n in range(1, LONGEST + 1) for i in range(len(padded) - n + 1)}
    forms = [f"{m.form}/{m.tag}" for m in morphemes if m.tag.startswith(_CONTENT)]
    grams.update(f"\x01{form}" for form in forms)
    grams.update(f"\x02{one} {other}" for one, other in pairwise(forms))
    return sorted({zlib.crc32(gram.encode()) % BUCKETS for gram in grams})


@functools.cache
def load_model() -> ToneModel:
    with resources.files("processors.ai.builtin").joinpath("weights", MODEL).open("rb") as file, np.load(file) as found:
        return ToneModel(found["weights"], found["scales"], found["bias"], float(found["temperature"]))


def probabilities(text: str, morphemes: Sequence[Morpheme], model: ToneModel | None = None) -> NDArray[np.float32]:
    """Calibrated probabilities in the order of CLASSES."""
    model = model or load_model()
    buckets = features(text, morphemes)
    raw = model.weights[:, buckets].sum(axis=1, dtype=np.float32) * model.scales / np.sqrt(max(1, len(buckets)))
    logits = (raw + model.bias) / model.temperature
    grown = np.exp(logits - logits.max())
    return np.asarray(grown / grown.sum(), dtype=np.float32)
