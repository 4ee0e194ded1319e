"""The part of JSON Schema that constrained decoding follows: structured outputs and strict tools.

Source: Claude documentation, "Structured outputs" (November 2026). What the page does not list is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.emulator.references import target
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Size", "check_subset", "parts_of", "size_of"]

FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"})
NOTES = frozenset(
    {"title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated", "readOnly", "writeOnly"}
)
EVERYWHERE = NOTES | {"type", "enum", "const", "anyOf", "allOf", "$ref", "$defs", "definitions"}
KEYWORDS = {
    "object": EVERYWHERE | {"properties", "required", "additionalProperties"},
    "array": EVERYWHERE | {"items", "minItems"},
    "string": EVERYWHERE | {"format", "pattern"},
    "integer": EVERYWHERE,
    "number": EVERYWHERE,
    "boolean": EVERYWHERE,
    "null": EVERYWHERE,
}
COMBINATIONS = ("oneOf", "not", "if", "then", "else")
UNSUPPORTED_REGEX = re.compile(r"\\[1-9]|\(\?P=|\\k<|\(\?=|\(\?!|\(\?<=|\(\?<!|\\[bB]")


@dataclass(frozen=True, slots=True)
class Size:
    """What a schema adds to the grammar: parameters that may be left out, and those of several types."""

    optional: int = 0
    unions: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(self.optional + other.optional, self.unions + other.unions)


def check_subset(path: str, schema: dict[str, Any]) -> None:
    """Refuse what constrained decoding cannot follow: open objects, bounds, lengths, recursion, most array sizes."""
    for part in _all(schema):
        _check_kind(path, part)
        _check_values(path, part)
        _check_references(path, part, schema)
    _check_recursion(path, schema)


def size_of(schema: dict[str, Any]) -> Size:
    """Return what a schema adds to the grammar, its definitions counted once."""
    total = Size()
    for part in _all(schema):
        properties = part.get("properties") or {}
        left_out = len(properties.keys() - set(part.get("required") or ()))
        is_union = "anyOf" in part or isinstance(part.get("type"), list)
        total += Size(left_out, int(is_union))
    return total


def parts_of(schema: dict[str, Any]) -> list[Any]:
    """Return the schemas right inside a schema."""
    named = [part for key in ("properties", "$defs", "definitions") for part in (schema.get(key) or {}).values()]
    listed = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key) or ()]
    return [*named, *listed, *([schema["items"]] if "items" in schema else [])]


def _all(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all schemas inside it."""
    if isinstance(schema, dict):
        yield schema
        for part in parts_of(schema):
            yield from _all(part)


def _kinds(schema: dict[str, Any]) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _check_kind(path: str, schema: dict[str, Any]) -> None:
    if bad := [key for key in COMBINATIONS if key in schema]:
        raise invalid(path, f"Schema type '{bad[0]}' is not supported")
    kinds = _kinds(schema)
    if "object" in kinds and schema.get("additionalProperties") is not False:
        raise invalid(path, "For 'object' type, 'additionalProperties' must be explicitly set to false")
    known = frozenset().union(*(KEYWORDS[kind] for kind in kinds or KEYWORDS))
    if bad := sorted(schema.keys() - known):
        kind = kinds[0] if kinds else "any"
        raise invalid(path, f"For '{kind}' type, properties {', '.join(bad)} are not supported")
    if schema.get("minItems", 0) > 1:
        raise invalid(path, "For 'array' type, 'minItems' values other than 0 or 1 are not supported")


def _check_values(path: str, schema: dict[str, Any]) -> None:
    if any(isinstance(value, dict | list) for value in schema.get("enum") or ()):
        raise invalid(path, "Enum values must be strings, numbers, booleans or null")
    if "format" in schema and schema["format"] not in FORMATS:
        raise invalid(path, f"String format '{schema['format']}' is not supported")
    if found := UNSUPPORTED_REGEX.search(schema.get("pattern", "")):
        raise invalid(path, f"Unsupported regex feature in pattern field: {found.group()}")


def _check_references(path: str, schema: dict[str, Any], root: dict[str, Any]) -> None:
    if any("$ref" in part for whole in schema.get("allOf") or () for part in _all(whole)):
        raise invalid(path, "'$ref' is not supported inside 'allOf'")
    reference = schema.get("$ref")
    if reference is None:
        return
    if not reference.startswith("#"):
        raise invalid(path, f"External '$ref' is not supported: {reference}")
    if not isinstance(target(reference, root), dict):
        raise invalid(path, f"'$ref' cannot be resolved: {reference}")


def _check_recursion(path: str, root: dict[str, Any]) -> None:
    """Refuse a schema that comes back to itself through references."""
    finished: set[int] = set()

    def visit(schema: Any, open_schemas: frozenset[int]) -> None:
        if not isinstance(schema, dict) or id(schema) in finished:
            return
        if id(schema) in open_schemas:
            raise _recursive(path)
        inside = open_schemas | {id(schema)}
        for part in parts_of({key: value for key, value in schema.items() if key not in {"$defs", "definitions"}}):
            visit(part, inside)
        if "$ref" in schema:
            visit(target(schema["$ref"], root), inside)
        finished.add(id(schema))

    for part in list(_all(root)):
        visit(part, frozenset())


def _recursive(path: str) -> Refusal:
    return invalid(path, "Recursive schemas are not supported")
