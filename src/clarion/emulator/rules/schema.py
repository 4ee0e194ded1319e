"""JSON Schema: what is a schema at all."""

from __future__ import annotations

from typing import Any

from clarion.emulator.rules.subset import parts_of
from clarion.emulator.wire import invalid

__all__ = ["check_schema"]

TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean", "null"})
KEYWORDS: dict[str, type | tuple[type, ...]] = {
    "type": (str, list),
    "properties": dict,
    "$defs": dict,
    "definitions": dict,
    "required": list,
    "enum": list,
    "anyOf": list,
    "oneOf": list,
    "allOf": list,
    "items": (dict, bool),
    "$ref": str,
    "format": str,
    "pattern": str,
    "minimum": (int, float),
    "maximum": (int, float),
    "exclusiveMinimum": (int, float),
    "exclusiveMaximum": (int, float),
    "multipleOf": (int, float),
    "minLength": int,
    "maxLength": int,
    "minItems": int,
    "maxItems": int,
}


def check_schema(path: str, schema: object) -> None:
    """Refuse what is no JSON Schema: a keyword whose value has the wrong type, at any depth."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict) or not _is_sound(schema):
        raise invalid(path, "JSON schema is invalid. It must match JSON Schema draft 2020-12.")
    for part in parts_of(schema):
        check_schema(path, part)


def _is_sound(schema: dict[str, Any]) -> bool:
    """Say whether the keywords right inside a schema have values of the right types."""
    typed = all(isinstance(schema[key], kind) for key, kind in KEYWORDS.items() if key in schema)
    kinds = schema.get("type", [])
    return (
        typed
        and all(isinstance(kind, str) and kind in TYPES for kind in ([kinds] if isinstance(kinds, str) else kinds))
        and all(isinstance(name, str) for name in schema.get("required", ()))
        and schema.get("multipleOf", 1) > 0
    )
