"""The schema of an answer, as its author wrote it, in the form that constrained decoding follows.

What keeps its meaning is changed: objects are closed, `oneOf` becomes `anyOf`, bounds and lengths are told in words, as
for an `output_type`. What cannot be said to the API at all is refused. What it takes is left as it is.

Source: Claude documentation, "Structured outputs" (November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._errors import UnfitRequestError
from clarion._fit.draft import Adjustment
from clarion._fit.strict import MOST, load_of
from clarion._tools.errors import UnsupportedSchemaError
from clarion._tools.shapes import at, kinds_of, refuse_malformed
from clarion._tools.subset import FOLLOWED, WORDS, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarion._fit.draft import Draft

Schema = dict[str, Any]

RULE = "answer-schema"
SHOWN = 8  # places that a sentence names
NOTES = frozenset(
    {"title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated", "readOnly", "writeOnly"}
)
ANYWHERE = NOTES | {"type", "enum", "const", "anyOf", "allOf", "$ref", "$defs", "definitions"}
OF_TYPE: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems"}),
    "string": frozenset({"format", "pattern"}),
    **dict.fromkeys(("integer", "number", "boolean", "null"), frozenset()),
}
DEMANDS = (
    *("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies"),
    *("patternProperties", "propertyNames", "unevaluatedProperties"),
    *("prefixItems", "contains", "minContains", "maxContains", "unevaluatedItems", "additionalItems"),
)  # what holds an answer to something that neither the API nor a few words can
SAYING = {"type", "enum", "const", "anyOf", "allOf", "$ref", "properties", "items"}  # what a value has to be
NAMED = ("properties", "$defs", "definitions")
LISTED = ("anyOf", "allOf")


@dataclass(frozen=True, slots=True)
class Followed:
    """A schema that constrained decoding follows, and what was changed for it, in sentences."""

    schema: Schema
    changes: tuple[str, ...]


def followed(schema: Mapping[str, Any]) -> Followed:
    """Return a schema in the form that constrained decoding follows.

    Raises UnsupportedSchemaError for what it cannot be held to; the message says where, and what to do.
    """
    whole = dict(schema)
    refuse_malformed(whole)
    _refuse_recursion(whole)
    author = _Author(whole)
    made = author.rewritten(whole, "")
    load = load_of(made)
    for name, count, most in (
        ("optional properties", load.optional, MOST.optional),
        ("unions", load.unions, MOST.unions),
    ):
        if count > most:
            raise UnsupportedSchemaError(
                f"it has {count} {name}, and constrained decoding follows at most {most}: require more of them, "
                "give them one type, or ask in several requests"
            )
    return Followed(made, author.changes())


def schema_in(output_config: Any) -> Mapping[str, Any] | None:
    """Return the schema of the answer that an `output_config` has, if it has one."""
    match output_config:
        case {"format": {"type": "json_schema", "schema": dict(schema)}}:
            return schema
    return None


def is_unfollowed(draft: Draft) -> bool:
    schema = schema_in(draft.body.get("output_config"))
    return schema is not None and bool(_followed(schema).changes)


def follow(draft: Draft) -> str:
    output = draft.body["output_config"]
    made = _followed(output["format"]["schema"])
    draft.body["output_config"] = {**output, "format": {**output["format"], "schema": made.schema}}
    return f"structured outputs follow a part of JSON Schema: {'; '.join(made.changes)}"


def _followed(schema: Mapping[str, Any]) -> Followed:
    try:
        return followed(schema)
    except UnsupportedSchemaError as error:
        text = f"structured outputs cannot follow the schema: {error}"
        raise UnfitRequestError([Adjustment(RULE, "changed", text)]) from error


class _Author:
    """Rewrites the schemas within one, and remembers where it changed what."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._closed: dict[str, None] = {}
        self._told: dict[str, None] = {}
        self._alike: dict[str, None] = {}
        self._left_out: dict[str, None] = {}

    def changes(self) -> tuple[str, ...]:
        """Return what was changed, a sentence for each kind of change."""
        kinds = (
            ("objects are closed to keys that they do not name", self._closed),
            ("told in words alone, so check the answers for it", self._told),
            ("written otherwise", self._alike),
            ("left out, as it means nothing there", self._left_out),
        )
        return tuple(f"{kind}: {_listed([*places])}" for kind, places in kinds if places)

    def rewritten(self, schema: Schema, where: str) -> Schema:
        """Return a schema as it is followed, and those within it. Raises UnsupportedSchemaError."""
        schema = self._united(self._merged(schema, where), where)
        _refuse(schema, where, self._root)
        kinds = kinds_of(schema)
        if "object" in kinds and schema.get("additionalProperties") is not False:
            self._closed[where or "the top"] = None
            schema = {**schema, "additionalProperties": False}
        known = ANYWHERE.union(*(OF_TYPE[kind] for kind in kinds or OF_TYPE))
        kept = {
            key: self._within(key, value, where)
            for key, value in schema.items()
            if key in known and FOLLOWED.get(key, _always)(value)
        }
        return self._worded(kept, {key: value for key, value in schema.items() if key not in kept}, where)

    def _united(self, schema: Schema, where: str) -> Schema:
        """Return a schema with `anyOf` for `oneOf`."""
        if "oneOf" not in schema or "anyOf" in schema:
            return schema
        self._alike[f"oneOf as anyOf{at(where)}"] = None
        return {"anyOf" if key == "oneOf" else key: value for key, value in schema.items()}

    def _merged(self, schema: Schema, where: str) -> Schema:
        """Return a schema with the definition that stands in an `allOf` alone, where no reference may stand."""
        match schema:
            case {"allOf": [{"$ref": str(reference)}]}:
                self._alike[f"allOf as what it refers to{at(where)}"] = None
                target = _target(reference, self._root)
                rest = {key: value for key, value in schema.items() if key != "allOf"}
                return {**target, **rest} if isinstance(target, dict) else {**rest, "$ref": reference}
        return schema

    def _within(self, key: str, value: Any, where: str) -> Any:
        if key in NAMED:
            return {name: self._part(part, f"{where}.{name}".lstrip(".")) for name, part in value.items()}
        if key in LISTED:
            return [self._part(part, where) for part in value]
        return self._part(value, f"{where}[]") if key == "items" else value

    def _part(self, part: Any, where: str) -> Any:
        return self.rewritten(part, where) if isinstance(part, dict) else part

    def _worded(self, kept: Schema, left: Schema, where: str) -> Schema:
        """Return a schema whose description says what is left of it, as far as words can."""
        for key in left:
            places = self._told if key in WORDS or key == "uniqueItems" else self._left_out
            places[f"{key}{at(where)}"] = None
        said = in_words(left)
        if not said:
            return kept
        return {**kept, "description": " ".join(filter(None, [kept.get("description"), f"({said})"]))}


