"""One schema in place of several that hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.sample.fits import same

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["merged"]

Schema = dict[str, Any]


def merged(schemas: list[Schema]) -> Schema:
    """Return the schema whose values fit all of these. Where two cannot be joined the later one stands."""
    joined: Schema = {}
    for schema in schemas:
        for key, value in schema.items():
            joined[key] = JOINED[key](joined[key], value) if key in joined and key in JOINED else value
    return joined


def _kinds(one: Any, other: Any) -> Any:
    firsts, seconds = (kinds if isinstance(kinds, list) else [kinds] for kinds in (one, other))
    both = [kind for kind in firsts if kind in seconds]
    if "integer" in (*firsts, *seconds) and "number" in (*firsts, *seconds) and "integer" not in both:
        both.append("integer")
    return both or other


def _options(one: Any, other: Any) -> Any:
    return [option for option in one if any(same(option, each) for each in other)] or other


def _properties(one: Any, other: Any) -> Any:
    shared = {name: {"allOf": [one[name], other[name]]} for name in one if name in other}
    return one | other | shared


def _both(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _nothing_more(one: Any, other: Any) -> Any:
    return False if one is False or other is False else other


JOINED: dict[str, Callable[[Any, Any], Any]] = {
    "type": _kinds,
    "enum": _options,
    "properties": _properties,
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "items": _both,
    "additionalProperties": _nothing_more,
    "anyOf": lambda one, other: [{"allOf": [first, second]} for first in one for second in other],
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}
