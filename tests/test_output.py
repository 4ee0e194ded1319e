"""A Python type as the schema of an answer, and the answer as a value of it."""

from __future__ import annotations

import enum
import json
import pickle
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, RootModel
from typing_extensions import TypedDict

from clarion._errors import ClarionError
from clarion._output import Output, OutputError
from clarion._tools import Tool, Toolbox, UnsupportedSchemaError
from clarion.emulator import Emulator


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Line(BaseModel):
    """A line of an invoice."""

    what: Annotated[str, Field(min_length=2, max_length=40, description="What was bought.")]
    price: Annotated[Decimal, Field(ge=0, lt=1000)]
    tags: Annotated[list[str], Field(min_length=2, max_length=3)] = ["a", "b"]


class Invoice(BaseModel):
    model_config = ConfigDict(extra="allow")

    lines: list[Line] = Field(min_length=1)
    first: Line = Field(description="The first line.")
    day: date
    code: str = Field(pattern=r"^[A-Z]+$")
    hidden: str = Field(default="", pattern=r"^a*$", examples=["a", "aa"])
    share: Annotated[float, Field(multiple_of=0.5)] = 0.5
    mood: Mood | None = None


class Circle(BaseModel):
    shape: Literal["circle"]
    radius: float


class Square(BaseModel):
    shape: Literal["square"]
    side: float


class Shapes(BaseModel):
    shapes: list[Annotated[Circle | Square, Field(discriminator="shape")]]


class Times(BaseModel):
    moment: datetime
    span: timedelta
    id: UUID
    link: HttpUrl
    pair: tuple[int, str]
    unique: set[int]


class Person(TypedDict):
    name: str
    age: int


@dataclass
class Point:
    x: float
    y: float = 0.0


class Numbers(RootModel[list[int]]): ...


class Tree(BaseModel):
    children: list[Tree] = []


class Forest(BaseModel):
    trees: list[Tree]


class Looseness(BaseModel):
    meta: dict[str, int]


TYPES: list[Any] = [
    Invoice,
    Shapes,
    Times,
    Person,
    Point,
    Numbers,
    list[Point],
    list[Annotated[int, Field(ge=1)]],
    Literal["a", "b"],
    Mood,
    int,
    Annotated[str, Field(min_length=3)],
    bool,
    float,
    date,
    int | None,
    Point | Person,
    Circle | Square | None,
    tuple[int, str],
    tuple[Point, Point],
]


def asked(**fields: Any) -> tuple[int, bytes]:
    body = {"model": "claude-opus-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hi"}], **fields}
    headers = {"x-api-key": "test", "anthropic-version": "2026-10-21"}
    response = Emulator().respond("POST", "/v1/messages", headers, json.dumps(body).encode())
    assert isinstance(response.body, bytes)
    return response.status, response.body


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_the_api_takes_the_schema_of_every_type(type_: Any) -> None:
    assert asked(output_config={"format": Output.of(type_).format})[0] == 200


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_what_the_api_answers_to_a_schema_is_read_or_explained(type_: Any) -> None:
    output = Output.of(type_)
    text = json.loads(asked(output_config={"format": output.format})[1])["content"][-1]["text"]

    try:
        output.parse(text)
    except OutputError as error:
        assert error.problems  # noqa: PT017  # the emulator does not read descriptions, so either end is right


@pytest.mark.parametrize("strict", [None, True])
@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_the_api_takes_every_type_as_an_argument_of_a_tool(type_: Any, strict: bool | None) -> None:
    def look(it: type_) -> None:
        """Look at it."""

    look.__annotations__["it"] = type_
    tools = Toolbox([Tool.from_function(look, strict=strict)])

    assert asked(tools=tools.definitions())[0] == 200


def test_constraints_the_api_cannot_hold_are_said_in_words() -> None:
    properties = Output.of(Line).schema["properties"]

    assert properties["what"]["description"] == "What was bought. (at least 2 characters; at most 40 characters)"
    assert properties["price"] == {"type": "number", "description": "(at least 0; less than 1000)"}
    assert properties["tags"]["description"] == "(at least 2 items; at most 3 items)"


def test_what_the_api_can_hold_stays_in_the_schema() -> None:
    properties = Output.of(Invoice).schema["properties"]

    assert properties["lines"] == {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1}
    assert properties["code"] == {"type": "string", "pattern": "^[A-Z]+$"}
    assert properties["day"] == {"type": "string", "format": "date"}
    assert properties["mood"]["anyOf"] == [{"$ref": "#/$defs/Mood"}, {"type": "null"}]


def test_nothing_stands_beside_a_reference() -> None:
    first = Output.of(Invoice).schema["properties"]["first"]

    assert "$ref" not in first
    assert first["description"] == "The first line."
    assert first["required"] == ["what", "price"]


