"""How well emoji are named, set by set, and from which probability names are to be believed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from processors.ocr.engines.charset import UNKNOWN_EMOJI
from processors.ocr.engines.emoji import EmojiNamer, Named
from processors.ocr.training.emoji.chosen import CHOSEN
from processors.ocr.training.emoji.pictures import OTHER, SKIN, Drawing
from processors.ocr.training.emoji.samples import Sampler

LOOKS = 2
"""Crops of each drawing."""
SEED = 20_251_127
"""Another one than training has."""
WRONG_AT_MOST = 0.03
"""Of unknown emoji and of drawings never seen: so many may get a wrong name."""
CANDIDATES = tuple(round(0.3 + 0.05 * step, 2) for step in range(14))


class Score(NamedTuple):
    """Shares of the chosen emoji of a set that are named right and wrong (the rest become the placeholder), and of the
    unknown emoji that get a name."""

    right: float
    wrong: float
    mistaken: float


class Answers(NamedTuple):
    """What was answered, placeholder or not, for drawings with the labels `labels`."""

    named: list[Named]
    labels: list[int]

    def score(self, threshold: float) -> Score:
        """Shares, if names below `threshold` are not believed."""
        right = wrong = mistaken = chosen = 0
        for answer, label in zip(self.named, self.labels, strict=True):
            believed = answer.text != UNKNOWN_EMOJI and answer.probability >= threshold
            if label == OTHER:
                mistaken += believed
            else:
                chosen += 1
                right += believed and answer.text == CHOSEN[label]
                wrong += believed and answer.text != CHOSEN[label]
        others = len(self.labels) - chosen
        return Score(right / max(1, chosen), wrong / max(1, chosen), mistaken / max(1, others))


def ask(model: Path, labels: Path, drawings: Sequence[Drawing]) -> Answers:
    """Show crops of the chosen emoji and of those held out to the exported network. `labels` should have the threshold
    0, so that every answer can be judged."""
    namer = EmojiNamer(model, labels)
    shown = [d for d in drawings if (d.label != OTHER and not SKIN.search(d.cluster)) or d.held_out]
    sampler = Sampler(shown, SEED)
    named: list[Named] = []
    truth: list[int] = []
    for drawing in shown:
        named += namer.name([sampler.crop(drawing, as_drawn=True) for _ in range(LOOKS)])
        truth += [drawing.label] * LOOKS
    return Answers(named, truth)


def choose_threshold(answers: Mapping[str, Answers]) -> float:
    """The least threshold at which, on the mean over the sets, unknown emoji and drawings never seen rarely get a wrong
    name."""
    for threshold in CANDIDATES:
        scores = [answer.score(threshold) for answer in answers.values()]
        if (
            np.mean([s.mistaken for s in scores]) <= WRONG_AT_MOST
            and np.mean([s.wrong for s in scores]) <= WRONG_AT_MOST
        ):
            return threshold
    return CANDIDATES[-1]
