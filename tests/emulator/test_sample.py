"""Values made from JSON schemas, judged by a validator that is none of ours."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

from clarion.emulator.rules.schema import check_schema
from clarion.emulator.rules.subset import check_subset
from clarion.emulator.sample import Hints, instance
from clarion.emulator.sample.formats import FORMATS
from clarion.emulator.sample.hints import listed
from clarion.emulator.sample.pattern import Unsupported, matching

Schema = dict[str, Any]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["a", "b", "Oslo"]))
PATTERNS = ["^[A-Z]{2}-\\d{3,5}$", "^(red|green|blue)$", "^\\w+@\\w+\\.com$", "[^aeiou]{3}", "^v?\\d+(\\.\\d+){2}$"]
LEAVES = st.one_of(
    st.sampled_from([{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]),
    st.sampled_from(sorted(FORMATS)).map(lambda name: {"type": "string", "format": name}),
    st.sampled_from(PATTERNS).map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.lists(SCALARS, min_size=1, max_size=4).map(lambda options: {"enum": options}),
    SCALARS.map(lambda value: {"const": value}),
    st.just({"type": ["string", "null"]}),
    st.sampled_from(["a", "b", "c"]).map(lambda name: {"$ref": f"#/$defs/{name}"}),
)


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    properties = draw(st.dictionaries(st.sampled_from(["name", "age", "tags", "is_new", "x"]), inner, max_size=5))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


@st.composite
def merges(draw: st.DrawFn) -> Schema:
    """Several descriptions of one object, with a property described twice."""
    names = ["name", "age", "x"]
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        properties = {name: draw(st.sampled_from([{"type": "integer"}, {"type": "number"}, {}])) for name in names}
        required = draw(st.lists(st.sampled_from(names), unique=True))
        parts.append({"type": "object", "properties": properties, "required": required, "additionalProperties": False})
    return {"allOf": parts}


SCHEMAS = st.recursive(
    LEAVES | merges(),
    lambda inner: st.one_of(
        objects(inner),
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(0, 1)),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    ),
    max_leaves=12,
)
LEAF = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


@st.composite
def roots(draw: st.DrawFn) -> Schema:
    schema = draw(objects(SCHEMAS))
    return schema | {"$defs": {"a": LEAF, "b": {"enum": ["x", "y"]}, "c": {"anyOf": [{"$ref": "#/$defs/a"}, LEAF]}}}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    schema=roots(), seed=st.integers(0, 2**32), prompt=st.sampled_from(["", "From Oslo to Lima in 12 hours or 3 days"])
)
def test_an_instance_is_valid_for_any_schema_of_structured_outputs(schema: Schema, seed: int, prompt: str) -> None:
    check_schema("schema", schema)
    check_subset("schema", schema)

    made = instance(schema, Hints.of(prompt), Random(seed))

    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(made)


BOUNDED = st.one_of(
    st.builds(lambda low, wide: {"type": "integer", "minimum": low, "maximum": low + wide},
              st.integers(-(10**6), 10**6), st.integers(0, 9)),
    st.builds(lambda low: {"type": "integer", "exclusiveMinimum": low, "multipleOf": 3}, st.integers(-99, 99)),
    st.builds(lambda high: {"type": "number", "exclusiveMaximum": high}, st.integers(-99, 99)),
    st.builds(lambda least, wide: {"type": "string", "minLength": least, "maxLength": least + wide},
              st.integers(0, 40), st.integers(0, 9)),
    st.builds(lambda least, wide: {"type": "array", "minItems": least, "maxItems": least + wide,
                                   "items": {"type": "boolean"}}, st.integers(0, 9), st.integers(0, 3)),
    st.just({"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": [1, 2, 3]}}),
    st.just({"type": "array", "prefixItems": [{"type": "string"}, {"const": 4}], "minItems": 2, "items": False,
             "maxItems": 2}),
    st.just({"type": "object", "additionalProperties": {"type": "integer"}}),
    st.just({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}),
    st.just({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 2}]}),
    st.just({"type": "integer", "not": {"enum": [0, 1, 2]}}),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(schema=BOUNDED, seed=st.integers(0, 2**32))
@example(schema={"type": "object", "properties": {"a": {}}, "minProperties": 1}, seed=3)
def test_an_instance_keeps_the_bounds_of_a_tools_schema(schema: Schema, seed: int) -> None:
    made = instance(schema, Hints(), Random(seed))

    Draft202012Validator(schema).validate(made)


@settings(max_examples=100, deadline=None)
@given(pattern=st.sampled_from(PATTERNS), seed=st.integers(0, 2**32))
def test_a_string_matches_its_pattern(pattern: str, seed: int) -> None:
    assert re.search(pattern, matching(pattern, Random(seed)))


@pytest.mark.parametrize(
    "pattern",
    [r"(?=a)b", r"(a)\1", r"\bword\b", "(", "[", "a{3,1}", "*", "(a", "a)", "[z-a]", "((((((x{999}){999}){999}"],
)
def test_a_pattern_that_cannot_be_made_up_says_so(pattern: str) -> None:
    with pytest.raises(Unsupported):
        matching(pattern, Random(1))


def test_a_pattern_that_cannot_be_made_up_leaves_a_string() -> None:
    assert instance({"type": "string", "pattern": r"^(?!x)\w+$"}, Hints()) == "value"


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["a", "b", "c"]},
        {"type": "boolean"},
        {"type": "integer"},
        {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        {"type": "string", "format": "date"},
        {"type": "object", "properties": {"a": {"type": "null"}}},
        {"type": "array", "items": {"const": 1}},
    ],
    ids=str,
)
def test_chance_varies_the_value_and_repeats_it(schema: Schema) -> None:
    made = [instance(schema, Hints(), Random(seed)) for seed in range(30)]

    assert len({str(each) for each in made}) > 1
    assert made == [instance(schema, Hints(), Random(seed)) for seed in range(30)]


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    node = {
        "type": "object",
        "properties": {
            "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            "next": {"$ref": "#/$defs/node"},
        },
        "required": ["children"],
    }
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}

    for seed in range(50):
        Draft202012Validator(schema).validate(instance(schema, Hints(), Random(seed)))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"enum": []},
        {"minItems": {}, "type": "array", "prefixItems": 3, "items": "x", "uniqueItems": 1},
        {"type": "object", "required": [["a"]], "properties": []},
        {"type": 5, "minimum": "x", "format": [], "pattern": 3},
        {"type": "number", "minimum": 1e308, "maximum": 1e308},
        {"type": "number", "multipleOf": 0},
        {"not": {}},
    ],
    ids=str,
)  # fmt: skip
def test_a_schema_nothing_fits_gets_something_all_the_same(schema: Schema) -> None:
    instance(schema, Hints(), Random(1))


def test_a_large_schema_is_filled_in_full() -> None:
    item = {"type": "object", "properties": {name: {"type": "integer"} for name in "abcde"}, "required": list("abcde")}

    made = instance({"type": "array", "items": item, "minItems": 1000}, Hints(), Random(1))

    assert [len(each) for each in made] == [5] * 1000


def test_required_properties_come_first_and_in_order() -> None:
    schema = {"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c", "b"]}

    assert {"".join(instance(schema, Hints(), Random(seed)))[:2] for seed in range(20)} == {"bc"}


def test_hints_come_from_the_prompt_in_order() -> None:
    schema = {
        "properties": {name: {"type": "string"} for name in "abc"} | {"n": {"type": "integer"}},
        "required": ["a", "b", "c", "n"],
    }

    made = instance(schema, Hints.of("Fly from New York to Lima in 12 hours"))

    assert made == {"a": "New York", "b": "Lima", "c": "c", "n": 12}


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("Weather in Oslo and Lima?", ["Oslo", "Lima"]),
        ("Compare Oslo, New York or Rome, please", ["Oslo", "New York", "Rome"]),
        ("Ask Ann about Oslo", []),
        ("Nothing here", []),
    ],
)
def test_names_in_a_list_are_told_from_names_alone(prompt: str, names: list[str]) -> None:
    assert listed(prompt) == names
