"""Makes a value for a schema: required properties always, optional ones by chance, one alternative of several."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from random import Random
from typing import TYPE_CHECKING, Any

from clarion.emulator.references import target
from clarion.emulator.sample.fits import fits, sound
from clarion.emulator.sample.formats import FORMATS
from clarion.emulator.sample.merged import merged
from clarion.emulator.sample.pattern import Unsupported, matching

if TYPE_CHECKING:
    from clarion.emulator.sample.hints import Hints

__all__ = ["instance"]

Schema = dict[str, Any]

DEEP = 3  # references; from here on arrays are short and optional properties left out, so that recursion ends
MAX_DEPTH = 12
TRIES = 12  # of making a value that fits
STEPS = 10_000  # values made in all for one instance
MOST = 1000  # items or characters, however many a schema asks for
WITH_OPTIONAL = 0.5
WITH_DEFAULT = 0.4
SIGNS = {  # keyword: the type it is about, where a schema names none
    "properties": "object",
    "required": "object",
    "items": "array",
    "minItems": "array",
    "minimum": "integer",
    "maximum": "integer",
}


class Impossible(Exception):
    """No value fits here, or none was found in reasonable time."""


def instance(schema: Any, hints: Hints, chance: Random | None = None, name: str = "value") -> Any:
    """Return a value that fits the schema; the closest found if none does.

    Args:
        schema: A JSON schema. References are looked up inside it.
        hints: Names and numbers of the prompt, which free strings and numbers take first.
        chance: What varies the value.
        name: What a free string says when there is no better word.

    """
    root = schema if isinstance(schema, dict) else {}
    sampler = _Sampler(root, hints, chance or Random(0))  # noqa: S311 - nothing is kept secret
    made = None
    for _ in range(TRIES):
        try:
            made = sampler.value(schema, name, 0)
        except Impossible:
            continue
        if fits(made, schema, root):
            return made
    return made


@dataclass(slots=True)
class _Sampler:
    root: Schema
    hints: Hints
    chance: Random
    steps: int = 0

    def value(self, schema: Any, name: str, depth: int) -> Any:
        """Return a value for a schema met after following `depth` references, alternatives or levels."""
        self.steps += 1
        if depth > MAX_DEPTH or self.steps > STEPS or schema is False:
            raise Impossible
        if not isinstance(schema, dict):
            return self._free(name)
        simple = self._simple(sound(schema), depth)
        options = self._alternatives(simple)
        if options is None:
            return self._plain(simple, name, depth)
        rest = {key: value for key, value in simple.items() if key not in {"anyOf", "oneOf"}}
        for option in options:
            try:
                made = self.value(merged([rest, option]), name, depth + 1)
            except Impossible:
                continue
            if fits(made, simple, self.root):
                return made
        raise Impossible

    def _simple(self, schema: Schema, depth: int) -> Schema:
        """Return the schema with what it refers to and all of `allOf` joined in."""
        parts = list(schema.get("allOf") or ())
        if "$ref" in schema:
            parts.append(target(schema["$ref"], self.root))
        if not parts:
            return schema
        if depth > MAX_DEPTH or False in parts:
            raise Impossible
        rest = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        inner = [self._simple(sound(part), depth + 1) for part in parts if isinstance(part, dict)]
        return merged([*inner, rest])

    def _alternatives(self, schema: Schema) -> list[Schema] | None:
        """Return the options of a schema in the order to try them; None when it leaves no choice."""
        options = schema.get("anyOf") or schema.get("oneOf")
        if not options:
            return None
        found = [option for option in options if isinstance(option, dict)]
        return self.chance.sample(found, len(found)) or [{}]

    def _plain(self, schema: Schema, name: str, depth: int) -> Any:
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            fitting = [option for option in schema["enum"] if fits(option, schema, self.root)]
            return self.chance.choice(fitting or schema["enum"])
        if "default" in schema and self.chance.random() < WITH_DEFAULT and fits(schema["default"], schema, self.root):
            return schema["default"]
        match self._kind(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer":
                return int(self._number(schema))
            case "number":
                return self._number(schema, is_whole=self.chance.random() < 0.5)
            case "boolean":
                return self.chance.random() < 0.5
            case "null":
                return None
            case _:
                return self._string(schema, name)

    def _kind(self, schema: Schema) -> Any:
        kinds = schema.get("type")
        if isinstance(kinds, list) and kinds:
            return self.chance.choice(kinds)
        if isinstance(kinds, str):
            return kinds
        return next((kind for sign, kind in SIGNS.items() if sign in schema), "string")

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties: Schema = schema.get("properties") or {}
        named = [name for name in schema.get("required") or [] if isinstance(name, str)]
        required = [name for name in properties if name in named]
        required += [name for name in named if name not in properties]
        made = {}
        rest = schema.get("additionalProperties")
        for name in required:
            made[name] = self.value(properties.get(name, rest if isinstance(rest, dict) else {}), name, depth + 1)
        optional = [name for name in properties if name not in made]
        missing = schema.get("minProperties", 0) - len(made)
        for number, name in enumerate(optional):
            if number < missing or (depth < DEEP and self.chance.random() < WITH_OPTIONAL):
                self._perhaps(made, name, properties[name], depth)
        if isinstance(rest, dict) and not properties:
            for name in ("first", "second")[: max(self.chance.randint(0, 2), schema.get("minProperties", 0))]:
                self._perhaps(made, name, rest, depth)
        return made

    def _perhaps(self, made: dict[str, Any], name: str, schema: Any, depth: int) -> None:
        """Add a property that need not be there, and do without where it is impossible."""
        try:
            made[name] = self.value(schema, name, depth + 1)
        except Impossible:
            if self.steps > STEPS:
                raise

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        least = min(schema.get("minItems", 0), MOST)
        most = min(schema.get("maxItems", least + MOST), max(least, 1) + (2 if depth < DEEP else 0))
        count = self.chance.randint(min(max(least, 1 if depth < DEEP else 0), most), max(least, most))
        first: list[Any] = schema.get("prefixItems", [])
        items = [*first[:count], *[schema.get("items", {})] * (count - len(first))]
        made: list[Any] = []
        for item in items:
            try:
                self._append(made, item, name, depth, is_set=bool(schema.get("uniqueItems")))
            except Impossible:
                if len(made) < least or self.steps > STEPS:
                    raise
        return made

    def _append(self, made: list[Any], item: Any, name: str, depth: int, *, is_set: bool) -> None:
        for _ in range(TRIES):
            value = self.value(item, name, depth + 1)
            if not is_set or value not in made:
                made.append(value)
                return
        raise Impossible

    def _number(self, schema: Schema, *, is_whole: bool = True) -> float:
        step = schema.get("multipleOf") or (1 if is_whole else 0.01)
        least, most = _bounds(schema, step)
        found = next(self.hints.numbers, None)
        if found is not None and fits(found, schema, self.root):
            return found
        try:
            low, high = _steps(least, most, step)
        except OverflowError:
            return least if least is not None else most or 0
        made = self.chance.randint(low, max(low, high)) * step
        return made if isinstance(made, int) else round(made, 6)

    def _string(self, schema: Schema, name: str) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]](self.chance)
        if "pattern" in schema:
            for _ in range(TRIES):
                try:
                    made = matching(schema["pattern"], self.chance)
                except (Unsupported, RecursionError, ValueError):
                    break
                if fits(made, schema, self.root):
                    return made
        text = self._free(name).ljust(min(schema.get("minLength", 0), MOST), ".")
        return text[: max(0, schema.get("maxLength", len(text)))]

    def _free(self, name: str) -> str:
        return next(self.hints.names, name.replace("_", " "))


def _steps(least: float | None, most: float | None, step: float) -> tuple[int, int]:
    """Return between which multiples of a step to choose: near nought where nothing is said."""
    high = None if most is None else floor(most / step)
    low = (0 if high is None or high >= 0 else high - 9) if least is None else ceil(least / step)
    return low, (low + ceil(9 / step) if high is None else high)


def _bounds(schema: Schema, step: float) -> tuple[float | None, float | None]:
    """Return the least and the most a number may be; None where nothing is said."""
    lows = [schema["minimum"]] if "minimum" in schema else []
    highs = [schema["maximum"]] if "maximum" in schema else []
    if "exclusiveMinimum" in schema:
        lows.append(schema["exclusiveMinimum"] + step / 2)
    if "exclusiveMaximum" in schema:
        highs.append(schema["exclusiveMaximum"] - step / 2)
    return (max(lows) if lows else None), (min(highs) if highs else None)
