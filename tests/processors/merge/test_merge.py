"""Screenshots become one conversation: nothing twice, nothing lost, nothing invented."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.resources import Extraction
from processors.merge.merge import merge
from processors.merge.shots import Shot
from tests.processors.merge.chats import SESSION, bubble, extraction, merged, shot, texts

FIRST = ["오늘 저녁에 뭐 먹을까", ">아무거나 다 좋아", "그럼 떡볶이 먹으러 가자", ">몇 시에 만날까?"]
SECOND = ["그럼 떡볶이 먹으러 가자", ">몇 시에 만날까?", "여섯 시 반 어때", ">좋아 거기서 봐"]
WHOLE = [*FIRST, *SECOND[2:]]


def test_two_overlapping_screenshots_become_one_conversation() -> None:
    result = merged(shot("a", FIRST), shot("b", SECOND))
    assert texts(result.messages) == WHOLE
    (step,) = result.info.merge_history
    assert (step.step, step.overlap_found, step.overlap_length, step.method, step.gap) == (1, True, 2, "text", False)
    assert (step.left_screenshot_id, step.right_screenshot_id) == ("a", "b")
    assert step.confidence >= 0.9
    assert result.info.total_merged == len(WHOLE)
    assert result.info.order == ("a", "b")


def test_every_message_names_all_the_screenshots_and_boxes_that_show_it() -> None:
    result = merged(shot("a", FIRST), shot("b", SECOND))
    shared = result.messages[2]
    assert [(source.screenshot_id, source.order, source.position.y) for source in shared.sources] == [
        ("a", 2, 520.0),
        ("b", 0, 200.0),
    ]
    assert shared.screenshot_id in {"a", "b"}
    assert [len(message.sources) for message in result.messages] == [1, 1, 2, 2, 1, 1]


def test_messages_are_numbered_and_grouped_anew() -> None:
    result = merged(shot("a", ["안녕하세요", "처음 뵙겠습니다", ">네 반갑습니다", "네"]))
    assert [message.message_id for message in result.messages] == ["msg-001", "msg-002", "msg-003", "msg-004"]
    assert [message.order for message in result.messages] == [0, 1, 2, 3]
    assert [message.group_id for message in result.messages] == [1, 1, 2, 3]


def test_people_in_a_room_are_told_apart_by_name() -> None:
    room = [bubble("나 왔어", 0, sender="민지"), bubble("어서 와", 1, sender="하늘"), bubble("응", 2)]
    assert [message.group_id for message in merged(shot("a", room)).messages] == [1, 2, 2]


def test_errors_of_the_reader_do_not_part_what_belongs_together() -> None:
    misread = ["그럼 떡볶미 먹으러 가자", ">몇 시에 만날까?", *SECOND[2:]]
    assert len(merged(shot("a", FIRST), shot("b", misread)).messages) == len(WHOLE)


def test_the_surer_reading_is_kept() -> None:
    left = [
        bubble("오늘 저녁에 뭐 먹을까", 0),
        bubble("떡볶미 먹으러 가자", 1, confidence=0.6),
        bubble("여섯 시 반에", 2),
    ]
    right = [bubble("떡볶이 먹으러 가자", 0, confidence=0.9), bubble("여섯 시 반에", 1), bubble("늦지 마", 2)]
    result = merged(shot("a", left), shot("b", right))
    assert result.messages[1].text == "떡볶이 먹으러 가자"
    assert result.messages[1].screenshot_id == "b"
    assert len(result.messages) == 4


def test_a_bubble_that_is_whole_in_one_screenshot_is_not_cut_in_the_conversation() -> None:
    left = [*FIRST, "~여섯 시"]
    right = ["~볶이 먹으러 가자", ">몇 시에 만날까?", "여섯 시 반 어때", ">좋아 거기서 봐"]
    result = merged(shot("a", left), shot("b", right))
    assert texts(result.messages) == WHOLE
    assert not any(message.partial for message in result.messages)


def test_without_overlap_screenshots_are_appended_behind_an_explicit_gap() -> None:
    result = merged(shot("a", FIRST[:2]), shot("b", SECOND[2:]))
    assert texts(result.messages) == [*FIRST[:2], *SECOND[2:]]
    (step,) = result.info.merge_history
    assert (step.overlap_found, step.overlap_length, step.method, step.gap) == (False, 0, "none", True)


def test_a_gap_parts_runs_of_one_sender() -> None:
    result = merged(shot("a", ["이것 좀 봐"]), shot("b", ["어제 그 영화 진짜 재밌었어"]))
    assert [message.group_id for message in result.messages] == [1, 2]


@pytest.mark.parametrize("short", ["네", "ㅋㅋㅋ", "ㅇㅇ"])
def test_one_short_message_in_common_proves_nothing(short: str) -> None:
    result = merged(shot("a", ["오늘 저녁에 뭐 먹을까", short]), shot("b", [short, "여섯 시 반 어때"]))
    assert result.info.merge_history[0].gap
    assert len(result.messages) == 4


def test_a_run_of_equal_messages_that_fits_in_several_ways_is_left_open() -> None:
    result = merged(shot("a", ["오늘 진짜 웃겼어", *["ㅋㅋㅋ"] * 4]), shot("b", [*["ㅋㅋㅋ"] * 4, "아 배 아파"]))
    assert result.info.merge_history[0].gap


def test_the_order_of_uploads_does_not_matter() -> None:
    third = ["여섯 시 반 어때", ">좋아 거기서 봐", "우산 꼭 챙겨 와", ">비 온대?"]
    result = merged(shot("c", third), shot("a", FIRST), shot("b", SECOND))
    assert texts(result.messages) == [*WHOLE, *third[2:]]
    assert result.info.order == ("a", "b", "c")


def test_the_same_screenshot_twice_adds_nothing() -> None:
    result = merged(shot("a", FIRST), shot("again", FIRST), shot("b", SECOND))
    assert texts(result.messages) == WHOLE
    assert result.info.duplicates == ("again",)
    assert result.info.order == ("a", "b")
    assert len(result.info.merge_history) == 2


def test_what_a_contained_screenshot_shares_counts_for_the_one_that_contains_it() -> None:
    result = merged(shot("a", FIRST), shot("inner", FIRST[1:]), shot("b", SECOND))
    assert texts(result.messages) == WHOLE
    assert result.info.duplicates == ("inner",)


def test_a_message_that_one_screenshot_missed_is_put_in_its_place() -> None:
    without = [FIRST[0], FIRST[2], FIRST[3]]
    result = merged(shot("a", without), shot("b", [*FIRST[:3], *SECOND[1:]]))
    assert texts(result.messages) == WHOLE


def test_a_message_missed_by_the_neighbour_only_is_not_told_twice() -> None:
    result = merged(
        shot("a", [*FIRST, "비가 올 것 같은데", ">우산 두 개 가져갈게"]),
        shot("b", [FIRST[2], "비가 올 것 같은데", ">우산 두 개 가져갈게", "지하철역 앞에서 기다릴게"]),
        shot("c", [FIRST[3], "비가 올 것 같은데", ">우산 두 개 가져갈게", "지하철역 앞에서 기다릴게", ">금방 갈게"]),
    )
    assert texts(result.messages) == [
        *FIRST, "비가 올 것 같은데", ">우산 두 개 가져갈게", "지하철역 앞에서 기다릴게", ">금방 갈게",
    ]  # fmt: skip


def test_chains_without_a_link_keep_the_order_of_upload() -> None:
    result = merged(shot("b", ["여섯 시 반 어때", ">좋아 거기서 봐"]), shot("a", ["오늘 저녁에 뭐 먹을까"]))
    assert result.info.order == ("b", "a")


def test_chains_uploaded_newest_first_are_turned_round() -> None:
    far = ["지난주에 빌린 책 돌려줄게", ">천천히 줘도 돼"]
    result = merged(shot("b", SECOND), shot("a", FIRST), shot("far", far))
    assert result.info.order == ("far", "a", "b")
    assert [step.gap for step in result.info.merge_history] == [True, False]


def test_times_differ_where_texts_do_not() -> None:
    left = [bubble("퇴근했어?", 0, sent_at="오후 6:01"), bubble("응 지금 가고 있어", 1, sent_at="오후 6:02")]
    right = [bubble("퇴근했어?", 0, sent_at="오후 7:31"), bubble("응 지금 가고 있어", 1, sent_at="오후 7:35")]
    assert len(merged(shot("a", left), shot("b", right)).messages) == 4


def test_no_screenshot_makes_no_message() -> None:
    result = merge([], session_id=SESSION, revision=3)
    assert result.messages == ()
    assert result.info.total_merged == 0
    assert result.revision == 3


def test_screenshots_without_bubbles_are_no_obstacle() -> None:
    result = merged(shot("empty", []), shot("a", FIRST), shot("none", []), shot("b", SECOND))
    assert texts(result.messages) == WHOLE
    assert [step.gap for step in result.info.merge_history] == [False]


def test_screenshots_of_another_session_are_refused() -> None:
    with pytest.raises(ValueError, match="another session"):
        merge([shot("a", FIRST)], session_id="somebody-else", revision=1)


def test_a_screenshot_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        merged(shot("a", FIRST), shot("a", SECOND))


SENTENCES = st.text(
    alphabet="가나다라마바사아자차카타파하고노도로모보소오조초코토포호구누두루무부수우주추쿠투푸후",
    min_size=8,
    max_size=24,
)
SIDES = st.sampled_from(["", ">"])
CHATS = st.lists(SENTENCES, min_size=6, max_size=18, unique=True).flatmap(
    lambda said: st.lists(SIDES, min_size=len(said), max_size=len(said)).map(
        lambda sides: [side + text for side, text in zip(sides, said, strict=True)]
    )
)


def windows(chat: list[str]) -> list[list[str]]:
    """Screenshots of six messages, three of them shared with the next."""
    return [chat[start : start + 6] for start in range(0, max(1, len(chat) - 3), 3)]


@given(st.lists(st.text(max_size=12), max_size=8))
@settings(max_examples=60, deadline=None)
def test_one_screenshot_is_its_own_conversation(said: list[str]) -> None:
    bubbles = [bubble("x", order) for order in range(len(said))]
    bubbles = [msgspec.structs.replace(one, text=text) for one, text in zip(bubbles, said, strict=True)]
    result = merged(shot("a", bubbles))
    assert [message.text for message in result.messages] == said
    assert result.info.merge_history == ()


@given(CHATS)
@settings(max_examples=40, deadline=None)
def test_a_screenshot_merged_with_itself_adds_nothing(chat: list[str]) -> None:
    once = extraction("a", chat)
    again = msgspec.structs.replace(once, screenshot_id="b")
    result = merged(Shot(extraction=once), Shot(extraction=again))
    assert texts(result.messages) == chat
    assert result.info.duplicates == ("b",)


@given(CHATS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_order_of_upload_gives_the_same_conversation(chat: list[str], chance: object) -> None:
    shots = [shot(f"s{number}", window) for number, window in enumerate(windows(chat))]
    chance.shuffle(shots)  # type: ignore[attr-defined]
    result = merged(*shots)
    assert texts(result.messages) == chat
    assert not any(step.gap for step in result.info.merge_history)


@given(CHATS, st.data())
@settings(max_examples=40, deadline=None)
def test_every_bubble_is_a_source_of_exactly_one_message(chat: list[str], data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.tuples(st.integers(0, len(chat)), st.integers(0, len(chat))), min_size=1, max_size=5))
    shots = [shot(f"s{number}", chat[min(cut) : max(cut)]) for number, cut in enumerate(cuts)]
    result = merged(*shots)
    named = sorted((source.screenshot_id, source.order) for message in result.messages for source in message.sources)
    assert named == sorted((one.extraction.screenshot_id, b.order) for one in shots for b in one.extraction.bubbles)


def test_a_result_survives_its_own_encoding() -> None:
    result = merged(shot("a", FIRST), shot("b", SECOND))
    assert msgspec.json.decode(msgspec.json.encode(result), type=type(result)) == result
    assert isinstance(extraction("a", FIRST), Extraction)
