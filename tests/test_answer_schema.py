"""A schema that somebody wrote for an answer, in the form that constrained decoding follows. The emulator judges."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breaking import JUNK
from clarion import UnfitRequestError
from clarion._fit.answer_schema import ANYWHERE, DEMANDS, followed
from clarion._tools.errors import UnsupportedSchemaError
from clarion._tools.shapes import SHAPES
from clarion._tools.subset import WORDS
from clarion.emulator import Emulator

EMULATOR = Emulator()
STRING = {"type": "string"}
OPEN = {"type": "object", "properties": {"city": STRING}, "required": ["city"]}

leaves: st.SearchStrategy[Any] = st.sampled_from(
    [
        STRING,
        {"type": ["string", "null"]},
        {"type": "string", "maxLength": 3},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "phone", "description": "A number."},
        {"type": "string", "pattern": r"\d+"},
        {"type": "string", "pattern": r"(?=a)b"},
        {"type": "integer", "minimum": 1, "maximum": 5},
        {"type": "integer", "format": "int32"},
        {"type": "number", "multipleOf": 0.5, "x-unit": "m"},
        {"enum": ["a", 1, None], "title": "Either"},
        {"enum": [{"a": 1}]},
        {"const": "x"},
        {"not": STRING},
        {"type": "objekt"},
        {"type": "object"},
        {"type": "object", "properties": []},
        {"$ref": "#/$defs/point"},
        {"$ref": "#/$defs/none"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#/$defs/point"}], "description": "Where."},
    ]
)


def grown(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["a", "b", "c"])
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, parts, min_size=1)},
        optional={
            "required": st.lists(names, unique=True),
            "additionalProperties": st.sampled_from([False, True, STRING]),
            "minProperties": st.just(1),
        },
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": parts},
        optional={"minItems": st.integers(0, 2), "maxItems": st.just(3), "uniqueItems": st.just(True)},
    )
    several = st.lists(parts, min_size=1, max_size=3)
    unions = st.one_of(*(st.fixed_dictionaries({key: several}) for key in ("anyOf", "oneOf", "allOf")))
    return st.one_of(objects, arrays, unions)


schemas = st.recursive(leaves, grown, max_leaves=8).map(
    lambda schema: {**schema, "$defs": {"point": {"type": "object", "properties": {"x": {"type": "number"}}}}}
)


def is_taken(schema: Any) -> bool:
    body = {
        "model": "claude-opus-5-5",
        "messages": [{"role": "user", "content": "Hi"}],
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
    }
    headers = {"x-api-key": "test", "anthropic-version": "2026-10-21"}
    return EMULATOR.respond("POST", "/v1/messages/count_tokens", headers, json.dumps(body).encode()).status == 200


@given(schemas)
def test_what_is_followed_is_taken_and_what_is_taken_is_left_as_it_is(schema: Any) -> None:
    before = copy.deepcopy(schema)
    try:
        made = followed(schema)
    except UnsupportedSchemaError:
        assert not is_taken(schema)
        return

    assert is_taken(made.schema)
    assert bool(made.changes) == (not is_taken(schema))
    assert followed(made.schema).changes == ()
    assert schema == before


words = st.sampled_from([*ANYWHERE, *SHAPES, *DEMANDS, *WORDS, "items", "example"])
junk = st.recursive(
    st.sampled_from(JUNK),
    lambda parts: st.one_of(
        st.dictionaries(words, parts, max_size=4),
        st.lists(parts, max_size=2),
        st.builds(lambda part: {"type": "object", "properties": {"a": part}}, parts),
    ),
)


@settings(max_examples=300)
@given(st.dictionaries(words, junk))
def test_whatever_it_is_is_followed_or_refused_by_name(schema: Any) -> None:
    with contextlib.suppress(UnsupportedSchemaError):
        followed(schema)


def test_each_change_is_told_with_its_place() -> None:
    stars = {"type": "integer", "minimum": 1, "maximum": 5, "description": "How good."}
    tags = {"type": "array", "items": {"type": "object", "properties": {"name": {**STRING, "example": "fish"}}}}
    made = followed({"type": "object", "properties": {"stars": stars, "tags": tags, "why": {"oneOf": [STRING]}}})

    assert made.schema["properties"]["stars"] == {"type": "integer", "description": "How good. (at least 1; at most 5)"}
    assert made.changes == (
        "objects are closed to keys that they do not name: the top, tags[]",
        "told in words alone, so check the answers for it: minimum at stars, maximum at stars",
        "written otherwise: oneOf as anyOf at why",
        "left out, as it means nothing there: example at tags[].name",
    )


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"city": "Oslo"}, "no JSON Schema, as it names no type; its keys: city"),
        ({"type": "json_schema", "schema": OPEN}, "'json_schema' at the top is no type of JSON Schema"),
        ({"type": "object"}, "the object at the top may have any keys: name its properties"),
        ({**OPEN, "properties": {"city": {"not": {}}}}, "'not' at city cannot be followed"),
        ({**OPEN, "properties": {"city": {"type": "string", "required": True}}}, "'required' at city cannot be True"),
        ({**OPEN, "properties": {"city": {"$ref": "https://e/city.json"}}}, "'https://e/city.json' at city refers to"),
        ({**OPEN, "properties": {"in": {"$ref": "#"}}}, "what '#' refers to contains itself"),
        ({**OPEN, "properties": {"in": {"allOf": [{"$ref": "#"}]}}}, "what '#' refers to contains itself"),
        ({**OPEN, "properties": {"city": {"enum": [{}]}}}, "'enum' at city has a value that is no text"),
        ({"type": "object", "properties": {f"p{n}": STRING for n in range(25)}}, "it has 25 optional properties"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_place(schema: Any, why: str) -> None:
    with pytest.raises(UnsupportedSchemaError, match=why):
        followed(schema)


def output_config(schema: Any) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "schema": schema}}


def test_an_open_schema_is_answered_and_what_was_changed_is_told(claude: Any) -> None:
    completion = claude.complete("The weather in Oslo", output_config=output_config(OPEN), adjust="silent")

    assert json.loads(completion.text).keys() == {"city"}
    assert [told.rule for told in completion.adjustments if told.kind == "changed"] == ["answer-schema"]


@pytest.mark.parametrize(("schema", "adjust"), [(OPEN, "strict"), ({"not": {}}, "warn")])
def test_a_schema_that_may_not_or_cannot_be_changed_is_never_sent(
    claude: Any, emulator: Emulator, schema: Any, adjust: str
) -> None:
    with pytest.raises(UnfitRequestError, match="answer-schema: structured outputs"):
        claude.complete("The weather in Oslo", output_config=output_config(schema), adjust=adjust)

    assert len(emulator.requests) == 0
