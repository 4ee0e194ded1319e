"""JSON Schema: what is a schema at all, and the subset that structured outputs and strict tools take."""

from __future__ import annotations

from typing import Any

from clarion.emulator.wire import invalid

__all__ = ["check_schema", "check_subset"]

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
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
UNSUPPORTED = {
    "integer": BOUNDS,
    "number": BOUNDS,
    "string": ("minLength", "maxLength"),
    "array": ("maxItems", "uniqueItems"),
}


def check_schema(path: str, schema: object) -> None:
    """Refuse what is no JSON Schema: a keyword whose value has the wrong type, at any depth."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict) or not _is_sound(schema):
        raise invalid(path, "JSON schema is invalid. It must match JSON Schema draft 2020-12.")
    for part in _parts(schema):
        check_schema(path, part)


def check_subset(path: str, schema: dict[str, Any]) -> None:
    """Refuse what constrained decoding cannot follow: open objects, bounds, lengths, most array sizes."""
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        raise invalid(path, "For 'object' type, 'additionalProperties' must be explicitly set to false")
    bad = [key for key in UNSUPPORTED.get(kind if isinstance(kind, str) else "", ()) if key in schema]
    if bad:
        raise invalid(path, f"For '{kind}' type, properties {', '.join(bad)} are not supported")
    if kind == "array" and schema.get("minItems", 0) > 1:
        raise invalid(path, "For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    for part in _parts(schema):
        if isinstance(part, dict):
            check_subset(path, part)


def _is_sound(schema: dict[str, Any]) -> bool:
    """Say whether the keywords right inside a schema have values of the right types."""
    typed = all(isinstance(schema[key], kind) for key, kind in KEYWORDS.items() if key in schema)
    named = typed and all(isinstance(name, str) for name in schema.get("required", ()))
    return named and schema.get("multipleOf", 1) > 0


def _parts(schema: dict[str, Any]) -> list[Any]:
    """Return the schemas right inside a schema."""
    named = [part for key in ("properties", "$defs", "definitions") for part in schema.get(key, {}).values()]
    listed = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    return [*named, *listed, *([schema["items"]] if "items" in schema else [])]
