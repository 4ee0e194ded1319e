"""Values that fit a JSON schema: the smallest instance, coloured by words and numbers of the prompt.

The generator covers what structured outputs and tool definitions use in practice. It does not invent
strings for a `pattern`. Optional properties are left out, required ones come in the order of the schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Hints", "instance"]

FORMATS = {
    "date-time": "2026-01-15T09:30:00Z",
    "time": "09:30:00Z",
    "date": "2026-01-15",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
NAME = re.compile(r"(?<![.!?:\n] )(?<!^)\b[A-Z][a-z]+\b")
NUMBER = re.compile(r"(?<![\w.])\d{1,9}\b")
DEEP = 3  # references; from here on arrays are empty and the last alternative is taken, so that recursion ends
MAX_DEPTH = 7
MOST = 1000  # items or characters, however many a schema asks for


@dataclass(slots=True)
class Hints:
    """Names and numbers found in a prompt, handed out one after the other."""

    names: Iterator[str] = field(default_factory=lambda: iter(()))
    numbers: Iterator[int] = field(default_factory=lambda: iter(()))

    @classmethod
    def of(cls, prompt: str) -> Hints:
        """Collect the hints of a prompt: capitalised words within sentences, and whole numbers."""
        head = prompt[:4000]
        return cls(iter(NAME.findall(head)), iter([int(found) for found in NUMBER.findall(head)]))


def instance(schema: Any, hints: Hints, name: str = "value") -> Any:
    """Return a value that fits the schema. `name` is what a free string says when there is no better word."""
    return _Sampler(schema if isinstance(schema, dict) else {}, hints).value(schema, name, 0)


@dataclass(frozen=True, slots=True)
class _Sampler:
    root: dict[str, Any]
    hints: Hints

    def value(self, schema: Any, name: str, depth: int) -> Any:
        """Return a value for a schema met after following `depth` references, alternatives or merges."""
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return None
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        if schema.get("enum"):
            return schema["enum"][0]
        if parts := self._parts(schema, depth):
            return self.value(_merged(schema, parts), name, depth + 1)
        return self._typed(schema, name, depth)

    def _parts(self, schema: dict[str, Any], depth: int) -> list[dict[str, Any]]:
        """Return the schemas that hold besides this one: its reference, all of `allOf`, one alternative."""
        options = schema.get("anyOf") or schema.get("oneOf") or []
        chosen = options[:1] if depth < DEEP else options[-1:]
        parts = [*([self._target(schema["$ref"])] if "$ref" in schema else []), *schema.get("allOf", ()), *chosen]
        return [part for part in parts if isinstance(part, dict)]

    def _target(self, reference: str) -> Any:
        found: Any = self.root
        for key in reference.removeprefix("#").strip("/").split("/"):
            found = found.get(key, {}) if isinstance(found, dict) and key else found
        return found

    def _typed(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type", "object" if "properties" in schema else "string")
        match kind[0] if isinstance(kind, list) and kind else kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                count = max(1 if depth < DEEP else 0, schema.get("minItems", 0))
                count = min(count, schema.get("maxItems", count), MOST)
                return [self.value(schema.get("items", {}), name, depth) for _ in range(count)]
            case "integer" | "number":
                return self._number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self._string(schema, name)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = schema.get("required") or []
        names = [name for name in properties if name in required]
        names += [name for name in required if name not in properties]
        return {name: self.value(properties.get(name, {}), name, depth) for name in names}

    def _number(self, schema: dict[str, Any]) -> float:
        low: float = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        high: float = schema.get("maximum", schema.get("exclusiveMaximum", float("inf")) - 1)
        step: float = schema.get("multipleOf", 1)
        found = next(self.hints.numbers, None)
        if found is not None and low <= found <= high and found % step == 0:
            return found
        value = low if step == 1 else -(-low // step) * step
        return min(value, high)

    def _string(self, schema: dict[str, Any], name: str) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        text = next(self.hints.names, name.replace("_", " "))
        text = text.ljust(min(schema.get("minLength", 0), MOST), ".")
        return text[: schema.get("maxLength", len(text))]


def _merged(schema: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one schema for a schema and its parts; their properties and requirements add up."""
    merged = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", "anyOf", "oneOf"}}
    for part in parts:
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", []), *part.get("required", [])]
        merged = merged | part
        if properties:
            merged |= {"properties": properties, "required": required}
    return merged
