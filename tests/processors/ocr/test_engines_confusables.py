"""Look-alike letters take the reading that their neighbours ask for; everything else stays."""

import pytest

from processors.ocr.engines.confusables import settle


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("l think so", "I think so"),
        ("and l'm late", "and I'm late"),
        ("lt is fine", "It is fine"),
        ("lT team", "IT team"),
        ("1l:30", "11:30"),
        ("2O:15", "20:15"),
        ("010-l234", "010-1234"),
        ("안녀 o", "안녀 ㅇ"),
        ("ㅇo", "ㅇㅇ"),
        ("oㅋ", "ㅇㅋ"),
        ("l", "I"),
        ("어디야?？", "어디야??"),
        ("ㅇㅇ～", "ㅇㅇ~"),
        ("？", "?"),
        ("∙ 3D Design", "• 3D Design"),
        ("！！ 12", "!! 12"),
    ],
)
def test_settles_by_context(read: str, meant: str) -> None:
    assert settle(read) == meant
    assert len(settle(read)) == len(read)


@pytest.mark.parametrize(
    "text",
    [
        "llama lol",
        "love letters",
        "www.lge.com",
        "https://x.kr/lT",
        "OK",
        "oo",
        "서울∙부산",
        "∙가",
        "100원",
        "데이빗 O. 러셀",
        "",
        "all",
    ],
)
def test_leaves_the_rest(text: str) -> None:
    assert settle(text) == text


@pytest.mark.parametrize("text", ["はい！한국", "なに？", "ok？"])
def test_marks_of_full_width_stay_beside_letters_that_are_not_hangul(text: str) -> None:
    assert settle(text) == text
