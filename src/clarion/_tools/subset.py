"""The part of JSON Schema that constrained decoding follows, for strict tools and structured output.

What it does not follow but can be said in words goes into the description, so that the model knows it; it is checked
here when the answer has come. What cannot be said (recursion, free keys, any value) is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clarion._tools.errors import UnsupportedSchemaError
from clarion._tools.schema import LISTED, Schema, is_recursive, mapped, name_of, with_definitions
from clarion._tools.shapes import at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)  # documentation of structured outputs, November 2026
SILENT_FORMATS = ("path", "file-path", "directory-path", "binary", "password")
HARD_REGEX = re.compile(r"\(\?|\\[bB1-9]")
FOLLOWED: dict[str, Callable[[Any], bool]] = {
    "format": lambda value: value in FORMATS,
    "minItems": lambda value: value in (0, 1),
    "pattern": lambda value: not HARD_REGEX.search(value),
}
KEPT = ("type", "enum", "const", "default", "anyOf", "allOf", "properties", "required", "items", "$ref")
WORDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "greater than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} keys",
    "maxProperties": "at most {} keys",
    "pattern": "matching the regular expression {}",
    "format": "in the format {}",
    "examples": "for example {}",
}


def constrained(schema: Schema) -> Schema:
    """Return a schema within the subset. Raises UnsupportedSchemaError, which says what cannot be."""
    definitions: dict[str, Schema] = schema.get("$defs", {})
    for name in definitions:
        if is_recursive(name, definitions):
            raise UnsupportedSchemaError(
                f"{name} contains itself, and constrained decoding cannot follow a recursive type: "
                "nest it to a fixed depth, or use a flat list whose items name their parent"
            )
    whole = _node({key: value for key, value in schema.items() if key != "$defs"}, definitions, "")
    return with_definitions(whole, {name: _node(part, definitions, name) for name, part in definitions.items()})


def _node(schema: Schema, definitions: Mapping[str, Schema], where: str) -> Schema:
    _refuse_truths(schema, where)
    name = name_of(schema)
    if name and name not in definitions:
        raise UnsupportedSchemaError(f"{schema['$ref']} is not among the $defs of the schema: define it there")
    if name and len(schema) > 1:  # nothing may stand beside a reference
        _refuse_truths(definitions[name], where)
        schema = {**definitions[name], **{key: value for key, value in schema.items() if key != "$ref"}}
    schema = _spread(schema)
    _refuse_open(schema, where)
    result = mapped(
        {key: schema[key] for key in KEPT if key in schema and key != "properties"},
        lambda part: _node(part, definitions, where),
    )
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        result["properties"] = {
            key: _node(part, definitions, f"{where}.{key}".lstrip(".")) for key, part in properties.items()
        }
        result["additionalProperties"] = False
    result |= {key: schema[key] for key, is_followed in FOLLOWED.items() if key in schema and is_followed(schema[key])}
    said = in_words({key: value for key, value in schema.items() if key not in result})
    description = " ".join(filter(None, [schema.get("description"), f"({said})" if said else ""]))
    return result | ({"description": description} if description else {})


def _spread(schema: Schema) -> Schema:
    """Return the schema with its unions as `anyOf`, and the places of a tuple as items of any of their types."""
    rest = {key: value for key, value in schema.items() if key not in ("oneOf", "prefixItems", "type")}
    match schema:
        case {"allOf": [dict(only)]}:
            return {**{key: value for key, value in schema.items() if key != "allOf"}, **only}
        case {"oneOf": variants}:
            return {**rest, "anyOf": variants}
        case {"prefixItems": [*places]}:
            kinds = [place for index, place in enumerate(places) if place not in places[:index]]
            order = ", ".join(place.get("type") or name_of(place) or "one of several" for place in places)
            told = f"{schema.get('description', '')} (in this order: {order})".lstrip()
            items = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
            return {**rest, "type": "array", "items": items, "description": told}
        case {"type": [*names]}:
            return {"anyOf": [{**rest, "type": name} for name in names]}
    return schema


def _refuse_truths(schema: Any, where: str) -> None:
    """Raise UnsupportedSchemaError for `true` and `false` as schemas, which name no type."""
    if isinstance(schema, bool) or any(isinstance(part, bool) for key in LISTED for part in schema.get(key, ())):
        raise UnsupportedSchemaError(
            f"{at(where).lstrip()}, any value or none is allowed, which cannot be constrained: name a type"
        )


def _refuse_open(schema: Schema, where: str) -> None:
    place = at(where).lstrip()
    if not schema.keys() & {"type", "enum", "const", "anyOf", "allOf", "$ref"}:
        raise UnsupportedSchemaError(f"{place}, any value is allowed, which cannot be constrained: name a type")
    if schema.get("type") == "object" and not schema.get("properties") and schema.get("additionalProperties", True):
        raise UnsupportedSchemaError(
            f"{place}, a dict may have any keys, which cannot be constrained: "
            "use a model with named fields, or a list of pairs of key and value"
        )
    if schema.get("type") == "array" and not isinstance(schema.get("items"), dict):
        raise UnsupportedSchemaError(f"{place}, a list may hold anything, which cannot be constrained: name its items")


def in_words(left: Mapping[str, Any]) -> str:
    """Return in words what the subset cannot hold, as far as there are any."""
    words = [
        phrase.format(_written(left[key]))
        for key, phrase in WORDS.items()
        if key in left and left[key] not in SILENT_FORMATS
    ]
    return "; ".join([*words, *(["no item twice"] if left.get("uniqueItems") else [])])


def _written(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
