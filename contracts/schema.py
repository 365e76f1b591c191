"""Structs to JSON Schema (draft 2020-12, the dialect of OpenAPI 3.1 and AsyncAPI 3), for the documents that describe
us."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

Json = dict[str, Any]
"""A JSON document in the making: the one place where a dict is the thing itself and no substitute for a Struct."""
REFERENCE = "#/components/schemas/{name}"


class Schemas(NamedTuple):
    """`of` has what to write where a type is used (mostly a `$ref`); `components` what the references point to, by
    name."""

    of: Mapping[Any, Json]
    components: Json


def schemas(types: Iterable[Any], reference: str = REFERENCE) -> Schemas:
    """The schemas of Structs and of unions and containers of them.

    Descriptions come from the docstrings. A `msgspec.Raw` field is any JSON. Two Structs of one name get their
    modules put in front by msgspec. Raises TypeError for a type that JSON cannot carry.
    """
    listed = list(dict.fromkeys(types))
    written, components = msgspec.json.schema_components(listed, ref_template=reference)
    return Schemas(
        dict(zip(listed, written, strict=True)), {name: _tidy(part) for name, part in sorted(components.items())}
    )


def _tidy(part: Any) -> Any:
    """Joins the wrapped lines of descriptions: renderers take each newline of a docstring for one of the text."""
    if isinstance(part, dict):
        return {
            name: _unwrap(value) if name == "description" and isinstance(value, str) else _tidy(value)
            for name, value in part.items()
        }
    return [_tidy(value) for value in part] if isinstance(part, list) else part


def _unwrap(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
