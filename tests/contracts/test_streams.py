"""Stream names and cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.streams import MAX_SEQ, START, Cursor, split


@given(st.builds(Cursor, epoch=st.text(min_size=1, max_size=80), seq=st.integers(0, MAX_SEQ)))
def test_a_cursor_survives_being_written(cursor: Cursor) -> None:
    if len(str(cursor)) <= 100:
        assert Cursor.parse(str(cursor)) == cursor


@given(st.text(max_size=120))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except ValueError:
        return
    assert 0 <= cursor.seq <= MAX_SEQ
    assert cursor.epoch


def test_the_start_is_a_cursor() -> None:
    assert Cursor.parse(str(START)) == START


@pytest.mark.parametrize("name", ["session:a", "conversation:b-1", "task:" + "x" * 128])
def test_names_split_into_kind_and_id(name: str) -> None:
    assert ":".join(split(name)) == name


@pytest.mark.parametrize("name", ["", "session", "session:", "Session:a", "room:a", "session:a/b", "session:a\n"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        split(name)
