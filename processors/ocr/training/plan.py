"""What is trained, on what, for how long."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from processors.ocr.training.batches import STEADY_COLUMNS
from processors.ocr.training.model import SHIPPED, Shape


class Teacher(NamedTuple):
    """Averaged weights of an earlier training, and the shape of its network."""

    weights: Path
    shape: Shape


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained: `lines` to learn from (each look counts), at most for `minutes`; `measured` after every so many
    lines. `start` is an ONNX file to start from. On the device "cpu" so many `processes` learn, on "cuda" one does and
    so many prepare batches of so many `columns`.

    What follows is for finding out what each is worth (`ablations.py`): a network of another `shape`; a `teacher` to
    learn from beside the texts; the rate not `annealed`, but kept at its height; lines not `stirred`, but the same at
    every look; a class for each of the `whole_syllables` instead of parts.
    """

    shards: Path
    validation: Path
    out: Path
    lines: int
    minutes: float = math.inf
    measured: int = 60_000
    rate: float = 2e-3
    seed: int = 1
    processes: int = 1
    start: Path | None = None
    device: str = "cpu"
    columns: int = STEADY_COLUMNS
    shape: Shape = SHIPPED
    teacher: Teacher | None = None
    annealed: bool = True
    stirred: bool = True
    whole_syllables: bool = False

    @property
    def learners(self) -> int:
        return self.processes if self.device == "cpu" else 1
