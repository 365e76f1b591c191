"""What the recogniser writes, and texts as the classes it is taught."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.ocr.engines.charset import EMOJI_CLASS, HANGUL, UNKNOWN_EMOJI
from processors.ocr.training.alphabet import Alphabet, charset, charset_file, to_charset

ALPHABET = Alphabet(charset())


def test_every_syllable_and_every_listed_character_has_a_class() -> None:
    assert all(ALPHABET.writes(chr(code)) for code in range(0xAC00, 0xAC00 + 11172))
    assert all(map(ALPHABET.writes, "abcXYZ09 ~ㅋㅎㅠㅡㆍ…→▶①あんアンーéßğñ！？ωД"))
    assert not any(map(ALPHABET.writes, "漢字\u0416Ωא".replace("Ω", "")))


def test_classes_stand_once_and_the_file_gives_the_same_alphabet() -> None:
    file = charset_file()
    assert len(set(file.others)) == len(file.others)
    again = to_charset(msgspec.json.decode(msgspec.json.encode(file), type=type(file)))
    assert again == charset()


def test_a_syllable_is_taught_by_its_parts() -> None:
    (hangul, initial, medial, final), (other, *rest) = ALPHABET.classes("한a").parts.tolist()
    assert hangul == HANGUL
    assert chr(0xAC00 + (initial * 21 + medial) * 28 + final) == "한"
    assert charset().others[other - 2] == "a"
    assert rest == [0, 0, 0]


def test_an_emoji_is_one_class_however_it_is_encoded_and_a_printed_heart_is_a_letter() -> None:
    assert ALPHABET.classes("네👍🏻 ❤️👨‍👩‍👧♥").text == f"네{EMOJI_CLASS} {EMOJI_CLASS}{EMOJI_CLASS}♥"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  두\u00a0 칸\t띄기 ", "두 칸 띄기"),
        ("가\u1100\u1161", "가가"),
        ("ᄏᄏ ∼", "ㅋㅋ ~"),
        ("你好 안녕", "안녕"),
        (f"표시{UNKNOWN_EMOJI}", "표시"),
    ],
)
def test_texts_are_cleaned_to_what_can_be_taught(text: str, cleaned: str) -> None:
    assert ALPHABET.cleaned(text) == cleaned


@given(st.text(max_size=30))
def test_whatever_is_cleaned_can_be_taught(text: str) -> None:
    cleaned = ALPHABET.cleaned(text)
    classes = ALPHABET.classes(cleaned)
    assert classes.parts.shape == (len(classes.text), 4)
    assert ALPHABET.cleaned(cleaned) == cleaned
