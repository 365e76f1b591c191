"""Of several readings of one message the best is told, filled up from the others."""

import msgspec

from contracts.resources import Bubble
from processors.merge.readings import Line, Seen, best_reading, join_lines, message
from tests.processors.merge.chats import bubble, extraction


def seen(one: Bubble, name: str = "a", frame: int = 0, offset: float = 0.0) -> Seen:
    return Seen(extraction(name, [one]), one, frame, offset, 1.0)


def best(*bubbles: Bubble) -> str:
    return best_reading([seen(one, str(number), number) for number, one in enumerate(bubbles)]).bubble.text


def test_whole_goes_before_cut_and_sure_before_uncertain() -> None:
    assert best(bubble("~오늘 저", 0, confidence=1.0), bubble("오늘 저녁", 0, confidence=0.3)) == "오늘 저녁"
    assert best(bubble("오늘 처녁", 0, uncertain=True, confidence=1.0), bubble("오늘 저녁", 0)) == "오늘 저녁"


def test_two_that_agree_outvote_a_surer_one() -> None:
    said = [bubble("오늘 처녁", 0, confidence=0.99), *[bubble("오늘 저녁", 0, confidence=0.7)] * 2]
    assert best(*said) == "오늘 저녁"


def test_what_a_button_hides_is_told_from_where_it_is_seen() -> None:
    assert best(bubble("평점 남", 0, confidence=0.99), bubble("평점 남기기", 0, confidence=0.9)) == "평점 남기기"


def test_a_piece_of_a_split_bubble_does_not_stand_for_the_whole() -> None:
    whole = bubble("오늘 저녁에\n뭐 먹을까", 0, height=200, confidence=0.8)
    piece = bubble("뭐 먹을까", 0, height=80, confidence=0.99)
    assert best_reading([seen(piece), seen(whole, "b")]).bubble.text == whole.text


def test_name_and_time_come_from_whoever_shows_them() -> None:
    unnamed = bubble("오늘 저녁에 뭐 먹을까", 0, confidence=0.95)
    named = bubble("오늘 저녁에 뭐 먹을까", 0, sender="민지", sent_at="오후 3:00")
    told = message([seen(unnamed), seen(named, "b")], 7, 2)
    assert (told.sender, told.sent_at, told.message_id, told.order, told.group_id) == (
        "민지",
        "오후 3:00",
        "msg-007",
        6,
        2,
    )


def test_an_uncertain_speaker_is_put_to_the_vote() -> None:
    said = [bubble(">네", 0, uncertain=True, confidence=0.9), *[bubble("네", 0, uncertain=True, confidence=0.5)] * 2]
    assert message([seen(one, str(number)) for number, one in enumerate(said)], 1, 1).speaker == "interlocutor"


def test_a_message_cut_everywhere_stays_cut() -> None:
    head = msgspec.structs.replace(bubble("~오늘", 0), position=bubble("", 0, top=2080, height=120).position)
    told = message([seen(head)], 1, 1)
    assert told.partial
    assert told.text == "오늘"


def test_halves_of_screenshots_that_only_the_text_joined_are_not_put_together() -> None:
    head = bubble("~오늘 저녁에", 0, top=2080, height=120)
    tail = bubble("~뭐 먹을까", 0, top=180, height=100)
    assert message([seen(head, "a", 0), seen(tail, "b", 1)], 1, 1).partial


def test_lines_that_both_pieces_show_are_told_once() -> None:
    upper = [Line("첫째 줄", 0, 30, 0.9), Line("둘째 줄", 40, 70, 0.9), Line("셋찌", 80, 95, 0.9)]
    lower = [Line("둘째 쥴", 42, 71, 0.5), Line("셋째 줄", 81, 111, 0.6), Line("넷째 줄", 120, 150, 0.9)]
    assert [line.text for line in join_lines(upper, lower)] == ["첫째 줄", "둘째 줄", "셋째 줄", "넷째 줄"]


def test_the_sure_say_who_speaks() -> None:
    unsure = bubble("오늘 저녁에 뭐 먹을까", 0, uncertain=True)
    sure = bubble(">~오늘 저녁", 0)
    assert message([seen(unsure), seen(sure, "b")], 1, 1).speaker == "user"


def test_two_sure_readings_outvote_a_third() -> None:
    said = [bubble(">오늘 저녁에 뭐 먹을까", 0, confidence=0.99), *[bubble("오늘 저녁에 뭐 먹을까", 0)] * 2]
    assert message([seen(one, str(number), number) for number, one in enumerate(said)], 1, 1).speaker == "interlocutor"
