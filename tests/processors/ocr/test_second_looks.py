"""Doubtful lines are looked at again, and the reading of most looks is kept."""

from collections.abc import Sequence

import pytest

from processors.ocr.engines.port import Image, Recognition
from processors.ocr.engines.regions import SECOND_LOOKS, ProjectionReader
from tests.processors.ocr.test_lines_projection import drawn

IMAGE, REGION = drawn(["Hello there"])


class Looks:
    """Answers the first look with the first text, the further ones with the others in turn."""

    name = "looks"

    def __init__(self, *answers: tuple[str, float]) -> None:
        self.answers = list(answers)
        self.seen = 0

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        told = self.answers[self.seen : self.seen + len(lines)]
        self.seen += len(lines)
        return [Recognition(text, p, (p,) * len(text), self.name) for text, p in told]


def read(*answers: tuple[str, float]) -> Recognition:
    (line,) = ProjectionReader(Looks(*answers)).read(IMAGE, REGION).lines
    return line.recognition


def test_a_sure_line_is_looked_at_once() -> None:
    looks = Looks(("sure", 0.99))
    (line,) = ProjectionReader(looks).read(IMAGE, REGION).lines
    assert looks.seen == 1
    assert line.recognition.agreement == 1


def test_a_line_that_may_lack_a_character_is_looked_at_again() -> None:
    """The characters that were read are all sure of themselves then."""

    class Lacking(Looks):
        def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
            return [answer._replace(omitted=0.4) for answer in super().recognise(lines)]

    looks = Lacking(("5시 0분", 0.99), *[("5시 20분", 0.99)] * len(SECOND_LOOKS))
    (line,) = ProjectionReader(looks).read(IMAGE, REGION).lines
    assert line.recognition.text == "5시 20분"
    assert line.recognition.agreement == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("further", "kept", "agreement"),
    [
        (("new", "new", "new"), "new", 2 / 3),
        (("first", "new", "other"), "first", 1 / 3),
        (("first", "first", "first"), "first", 1),
        (("new", "other", "another"), "another", 0),
    ],
)
def test_most_looks_decide_and_where_they_part_the_surest(further: Sequence[str], kept: str, agreement: float) -> None:
    assert len(further) == len(SECOND_LOOKS)
    answer = read(("first", 0.6), *zip(further, (0.7, 0.8, 0.85), strict=True))
    assert answer.text == kept
    assert answer.agreement == pytest.approx(agreement)
