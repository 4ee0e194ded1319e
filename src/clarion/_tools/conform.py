"""Whether a value is what a JSON Schema describes: the keywords that tools are written with.

Keywords it does not know are not checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clarion._tools.problems import shown
from clarion._tools.schema import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion._tools.schema import Schema

KINDS: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: _is_number(value),
    "integer": lambda value: _is_number(value) and value == value // 1,
}
BOUNDS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("at least", lambda value, bound: value >= bound),
    "exclusiveMinimum": ("greater than", lambda value, bound: value > bound),
    "maximum": ("at most", lambda value, bound: value <= bound),
    "exclusiveMaximum": ("less than", lambda value, bound: value < bound),
}
SIZES: dict[str, tuple[str, str, Callable[[Any, Any], bool]]] = {
    "minLength": ("string", "at least {} characters long", lambda value, bound: len(value) >= bound),
    "maxLength": ("string", "at most {} characters long", lambda value, bound: len(value) <= bound),
    "pattern": ("string", "matched by the regular expression {}", lambda value, regex: _is_found(regex, value)),
    "minItems": ("array", "at least {} items long", lambda value, bound: len(value) >= bound),
    "maxItems": ("array", "at most {} items long", lambda value, bound: len(value) <= bound),
}


def problems_with(value: object, schema: Schema) -> list[str]:
    """Return a line for each place where a value is not what the schema describes."""
    return list(_look(value, schema, "", schema.get("$defs", {})))


def _look(
    value: Any, schema: Any, path: str, definitions: dict[str, Schema], names: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield what is wrong with a value; `names` are those of the definitions that it is looked at by already."""
    if not isinstance(schema, dict):
        return
    if (name := name_of(schema)) and name not in names:
        names |= {name}
        yield from _look(value, definitions.get(name), path, definitions, names)
    place = path or "the value"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(KINDS.get(kind, bool)(value) for kind in kinds):
        yield f"{place}: must be of type {' or '.join(kinds)}; got {shown(value)}"
        return
    allowed = schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
    if allowed is not None and value not in allowed:
        yield f"{place}: must be {' or '.join(map(shown, allowed))}; got {shown(value)}"
    variants = schema.get("anyOf") or schema.get("oneOf") or []
    found = [list(_look(value, variant, path, definitions, names)) for variant in variants]
    if found and all(found):
        yield from min(found, key=len)
    yield from _bounds(value, schema, place)
    yield from _inside(value, schema, path, definitions)


def _bounds(value: Any, schema: Schema, place: str) -> Iterator[str]:
    for key, (words, holds) in BOUNDS.items():
        if key in schema and _is_number(value) and not holds(value, schema[key]):
            yield f"{place}: must be {words} {schema[key]}; got {shown(value)}"
    for key, (kind, words, holds) in SIZES.items():
        if key in schema and KINDS[kind](value) and not holds(value, schema[key]):
            yield f"{place}: must be {words.format(schema[key])}; got {shown(value)}"


def _inside(value: Any, schema: Schema, path: str, definitions: dict[str, Schema]) -> Iterator[str]:
    if isinstance(value, list):
        places = schema.get("prefixItems", [])
        for index, item in enumerate(value):
            inner = places[index] if index < len(places) else schema.get("items")
            yield from _look(item, inner, f"{path}.{index}".lstrip("."), definitions)
    if isinstance(value, dict):
        properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        rest = schema.get("additionalProperties")
        for key in schema.get("required", ()):
            if key not in value:
                yield f"{path}.{key}: required, but missing".lstrip(".")
        for key, item in value.items():
            inner = f"{path}.{key}".lstrip(".")
            described = [properties[key]] if key in properties else []
            described += [part for pattern, part in patterns.items() if _is_found(pattern, key)]
            if not described and rest is False:
                yield f"{inner}: there is no such field; fields: {', '.join(properties) or 'none'}"
            for part in described or [rest]:
                yield from _look(item, part, inner, definitions)


def _is_found(regex: str, text: str) -> bool:
    """Whether a regular expression is found in a text. One that Python cannot read, as others can, is taken to be."""
    try:
        return bool(re.search(regex, text))
    except re.error:
        return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
