"""The JSON that a model must answer with: its schema, and how strictly it is read."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=600, pattern=r"\S")]
Impact = Annotated[float, Meta(ge=-3, le=3)]

_REASONING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_UNTOLD = ("minLength", "maxLength", "pattern")
"""Refused by endpoints that build grammars of schemas; held to when the answer is read."""


class Judgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    score: Annotated[float, Meta(ge=0, le=100)]
    emotional_tone: Literal["POSITIVE", "NEUTRAL", "NEGATIVE"]
    impact_score: Impact
    comment: Text
    alternative: Annotated[str, Meta(max_length=600)] | None
    """Empty from models that have never heard of null."""

    @property
    def better(self) -> str | None:
        """The alternative, where there is one."""
        return self.alternative if self.alternative and not self.alternative.isspace() else None


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: Text
    expected_impact: Impact
    explanation: Text


REPLIES: Final = ("empathy", "solution", "relation")
"""The keys of suggested replies, in the order of `contracts.conversations.STYLES`."""


class InvalidAnswer(ValueError):
    """The answer is not of the schema. The message tells the model what to mend."""


def object_schema(keys: Sequence[str], kind: type) -> dict[str, Any]:
    """The JSON Schema of an object that has exactly `keys`, each of `kind`."""
    (_,), components = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    (name,) = components
    return {
        "type": "object",
        "properties": {key: {"$ref": f"#/$defs/{name}"} for key in keys},
        "required": list(keys),
        "additionalProperties": False,
        "$defs": {name: _plain(components[name])},
    }


def single_schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of one `kind`."""
    _, components = msgspec.json.schema_components((kind,))
    (schema,) = components.values()
    plain: dict[str, Any] = _plain(schema)
    return plain


def read_object(text: str, keys: Sequence[str], kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    """The inverse of `object_schema`. Raises InvalidAnswer."""
    found: dict[str, Any] = _read(text, dict[str, kind])  # type: ignore[valid-type]
    if set(found) != set(keys):
        missing, extra = sorted(set(keys) - set(found)), len(set(found) - set(keys))
        raise InvalidAnswer(
            "; ".join([f"빠진 키: {', '.join(missing)}"] * bool(missing) + [f"없어야 할 키가 {extra}개"] * bool(extra))
        )
    return found


def read_single(text: str, kind: type[Judgement]) -> Judgement:
    """The inverse of `single_schema`. Raises InvalidAnswer."""
    found: Judgement = _read(text, kind)
    return found


def _read(text: str, kind: Any) -> Any:
    # Models wrap JSON in fences or a sentence; between the outer braces nothing is forgiven.
    text = _REASONING.sub("", text)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise InvalidAnswer("JSON 객체가 없습니다")
    try:
        return msgspec.json.decode(text[start : end + 1], type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise InvalidAnswer(str(error)) from None


def _plain(schema: Any) -> Any:
    """Without titles, descriptions, and what grammars refuse."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    left_out = ("title", "description", *_UNTOLD)
    return {key: _plain(value) for key, value in schema.items() if key not in left_out or isinstance(value, dict)}
