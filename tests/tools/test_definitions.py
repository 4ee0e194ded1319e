"""What the model is told of a function."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from clarion._tools import Tool, ToolDefinitionError
from clarion._tools.tool import tool


class Unit(enum.Enum):
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


@dataclass
class Point:
    """A place on a map."""

    x: float
    y: float = 0.0


class Person(TypedDict):
    name: str
    age: int


class Line(BaseModel):
    title: str = Field(description="What is bought.", title="A title of pydantic")
    amount: Annotated[Decimal, Field(gt=0)]


class Tree(BaseModel):
    children: list[Tree] = []


def schema(function: Callable[..., Any]) -> dict[str, Any]:
    return Tool.from_function(function).input_schema


def plain(a: str, b: int, c: float, d: bool) -> None: ...
def closed_set(a: Literal["x", "y"], b: Unit) -> None: ...
def optional(a: str | None = None, b: int | str = 3) -> None: ...
def containers(a: list[str], b: dict[str, int], c: tuple[int, str]) -> None: ...
def texts(a: date, b: datetime, c: Decimal, d: Path, e: UUID) -> None: ...
def nested(a: Point, b: Person, c: list[Line]) -> None: ...
def described(a: Annotated[int, "How many."], b: Annotated[int, Field(description="How far.", ge=1)]) -> None: ...
def pydantic_defaults(a: int = Field(3, le=9), b: Annotated[int, Field(default=4)] = 5) -> None: ...
def keyword_only(*, a: int) -> None: ...
def open_ended(a: int, **others: str) -> None: ...
def nothing() -> None: ...


STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


@pytest.mark.parametrize(
    ("function", "properties"),
    [
        (plain, {"a": STRING, "b": INTEGER, "c": NUMBER, "d": {"type": "boolean"}}),
        (closed_set, {"a": {"enum": ["x", "y"], "type": "string"}, "b": {"$ref": "#/$defs/Unit"}}),
        (
            optional,
            {
                "a": {"anyOf": [STRING, {"type": "null"}], "default": None},
                "b": {"anyOf": [INTEGER, STRING], "default": 3},
            },
        ),
        (
            containers,
            {
                "a": {"type": "array", "items": STRING},
                "b": {"type": "object", "additionalProperties": INTEGER},
                "c": {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2},
            },
        ),
        (
            texts,
            {
                "a": {"type": "string", "format": "date"},
                "b": {"type": "string", "format": "date-time"},
                "c": NUMBER,
                "d": {"type": "string", "format": "path"},
                "e": {"type": "string", "format": "uuid"},
            },
        ),
        (
            described,
            {
                "a": {"description": "How many.", "type": "integer"},
                "b": {"description": "How far.", "type": "integer", "minimum": 1},
            },
        ),
        (pydantic_defaults, {"a": {"default": 3, "maximum": 9, "type": "integer"}, "b": {"default": 5, **INTEGER}}),
        (keyword_only, {"a": INTEGER}),
        (nothing, {}),
    ],
)
def test_annotations_become_the_schema_of_the_input(function: Callable[..., Any], properties: dict[str, Any]) -> None:
    made = schema(function)

    assert made["properties"] == properties
    assert made["additionalProperties"] is False


@pytest.mark.parametrize(
    ("function", "required"),
    [
        (plain, ["a", "b", "c", "d"]),
        (optional, None),
        (pydantic_defaults, None),
        (keyword_only, ["a"]),
        (open_ended, ["a"]),
    ],
)
def test_what_has_no_default_is_required(function: Callable[..., Any], required: list[str] | None) -> None:
    assert schema(function).get("required") == required


def test_nested_types_are_definitions_inside_the_schema_closed_and_without_titles() -> None:
    assert schema(nested)["$defs"] == {
        "Point": {
            "type": "object",
            "description": "A place on a map.",
            "properties": {"x": NUMBER, "y": {"default": 0.0, "type": "number"}},
            "required": ["x"],
            "additionalProperties": False,
        },
        "Person": {
            "type": "object",
            "properties": {"name": STRING, "age": INTEGER},
            "required": ["name", "age"],
            "additionalProperties": False,
        },
        "Line": {
            "type": "object",
            "properties": {
                "title": {"description": "What is bought.", "type": "string"},
                "amount": {"exclusiveMinimum": 0, "type": "number"},
            },
            "required": ["title", "amount"],
            "additionalProperties": False,
        },
    }


def test_a_recursive_type_may_be_an_argument() -> None:
    def plant(tree: Tree) -> None: ...

    assert schema(plant)["properties"] == {"tree": {"$ref": "#/$defs/Tree"}}
    assert "Tree" in schema(plant)["$defs"]


def test_keyword_arguments_are_additional_properties() -> None:
    assert schema(open_ended)["additionalProperties"] == STRING


GOOGLE = """Find a
    flight.

    It may take long.

    Args:
        origin: The airport it
            leaves from.
        day: When.
    """
NUMPY = """Find a flight.

    Parameters
    ----------
    origin : str
        The airport it leaves from.
    day : str
        When.
    """
REST = """Find a flight.

    :param origin: The airport it leaves from.
    :param day: When.
    """


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, REST], ids=["google", "numpy", "rest"])
def test_the_docstring_describes_the_tool_and_its_arguments(docstring: str) -> None:
    def find(origin: str, day: str) -> None: ...

    find.__doc__ = docstring
    made = Tool.from_function(find)

    assert made.description == "Find a flight."
    assert made.input_schema["properties"]["origin"]["description"] == "The airport it leaves from."
    assert made.input_schema["properties"]["day"]["description"] == "When."


def test_a_docstring_may_hold_only_arguments_or_be_missing() -> None:
    def only(day: str) -> None:
        """
        Args:
            day: When.
        """

    assert Tool.from_function(only).description == ""
    assert schema(only)["properties"]["day"]["description"] == "When."
    assert Tool.from_function(nothing).definition() == {
        "name": "nothing",
        "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
    }


def positional(a: int, /) -> None: ...
def listed(*args: int) -> None: ...
def bare(a) -> None: ...  # type: ignore[no-untyped-def]  # that is the mistake
def foreign(a: Any, b: Callable[[], int]) -> None: ...
def unknown(a: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821  # that is the mistake
def accented(größe: int) -> None: ...


@pytest.mark.parametrize(
    ("function", "names", "why"),
    [
        (positional, ["positional", "'a'"], "drop the /"),
        (listed, ["listed", "*args"], "take a list instead"),
        (bare, ["bare", "'a'"], "has no annotation"),
        (foreign, ["foreign", "'b'"], "has no JSON Schema"),
        (unknown, ["unknown", "Nowhere"], "cannot be found"),
        (accented, ["accented", "größe"], "must match"),
        (Line, ["Line"], "Tool.from_model"),
        (functools.partial(nothing), ["nothing"], "give the tool one with name="),
        (max, ["max"], "no signature"),
    ],
)
def test_a_function_that_cannot_be_a_tool_is_named(function: Any, names: list[str], why: str) -> None:
    with pytest.raises(ToolDefinitionError) as raised:
        Tool.from_function(function)

    assert all(name in str(raised.value) for name in names), raised.value
    assert why in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 65, "a.b"])
def test_a_name_that_the_api_refuses_is_refused_here(name: str) -> None:
    def find() -> None: ...

    if name:
        with pytest.raises(ToolDefinitionError, match="must match"):
            tool(name=name)(find)
    with pytest.raises(ToolDefinitionError, match="must match"):
        Tool.from_schema(name, "", {"type": "object"}, find)


def test_a_timeout_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ToolDefinitionError, match="timeout of nothing must be positive"):
        Tool.from_function(nothing, timeout=0)


def test_options_go_over_what_the_function_says() -> None:
    @tool(name="sum", description="Add up.", strict=False, timeout=3, extra={"defer_loading": True})
    def add(a: int) -> int:
        """Not this."""
        return a

    made = Tool.of(add)
    assert made.timeout == 3
    assert made.definition() == {
        "name": "sum",
        "description": "Add up.",
        "input_schema": {
            "type": "object",
            "properties": {"a": INTEGER},
            "required": ["a"],
            "additionalProperties": False,
        },
        "strict": False,
        "defer_loading": True,
    }


def test_a_strict_tool_says_in_words_what_constrained_decoding_cannot_hold() -> None:
    @tool(strict=True)
    def book(seats: Annotated[int, Field(ge=1, le=9, description="How many.")]) -> None: ...

    assert Tool.of(book).input_schema["properties"]["seats"] == {
        "type": "integer",
        "description": "How many. (at least 1; at most 9)",
    }


def test_a_strict_tool_with_free_keys_is_refused() -> None:
    with pytest.raises(ToolDefinitionError, match="containers cannot be strict: at b, a dict may have any keys"):
        Tool.from_function(containers, strict=True)


def test_a_model_can_be_the_whole_input() -> None:
    def buy(line: Line) -> None:
        """Buy it."""

    made = Tool.from_model(Line, buy)

    assert (made.name, made.description) == ("buy", "Buy it.")
    assert made.input_schema["required"] == ["title", "amount"]
    assert "$ref" not in made.input_schema


def test_a_recursive_model_cannot_be_the_whole_input() -> None:
    with pytest.raises(ToolDefinitionError, match="Tree cannot be the input"):
        Tool.from_model(Tree, lambda tree: tree, name="plant")


def test_a_schema_of_ones_own_must_be_of_an_object() -> None:
    with pytest.raises(ToolDefinitionError, match="'object', not 'array'"):
        Tool.from_schema("find", "", {"type": "array"}, nothing)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"properties": []}, "'properties' at the top cannot be [] in a JSON Schema"),
        ({"properties": {"a": {"type": "strnig"}}}, "'strnig' at a is no type of JSON Schema; types: object"),
        ({"properties": {"a": {"items": {"required": True}}}}, "'required' at a[] cannot be True"),
        ({"properties": {"a": {"minimum": "1"}}}, "'minimum' at a cannot be '1'"),
        ({"properties": {"a": "string"}}, "'string' at a is no JSON Schema"),
        ({"required": [1]}, "'required' at the top has 1, which is no name of a property"),
        ({"$defs": {"b": {"anyOf": [{"pattern": 3}]}}}, "'pattern' at b cannot be 3"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(more: dict[str, Any], why: str) -> None:
    with pytest.raises(ToolDefinitionError, match=re.escape(f"the schema of find is none: {why}")):
        Tool.from_schema("find", "", {"type": "object", **more}, nothing)


def test_a_bound_that_does_not_go_with_its_type_is_refused_with_the_argument() -> None:
    def wait(day: Annotated[date, Field(gt=1)]) -> None: ...

    with pytest.raises(ToolDefinitionError, match=r"argument 'day': .* has no JSON Schema: .*'gt' must be coercible"):
        Tool.from_function(wait)


def test_a_strict_schema_that_refers_to_nothing_is_refused() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/definitions/A"}}}

    with pytest.raises(ToolDefinitionError, match="find cannot be strict: #/definitions/A is not among the"):
        Tool.from_schema("find", "", schema, nothing, strict=True)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": True}},
        {"properties": {"a": {"anyOf": [{"type": "string"}, True]}}},
        {"properties": {"a": {"prefixItems": [True]}}},
        {"properties": {"a": {"$ref": "#/$defs/b", "title": "A"}}, "$defs": {"b": True}},
        {"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": False}},
    ],
)
def test_a_strict_schema_that_allows_any_value_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ToolDefinitionError, match="any value or none is allowed"):
        Tool.from_schema("find", "", {"type": "object", **schema}, nothing, strict=True)


def test_a_default_that_json_cannot_write_is_not_shown() -> None:
    def find(a: int = 1, b: object = object()) -> None: ...

    assert schema(find) == {
        "type": "object",
        "properties": {"a": {"type": "integer", "default": 1}, "b": {}},
        "additionalProperties": False,
    }
