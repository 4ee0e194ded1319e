"""Values made from JSON schemas."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.emulator.sample import Hints, instance


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "value"),
        ({"type": "string", "minLength": 8}, "value..."),
        ({"type": "string", "maxLength": 2}, "va"),
        ({"type": "string", "format": "ipv4"}, "192.0.2.1"),
        ({"type": "integer"}, 0),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "maximum": -5}, -5),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "minimum": 7, "multipleOf": 5}, 10),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": ["null", "string"]}, None),
        ({"const": 5}, 5),
        ({"type": "string", "default": "x"}, "x"),
        ({"enum": ["b", "a"]}, "b"),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, True),
        ({"type": "array", "items": {"type": "boolean"}}, [True]),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 3}, [True, True, True]),
        ({"type": "array", "maxItems": 0}, []),
        ({"type": "object"}, {}),
        ({"type": "object", "properties": {"a": {"type": "null"}}}, {}),
        ({"properties": {"b": {"const": 1}, "a": {"const": 2}}, "required": ["a", "b"]}, {"b": 1, "a": 2}),
        ({"allOf": [{"$ref": "#/$defs/a"}, {"type": "object", "properties": {"c": {"const": 1}}, "required": ["c"]}],
          "$defs": {"a": {"type": "object", "properties": {"b": {"const": 2}}, "required": ["b"]}}}, {"b": 2, "c": 1}),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_fits_its_schema(schema: dict[str, Any], value: Any) -> None:
    made = instance(schema, Hints())

    assert made == value
    assert type(made) is type(value)


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
                "required": ["children"],
            }
        },
    }

    assert "children" in instance(schema, Hints())


def test_hints_come_from_the_prompt_in_order() -> None:
    schema = {
        "properties": {name: {"type": "string"} for name in "abc"} | {"n": {"type": "integer"}},
        "required": ["a", "b", "c", "n"],
    }

    made = instance(schema, Hints.of("Fly from Oslo to Lima in 12 hours"))

    assert made == {"a": "Oslo", "b": "Lima", "c": "c", "n": 12}
