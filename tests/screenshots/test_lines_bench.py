"""The benchmark of lines draws what it says and measures it."""

import io

import pytest
from rich.console import Console

from tests.bench.hard_bubbles import CATEGORIES, draw_hard
from tests.bench.lines import PERTURBATIONS, LineBench, Perturbation, drawn_cases, hard_cases, perturbed
from tests.bench.lines_tables import by_category, by_perturbation


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_hard_bubble_is_the_same_every_time_and_lies_in_its_picture(category: str) -> None:
    bubble, again = draw_hard(category, 0, 1), draw_hard(category, 0, 1)
    assert bubble.image.tobytes() == again.image.tobytes()
    assert bubble.lines
    assert all(line.strip() for line in bubble.lines)
    assert 0 <= bubble.box.left < bubble.box.right <= bubble.image.width
    assert 0 <= bubble.box.top < bubble.box.bottom <= bubble.image.height


def test_a_scaled_screen_shows_the_same_bubble() -> None:
    case = next(hard_cases(1, 1))
    seen = perturbed(case, Perturbation("half", scale=0.5))
    assert seen is not None
    assert abs(seen[1].width - 0.5 * case.box.width) <= 1
    assert abs(seen[1].height - 0.5 * case.box.height) <= 1


def test_bubbles_of_a_look_are_read_and_counted() -> None:
    bench = LineBench("tokstream")
    cases = list(drawn_cases(["kakao-ios-light"], 1, 1))
    outcomes = [outcome for case in cases if (outcome := bench.outcome(case, PERTURBATIONS[0]))]
    assert len(outcomes) == len(cases) > 0
    assert sum(outcome.wrong for outcome in outcomes) <= 0.2 * len(outcomes)
    assert sum(outcome.edits for outcome in outcomes) < 0.2 * sum(outcome.letters for outcome in outcomes)
    console = Console(file=io.StringIO(), width=220)
    console.print(by_category(outcomes, [PERTURBATIONS[0].name]), by_perturbation(outcomes))
    assert isinstance(console.file, io.StringIO)
    assert "kakao-ios-light" in console.file.getvalue()