def test_every_object_is_closed_and_nothing_has_a_title() -> None:
    written = json.dumps([Output.of(type_).schema for type_ in TYPES])

    assert written.count('"type": "object"') == written.count('"additionalProperties": false')
    assert '"title"' not in written


@pytest.mark.parametrize(
    ("type_", "why"),
    [
        (Tree, "Tree contains itself"),
        (Forest, "Tree contains itself"),
        (dict[str, int], r"dict\[str, int\] cannot be an output_type: at the top, a dict may have any keys"),
        (Looseness, "at meta, a dict may have any keys"),
        (Any, "any value is allowed"),
        (list, "any value is allowed"),
        (object, "any value is allowed"),
    ],
)
def test_a_type_the_api_cannot_be_held_to_is_refused(type_: Any, why: str) -> None:
    with pytest.raises(UnsupportedSchemaError, match=why):
        Output.of(type_)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (Point, '{"x": 1}', Point(1)),
        (Person, '{"name": "Ada", "age": 36}', {"name": "Ada", "age": 36}),
        (list[Point], '{"value": [{"x": 1, "y": 2}]}', [Point(1, 2)]),
        (Literal["a", "b"], '{"value": "b"}', "b"),
        (Literal["a", "b"], '{"value": "B"}', "b"),
        (Mood, '{"value": "good"}', Mood.GOOD),
        (Mood, '{"value": "Good"}', Mood.GOOD),
        (int | None, '{"value": null}', None),
        (Numbers, '{"value": [1]}', Numbers([1])),
        (Shapes, '{"shapes": [{"shape": "circle", "radius": 1}]}', Shapes(shapes=[Circle(shape="circle", radius=1)])),
        (Circle | Square, '{"value": {"shape": "Square", "side": 1}}', Square(shape="square", side=1)),
        (tuple[int, str], '{"value": [1, "a"]}', (1, "a")),
    ],
)
def test_an_answer_becomes_a_value_of_the_type(type_: Any, text: str, value: object) -> None:
    assert Output.of(type_).parse(text) == value


@pytest.mark.parametrize(
    ("type_", "text", "problems"),
    [
        (
            Line,
            '{"what": "a", "price": -1}',
            [
                'what: String should have at least 2 characters; got "a"',
                "price: Input should be greater than or equal to 0; got -1",
            ],
        ),
        (list[Point], '{"value": [{"y": 1}]}', ["value.0.x: required, but missing"]),
        (int, "{}", ["value: required, but missing"]),
        (Mood, '{"value": "so-so"}', ["value: Input should be 'good' or 'bad'; got \"so-so\""]),
        (Point, '{"x": 1', ["the value: Invalid JSON: EOF while parsing an object at line 1 column 7"]),
        (Point, "", ["the value: Invalid JSON: EOF while parsing a value at line 1 column 0"]),
        (Point, "I cannot.", ["the value: Invalid JSON: expected ident at line 1 column 2"]),
    ],
)
def test_an_answer_that_does_not_fit_is_explained_field_by_field(type_: Any, text: str, problems: list[str]) -> None:
    with pytest.raises(OutputError) as raised:
        Output.of(type_).parse(text)

    assert list(raised.value.problems) == problems
    assert raised.value.text == text
    assert isinstance(raised.value, ClarionError)
    assert all(f"- {problem}" in raised.value.repair_prompt() for problem in problems)
    assert pickle.loads(pickle.dumps(raised.value)).problems == raised.value.problems


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (Point, "", None),
        (Point, "{", {}),
        (Person, '{"name": "Ad', {"name": "Ad"}),
        (Person, '{"name": "Ada", "age": 3', {"name": "Ada", "age": 3}),
        (list[Point], '{"val', None),
        (list[Point], '{"value": [{"x": 1}, {"x"', [{"x": 1}, {}]),
        (Point, "I cannot", None),
    ],
)
def test_what_has_come_can_be_read_before_the_end(type_: Any, text: str, value: object) -> None:
    assert Output.of(type_).partial(text) == value


@settings(deadline=None)
@given(st.text())
def test_reading_a_partial_answer_never_fails(text: str) -> None:
    Output.of(Point).partial(text)
    Output.of(int).partial(text)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["value", "lines", "shape", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
@pytest.mark.parametrize("type_", [Invoice, Shapes, Mood, list[Point]], ids=str)
def test_any_json_is_read_or_explained(type_: Any, value: object) -> None:
    try:
        Output.of(type_).parse(json.dumps(value))
    except OutputError as error:
        assert error.problems  # noqa: PT017  # either end is right


def test_the_same_type_is_made_once() -> None:
    assert Output.of(Invoice) is Output.of(Invoice)
    assert Output.of(Literal[1]).parse('{"value": 1}') == 1
    assert Output.of(Literal[True]).parse('{"value": true}') is True
