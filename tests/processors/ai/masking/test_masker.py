"""Names out and back again."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.ai.masking.masker import Masker

PEOPLE = (("지영", "박지영"), ("민수",), ("John",), ("현",), ("하나", "김하나"))
SAID = [
    "박지영이 그러는데 지영아, 민수랑 왔어?",
    "john은 어때? Johnny 말고.",
    "현아 현재 상황은?",
    "하나도 모르겠어 하나야",
    "김하나가 왔어",
    "우리민수는 민수네에 갔어",
    "아무도 아니야",
]


@pytest.fixture
def masker() -> Masker:
    return Masker(PEOPLE, SAID)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (SAID[0], "〈이름1B〉이 그러는데 〈이름1〉아, 〈이름2〉랑 왔어?"),
        (SAID[1], "〈이름3〉은 어때? Johnny 말고."),
        (SAID[2], "〈이름4〉아 현재 상황은?"),
        (SAID[3], "하나도 모르겠어 〈이름5〉야"),
        (SAID[4], "〈이름5B〉가 왔어"),
        (SAID[5], "우리〈이름2〉는 〈이름2〉네에 갔어"),
        (SAID[6], SAID[6]),
    ],
)
def test_names_are_masked_and_words_are_not(masker: Masker, text: str, masked: str) -> None:
    assert masker.mask(text) == masked
    assert masker.restore(masked).lower() == text.lower()


def test_what_a_sender_is_called_is_masked_without_a_mark(masker: Masker) -> None:
    assert masker.mask_name("하나") == "〈이름5〉"
    assert masker.mask_name("박지영 팀장님") == "〈이름1B〉 팀장님"


def test_decomposed_and_spaced_names_are_the_same_names(masker: Masker) -> None:
    assert masker.mask(unicodedata.normalize("NFD", "박지영") + " 박 지영") == "〈이름1B〉 〈이름1B〉"


ANSWERS = {
    "〈이름2〉이(가) 왔고 〈이름1〉야 고마워": "민수가 왔고 지영아 고마워",
    "이름2가 <이름 1>이랑 [이름1]는": "민수가 지영이랑 지영은",
    "(이름2)에게 《이름1B》 팀장님": "민수에게 박지영 팀장님",
    "〈이름2〉이라고 했고 〈이름1〉였어요": "민수라고 했고 지영이었어요",
    "〈이름7〉은 없는 이름": "〈이름7〉은 없는 이름",
    "이름을 물어보세요. 이 이름은 〈": "이름을 물어보세요. 이 이름은 〈",
    "〈이름1C〉도": "지영도",
    "〈이름3〉가": "John이",
    "〈이름2〉〈이름1〉": "민수지영",
}


@pytest.mark.parametrize(("answer", "restored"), ANSWERS.items(), ids=range(len(ANSWERS)))
def test_answers_are_restored_as_models_write_them(masker: Masker, answer: str, restored: str) -> None:
    assert masker.restore(answer) == restored


@given(
    st.lists(st.sampled_from([*ANSWERS, *"〈〉이름1B2 가는(", "아", "야", " ", "이랑", "말"]), max_size=12).map(
        "".join
    ),
    st.data(),
)
def test_pieces_are_restored_as_the_whole_is(text: str, data: st.DataObject) -> None:
    masker = Masker(PEOPLE, SAID)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    restoring = masker.restoring()
    pieces = [restoring.feed(text[start:end]) for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(pieces) + restoring.end() == masker.restore(text)


def test_what_cannot_become_a_placeholder_is_not_held(masker: Masker) -> None:
    restoring = masker.restoring()
    assert restoring.feed("안녕") == "안녕"
    assert restoring.feed("! 오늘은 〈이") == "! 오늘은 "
    assert restoring.feed("야기〉 하자 ") == "〈이야기〉 하자 "
    assert restoring.feed("〈이름2") == ""
    assert restoring.feed("〉가 ") == "민수가 "


def test_a_conversation_about_names_gets_other_placeholders() -> None:
    masker = Masker((("민수",),), ["이름1 칸에 민수라고 써"])
    masked = masker.mask("이름1 칸에 민수라고 써")
    assert masked.startswith("이름1 칸에 〈")
    assert "민수" not in masked
    assert masker.restore(masked) == "이름1 칸에 민수라고 써"


def test_without_names_nothing_changes() -> None:
    masker = Masker((), ["안녕"])
    assert masker.mask("안녕 〈이름1〉") == masker.restore("안녕 〈이름1〉") == "안녕 〈이름1〉"
