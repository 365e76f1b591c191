"""Texts tell what two screenshots share, and how sure that is."""

import pytest

from contracts.resources import Bubble, Kind, Position
from processors.merge.alignment import CONFIDENT, TextOverlap, overlap
from processors.merge.texts import evidence_matrix, normalised, readings, weight
from tests.processors.merge.chats import bubble

PRIOR = -4.0


def bubbles(*said: str) -> list[Bubble]:
    return [bubble(text, order) for order, text in enumerate(said)]


def evidence(one: Bubble, other: Bubble) -> float:
    return float(evidence_matrix([*readings([one]), *readings([other])])[0, 1])


def sure(found: TextOverlap) -> bool:
    return found.confidence(PRIOR) >= CONFIDENT


def test_line_breaks_and_blanks_say_nothing() -> None:
    assert normalised("오늘\n저녁 에") == normalised("오늘 저녁에")
    assert normalised("\u1100\u1161") == "가"


def test_long_texts_prove_more_than_short_ones_and_laughter_little() -> None:
    assert weight("") == 0.0
    assert weight("네") < weight("그래") < weight("내일 아침 여덟 시") <= weight("가나다라마바사" * 30)
    assert weight("ㅋㅋㅋㅋㅋㅋㅋㅋ") < weight("어디야")


def test_where_the_second_goes_on_the_pairs_say_which_message_is_which() -> None:
    left = bubbles("오늘 저녁에 뭐 먹을까", ">아무거나 다 좋아", "떡볶이 먹으러 가자")
    right = bubbles(">아무거나 다 좋아", "떡볶이 먹으러 가자", ">몇 시에 만날까?")
    found = overlap(left, right)
    assert found.pairs == ((1, 0), (2, 1))
    assert sure(found)


def test_the_direction_does_not_matter() -> None:
    left = bubbles(">아무거나 다 좋아", "떡볶이 먹으러 가자", ">몇 시에 만날까?")
    right = bubbles("오늘 저녁에 뭐 먹을까", ">아무거나 다 좋아", "떡볶이 먹으러 가자")
    assert overlap(left, right).pairs == ((0, 1), (1, 2))


def test_a_message_missing_on_one_side_is_bridged() -> None:
    left = bubbles("오늘 저녁에 뭐 먹을까", "여섯 시에 학교 앞에서 보자", "늦으면 먼저 들어간다")
    right = bubbles("오늘 저녁에 뭐 먹을까", "늦으면 먼저 들어간다", "알았지?")
    found = overlap(left, right)
    assert found.pairs == ((0, 0), (2, 1))
    assert sure(found)


def test_a_misread_message_between_equal_ones_is_still_the_same() -> None:
    left = bubbles("오늘 저녁에 뭐 먹을까", "응", "늦으면 먼저 들어간다")
    right = bubbles("오늘 저녁에 뭐 먹을까", "몸", "늦으면 먼저 들어간다")
    assert overlap(left, right).pairs == ((0, 0), (1, 1), (2, 2))


def test_equal_texts_of_different_people_are_different_messages() -> None:
    left = bubbles("오늘 저녁에 뭐 먹을까", "응 그러자")
    right = bubbles(">오늘 저녁에 뭐 먹을까", ">응 그러자")
    assert not sure(overlap(left, right))


def test_an_uncertain_speaker_is_no_proof_against() -> None:
    one = bubble("오늘 저녁에 뭐 먹을까", 0)
    other = bubble(">오늘 저녁에 뭐 먹을까", 0, uncertain=True)
    assert evidence(one, other) > 5.0


def test_nothing_in_common_gives_no_overlap() -> None:
    found = overlap(bubbles("오늘 저녁에 뭐 먹을까"), bubbles("버스가 아직도 안 왔어"))
    assert found.pairs == ()
    assert found.confidence(0.0) == 0.0


def test_empty_lists_give_no_overlap() -> None:
    assert overlap([], bubbles("네")).pairs == ()
    assert overlap([], []).pairs == ()


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        ("내일 아침 여덟 시에 학교 앞에서 보자", "~내일 아침 여덟 시에 학"),
        ("내일 아침 여덟 시에 학교 앞에서 보자", "~내일 아침 여덜 시에 학"),
        ("내일 아침 여덟 시에 학교 앞에서 보자", "~내일 침 여덟 시에 학"),
    ],
)
def test_the_start_of_a_message_cut_by_the_lower_edge_proves_it(whole: str, cut: str) -> None:
    left = bubbles("오늘 저녁에 뭐 먹을까", cut)
    right = bubbles("오늘 저녁에 뭐 먹을까", whole, "알았지?")
    found = overlap(left, right)
    assert found.pairs == ((0, 0), (1, 1))
    one, other = readings(left)[1], readings(right)[1]
    assert evidence_matrix([one, other])[0, 1] > 5.0


def test_the_end_of_a_message_cut_by_the_upper_edge_proves_it() -> None:
    left = readings(bubbles("어디야", "내일 아침 여덟 시에 학교 앞에서 보자"))
    right = readings(bubbles("~시에 학교 앞에서 보자", "알았지?"))
    assert evidence_matrix([left[1], right[0]])[0, 1] > 5.0
    assert evidence_matrix([left[0], right[0]])[0, 1] < 0.0


def test_a_remnant_that_cannot_be_read_hardly_counts() -> None:
    left = bubbles("오늘 저녁에 뭐 먹을까", "내일 아침 여덟 시에 보자")
    right = bubbles("~ㅢ", "내일 아침 여덟 시에 보자", "알았지?")
    assert overlap(left, right).pairs == ((0, 0), (1, 1))


def test_runs_of_one_message_prove_less_than_as_many_different_ones() -> None:
    run = overlap(bubbles("ㅋㅋㅋ", "ㅋㅋㅋ", "ㅋㅋㅋ"), bubbles("ㅋㅋㅋ", "ㅋㅋㅋ", "ㅋㅋㅋ"))
    different = overlap(bubbles("ㅋㅋㅋ", "헐", "대박"), bubbles("ㅋㅋㅋ", "헐", "대박"))
    assert run.confidence(PRIOR) < CONFIDENT < different.confidence(PRIOR)


def test_other_times_say_other_messages() -> None:
    one = bubble("퇴근했어?", 0, sent_at="오후 6:01")
    other = bubble("퇴근했어?", 0, sent_at="오후 7:31")
    assert evidence(one, other) < 2.0 < evidence(one, one)


@pytest.mark.parametrize(
    ("kind", "size", "least", "most"),
    [("photo", 300.0, 1.0, 5.0), ("photo", 420.0, -5.0, 0.0), ("sticker", 300.0, -6.0, 0.5)],
)
def test_photos_are_compared_by_kind_and_size(kind: Kind, size: float, least: float, most: float) -> None:
    place = Position(x=100.0, y=200.0, width=300.0, height=300.0)
    one = bubble("", 0, kind="photo", position=place)
    other = bubble("", 0, kind=kind, position=Position(x=100.0, y=900.0, width=size, height=size))
    assert least <= evidence(one, other) <= most


def test_a_photo_is_no_text() -> None:
    assert evidence(bubble("", 0, kind="photo"), bubble("오늘 저녁에 뭐 먹을까", 0)) < 0.0
