"""What must agree before equal pictures or equal texts are taken for one stretch of a conversation."""

import pytest

from contracts.resources import Bubble
from processors.merge.images import ImageAlignment, Rows
from processors.merge.proof import Same, contradict, overlooked, prove
from processors.merge.texts import evidence_matrix, readings
from tests.processors.merge.chats import bubble, merged, shot

LONG = "the meeting on thursday starts at half past nine"


def proven(left: list[Bubble], right: list[Bubble], agreement: float = 1.0) -> bool:
    """Whether bubbles that lie at one place, first on first, prove an overlap."""
    same = [Same(place, *pair) for place, pair in enumerate(zip(left, right, strict=True))]
    return prove(same, evidence_matrix(readings(left)), agreement)


def test_two_messages_that_differ_prove_an_overlap() -> None:
    both = [bubble("are you there", 0), bubble(">nearly", 1)]
    assert proven(both, both, agreement=0.7)


def test_one_message_written_twice_in_a_row_proves_nothing() -> None:
    assert not proven([bubble("almost there", 0)], [bubble("almost there", 0)])
    assert not proven([bubble("almost there", 0)] * 3, [bubble("almost there", 0)] * 3)


def test_a_time_beside_one_of_the_two_alone_denies_it() -> None:
    assert not proven([bubble(LONG, 0)], [bubble(LONG, 0, sent_at="8:02 PM")], agreement=0.98)
    assert proven([bubble(LONG, 0, partial=True)], [bubble(LONG, 0, sent_at="8:02 PM")], agreement=0.98)


def test_a_time_that_was_not_read_denies_nothing_where_the_pictures_are_equal() -> None:
    assert proven([bubble(LONG, 0)], [bubble(LONG, 0, sent_at="8:02 PM")], agreement=1.0)


def test_one_message_is_enough_where_it_is_long_or_dated_or_cut_in_both() -> None:
    assert proven([bubble(LONG, 0)], [bubble(LONG, 0)])
    dated = bubble("almost there", 0, sent_at="8:02 PM")
    assert proven([dated], [dated])
    cut = bubble("~almost there", 0)
    assert proven([cut], [cut])


@pytest.mark.parametrize("text", ["ok", "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ"])
def test_what_is_said_every_day_is_never_enough_alone(text: str) -> None:
    dated = bubble(text, 0, sent_at="8:02 PM")
    assert not proven([dated], [dated])


def test_one_long_message_needs_its_surroundings_to_agree() -> None:
    assert not proven([bubble(LONG, 0)], [bubble(LONG, 0)], agreement=0.9)


def test_of_equal_messages_the_last_of_a_minute_is_another() -> None:
    both = [bubble("ㅋㅋㅋ", 0), bubble("ㅋㅋㅋ", 1, sent_at="8:02 PM")]
    assert proven(both, both)
    assert not proven(both, [both[0], bubble("ㅋㅋㅋ", 1, sent_at="8:03 PM")])


@pytest.mark.parametrize(
    ("telling", "confidence", "agreement", "found"),
    [
        (tuple(range(1000, 1400, 5)), 1.0, 1.0, True),
        (tuple(range(1000, 1400, 5)), 0.8, 1.0, False),
        (tuple(range(1000, 1400, 5)), 1.0, 0.9, False),
        (tuple(range(1350, 1400)), 1.0, 1.0, False),
        ((1000, 1200, 1400), 1.0, 1.0, False),
        (tuple(range(1420, 1720)), 1.0, 1.0, False),
    ],
    ids=["a sticker", "repeated", "not the same", "one line", "hardly anything", "name and bubble"],
)
def test_what_the_reader_overlooked_in_both_is_seen_in_the_pictures(
    telling: tuple[int, ...], confidence: float, agreement: float, found: bool
) -> None:
    said = bubble("where are you", 0, top=1500.0)
    image = ImageAlignment(900, confidence, Rows(950, 1750), agreement, telling)
    same = [Same(0, said, said)]
    more = overlooked(same, image, 1000.0)
    assert more is found
    assert prove(same, evidence_matrix(readings([said])), agreement, more) is found


def test_nothing_shared_proves_nothing() -> None:
    assert not proven([], [])


def test_pictures_alone_prove_nothing_where_no_bubble_was_read_in_both() -> None:
    image = ImageAlignment(900, 1.0, Rows(950, 1750), 1.0, tuple(range(1000, 1700)))
    assert not overlooked([], image, 1000.0)


def test_speakers_and_times_contradict_only_where_the_reader_vouches_for_both() -> None:
    assert contradict(bubble("yes", 0), bubble(">yes", 0))
    assert not contradict(bubble("yes", 0), bubble(">yes", 0, uncertain=True))
    assert contradict(bubble("yes", 0, sent_at="8:02 PM"), bubble("yes", 0, sent_at="8:03 PM"))
    assert not contradict(bubble("yes", 0, sent_at="8:02 PM"), bubble("yes", 0))
    assert not contradict(bubble("yes", 0, sent_at="8:02 PM"), bubble("yes", 0, sent_at="8:02PM"))


@pytest.mark.parametrize(("times", "gap"), [((None, None), False), (("4:47 PM", "6:04 PM"), True)])
def test_texts_do_not_join_what_two_times_or_two_people_say(times: tuple[str | None, str | None], gap: bool) -> None:
    shared = ["no, I am far too tired for that", ">then come tomorrow without fail"]
    left = [bubble("what about tonight", 0), *(bubble(text, n + 1, sent_at=times[0]) for n, text in enumerate(shared))]
    right = [*(bubble(text, n, sent_at=times[1]) for n, text in enumerate(shared)), bubble("see you then", 2)]
    assert merged(shot("a", left), shot("b", right)).info.merge_history[0].gap is gap


def test_texts_do_not_join_what_the_other_side_says() -> None:
    left = ["what about tonight", "no, I am far too tired for that", ">then come tomorrow without fail"]
    right = [">no, I am far too tired for that", "then come tomorrow without fail", "see you then"]
    assert merged(shot("a", left), shot("b", right)).info.merge_history[0].gap
