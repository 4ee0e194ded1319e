"""JSON Schema as pydantic writes it and as the API should get it: no titles, no open objects, no definitions unused."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
    from pydantic_core import core_schema

Schema = dict[str, Any]

MODE: JsonSchemaMode = "validation"
NAMED = ("properties", "$defs", "patternProperties")
LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
SINGLE = ("items", "additionalProperties", "not")


def schemas_of(adapters: Mapping[str, TypeAdapter[Any]]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return the schema of each type, and the definitions they share."""
    from pydantic import TypeAdapter

    made, common = TypeAdapter.json_schemas(
        [(name, MODE, adapter) for name, adapter in adapters.items()], schema_generator=_generator()
    )
    named = {name: tidy(schema) for (name, _), schema in made.items()}
    return named, {name: tidy(schema) for name, schema in common.get("$defs", {}).items()}


def schema_of(adapter: TypeAdapter[Any]) -> Schema:
    """Return the schema of one type, with its definitions inside and an object on top where there is one."""
    named, definitions = schemas_of({"it": adapter})
    schema, definitions = named["it"], dict(definitions)
    name = name_of(schema)
    if name and not is_recursive(name, definitions):
        schema = {**definitions[name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return with_definitions(schema, definitions)


def with_definitions(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """Return the schema with those of the definitions that it needs."""
    needed = reached(schema, definitions)
    return schema | ({"$defs": {name: definitions[name] for name in sorted(needed)}} if needed else {})


def tidy(schema: Schema) -> Schema:
    """Return a schema without titles, whose objects take no properties but their own unless they say otherwise."""
    tidied = mapped(schema, tidy)
    if isinstance(tidied.get("title"), str):
        del tidied["title"]
    if "properties" in tidied:
        tidied.setdefault("additionalProperties", False)
    return tidied


def mapped(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return a schema with the schemas right inside it changed."""

    def changed(part: Any) -> Any:
        return change(part) if isinstance(part, dict) else part

    result = dict(schema)
    for key in NAMED:
        if key in schema:
            result[key] = {name: changed(part) for name, part in schema[key].items()}
    for key in LISTED:
        if key in schema:
            result[key] = [changed(part) for part in schema[key]]
    for key in SINGLE:
        if key in schema:
            result[key] = changed(schema[key])
    return result


def name_of(schema: Mapping[str, Any]) -> str | None:
    """Return the name of the definition that a schema refers to, if it does."""
    ref = schema.get("$ref")
    return ref.removeprefix("#/$defs/") if isinstance(ref, str) else None


def reached(schema: Schema, definitions: Mapping[str, Schema]) -> frozenset[str]:
    """Return the names of the definitions that a schema needs, at any depth."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        new = _references(waiting.pop()) & definitions.keys() - found
        found |= new
        waiting += [definitions[name] for name in new]
    return frozenset(found)


def is_recursive(name: str, definitions: Mapping[str, Schema]) -> bool:
    """Whether a definition needs itself."""
    return name in reached(definitions[name], definitions)


def _references(schema: Schema | bool) -> set[str]:
    if isinstance(schema, bool):
        return set()
    found = {name} if (name := name_of(schema)) else set()

    def look(part: Schema) -> Schema:
        found.update(_references(part))
        return part

    mapped(schema, look)
    return found


@cache
def _generator() -> type[GenerateJsonSchema]:
    from pydantic.json_schema import GenerateJsonSchema

    class Generator(GenerateJsonSchema):
        """Writes a decimal as the number it is, and not as a number or a text that looks like one."""

        def decimal_schema(self, schema: core_schema.DecimalSchema) -> Schema:
            written = super().decimal_schema(schema)
            variants: list[Schema] = written.get("anyOf", [written])
            return variants[0]

    return Generator
