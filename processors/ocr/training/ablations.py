"""What each part of the recipe is worth: short trainings from scratch that differ in one thing, one after another.

    python -m processors.ocr.training.ablations --corpora FOLDER [--npm FOLDER …] --out FOLDER [--device cuda]

Each sees as many lines, in the same order, and is measured on the same lines in typefaces and texts that were never
trained on. One that draws its lines otherwise is measured, like the others, on lines as screenshots show them, except
where lines keep their grey levels: then those it is measured on do too. Prints a table, and writes it beside the runs.
Goes on where it was interrupted.
"""

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch
from rich.console import Console
from rich.table import Table

from processors.ocr.training.alphabet import charset
from processors.ocr.training.loop import AVERAGED, CHECKPOINT, LOG, measure_sets, train
from processors.ocr.training.model import SHIPPED, LineNetwork, Shape
from processors.ocr.training.plan import Plan, Teacher
from processors.ocr.training.rendering import Rendering
from processors.ocr.training.shards import Sources, render

LINES_A_SHARD = 2000
FIRST_SHARD, FIRST_VALIDATION_SHARD = 700_001, 950_001
VALIDATION_LINES = 600
COLUMNS = 24_000
"""Of a batch on a GPU: a short training needs many steps more than full ones."""
SETS = ("natural", "mixture")
USUAL = Rendering(small=0.2)
RESULTS = "results.json"
WIDER = Shape(widths=(24, 72, 144, 384))


