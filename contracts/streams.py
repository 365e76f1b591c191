"""Streams: what a client subscribes to. A dense sequence 1, 2, 3 … of events under one name, and an epoch.

The epoch names one life of the stream: a stream that was deleted and made anew has another, so a cursor of the old life
is recognised as foreign instead of silently skipping events.
"""

import re
from typing import Annotated, Final, Self

import msgspec

from contracts.base import Record

KINDS = ("session", "conversation", "task")
MAX_SEQ = 2**53 - 1
"""The largest integer that every JSON reader keeps exact (RFC 8259, section 6)."""
_NAME = re.compile(r"(session|conversation|task):([A-Za-z0-9_.-]{1,128})")


def session_stream(session_id: str) -> str:
    return f"session:{session_id}"


def task_stream(task_id: str) -> str:
    return f"task:{task_id}"


def conversation_stream(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def split(stream: str) -> tuple[str, str]:
    """(kind, id) of a stream name. Raises ValueError where it is none."""
    match = _NAME.fullmatch(stream)
    if match is None:
        raise ValueError(f"{stream[:160]!r} is not a stream: expected session:<id>, conversation:<id> or task:<id>")
    return match[1], match[2]


class Cursor(Record, frozen=True):
    """A position in a stream: everything up to and including `seq` has been seen. `seq` 0 is the start."""

    epoch: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    seq: Annotated[int, msgspec.Meta(ge=0, le=MAX_SEQ)]

    def __str__(self) -> str:
        """The form used as SSE event id and as `after=`: `<epoch>.<seq>`."""
        return f"{self.epoch}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`. Raises ValueError where `text` is no cursor."""
        epoch, dot, seq = text.rpartition(".")
        if not dot or not epoch or len(text) > 100 or not seq.isascii() or not seq.isdigit():
            raise ValueError(f"{text[:100]!r} is not a cursor: expected <epoch>.<sequence number>")
        if len(epoch) > 80 or int(seq) > MAX_SEQ:
            raise ValueError(f"{text[:100]!r} is not a cursor of any stream")
        return cls(epoch=epoch, seq=int(seq))


START: Final = Cursor(epoch="start", seq=0)
"""The cursor of a stream that has no event yet: nothing was seen, whatever life of the stream comes."""
