"""From the input of a call to the arguments of a function, or to a text the model can act on."""

from __future__ import annotations

import contextlib
import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from clarion._tools import Tool, ToolDefinitionError, ToolError, ToolInputError, validate

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


@dataclass
class Point:
    x: float
    y: float


class Order(BaseModel):
    model_config = ConfigDict(strict=True)

    day: date
    lines: list[Point] = Field(min_length=1)

    @field_validator("day")
    @classmethod
    def not_past(cls, day: date) -> date:
        if day.year < 2026:
            raise ValueError("the day is past")
        return day


def forecast(city: str, unit: Unit = Unit.CELSIUS, *, days: int = 1, near: Point | None = None) -> None: ...
def order(wanted: Order, price: Decimal = Decimal(1)) -> None: ...
def labelled(city: str, **labels: int) -> None: ...
def pick(size: Literal["S", "M"] | int) -> None: ...


SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 2},
        "days": {"type": "integer", "minimum": 1},
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "maxItems": 2},
        "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"tag": {"type": ["string", "number"]}},
}
RAW = Tool.from_schema("raw", "", SCHEMA, lambda **named: named)
FORECAST, ORDER, LABELLED, PICK = (Tool.from_function(each) for each in (forecast, order, labelled, pick))


@pytest.mark.parametrize(
    ("tool", "came", "named"),
    [
        (FORECAST, {"city": "Oslo"}, {"city": "Oslo"}),
        (FORECAST, {"city": "Oslo", "unit": "celsius"}, {"city": "Oslo", "unit": Unit.CELSIUS}),
        (FORECAST, {"city": "Oslo", "unit": "Celsius"}, {"city": "Oslo", "unit": Unit.CELSIUS}),
        (FORECAST, {"city": "Oslo", "days": "3"}, {"city": "Oslo", "days": 3}),
        (FORECAST, {"city": "Oslo", "near": {"x": 1, "y": 2}}, {"city": "Oslo", "near": Point(1, 2)}),
        (LABELLED, {"city": "Oslo", "a": 1}, {"city": "Oslo", "a": 1}),
        (PICK, {"size": "m"}, {"size": "M"}),
        (
            ORDER,
            {"wanted": {"day": "2026-11-23", "lines": [{"x": 1, "y": 2}]}, "price": 0.1},
            {"wanted": Order(day=date(2026, 11, 23), lines=[Point(1, 2)]), "price": Decimal("0.1")},
        ),
        (RAW, {"city": "Oslo", "tags": ["a", 1], "either": None}, {"city": "Oslo", "tags": ["a", 1], "either": None}),
    ],
)
def test_an_input_becomes_arguments_of_the_annotated_types(
    tool: Tool, came: dict[str, Any], named: dict[str, Any]
) -> None:
    assert validate(tool, came).named == named


@pytest.mark.parametrize(
    ("tool", "came", "problems"),
    [
        (FORECAST, {}, ["city: required, but missing"]),
        (FORECAST, [], ["it must be an object with named fields, not a list"]),
        (FORECAST, {"city": 3}, ["city: Input should be a valid string; got 3"]),
        (
            FORECAST,
            {"city": "Oslo", "unit": "kelvin"},
            ["unit: Input should be 'celsius' or 'fahrenheit'; got \"kelvin\""],
        ),
        (
            FORECAST,
            {"city": "Oslo", "colour": 1},
            ["colour: there is no such argument; arguments: city, unit, days, near"],
        ),
        (FORECAST, {"city": "Oslo", "near": {"x": 1}}, ["near.y: required, but missing"]),
        (
            PICK,
            {"size": "L"},
            [
                "size: Input should be 'S' or 'M', or: "
                'Input should be a valid integer, unable to parse string as an integer; got "L"'
            ],
        ),
        (
            ORDER,
            {"wanted": {"day": "2020-01-01", "lines": []}},
            [
                'wanted.day: the day is past; got "2020-01-01"',
                "wanted.lines: List should have at least 1 item after validation, not 0; got []",
            ],
        ),
        (
            RAW,
            {"days": 0, "unit": "kelvin", "tags": ["a", None, "b"], "colour": 1},
            [
                "city: required, but missing",
                "days: must be at least 1; got 0",
                'unit: must be "celsius" or "fahrenheit"; got "kelvin"',
                'tags: must be at most 2 items long; got ["a", null, "b"]',
                "tags.1: must be of type string or number; got null",
                "colour: there is no such field; fields: city, days, unit, tags, either",
            ],
        ),
        (RAW, {"city": "O"}, ['city: must be at least 2 characters long; got "O"']),
        (RAW, {"city": "Oslo", "either": 3}, ["either: must be of type string; got 3"]),
        (RAW, {"city": "Oslo", "days": 1.5}, ["days: must be of type integer; got 1.5"]),
    ],
)
def test_a_wrong_input_is_explained_field_by_field(tool: Tool, came: Any, problems: list[str]) -> None:
    with pytest.raises(ToolInputError) as raised:
        validate(tool, came)

    assert list(raised.value.problems) == problems
    assert str(raised.value).startswith(f"The input of {tool.name} is not valid")
    assert isinstance(raised.value, ToolError)


