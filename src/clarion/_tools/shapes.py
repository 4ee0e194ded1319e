"""What the keywords of JSON Schema may hold.

The API refuses a schema in which one holds anything else, and so does whoever reads one here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clarion._tools.errors import UnsupportedSchemaError
from clarion._tools.schema import LISTED, NAMED, SINGLE

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
SHAPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys((*NAMED, "definitions"), (dict,)),
    **dict.fromkeys((*LISTED, "required", "enum"), (list,)),
    **dict.fromkeys(SINGLE, (dict, bool)),
    **dict.fromkeys(("$ref", "format", "pattern", "description"), (str,)),
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"), (int,)),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"), (int, float)),
    "uniqueItems": (bool,),
    "type": (str, list),
}


def refuse_malformed(schema: Any) -> None:
    """Raise UnsupportedSchemaError for what is no JSON Schema, at any depth; the message says where."""
    _look(schema, "", set())


def at(where: str) -> str:
    """Return in words where in a schema something stands."""
    return f" at {where}" if where else " at the top"


def kinds_of(schema: Mapping[str, Any]) -> list[Any]:
    """Return the types that a schema names."""
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else kind


def _look(schema: Any, where: str, seen: set[int]) -> None:
    if isinstance(schema, bool) or id(schema) in seen:
        return
    if not isinstance(schema, Mapping):
        raise UnsupportedSchemaError(f"{schema!r}{at(where)} is no JSON Schema")
    seen.add(id(schema))
    for key, kinds in SHAPES.items():
        if key in schema and not _has_shape(schema[key], kinds):
            raise UnsupportedSchemaError(f"{key!r}{at(where)} cannot be {schema[key]!r} in a JSON Schema")
    if unknown := [kind for kind in kinds_of(schema) if kind not in TYPES]:
        raise UnsupportedSchemaError(f"{unknown[0]!r}{at(where)} is no type of JSON Schema; types: {', '.join(TYPES)}")
    if unnamed := [name for name in schema.get("required", ()) if not isinstance(name, str)]:
        raise UnsupportedSchemaError(f"'required'{at(where)} has {unnamed[0]!r}, which is no name of a property")
    for step, part in _parts(schema):
        _look(part, f"{where}{step}".lstrip("."), seen)


def _has_shape(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the schemas right within a schema, and by which step each is reached."""
    for key in (*NAMED, "definitions"):
        yield from ((f".{name}", part) for name, part in schema.get(key, {}).items())
    for key in LISTED:
        yield from (("", part) for part in schema.get(key, ()))
    for key in SINGLE:
        if key in schema:
            yield "[]" if key == "items" else "", schema[key]
