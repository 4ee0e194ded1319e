"""The columns of a table of results: those of the input, the fields of the answers, and what is known of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from clarion.bulk.outcome import NANO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from clarion.bulk.journal import Journal
    from clarion.bulk.recipe import Recipe
    from clarion.bulk.record import Record

# What is known of a row beside its input and answer, and the type of its column.
FACTS: dict[str, str] = {
    "custom_id": "string",
    "text": "string",
    "error": "string",
    "detail": "string",
    "model": "string",
    "stop_reason": "string",
    "input_tokens": "integer",
    "output_tokens": "integer",
    "cache_read_tokens": "integer",
    "cost": "number",
    "request_id": "string",
}
NUMBERS = {frozenset({"integer"}): "integer", frozenset({"real"}): "number", frozenset({"integer", "real"}): "number"}
BOOLEANS = ({"true"}, {"false"}, {"true", "false"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a job's results. `types` has the names of all, in order, and a type of JSON Schema for each.

    `inputs` and `outputs` say under which name a column of the input, or a field of the answers, is found. One whose
    name means something else already has `input_` or `output_` before it.
    """

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    types: Mapping[str, str]

    @classmethod
    def of(cls, journal: Journal, recipe: Recipe) -> Columns:
        """Return the columns of a job: of all its rows, and of its schema."""
        properties = _properties(recipe.schema or {})
        facts = {name: type_ for name, type_ in FACTS.items() if name != "text" or not properties}
        read = journal.columns() if recipe.form == "template" else {}
        read.pop("custom_id", None)  # which is a fact
        outputs = {key: _free(key, "output_", FACTS) for key in properties}
        inputs = {key: _free(key, "input_", {*FACTS, *outputs.values()}) for key in read}
        types = {inputs[key]: _type_of_values(kinds) for key, kinds in read.items()}
        types |= {outputs[key]: _type_of_schema(schema) for key, schema in properties.items()}
        return cls(inputs=inputs, outputs=outputs, types=types | facts)

    def row(self, record: Record) -> dict[str, Any]:
        """Return a record as a row of these columns."""
        given = orjson.loads(record.input) if self.inputs else {}
        answered = output_of(record) if self.outputs else None
        row = {name: given.get(key) for key, name in self.inputs.items()}
        if isinstance(answered, dict):
            row |= {name: answered.get(key) for key, name in self.outputs.items()}
        return row | facts(record)


def facts(record: Record) -> dict[str, Any]:
    """Return what is known of a record beside its input and the fields of its answer."""
    found = {name: getattr(record, name, None) for name in FACTS}
    cost = None if record.cost_nano is None else record.cost_nano / float(NANO)
    return found | {"text": text_of(record), "cost": cost}


def text_of(record: Record) -> str | None:
    """Return the text of a row's answer; None where there is none."""
    if record.answer is None:
        return None
    content = orjson.loads(record.answer)["content"]
    return "".join(block["text"] for block in content if block["type"] == "text")


def output_of(record: Record) -> Any:
    """Return the answer of a row as the data it stands for; None where it is no JSON."""
    try:
        return orjson.loads(text_of(record) or "null")
    except orjson.JSONDecodeError:
        return None


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of answers to a schema, which may stand under another name in it; none if they have none."""
    place = schema.get("$ref")
    if isinstance(place, str) and place.startswith("#/$defs/"):
        schema = (schema.get("$defs") or {}).get(place.removeprefix("#/$defs/")) or {}
    return schema.get("properties") or {}


def _free(name: str, prefix: str, taken: Collection[str]) -> str:
    while name in taken:
        name = prefix + name
    return name


def _type_of_values(kinds: Iterable[str]) -> str:
    """Return the type of a column by what SQLite calls the JSON values in it."""
    found = frozenset(kinds) - {"null"}
    return "boolean" if found in BOOLEANS else NUMBERS.get(found, "string")


def _type_of_schema(schema: Any) -> str:
    """Return the type of a field of the answers, which may be null besides; "string" where there are several."""
    found = _types_in(schema) - {"null"}
    return found.pop() if len(found) == 1 else "string"


def _types_in(schema: Any) -> set[str]:
    if not isinstance(schema, dict):
        return {"string"}
    if kinds := schema.get("type"):
        return {kinds} if isinstance(kinds, str) else set(kinds)
    return set().union(*map(_types_in, schema.get("anyOf") or schema.get("oneOf") or ["string"]))
