"""The figures of the merging benchmark, on fewer conversations."""

import pytest

from tests.bench.merging import CASES, run

ENOUGH = {
    "overlap 2-5": 0.9,
    "overlap 2": 0.85,
    "overlap 3": 0.95,
    "overlap 2-5, shuffled": 0.85,
    "overlap 2-5, shuffled, doubled": 0.85,
    "none": 1.0,
    "none, shuffled": 1.0,
}


@pytest.mark.parametrize("name", ENOUGH)
def test_conversations_merge_by_text_alone(name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    tally = run(case, 40)
    assert tally.perfect / tally.conversations >= ENOUGH[name], tally


def test_what_shares_nothing_is_never_joined() -> None:
    (case,) = [case for case in CASES if case.name == "none"]
    tally = run(case, 40)
    assert tally.joins > 200
    assert tally.missed_joins == 0
    assert tally.mixed == 0