def _listed(places: list[str]) -> str:
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return f"{', '.join(places[:SHOWN])}{more}"


def _always(_: object) -> bool:
    return True


def _refuse(schema: Schema, where: str, root: Schema) -> None:
    """Raise UnsupportedSchemaError for what can be neither followed nor told in words."""
    place = at(where)
    if demands := [key for key in ("oneOf", *DEMANDS) if key in schema]:
        raise UnsupportedSchemaError(
            f"{demands[0]!r}{place} cannot be followed: leave it out, and check the answers for it"
        )
    if not where and not schema.keys() & SAYING and schema.keys() - ANYWHERE:
        raise UnsupportedSchemaError(
            f"it is no JSON Schema, as it names no type; its keys: {', '.join(map(str, schema))}"
        )
    if "object" in kinds_of(schema) and not schema.get("properties") and schema.get("additionalProperties", True):
        raise UnsupportedSchemaError(
            f"the object{place} may have any keys: name its properties, or ask for a list of pairs of key and value"
        )
    if any(isinstance(value, dict | list) for value in schema.get("enum", ())):
        raise UnsupportedSchemaError(f"'enum'{place} has a value that is no text, number, boolean or null: use anyOf")
    if any("$ref" in part for part in _all({"anyOf": schema.get("allOf", [])})):
        raise UnsupportedSchemaError(f"'$ref' within 'allOf'{place} cannot be followed: write there what it refers to")
    reference = schema.get("$ref")
    if reference is not None and not isinstance(_target(reference, root), dict):
        raise UnsupportedSchemaError(f"{reference!r}{place} refers to nothing in the schema: define it in its $defs")


def _refuse_recursion(root: Schema) -> None:
    """Raise UnsupportedSchemaError for a schema that contains itself."""
    finished: set[int] = set()

    def visit(schema: Any, where: str, around: frozenset[int]) -> None:
        if not isinstance(schema, dict) or id(schema) in finished:
            return
        inside = around | {id(schema)}
        for step, part in _parts(schema):
            visit(part, f"{where}{step}".lstrip("."), inside)
        if "$ref" in schema:
            target = _target(schema["$ref"], root)
            if id(target) in inside:
                raise UnsupportedSchemaError(
                    f"what {schema['$ref']!r} refers to contains itself: nest it to a fixed depth, "
                    "or ask for a flat list whose items name their parent"
                )
            visit(target, where, inside)
        finished.add(id(schema))

    visit(root, "", frozenset())


def _all(schema: Any) -> Iterator[Schema]:
    """Yield a schema and all schemas within it."""
    if isinstance(schema, dict):
        yield schema
        for _, part in _parts(schema):
            yield from _all(part)


def _parts(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield the schemas right within a schema, and by which step each is reached."""
    for key in NAMED:
        yield from ((f".{name}", part) for name, part in schema.get(key, {}).items())
    for key in ("oneOf", *LISTED):
        yield from (("", part) for part in schema.get(key, ()))
    yield "[]", schema.get("items")


def _target(reference: str, root: Schema) -> Any:
    """Return what a local reference, such as `#/$defs/city`, points to; None if it points nowhere."""
    if not reference.startswith("#"):
        return None
    found: Any = root
    for key in reference.removeprefix("#").strip("/").split("/"):
        name = key.replace("~1", "/").replace("~0", "~")
        found = (found.get(name) if isinstance(found, dict) else None) if name else found
    return found
