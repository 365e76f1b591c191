"""Particles that fit the name before them."""

import pytest

from processors.ai.masking.particles import ending, fitted


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("민수", "vowel"),
        ("민준", "consonant"),
        ("하늘", "rieul"),
        ("John", "consonant"),
        ("Paul", "rieul"),
        ("Mike", "vowel"),
        ("Young", "consonant"),
        ("팀7", "rieul"),
        ("팀3", "consonant"),
        ("팀2", "vowel"),
        ("田中", None),
        ("", None),
    ],
)
def test_the_end_of_a_name_has_a_sound(name: str, sound: str | None) -> None:
    assert ending(name) == sound


@pytest.mark.parametrize(
    ("written", "민준", "민수", "하늘"),
    [
        ("가", "이", "가", "이"),
        ("이", "이", "가", "이"),
        ("는 ", "은 ", "는 ", "은 "),
        ("을.", "을.", "를.", "을."),
        ("야!", "아!", "야!", "아!"),
        ("아", "아", "야", "아"),
        ("와", "과", "와", "과"),
        ("랑", "이랑", "랑", "이랑"),
        ("으로", "으로", "로", "로"),
        ("로 ", "으로 ", "로 ", "로 "),
        ("이(가)", "이", "가", "이"),
        ("은(는) ", "은 ", "는 ", "은 "),
        ("(으)로", "으로", "로", "로"),
        ("이가", "이가", "가", "이가"),
        ("이도", "이도", "도", "이도"),
        ("이에요", "이에요", "예요", "이에요"),
        ("였어", "이었어", "였어", "이었어"),
        ("이라고", "이라고", "라고", "이라고"),
        ("라고 ", "이라고 ", "라고 ", "이라고 "),
        ("도", "도", "도", "도"),
        ("한테", "한테", "한테", "한테"),
        (" 씨가", " 씨가", " 씨가", " 씨가"),
        ("님은", "님은", "님은", "님은"),
        ("가게", "가게", "가게", "가게"),
        ("", "", "", ""),
    ],
)
def test_a_particle_is_made_to_fit(written: str, 민준: str, 민수: str, 하늘: str) -> None:
    for name, fitting in (("민준", 민준), ("민수", 민수), ("하늘", 하늘)):
        particle, length = fitted(name, written)
        assert particle + written[length:] == fitting, name


def test_after_a_name_of_unknown_sound_nothing_changes() -> None:
    assert fitted("田中", "이") == ("", 0)
