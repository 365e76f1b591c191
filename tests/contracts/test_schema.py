"""JSON Schemas from Structs."""

import msgspec
from jsonschema import Draft202012Validator

from contracts.base import Record
from contracts.schema import schemas


class Inner(Record, frozen=True):
    number: int


class Outer(Record, frozen=True):
    """What it says
    on two lines.

    And a second paragraph.
    """

    inner: Inner
    raw: msgspec.Raw
    several: tuple[Inner, ...] = ()


def test_components_hold_every_struct_and_references_point_to_them() -> None:
    found = schemas([Outer], "#/definitions/{name}")
    assert found.of[Outer] == {"$ref": "#/definitions/Outer"}
    assert found.components.keys() == {"Inner", "Outer"}
    validator = Draft202012Validator({**found.of[Outer], "definitions": found.components})
    assert validator.is_valid({"inner": {"number": 1}, "raw": {"any": "thing"}})
    assert not validator.is_valid({"inner": {"number": "1"}, "raw": None})


def test_descriptions_are_paragraphs() -> None:
    description = schemas([Outer]).components["Outer"]["description"]
    assert description == "What it says on two lines.\n\nAnd a second paragraph."
