"""Whether a value fits a schema: the keywords a made-up value could miss.

Formats and patterns are not looked at: what is made follows them, and a stranger's pattern may take for ever to
say no. A keyword whose own value makes no sense says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.references import target

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fits", "same", "sound"]

Root = dict[str, Any]
NESTED = 40  # references; beyond that a schema only turns in circles
NUMBER = (int, float)


def fits(value: Any, schema: Any, root: Root, depth: int = 0) -> bool:
    """Tell whether a value fits a schema found in `root`."""
    if not isinstance(schema, dict):
        return schema is not False
    if depth > NESTED:
        return False
    return (
        all(_holds(key, value, wanted) for key, wanted in schema.items())
        and _parts_fit(value, schema, root, depth + 1)
        and _inner_fit(value, schema, root, depth + 1)
    )


def sound(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the keywords whose value makes no sense."""
    return {key: value for key, value in schema.items() if isinstance(value, TYPES.get(key, object))}


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal; true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _holds(key: str, value: Any, wanted: Any) -> bool:
    if key not in CHECKS:
        return True
    kind, types, check = CHECKS[key]
    return not isinstance(wanted, types) or not KINDS[kind](value) or check(value, wanted)


def _parts_fit(value: Any, schema: dict[str, Any], root: Root, depth: int) -> bool:
    if isinstance(schema.get("$ref"), str) and not fits(value, target(schema["$ref"], root), root, depth):
        return False
    for key, enough in COMBINED.items():
        parts = schema.get(key)
        if isinstance(parts, list) and not enough([fits(value, part, root, depth) for part in parts]):
            return False
    return "not" not in schema or not fits(value, schema["not"], root, depth)


def _inner_fit(value: Any, schema: dict[str, Any], root: Root, depth: int) -> bool:
    if isinstance(value, dict):
        properties, rest = schema.get("properties"), schema.get("additionalProperties", True)
        known = properties if isinstance(properties, dict) else {}
        return all(fits(each, known.get(name, rest), root, depth) for name, each in value.items())
    if isinstance(value, list):
        first, rest = schema.get("prefixItems"), schema.get("items", True)
        start = first if isinstance(first, list) else []
        return all(fits(each, start[i] if i < len(start) else rest, root, depth) for i, each in enumerate(value))
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, NUMBER) and not isinstance(value, bool)


def _is_multiple(value: float, step: float) -> bool:
    return step <= 0 or abs(value / step - round(value / step)) < 1e-9


def _is_unique(value: list[Any], wanted: bool) -> bool:
    return not wanted or not any(same(one, other) for i, one in enumerate(value) for other in value[:i])


KINDS: dict[str, Callable[[Any], bool]] = {
    "any": lambda _: True,
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and value == int(value),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
COMBINED: dict[str, Callable[[list[bool]], bool]] = {"allOf": all, "anyOf": any, "oneOf": lambda fit: sum(fit) == 1}

# keyword: the kind of value it looks at, the types its own value may have, what holds
CHECKS: dict[str, tuple[str, type | tuple[type, ...], Callable[[Any, Any], bool]]] = {
    "type": ("any", (str, list), lambda value, kinds: any(
        str(kind) not in KINDS or KINDS[kind](value) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )),
    "enum": ("any", list, lambda value, options: any(same(value, option) for option in options)),
    "const": ("any", object, same),
    "minimum": ("number", NUMBER, lambda value, least: value >= least),
    "maximum": ("number", NUMBER, lambda value, most: value <= most),
    "exclusiveMinimum": ("number", NUMBER, lambda value, least: value > least),
    "exclusiveMaximum": ("number", NUMBER, lambda value, most: value < most),
    "multipleOf": ("number", NUMBER, _is_multiple),
    "minLength": ("string", int, lambda value, least: len(value) >= least),
    "maxLength": ("string", int, lambda value, most: len(value) <= most),
    "minItems": ("array", int, lambda value, least: len(value) >= least),
    "maxItems": ("array", int, lambda value, most: len(value) <= most),
    "uniqueItems": ("array", bool, _is_unique),
    "required": ("object", list, lambda value, names: all(name in value for name in names if isinstance(name, str))),
    "minProperties": ("object", int, lambda value, least: len(value) >= least),
    "maxProperties": ("object", int, lambda value, most: len(value) <= most),
}  # fmt: skip
TYPES: dict[str, type | tuple[type, ...]] = {
    **{key: types for key, (_, types, _) in CHECKS.items()},
    **dict.fromkeys(("properties", "$defs", "definitions"), dict),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), list),
    **dict.fromkeys(("$ref", "format", "pattern"), str),
    "items": (dict, bool),
}
