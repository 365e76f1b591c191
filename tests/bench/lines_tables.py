"""The tables that `tests.bench.lines` prints."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Outcome(NamedTuple):
    """One bubble read once. `edits` of `letters` leave blanks and emoji aside, `spaced_…` counts blanks and breaks."""

    category: str
    perturbation: str
    expected: tuple[str, ...]
    got: tuple[str, ...]
    letters: int
    edits: int
    spaced_letters: int
    spaced_edits: int
    detections: int
    recognitions: int
    find_ms: float
    read_ms: float

    @property
    def wrong(self) -> bool:
        """Whether the number of lines is wrong."""
        return len(self.expected) != len(self.got)


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def cell(outcomes: Sequence[Outcome]) -> str:
    """Wrong line counts (%) and character error rate (%)."""
    if not outcomes:
        return "–"
    wrong = percent(sum(each.wrong for each in outcomes), len(outcomes))
    return f"{wrong} / {percent(sum(each.edits for each in outcomes), sum(each.letters for each in outcomes))}"


def by_category(outcomes: Sequence[Outcome], perturbations: Sequence[str]) -> Table:
    """One row a category, one column a perturbation; and all of a row."""
    table = Table(title="Bubbles with a wrong number of lines % / CER %")
    table.add_column("category", no_wrap=True)
    for heading in ("bubbles", *perturbations, "all", "detector"):
        table.add_column(heading, justify="right", no_wrap=True)
    for category in [*dict.fromkeys(each.category for each in outcomes), ""]:
        mine = [each for each in outcomes if category in ("", each.category)]
        table.add_row(
            category or "all",
            str(sum(each.perturbation == perturbations[0] for each in mine)),
            *(cell([each for each in mine if each.perturbation == name]) for name in perturbations),
            cell(mine),
            str(sum(each.detections for each in mine)),
        )
    return table


def by_perturbation(outcomes: Sequence[Outcome]) -> Table:
    """One row a perturbation: errors, what was asked of PP-OCRv5, and time."""
    table = Table(title="By perturbation")
    for heading in (
        "perturbation", "bubbles", "wrong lines %", "CER %", "with blanks and breaks %", "detector asked",
        "second recogniser asked", "find ms (median)", "find ms (mean)", "read ms (median)",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "perturbation" else "right")
    for name in [*dict.fromkeys(each.perturbation for each in outcomes), ""]:
        mine = [each for each in outcomes if name in ("", each.perturbation)]
        table.add_row(
            name or "all",
            str(len(mine)),
            percent(sum(each.wrong for each in mine), len(mine)),
            percent(sum(each.edits for each in mine), sum(each.letters for each in mine)),
            percent(sum(each.spaced_edits for each in mine), sum(each.spaced_letters for each in mine)),
            str(sum(each.detections for each in mine)),
            str(sum(each.recognitions for each in mine)),
            f"{sorted(each.find_ms for each in mine)[len(mine) // 2]:.2f}",
            f"{sum(each.find_ms for each in mine) / len(mine):.2f}",
            f"{sorted(each.read_ms for each in mine)[len(mine) // 2]:.1f}",
        )
    return table


def print_faults(console: Console, outcomes: Sequence[Outcome], count: int) -> None:
    """The first `count` wrong line counts of every category."""
    for category in dict.fromkeys(each.category for each in outcomes):
        wrong = [each for each in outcomes if each.category == category and each.wrong]
        for each in wrong[:count]:
            console.print(
                f"{category}, {each.perturbation}: {list(each.expected)} → {list(each.got)}", markup=False, style="dim"
            )
