"""Names of a closed set as the schema writes them: constrained decoding does not keep to their case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._tools.schema import name_of

if TYPE_CHECKING:
    from clarion._tools.schema import Schema


def recased(value: object, schema: Schema) -> Any:
    """Return a value whose texts are written as enums and constants have them, where only the case differs."""
    definitions: dict[str, Schema] = schema.get("$defs", {})

    def visit(value: Any, schema: Any, names: frozenset[str] = frozenset()) -> Any:
        if not isinstance(schema, dict):
            return value
        if (name := name_of(schema)) and name not in names:  # it is not what it refers to itself
            value = visit(value, definitions.get(name), names | {name})
        for key in ("anyOf", "oneOf", "allOf"):
            for variant in schema.get(key, ()):
                value = visit(value, variant, names)
        if isinstance(value, list):
            return [visit(item, schema.get("items")) for item in value]
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            return {key: visit(item, properties.get(key)) for key, item in value.items()}
        return _as_written(value, schema) if isinstance(value, str) else value

    return visit(value, schema)


def _as_written(text: str, schema: Schema) -> str:
    allowed = [*schema.get("enum", ()), schema.get("const")]
    alike = [name for name in allowed if isinstance(name, str) and name.casefold() == text.casefold()]
    return alike[0] if len(alike) == 1 else text
