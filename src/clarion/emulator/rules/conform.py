"""Whether a value conforms to a JSON schema: the keywords that tool definitions use, local references included.

A keyword that is not known here holds for every value, and so do a reference that leads nowhere or too deep and a
pattern that repeats a group, which might take for ever.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["conforms"]

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "number": (int, float),
    "integer": (int,),
}
MAX_DEPTH = 40
MAX_MATCHED = 200  # characters
REPEATED_GROUP = re.compile(r"\)[*+{]")


def conforms(value: Any, schema: Any, root: Any = None, depth: int = 0) -> bool:
    """Say whether a value conforms to a schema; `root` is where its references point, by default itself."""
    if isinstance(schema, bool) or not isinstance(schema, dict) or depth > MAX_DEPTH:
        return schema is not False
    root = schema if root is None else root

    def holds(value: Any, inner: Any) -> bool:
        return conforms(value, inner, root, depth + 1)

    reference = schema.get("$ref")
    return (
        (reference is None or holds(value, _target(reference, root)))
        and _is_of_type(value, schema.get("type", []))
        and ("const" not in schema or _same(value, schema["const"]))
        and ("enum" not in schema or any(_same(value, one) for one in schema["enum"]))
        and all(holds(value, part) for part in schema.get("allOf", ()))
        and ("anyOf" not in schema or any(holds(value, part) for part in schema["anyOf"]))
        and ("oneOf" not in schema or sum(holds(value, part) for part in schema["oneOf"]) == 1)
        and _is_sized(value, schema)
        and (not isinstance(value, dict) or _object(value, schema, holds))
        and (not isinstance(value, list) or all(holds(item, schema.get("items", True)) for item in value))
    )


def _is_of_type(value: Any, wanted: str | list[str]) -> bool:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    return not kinds or any(_is_a(value, kind) for kind in kinds)


def _is_a(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES.get(kind, ()))


def _same(value: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _is_sized(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, str):
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return fits and _matches(schema.get("pattern", ""), value)
    if isinstance(value, list):
        return bool(schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    step = schema.get("multipleOf")
    return bool(
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
        and (step is None or abs(value / step - round(value / step)) < 1e-9)
    )


def _matches(pattern: str, value: str) -> bool:
    if REPEATED_GROUP.search(pattern):
        return True
    try:
        return re.search(pattern, value[:MAX_MATCHED]) is not None
    except re.error:
        return True


def _object(value: dict[str, Any], schema: dict[str, Any], holds: Callable[[Any, Any], bool]) -> bool:
    properties: dict[str, Any] = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    return all(name in value for name in schema.get("required", ())) and all(
        holds(item, properties.get(name, others)) for name, item in value.items()
    )


def _target(reference: str, root: Any) -> Any:
    found = root
    for key in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(key, True) if isinstance(found, dict) and key else found
    return found
