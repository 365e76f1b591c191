"""The best path through hand-made frames."""

import numpy as np
import pytest
from numpy.typing import NDArray

from processors.ocr.engines.charset import FINALS, FIRST_OTHER, HANGUL, INITIALS, MEDIALS, Charset
from processors.ocr.engines.confidence import line_confidence, tidy
from processors.ocr.engines.decoding import Decoded, decode
from processors.ocr.engines.port import Alternative
from processors.ocr.engines.tokstream import recognition

CHARSET = Charset(("a", "l", " ", "t", "/"), height=32, stretch=0.82, pad=4, width_multiple=16, frames_per_pixel=0.5)


def frames(text: list[str | None], probability: float = 0.9) -> NDArray[np.float32]:
    """One frame each entry: a character with `probability`, or None for blank."""
    result = np.full((1, len(text), CHARSET.columns), np.log(0.01), np.float32)
    for time, character in enumerate(text):
        if character is None:
            result[0, time, 0] = 0.0
        elif "가" <= character <= "힣":
            initial, rest = divmod(ord(character) - 0xAC00, MEDIALS * FINALS)
            result[0, time, HANGUL] = np.log(probability)
            offset = CHARSET.head_width
            for index, size in ((initial, INITIALS), (rest // FINALS, MEDIALS), (rest % FINALS, FINALS)):
                result[0, time, offset + index] = 0.0
                offset += size
        else:
            result[0, time, FIRST_OTHER + CHARSET.others.index(character)] = np.log(probability)
    return result


def read(text: list[str | None]) -> str:
    (decoded,) = decode(frames(text), [len(text)], CHARSET)
    return "".join(decoded.characters)


def test_syllables_come_from_their_parts() -> None:
    assert read([None, "한", "한", None, None, None, "글", None, "a"]) == "한글a"


def test_repeated_frames_are_one_character_and_a_blank_parts_two() -> None:
    assert read(["l", "l", None, "l", None]) == "ll"


def test_a_twin_nearer_than_a_character_is_wide_is_the_same_character() -> None:
    assert read(["가", None, "가", None]) == "가"
    assert read(["가", None, None, None, None, "가"]) == "가가"
    assert read(["a", None, "a"]) == "a"


def test_narrow_letters_stand_close_together() -> None:
    assert read(["a", "t", None, "t", None, "l", None, "l", "/", None, "/"]) == "attll//"


def test_frames_past_the_length_are_ignored() -> None:
    (decoded,) = decode(frames(["a", None, "l"]), [2], CHARSET)
    assert decoded.characters == ["a"]


def test_the_probability_of_a_syllable_is_the_product_of_its_parts() -> None:
    (decoded,) = decode(frames(["한"], 0.5), [1], CHARSET)
    assert np.exp(decoded.log_probabilities[0]) == pytest.approx(0.5)


def doubtful(others: dict[str, float]) -> NDArray[np.float32]:
    """A frame that shows 한 with probability 0.6 and `others` instead."""
    result = frames(["한"], 0.6)
    offset = CHARSET.head_width + INITIALS + MEDIALS
    result[0, 0, offset + 4] = np.log(0.9)
    for character, probability in others.items():
        if character in CHARSET.others:
            result[0, 0, FIRST_OTHER + CHARSET.others.index(character)] = np.log(probability)
        else:
            result[0, 0, offset + (ord(character) - 0xAC00) % FINALS] = np.log(probability / 0.6)
    return result


def test_close_characters_of_every_kind_are_kept_the_likeliest_first() -> None:
    (decoded,) = decode(doubtful({"a": 0.3, "핝": 0.06}), [1], CHARSET)
    assert decoded.characters == ["한"]
    ((first, second),) = decoded.alternatives
    assert (first.character, second.character) == ("a", "핝")
    assert first.probability == pytest.approx(0.3, abs=0.001)
    assert second.probability == pytest.approx(0.06, abs=0.001)


def test_improbable_characters_and_blanks_are_no_alternatives() -> None:
    (decoded,) = decode(doubtful({"a": 0.04, " ": 0.3}), [1], CHARSET)
    assert decoded.alternatives == ()


def test_surprise_counts_what_was_nearly_seen_between_characters() -> None:
    read = frames(["a", None, "l"])
    (sure,) = decode(read, [3], CHARSET)
    read[0, 1, 0], read[0, 1, FIRST_OTHER + 1] = np.log(0.6), np.log(0.4)
    (doubted,) = decode(read, [3], CHARSET)
    assert doubted.log_probabilities == sure.log_probabilities
    assert doubted.surprise == pytest.approx(sure.surprise - np.log(0.6))


def test_a_character_that_was_nearly_read_where_a_blank_was_is_told() -> None:
    path = frames(["가", None, None, None, None, None, None, None, None, "글"])
    column = FIRST_OTHER + CHARSET.others.index("a")
    path[0, 5, column] = np.log(0.4)
    (nearly,) = decode(path, [10], CHARSET)
    assert nearly.characters == ["가", "글"]
    assert nearly.omitted == pytest.approx(0.4)
    assert recognition(nearly, "tokstream").omitted == nearly.omitted


def test_the_slope_of_a_character_is_no_other_one() -> None:
    path = frames([None, "a", None, None, None])
    column = FIRST_OTHER + CHARSET.others.index("a")
    path[0, 2, column] = np.log(0.4)
    (decoded,) = decode(path, [5], CHARSET)
    assert decoded.characters == ["a"]
    assert decoded.omitted < 0.1


def test_alternatives_stay_beside_their_characters() -> None:
    first, last = (Alternative("b", 0.2),), (Alternative("7", 0.3), Alternative("i", 0.1))
    decoded = Decoded(list(" a  j"), [-0.1] * 5, [0, 4, 8, 12, 16], ((), first, (), (), last))
    read = recognition(decoded, "test")
    assert read.text == "a j"
    assert read.alternatives == (first, (), last)


def test_a_look_alike_that_was_settled_is_no_alternative_to_itself() -> None:
    close = (Alternative("I", 0.3), Alternative("i", 0.1))
    decoded = Decoded(list("l am"), [-0.4, 0.0, 0.0, 0.0], [0, 4, 8, 12], (close, (), (), ()))
    read = recognition(decoded, "test")
    assert read.text == "I am"
    assert read.alternatives[0] == (Alternative("i", 0.1),)


def test_confidence_is_the_geometric_mean() -> None:
    assert line_confidence([0.25, 1.0]) == pytest.approx(0.5)
    assert line_confidence([]) == 0.0
    assert 0 < line_confidence([0.0]) < 0.001


def test_tidy_removes_outer_blanks_and_runs_of_them() -> None:
    text, probabilities = tidy([" ", "a", " ", " ", "b", " "], [0.1, 0.9, 0.8, 0.7, 0.6, 0.5])
    assert text == "a b"
    assert probabilities == (0.9, 0.8, 0.6)
