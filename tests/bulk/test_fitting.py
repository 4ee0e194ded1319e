"""Requests that differ in the words of one prompt alone are fitted once, and as each would be by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import ClaudeConfig
from clarion._catalog import Catalog
from clarion._counting import fitted
from clarion._request import Request
from clarion.bulk.fitting import Fitting

TODAY = date(2026, 11, 25)
CATALOG = Catalog.load()
CONFIGS = [
    ClaudeConfig(model=model, **options)
    for model in [*CATALOG.presets, *CATALOG.models, "some-other-model"]
    for options in (
        {},
        {"temperature": 0.2, "system": "Be brief."},
        {"thinking": {"type": "enabled", "budget_tokens": 2_000}, "max_tokens": 400_000},
        {"style": "factual", "thinking": "off"},
    )
]
WORDS = st.text(min_size=1)
BLOCKS: list[list[dict[str, Any]]] = [
    [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B "}],
    [{"role": "system", "content": "C"}, {"role": "user", "content": "D?"}],
    [{"role": "user", "content": [{"type": "text", "text": "E", "cache_control": {"type": "ephemeral"}}]}],
]


def asked(config: ClaudeConfig, *messages: dict[str, Any]) -> Request:
    return Request(messages=messages, config=config)


def said(words: str, *, in_blocks: bool = False) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": words}] if in_blocks else words}


@given(st.sampled_from(CONFIGS), st.lists(st.tuples(WORDS, st.booleans()), min_size=2, max_size=4))
def test_every_text_is_fitted_as_it_would_be_by_itself(config: ClaudeConfig, texts: list[tuple[str, bool]]) -> None:
    fitting = Fitting()
    requests = [asked(config, said(words, in_blocks=in_blocks)) for words, in_blocks in texts]

    together = [fitting(request, CATALOG, TODAY) for request in requests]

    assert together == [fitted(request, CATALOG, TODAY) for request in requests]


@pytest.mark.parametrize("messages", BLOCKS)
def test_what_is_more_than_a_text_is_fitted_by_itself(messages: list[dict[str, Any]]) -> None:
    fitting, config = Fitting(), ClaudeConfig(model="smart")
    fitting(asked(config, said("F?")), CATALOG, TODAY)

    found = fitting(asked(config, *messages), CATALOG, TODAY)

    assert found == fitted(asked(config, *messages), CATALOG, TODAY)


def test_another_configuration_or_day_is_fitted_anew() -> None:
    fitting = Fitting()
    first, other = ClaudeConfig(model="claude-haiku-5-5"), ClaudeConfig(model="claude-opus-5-5", temperature=0.1)
    fitting(asked(first, said("A?")), CATALOG, TODAY)

    assert fitting(asked(other, said("A?")), CATALOG, TODAY) == fitted(asked(other, said("A?")), CATALOG, TODAY)
    later = date(2028, 1, 1)
    assert fitting(asked(other, said("A?")), CATALOG, later) == fitted(asked(other, said("A?")), CATALOG, later)


def test_one_row_cannot_change_what_another_sends() -> None:
    fitting, config = Fitting(), ClaudeConfig(model="smart")
    one, two = (fitting(asked(config, said(words)), CATALOG, TODAY) for words in ("A?", "B?"))

    one.body["messages"].append(said("C?"))

    assert two.body["messages"] == [said("B?")]
