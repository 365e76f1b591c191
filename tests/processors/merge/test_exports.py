"""Chat exports are merged with screenshots and with each other by the code that merges screenshots."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from contracts.resources import Bubble, Extraction, Position, Speaker
from processors.merge.alignment import align_readings
from processors.merge.merge import Shot
from processors.merge.tall import align_tall
from processors.merge.texts import Reading, readings
from tests.processors.merge.chats import SESSION, bubble, merged, shot, texts

NOWHERE = Position(x=0.0, y=0.0, width=0.0, height=0.0)

CHAT = (
    "주말에 시간 돼?",
    ">토요일이 나아 일요일이 나아?",
    "토요일! 일요일은 할머니 생신이라 가족끼리 밥 먹기로 했어",
    ">그럼 토요일 두 시 어때",
    "네",
    ">ㅋㅋㅋ",
    "예약은 안 된대서 일찍 가야 해",
    ">몇 시까지 갈까",
    "한 시 사십 분에 서울숲역에서 보자",
    ">좋아 그때 봐",
)


def export(name: str, said: tuple[str | Bubble, ...], start: int = 0) -> Shot:
    """An export in which a message is sent every minute from the afternoon's first on; '>' marks own ones."""
    made = []
    for order, one in enumerate(said):
        if isinstance(one, Bubble):
            made.append(one)
            continue
        speaker: Speaker = "user" if one.startswith(">") else "interlocutor"
        minute = start + order
        made.append(
            Bubble(
                text=one.removeprefix(">"),
                speaker=speaker,
                confidence=1.0,
                position=NOWHERE,
                order=order,
                group_id=1,
                sent_at=f"2026-03-01T{12 + minute // 60}:{minute % 60:02d}",
            )
        )
    extraction = Extraction(
        screenshot_id=name,
        session_id=SESSION,
        width=0,
        height=0,
        top=0.0,
        bottom=0.0,
        bubbles=tuple(made),
        engine="import:test",
        exported=True,
    )
    return Shot(extraction=extraction)


def test_a_screenshot_that_lies_inside_adds_nothing() -> None:
    seen = shot("a", [bubble(text, order) for order, text in enumerate(CHAT[2:7])])
    result = merged(seen, export("e", CHAT))
    assert texts(result.messages) == list(CHAT)
    assert result.info.duplicates == ("a",)
    assert result.info.order == ("e",)
    assert len(result.messages[2].sources) == 2


def test_nor_does_one_of_which_much_was_misread() -> None:
    misread = [
        "토요일! 일요일은 할머니 생신이라 가족끼리 밥 먹기로 햇어",
        ">완전히 잘못 읽은 글",
        "네",
        "??",
        *CHAT[6:9],
    ]
    result = merged(export("e", CHAT), shot("a", ["머리말 없음", *misread, "또 하나의 헛것"]))
    assert texts(result.messages) == list(CHAT)


def test_the_export_is_believed_against_any_number_of_readings() -> None:
    misread = [CHAT[0], ">토요일이 나아 일요일이 나마?", CHAT[2]]
    result = merged(*(shot(name, misread) for name in "abc"), export("e", CHAT))
    assert result.messages[1].text == CHAT[1].removeprefix(">")
    assert result.messages[1].confidence == 1.0
    assert result.messages[1].sent_at == "2026-03-01T12:01"


def test_screenshots_join_at_both_ends() -> None:
    before = shot("before", ["어제 잘 들어갔어?", ">응 피곤했어", *CHAT[:3]])
    after = shot("after", [*CHAT[-3:], "나 출발했어", ">나도"])
    result = merged(after, export("e", CHAT), before)
    assert texts(result.messages) == ["어제 잘 들어갔어?", ">응 피곤했어", *CHAT, "나 출발했어", ">나도"]
    assert result.info.order == ("before", "e", "after")
    assert not any(step.gap for step in result.info.merge_history)
    assert [message.group_id for message in result.messages] == sorted(message.group_id for message in result.messages)


def test_a_screenshot_goes_on_from_one_that_goes_on_from_the_export() -> None:
    later = ["나 출발했어", ">나도 지금 나간다", "역 앞이야", ">거의 다 왔어"]
    one, two = shot("one", [*CHAT[-3:], *later[:2]]), shot("two", [*later, "보인다"])
    result = merged(two, one, export("e", CHAT))
    assert texts(result.messages) == [*CHAT, *later, "보인다"]


def test_lines_break_elsewhere_on_a_screen_and_times_look_otherwise() -> None:
    said = (
        "점심은 뭐 먹지\n\n나는 국수가 좋은데 너는 어떤 게 먹고 싶어",
        ">나도 국수! 시장 골목에 새로 생긴 집 가 보자",
        "좋아",
    )
    shown = [
        bubble("점심은 뭐 먹지\n나는 국수가 좋은데\n너는 어떤 게 먹고 싶어", 0, sent_at="오후 12:00"),
        bubble(">나도 국수! 시장 골목에\n새로 생긴 집 가 보자", 1, sent_at="12:01"),
        bubble("좋아", 2, sent_at="12:02 PM"),
    ]
    result = merged(export("e", said), shot("a", shown))
    assert texts(result.messages) == list(said)
    assert all(len(message.sources) == 2 for message in result.messages)