@dataclass(frozen=True, slots=True)
class Variant:
    """One training. `changes` are fields of `Plan`; `taught` names the variant whose network teaches this one. One that
    is not `averaged` is that of the first variant, with the weights as they were last."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)
    rendering: Rendering = USUAL
    taught: str | None = None
    averaged: bool = True

    @property
    def folder(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.name)

    @property
    def lines(self) -> str:
        """The folder of its lines."""
        return "lines" + "-".join(f"{value:g}" for value in self.rendering)


VARIANTS = (
    Variant("as it is"),
    Variant("weights not averaged", averaged=False),
    Variant("whole syllables, no parts", {"whole_syllables": True}),
    Variant("learning rate kept at its height", {"annealed": False}),
    Variant("lines the same at every look", {"stirred": False}),
    Variant("no blocks along the line", {"shape": Shape(dilations=())}),
    Variant("twice the blocks along the line", {"shape": Shape(dilations=(1, 1, 2, 2, 4) * 2)}),
    Variant("half as wide", {"shape": Shape(widths=(8, 24, 48, 128))}),
    Variant("half as wide again", {"shape": WIDER}),
    Variant("taught by the one half as wide again", taught="half as wide again"),
    Variant("grey levels kept, no theme flattened", rendering=USUAL._replace(flattened=False)),
    Variant("drawn at its size, nothing degraded", rendering=USUAL._replace(degraded=False)),
    Variant("no letters under 16 px", rendering=Rendering(smallest=16.0)),
)


BY_NAME = {variant.name: variant for variant in VARIANTS}


@dataclass(frozen=True, slots=True)
class Study:
    """All trainings: `looks` for each, at `rendered` lines."""

    corpora: Path
    npm: tuple[Path, ...]
    out: Path
    looks: int
    rendered: int
    device: str
    processes: int
    seed: int = 1

    def draw(self, variant: Variant) -> None:
        """The lines that the variant learns from and those it is measured on, where they are not there yet."""
        origin = Sources(self.corpora, self.npm, rendering=variant.rendering)
        seeds = range(FIRST_SHARD, FIRST_SHARD + -(-self.rendered // LINES_A_SHARD))
        for _ in render(origin, self.out / variant.lines, seeds, min(LINES_A_SHARD, self.rendered), self.processes):
            pass
        shown = Rendering(flattened=variant.rendering.flattened)
        for name in SETS:
            held_out = Sources(self.corpora, self.npm, held_out=True, natural=name == "natural", rendering=shown)
            folder = self.measured(variant) / name
            for _ in render(held_out, folder, [FIRST_VALIDATION_SHARD], min(VALIDATION_LINES, self.rendered), 1):
                pass

    def measured(self, variant: Variant) -> Path:
        """The folder of the sets it is measured on."""
        return self.out / ("measured" if variant.rendering.flattened else "measured-grey")

    def plan(self, variant: Variant) -> Plan:
        """How it is trained."""
        changes = dict(variant.changes)
        if variant.taught is not None:
            teacher = BY_NAME[variant.taught]
            weights = self.out / teacher.folder / AVERAGED
            changes["teacher"] = Teacher(weights, teacher.changes.get("shape", SHIPPED))
        return Plan(
            shards=self.out / variant.lines,
            validation=self.measured(variant),
            out=self.out / (variant if variant.averaged else VARIANTS[0]).folder,
            lines=self.looks,
            measured=10 * self.looks,
            seed=self.seed,
            processes=self.processes,
            device=self.device,
            columns=COLUMNS,
            **changes,
        )

    def errors(self, variant: Variant) -> dict[str, float]:
        """Character errors in per cent, by the set."""
        plan = self.plan(variant)
        if variant.averaged:
            last = (plan.out / LOG).read_text().splitlines()[-1]
            found: dict[str, float] = json.loads(last)["errors"]
            return found
        network = LineNetwork(charset(whole_syllables=plan.whole_syllables), plan.shape).to(plan.device)
        network.load_state_dict(torch.load(plan.out / CHECKPOINT, map_location=plan.device)["network"])
        return measure_sets(network, plan.validation)

    def train(self, variant: Variant) -> None:
        """Draws and trains, and first what the variant builds on, where that is not done."""
        if variant.taught is not None:
            self.train(BY_NAME[variant.taught])
        plan = self.plan(variant)
        # The log is written when a training ends.
        if not (plan.out / LOG).exists():
            self.draw(variant)
            train(plan)

    def run(self, variants: tuple[Variant, ...]) -> Iterator[tuple[str, dict[str, float]]]:
        """Draws, trains and measures one after another; those that are done already are not done again."""
        self.out.mkdir(parents=True, exist_ok=True)
        results = self.out / RESULTS
        done: dict[str, dict[str, float]] = json.loads(results.read_text()) if results.exists() else {}
        for variant in variants:
            if variant.name not in done:
                self.train(variant)
                done[variant.name] = self.errors(variant)
                incoming = results.with_suffix(".incoming")
                incoming.write_bytes(msgspec.json.format(msgspec.json.encode(done), indent=2))
                incoming.rename(results)
            yield variant.name, done[variant.name]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m processors.ocr.training.ablations", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder with the Korean texts")
    parser.add_argument("--npm", type=Path, action="append", default=[], help="folder of npm typefaces")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--looks", type=int, default=300_000, help="lines that each learns from, each look counted")
    parser.add_argument("--rendered", type=int, default=40_000, help="lines drawn for each way of drawing")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--variants", nargs="*", help="some of them, by name (default: all)")
    options = parser.parse_args()
    if unknown := [name for name in options.variants or () if name not in BY_NAME]:
        parser.error(f"no variant {unknown[0]!r}; there are: {', '.join(BY_NAME)}")
    study = Study(
        options.corpora,
        tuple(options.npm),
        options.out,
        options.looks,
        options.rendered,
        options.device,
        options.processes,
    )
    table = Table(title=f"{options.looks:,} looks at {options.rendered:,} lines (characters wrong, %)")
    for heading in ("variant", *SETS):
        table.add_column(heading, justify="left" if heading == "variant" else "right")
    for name, errors in study.run(tuple(BY_NAME[name] for name in options.variants or BY_NAME)):
        table.add_row(name, *(f"{errors[each]:.2f}" for each in SETS))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
