"""Readings of one bubble that differ are settled by what each holds possible; agreement clears doubt."""

from collections.abc import Mapping

import pytest

from contracts.resources import Bubble, Doubt, TextLine
from processors.merge.settling import SURE, agreed, settle
from processors.ocr.calibration import load_calibration
from tests.processors.merge.chats import bubble

Others = Mapping[int, tuple[float, dict[str, float]]]


def reading(
    text: str, doubts: Others | None = None, *, height: float = 120.0, confidence: float = 0.9, uncertain: bool = False
) -> Bubble:
    """A reading of lines parted by a line break; `doubts` are those of the first line, by place."""
    shape = bubble(text, 0, height=height)
    first, *rest = shape.text.split("\n")
    marked = tuple(Doubt(place=place, probability=p, others=others) for place, (p, others) in (doubts or {}).items())
    lines = [
        TextLine(text=first, confidence=confidence, position=shape.position, doubts=marked),
        *(TextLine(text=line, confidence=confidence, position=shape.position) for line in rest),
    ]
    return bubble(text, 0, height=height, confidence=confidence, uncertain=uncertain, lines=tuple(lines))


def test_what_one_reads_and_the_other_holds_possible_wins() -> None:
    best = reading("오늘 처녁", {3: (0.55, {"저": 0.42})})
    other = reading("오늘 저녁")
    assert settle(best, [best, other]).text == "오늘 저녁"


def test_the_product_of_both_decides() -> None:
    doubtful = reading("오늘 저녁", {3: (0.5, {"처": 0.45})})
    assert settle(reading("오늘 처녁", {3: (0.9, {"저": 0.06})}), [doubtful]).text == "오늘 처녁"
    assert settle(reading("오늘 처녁", {3: (0.5, {"저": 0.48})}), [doubtful]).text == "오늘 저녁"


def test_a_character_that_the_best_reading_rules_out_is_not_taken() -> None:
    assert settle(reading("오늘 처녁"), [reading("오늘 저녁")]).text == "오늘 처녁"


def test_each_character_is_settled_by_itself() -> None:
    one = reading("7시 반에 봐", {0: (0.5, {"1": 0.45})})
    other = reading("1시 반에 뫄", {5: (0.4, {}), 6: (0.6, {"봐": 0.38})})
    assert settle(one, [other]).text == "1시 반에 봐"


def test_blanks_and_line_breaks_are_those_of_the_best_reading() -> None:
    best = reading("오늘 처녁에\n뭐 먹을까", {3: (0.5, {"저": 0.45})})
    assert settle(best, [reading("오늘저녁에 뭐\n먹을까")]).text == "오늘 저녁에\n뭐 먹을까"


def test_readings_of_unlike_length_are_aligned() -> None:
    best = reading("아 오늘 처녁", {5: (0.5, {"저": 0.45})})
    assert settle(best, [reading("오늘 저녁")]).text == "아 오늘 저녁"


@pytest.mark.parametrize("other", [bubble("~오늘 저", 0), bubble("전혀 다른 말이다", 0)])
def test_pieces_and_other_texts_have_no_say(other: Bubble) -> None:
    best = reading("오늘 처녁", {3: (0.5, {"저": 0.45})}, uncertain=True, confidence=0.5)
    assert settle(best, [other]) == ("오늘 처녁", 0.5, True)


def test_a_doubt_is_cleared_where_the_text_reads_the_same_at_another_size() -> None:
    best = reading("오늘 저녁", confidence=0.75, uncertain=True)
    settled = settle(best, [reading("오늘 저녁", confidence=0.75, uncertain=True, height=90)])
    assert not settled.uncertain
    assert settled.confidence > 0.8


def test_the_same_pixels_seen_twice_prove_nothing() -> None:
    best = reading("오늘 저녁", confidence=0.6, uncertain=True)
    assert settle(best, [best, reading("오늘 저녁", confidence=0.6, uncertain=True)]) == ("오늘 저녁", 0.6, True)


def test_agreement_on_the_text_does_not_settle_who_speaks() -> None:
    best = reading("오늘 저녁", confidence=0.97, uncertain=True)
    assert settle(best, [reading("오늘 저녁", confidence=0.97, height=90, uncertain=True)]).uncertain


def test_agreement_makes_surer_the_surer_each_is() -> None:
    assert 0.6 < agreed(0.6, 0.6) < agreed(0.6, 0.9) < agreed(0.9, 0.9) < 1
    assert agreed(0.9, 0.0) == 0.9


def test_doubt_is_cleared_from_where_the_reader_would_not_doubt() -> None:
    """Merging may not know the reader, so its bound is a number of its own: it is to follow a new calibration."""
    assert pytest.approx(load_calibration().uncertain, abs=0.01) == SURE
