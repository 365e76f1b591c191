"""The Prefer header, as RFC 7240 writes it and as clients do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.preferences import Preference, read_preference


@pytest.mark.parametrize(
    ("values", "seconds", "applied", "applied_async"),
    [
        ([], 30, None, None),
        ([""], 30, None, None),
        (["respond-async"], 0, None, "respond-async"),
        (["Respond-Async"], 0, None, "respond-async"),
        (["wait=5"], 5, "wait=5", "wait=5"),
        (['wait="5"'], 5, "wait=5", "wait=5"),
        (["wait = 5"], 5, "wait=5", "wait=5"),
        (["wait=0"], 0, "wait=0", "wait=0"),
        (["wait=999999999999999"], 120, "wait=120", "wait=120"),
        (["respond-async, wait=5"], 5, "wait=5", "respond-async"),
        (["respond-async", "wait=5"], 5, "wait=5", "respond-async"),
        (["wait=5, wait=9"], 5, "wait=5", "wait=5"),
        (["wait=5; strict"], 5, "wait=5", "wait=5"),
        (["wait=-5"], 30, None, None),
        (["wait=1.5"], 30, None, None),
        (["wait=٣"], 30, None, None),
        (["return=minimal, handling=lenient"], 30, None, None),
        (['foo="a, respond-async"'], 30, None, None),
        (["respond-asynchronously"], 30, None, None),
    ],
)
def test_preferences(values: list[str], seconds: float, applied: str | None, applied_async: str | None) -> None:
    headers = Headers(raw=[(b"prefer", value.encode()) for value in values])
    expected = Preference(seconds=seconds, applied=applied, applied_async=applied_async)
    assert read_preference(headers, 30.0, 120.0) == expected


@settings(deadline=None)
@given(st.text(max_size=300))
def test_anything_may_stand_in_the_header(value: str) -> None:
    headers = Headers(raw=[(b"prefer", value.encode(errors="ignore"))])
    assert 0 <= read_preference(headers, 30.0, 120.0).seconds <= 120
