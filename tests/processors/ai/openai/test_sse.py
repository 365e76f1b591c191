"""The parser of event streams, fed with bytes cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.ai.openai.sse import SseError, SseParser


def parsed(*pieces: bytes) -> list[str]:
    parser = SseParser()
    return [data for piece in pieces for data in parser.feed(piece)] + parser.end()


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b": keep-alive\n\n: again\ndata: a\n\n", ["a"]),
        (b"event: x\nid: 7\nretry: 10\ndata: a\n\n", ["a"]),
        (b"data: one\ndata: two\n\n", ["one\ntwo"]),
        (b"data:a\ndata:  b\n\n", ["a\n b"]),
        (b"data\n\n", [""]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: the last without an empty line\n", ["the last without an empty line"]),
        (b"data: the last without any", ["the last without any"]),
        (b"\n\n\n", []),
        (b"database: x\n\n", []),
        (b"", []),
    ],
)
def test_events_are_read_as_the_standard_has_them(stream: bytes, events: list[str]) -> None:
    assert parsed(stream) == events


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=5),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.data(),
)
def test_where_the_bytes_are_cut_makes_no_difference(texts: list[str], line_end: str, data: st.DataObject) -> None:
    stream = "".join(f": ping{line_end}data: {text}{line_end}{line_end}" for text in texts).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parsed(*pieces) == texts


@pytest.mark.parametrize("line", [b"data: " + b"x" * 90, b"data: " + b"x" * 90 + b"\n"], ids=["line", "event"])
def test_what_never_ends_is_refused(line: bytes) -> None:
    parser = SseParser(longest=1000)
    with pytest.raises(SseError):
        endless(parser, line)


def endless(parser: SseParser, line: bytes) -> None:
    for _ in range(100):
        parser.feed(line)