def test_a_long_value_is_quoted_in_part() -> None:
    with pytest.raises(ToolInputError) as raised:
        validate(FORECAST, {"city": ["x" * 1000]})

    assert len(str(raised.value)) < 300


@settings(deadline=None)
@given(came=st.dictionaries(st.sampled_from(["city", "days", "unit", "near", "tags", "wanted", "price", "x"]), JSON))
@pytest.mark.parametrize("tool", [FORECAST, ORDER, LABELLED, PICK, RAW], ids=lambda tool: tool.name)
def test_any_input_is_taken_or_explained(tool: Tool, came: dict[str, Any]) -> None:
    try:
        validate(tool, came)
    except ToolInputError as error:
        assert error.problems  # noqa: PT017  # either end is right


@pytest.mark.parametrize(
    ("schema", "fine", "wrong"),
    [
        ({"pattern": r"^\p{L}+$"}, "x", None),  # Python knows no \\p
        ({"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False}, {"xy": 1}, {"xy": "1"}),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1], [1, 1]),
        ({"$ref": "#/$defs/a"}, 1, None),
        ({"$ref": "#/$defs/b"}, [[], [[]]], [[1]]),
    ],
)
def test_what_a_schema_says_of_a_value_is_held(schema: Any, fine: Any, wrong: Any) -> None:
    definitions = {
        "a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "integer"}]},
        "b": {"type": "array", "items": {"$ref": "#/$defs/b"}},
    }
    whole = {"type": "object", "properties": {"it": schema}, "$defs": definitions}
    tool = Tool.from_schema("raw", "", whole, lambda **named: named)

    assert validate(tool, {"it": fine}).named == {"it": fine}
    if wrong is not None:
        with pytest.raises(ToolInputError):
            validate(tool, {"it": wrong})


NAMES = st.sampled_from(["city", "days", "unit"])
WORDS = st.sampled_from(
    [
        *(
            "properties",
            "required",
            "items",
            "enum",
            "const",
            "anyOf",
            "oneOf",
            "allOf",
            "prefixItems",
            "$ref",
            "$defs",
        ),
        *("additionalProperties", "patternProperties", "minimum", "multipleOf", "minLength", "pattern", "minItems"),
        *("format", "description", "default", "examples", "not", "type", "uniqueItems"),
    ]
)
BITS = st.sampled_from(
    ["string", "null", ["string", "null"], "^c", "(", "#/$defs/city", "#", "date", 1, -1, 1.5, None, True, False]
)
SOUND = st.sampled_from([{"type": "string", "enum": ["S", "s"]}, {"$ref": "#/$defs/city"}, {"type": "integer"}])
PARTS = st.recursive(
    BITS | SOUND,
    lambda inner: (
        st.dictionaries(WORDS, inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner)
    ),
    max_leaves=6,
)
SCHEMAS = st.builds(
    lambda properties, definitions, more: {"$defs": definitions, **more, "type": "object", "properties": properties},
    st.dictionaries(NAMES, st.dictionaries(WORDS, PARTS, max_size=3) | PARTS, min_size=1),
    st.dictionaries(NAMES, SOUND | PARTS, max_size=2),
    st.dictionaries(WORDS, PARTS, max_size=1),
)


@settings(deadline=None)
@given(schema=SCHEMAS, came=st.dictionaries(NAMES, JSON), strict=st.booleans())
def test_any_schema_is_refused_or_every_input_taken_or_explained(
    schema: dict[str, Any], came: dict[str, Any], strict: bool
) -> None:
    try:
        tool = Tool.from_schema("raw", "", schema, lambda **named: named, strict=strict)
    except ToolDefinitionError:
        return
    with contextlib.suppress(ToolInputError):
        validate(tool, came)


def test_a_function_of_one_dict_gets_the_whole_input() -> None:
    tool = Tool.from_schema("raw", "", SCHEMA, lambda arguments: arguments)

    assert validate(tool, {"city": "Oslo"}).positional == ({"city": "Oslo"},)


def test_a_model_as_input_is_given_as_an_instance() -> None:
    tool = Tool.from_model(Order, lambda order: order, name="order")

    (made,) = validate(tool, {"day": "2026-11-23", "lines": [{"x": 1, "y": 2}]}).positional

    assert made == Order(day=date(2026, 11, 23), lines=[Point(1, 2)])
    with pytest.raises(ToolInputError, match=r"- lines: required, but missing"):
        validate(tool, {"day": "2026-11-23"})
