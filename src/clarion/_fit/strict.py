"""Rules of strict tools: how many there may be, and how open their schemas, in one request.

The schema of the answer counts with them. Source: Claude documentation, "Structured outputs", limits (August 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clarion._fit.draft import mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion._fit.draft import Draft


class Load(NamedTuple):
    """What strict schemas weigh: of how many tools, and with how many parameters optional or of several types."""

    tools: int = 0
    optional: int = 0
    unions: int = 0

    def plus(self, other: Load) -> Load:
        """Return both together."""
        return Load(*(one + more for one, more in zip(self, other, strict=True)))

    def is_within(self, most: Load) -> bool:
        """Whether nothing of it is over these limits."""
        return all(one <= limit for one, limit in zip(self, most, strict=True))


MOST = Load(tools=20, optional=24, unions=16)


def is_too_strict(draft: Draft) -> bool:
    return any(tool.get("strict") for tool in draft.body.get("tools") or ()) and bool(_beyond(draft))


def loosen_tools(draft: Draft) -> str:
    loose = _beyond(draft)
    draft.body["tools"] = [
        {key: value for key, value in tool.items() if key != "strict"} if index in loose else tool
        for index, tool in enumerate(draft.body["tools"])
    ]
    names = ", ".join(str(draft.body["tools"][index].get("name")) for index in loose)
    return (
        f"a request takes {MOST.tools} strict tools, with {MOST.optional} optional parameters and {MOST.unions} of "
        f"several types in all: strict was dropped from {names}"
    )


def _beyond(draft: Draft) -> list[int]:
    """Return the places of the strict tools that are too many, or too open, after those before them."""
    answer = mapping(mapping(draft.body.get("output_config")).get("format")).get("schema")
    load, beyond = load_of(answer), []
    for index, tool in enumerate(draft.body.get("tools") or ()):
        if not tool.get("strict"):
            continue
        more = load.plus(load_of(tool.get("input_schema"))).plus(Load(tools=1))
        if more.is_within(MOST):
            load = more
        else:
            beyond.append(index)
    return beyond


def load_of(schema: Any) -> Load:
    """Return what one schema adds to the load of a request."""
    optional = unions = 0
    for part in _schemas(schema):
        required = [name for name in sequence(part.get("required")) if isinstance(name, str)]
        optional += len(mapping(part.get("properties")).keys() - set(required))
        unions += "anyOf" in part or isinstance(part.get("type"), list)
    return Load(optional=optional, unions=unions)


def _schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all that are in it, definitions once."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "$defs", "definitions"):
        for part in mapping(schema.get(key)).values():
            yield from _schemas(part)
    for key in ("anyOf", "oneOf", "allOf"):
        for part in sequence(schema.get(key)):
            yield from _schemas(part)
    yield from _schemas(schema.get("items"))
