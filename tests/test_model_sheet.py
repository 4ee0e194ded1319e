from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from clarion._catalog import Catalog, Model
from clarion.cli._model_sheet import sections

CATALOG = Catalog.load()
OTHERWISE: dict[str, object] = {  # than the facts of claude-opus-5-5
    "id": "claude-opus-5",
    "line": "sonnet",
    "lifecycle": "deprecated",
    "aliases": ("claude-o",),
    "replacement": "claude-opus-5-6",
    "tokenizer": "old",
    "thinking": ("enabled",),
    "thinks": "off",
    "display": "summarized",
    "efforts": ("low",),
    "effort": "low",
    "unthinking_effort": "low",
    "sampling": "2023-06-01",
    "image_tier": "standard",
    "priced_as": "claude-opus-5",
    "fast_beta": "fast-mode",
    "tool_prompt": (1, 2),
    "cutoff": "2020-01",
}


def otherwise(model: Model, fact: str) -> object:
    """Return another value of a fact, of the type that it has."""
    if fact in OTHERWISE:
        return OTHERWISE[fact]
    match getattr(model, fact):
        case bool(value):
            return not value
        case int(value):
            return value + 1
        case Decimal() as value:
            return value + 1
    return date(2030, 1, 1)


@pytest.mark.parametrize("fact", [field.name for field in fields(Model) if field.name != "name"])
def test_every_fact_is_in_the_sheet(fact: str) -> None:
    model = CATALOG.models["claude-opus-5-5"]
    other = replace(model, **{fact: otherwise(model, fact)})  # type: ignore[arg-type]  # a value of its type

    assert [*sections(CATALOG, other)] != [*sections(CATALOG, model)]


@pytest.mark.parametrize("model", CATALOG.sheets(), ids=lambda model: model.id)
def test_no_sheet_shows_how_python_writes_values(model: Model) -> None:
    words = {word.strip(",") for rows in sections(CATALOG, model) for row in rows for word in " ".join(row).split()}

    assert not words & {"None", "True", "False", "()"}