def test_times_that_differ_keep_apart_what_reads_the_same() -> None:
    said = ("오늘도 수고했어 푹 쉬어", ">너도 수고했어 내일 봐", "잘 자")
    another_day = [bubble(text, order, sent_at=f"오후 11:3{order}") for order, text in enumerate(said)]
    result = merged(export("e", said), shot("a", another_day))
    assert len(result.messages) == 6
    assert [step.gap for step in result.info.merge_history] == [True]


def test_photos_are_known_by_their_place() -> None:
    photo = Bubble(
        text="사진 3장",
        speaker="user",
        confidence=1.0,
        position=NOWHERE,
        order=2,
        group_id=1,
        kind="photo",
        sent_at="2026-03-01T12:02",
    )
    said = (CHAT[0], CHAT[1], photo, CHAT[8])
    shown = [
        bubble(CHAT[0], 0),
        bubble(CHAT[1], 1),
        bubble(">", 2, kind="photo", height=600.0),
        bubble(CHAT[8], 3, top=1200.0),
    ]
    result = merged(shot("a", shown), export("e", said))
    assert [message.kind for message in result.messages] == ["text", "text", "photo", "text"]
    assert len(result.messages[2].sources) == 2


def test_overlapping_exports_join_and_equal_ones_are_one() -> None:
    result = merged(export("late", CHAT[4:], 4), export("early", CHAT[:7]), export("again", CHAT[:7]))
    assert texts(result.messages) == list(CHAT)
    assert result.info.order == ("early", "late")
    assert result.info.duplicates == ("again",)


def test_what_one_of_two_exports_lacks_comes_from_the_other() -> None:
    without = (*CHAT[:3], *CHAT[4:])
    one, other = export("one", CHAT), export("other", without)
    kept = [bubble for order, bubble in enumerate(one.extraction.bubbles) if order != 3]
    fewer = Shot(extraction=msgspec.structs.replace(other.extraction, bubbles=tuple(kept)))
    for shots in ((one, fewer), (fewer, one)):
        assert texts(merged(*shots).messages) == list(CHAT)


def test_exports_that_share_nothing_follow_each_other_in_time_with_a_gap() -> None:
    result = merged(export("late", CHAT[6:], 60), export("early", CHAT[:5]))
    assert texts(result.messages) == [*CHAT[:5], *CHAT[6:]]
    assert [step.gap for step in result.info.merge_history] == [True]


def test_a_screenshot_of_another_chat_stays_apart() -> None:
    result = merged(export("e", CHAT), shot("a", ["회의록 보내 주세요", ">네 지금 보낼게요", "감사합니다"]))
    assert len(result.messages) == len(CHAT) + 3
    assert [step.gap for step in result.info.merge_history] == [True]


def test_everyday_words_prove_nothing() -> None:
    said = tuple(text for _ in range(40) for text in ("네", ">ㅋㅋㅋ", "응", ">네"))
    result = merged(export("e", said), shot("a", ["응", ">네", "네"]))
    assert [step.gap for step in result.info.merge_history] == [True]


tables = st.tuples(st.integers(1, 12), st.integers(1, 5)).flatmap(
    lambda shape: npst.arrays(np.float32, shape, elements=st.floats(-12, 24, width=32))
)


@settings(max_examples=200, deadline=None)
@given(table=tables, partial=st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_alignment_of_a_tall_table_is_that_of_any_other(table: NDArray[np.float32], partial: list[bool]) -> None:
    rows = readings([bubble(f"row {number}", number) for number in range(len(table))])
    columns = readings([bubble(f"column {n}", n, partial=partial[n]) for n in range(table.shape[1])])
    plain, tall = align_readings(rows, columns, table), align_tall(table, columns)
    assert np.isclose(plain.evidence, tall.evidence, atol=1e-3)
    if plain.pairs == tall.pairs:
        assert np.isclose(plain.rivals, tall.rivals, atol=1e-3)
    else:  # only where two are as good
        assert _worth(table, columns, tall.pairs) >= plain.evidence - 1e-3


def _worth(table: NDArray[np.float32], columns: Sequence[Reading], pairs: tuple[tuple[int, int], ...]) -> float:
    """The evidence of an alignment whose skipped bubbles cost what they do."""
    worth = sum(float(table[pair]) for pair in pairs)
    for (i, j), (k, m) in pairwise(pairs):
        worth -= 4.0 * (k - i - 1)
        worth -= sum(1.0 if columns[between].bubble.partial else 4.0 for between in range(j + 1, m))
    return worth
