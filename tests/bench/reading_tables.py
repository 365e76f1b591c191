"""The tables that `tests.bench.reading` prints."""

from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tests.screenshots.scoring import Failure, ShotScore
from tests.screenshots.sequences import SequenceScore


class Row(NamedTuple):
    """The result of one look."""

    look: str
    shots: ShotScore
    provable: SequenceScore
    others: SequenceScore
    seconds: tuple[float, ...]
    layouts: tuple[float, ...]
    merges: tuple[float, ...]
    peak: float


def share(part: int, whole: int) -> str:
    """A percentage, or a dash where there is nothing to count."""
    return f"{100 * part / whole:.2f}" if whole else "–"


def shot_table(rows: list[Row], engine: str) -> Table:
    """What was read, one row a look and one for all."""
    table = Table(title=f"Screenshots, engine {engine} (%; IoU ≥ 0.5)")
    for heading in (
        "look", "shots", "bubbles", "recall", "precision", "speaker", "CER", "order", "cut", "kind", "sender", "time",
        "s/shot", "layout s", "peak MB",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "look" else "right", no_wrap=heading == "look")
    for row in [*rows, all_looks(rows)]:
        score = row.shots
        table.add_row(
            row.look,
            str(score.shots),
            str(score.required),
            share(score.found, score.required),
            share(score.right, score.predicted),
            share(score.speakers_right, score.speakers),
            share(score.distance, score.letters),
            share(score.pairs_in_order, score.pairs),
            share(score.cut_found, score.cut),
            share(score.kinds_right, score.found),
            share(score.senders_right, score.senders),
            share(score.times_right, score.times),
            f"{sum(row.seconds) / max(1, len(row.seconds)):.3f}",
            f"{sum(row.layouts) / max(1, len(row.layouts)):.3f}",
            f"{row.peak:.0f}",
            end_section=row is rows[-1],
        )
    return table


def all_looks(rows: list[Row], name: str = "all") -> Row:
    """The screenshots of all looks as one row."""
    return Row(
        name,
        sum((row.shots for row in rows), ShotScore()),
        SequenceScore(),
        SequenceScore(),
        tuple(second for row in rows for second in row.seconds),
        tuple(second for row in rows for second in row.layouts),
        (),
        max(row.peak for row in rows),
    )


def comparison_table(results: dict[str, list[Row]]) -> Table:
    """The engines side by side on the same screenshots: all looks together, a row an engine."""
    table = Table(title="Engines on the same screenshots (%)")
    for heading in ("engine", "recall", "precision", "speaker", "CER", "s/shot", "peak MB"):
        table.add_column(heading, justify="left" if heading == "engine" else "right")
    for row in (all_looks(rows, engine) for engine, rows in results.items()):
        score = row.shots
        table.add_row(
            row.look,
            share(score.found, score.required),
            share(score.right, score.predicted),
            share(score.speakers_right, score.speakers),
            share(score.distance, score.letters),
            f"{sum(row.seconds) / max(1, len(row.seconds)):.3f}",
            f"{row.peak:.0f}",
        )
    return table


def sequence_table(rows: list[Row]) -> Table:
    """What was merged, one row a look and one for all.

    `seq` counts the sequences that share two messages at every join, `perfect` (%) those of them without any fault
    of the pipeline, `merge alone` (%) without a fault of merging. `other seq` share less, or nothing (`open gaps`:
    left open / all).
    """
    table = Table(title="Sequences")
    for heading in (
        "look",
        "seq",
        "perfect",
        "merge alone",
        "messages",
        "twice",
        "missing",
        "joined wrongly",
        "misplaced",
        "invented",
        "torn",
        "other seq",
        "perfect",
        "open gaps",
        "s/merge",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "look" else "right", no_wrap=heading == "look")
    total = Row(
        "all",
        ShotScore(),
        sum((row.provable for row in rows), SequenceScore()),
        sum((row.others for row in rows), SequenceScore()),
        (),
        (),
        tuple(second for row in rows for second in row.merges),
        0,
    )
    for row in [*rows, total]:
        score, both = row.provable, row.provable + row.others
        table.add_row(
            row.look,
            str(score.sequences),
            share(score.perfect, score.sequences),
            share(score.perfect_merges, score.sequences),
            str(both.messages),
            str(both.duplicated),
            str(both.missing),
            str(both.wrongly_joined),
            str(both.misplaced),
            str(both.invented),
            str(both.torn),
            str(row.others.sequences),
            share(row.others.perfect, row.others.sequences),
            f"{both.gaps_explicit}/{both.gaps}",
            f"{sum(row.merges) / max(1, len(row.merges)):.3f}",
            end_section=row is rows[-1],
        )
    return table


def print_failures(console: Console, rows: list[Row], count: int) -> None:
    """The first `count` faults of every look."""
    for row in rows:
        kinds: dict[str, list[Failure]] = {}
        for failure in row.shots.failures:
            kinds.setdefault(failure.kind, []).append(failure)
        for kind, failures in sorted(kinds.items()):
            console.print(f"{row.look}: {len(failures)} × {kind}", markup=False)
            for failure in failures[:count]:
                console.print(f"   {failure.expected!r} → {failure.got!r} {failure.box}", markup=False)
