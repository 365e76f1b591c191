"""A probe finds the messages that it shows, in their place."""

import pytest

from contracts.resources import Message, Position
from processors.merge.matching import match
from tests.processors.merge.chats import bubble, extraction, merged, shot

CHAT = [
    "오늘 저녁에 뭐 먹을까",
    ">네",
    ">아무거나 다 좋아",
    "ㅋㅋㅋ",
    "그럼 떡볶이 먹으러 가자",
    ">네",
    ">몇 시에 만날까?",
    "ㅋㅋㅋ",
    "여섯 시 반 어때",
    ">네",
]


@pytest.fixture(scope="module")
def conversation() -> tuple[Message, ...]:
    return merged(shot("a", CHAT)).messages


def places(found: tuple[Message, ...]) -> list[int]:
    return [message.order for message in found]


def test_a_stretch_is_found_in_its_place(conversation: tuple[Message, ...]) -> None:
    assert places(match([extraction("probe", CHAT[3:7])], conversation)) == [3, 4, 5, 6]


def test_a_little_misread_is_found_and_a_lot_is_not(conversation: tuple[Message, ...]) -> None:
    probe = extraction("probe", ["그럼 떡볶미 먹으러 가자", ">네", ">명 사애 먼놀꺼?"])
    assert places(match([probe], conversation)) == [4, 5]


def test_equal_short_messages_are_found_where_their_neighbours_are(conversation: tuple[Message, ...]) -> None:
    assert places(match([extraction("probe", ["여섯 시 반 어때", ">네"])], conversation)) == [8, 9]
    assert places(match([extraction("probe", [">네", ">몇 시에 만날까?", "ㅋㅋㅋ"])], conversation)) == [5, 6, 7]


def test_a_short_message_far_from_the_rest_is_not_fetched(conversation: tuple[Message, ...]) -> None:
    longer = (
        tuple(conversation) + merged(shot("b", [f"{n}번째로 하는 다른 이야기" for n in range(40)] + [">네"])).messages
    )
    probe = extraction("probe", [">몇 시에 만날까?", "ㅋㅋㅋ", "여섯 시 반 어때", "이건 없는 말이야", ">네"])
    assert longer[-1] not in match([probe], longer)


def test_the_speaker_must_agree(conversation: tuple[Message, ...]) -> None:
    assert match([extraction("probe", [">오늘 저녁에 뭐 먹을까"])], conversation) == ()
    unsure = bubble(">오늘 저녁에 뭐 먹을까", 0, uncertain=True)
    assert places(match([extraction("probe", [unsure])], conversation)) == [0]


def test_a_bubble_cut_by_the_edge_is_found_by_what_is_left(conversation: tuple[Message, ...]) -> None:
    probe = extraction("probe", ["~볶이 먹으러 가자", ">네", ">몇 시에 만날까?"])
    assert places(match([probe], conversation)) == [4, 5, 6]


def test_several_probes_give_each_message_once_in_order(conversation: tuple[Message, ...]) -> None:
    later, earlier = extraction("later", CHAT[6:9]), extraction("earlier", CHAT[:7])
    assert places(match([later, earlier], conversation)) == list(range(9))


def test_another_conversation_is_not_found(conversation: tuple[Message, ...]) -> None:
    assert match([extraction("probe", ["버스가 아직도 안 왔어", ">택시 타고 와"])], conversation) == ()


def test_nothing_is_found_in_nothing(conversation: tuple[Message, ...]) -> None:
    assert match([], conversation) == ()
    assert match([extraction("probe", [])], conversation) == ()
    assert match([extraction("probe", CHAT)], ()) == ()


def test_photos_are_found_beside_their_neighbours_only() -> None:
    photo = bubble("", 1, kind="photo")
    chat = merged(shot("a", [bubble("이 사진 좀 봐봐", 0), photo, bubble("여기 어디게", 2)])).messages
    probe = extraction("probe", [bubble("이 사진 좀 봐봐", 0), photo])
    assert places(match([probe], chat)) == [0, 1]
    assert match([extraction("probe", [bubble("", 0, kind="photo")])], chat) == ()


def test_the_threshold_is_a_percentage(conversation: tuple[Message, ...]) -> None:
    probe = extraction("probe", ["오늘 저녁에 뭐 먹"])
    assert places(match([probe], conversation)) == [0]
    assert match([probe], conversation, 95.0) == ()


def test_many_messages_are_searched_quickly() -> None:
    many = tuple(
        Message(
            message_id=f"msg-{number:03d}",
            text="ㅋㅋㅋ" if number % 3 else f"{number}번째로 하는 이야기",
            speaker="interlocutor",
            confidence=1.0,
            position=Position(x=0, y=0, width=1, height=1),
            group_id=1,
            order=number,
        )
        for number in range(3000)
    )
    probe = extraction(
        "probe", ["ㅋㅋㅋ", "ㅋㅋㅋ", "1500번째로 하는 이야기", "ㅋㅋㅋ", "ㅋㅋㅋ", "1503번째로 하는 이야기"]
    )
    assert places(match([probe], many)) == list(range(1498, 1504))
