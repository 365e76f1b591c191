"""The one base of everything that crosses a border, and the one way it becomes bytes."""

from typing import TypeVar

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen, keyword-only Struct. Unknown fields are ignored when decoding, missing required ones are an error."""


T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """UTF-8 JSON of a Struct (or of anything msgspec encodes)."""
    return _encoder.encode(value)


def decode(data: bytes | str, kind: type[T]) -> T:
    """The inverse of `encode`.

    Raises msgspec.ValidationError where a field is missing or of another type, msgspec.DecodeError where `data` is not
    JSON at all (the first is a subclass of the second).
    """
    return msgspec.json.decode(data, type=kind)
