"""The emulator's own prices, to the cent of what was published."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clarion.emulator import models
from clarion.emulator.prices import bill, cost

MILLION = 1_000_000


def usage(**fields: Any) -> dict[str, Any]:
    five, hour = fields.pop("five", 0), fields.pop("hour", 0)
    return {
        "input_tokens": 0,
        "output_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": five + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
        "server_tool_use": None,
        "service_tier": "standard",
        "inference_geo": "global",
        "speed": "standard",
    } | fields


PUBLISHED = {  # input, output, written for 5 minutes, for an hour, read: dollars a million tokens
    "claude-fable-5-2": ("8", "40", "10", "16", "0.20"),
    "claude-mythos-5-2": ("8", "40", "10", "16", "0.20"),
    "claude-opus-5-5": ("4", "20", "5", "8", "0.20"),
    "claude-sonnet-5-5": ("2", "10", "2.50", "4", "0.10"),
    "claude-fable-5-1": ("10", "50", "12.50", "20", "0.25"),
    "claude-opus-5": ("5", "25", "6.25", "10", "0.50"),
    "claude-sonnet-5": ("2", "10", "2.50", "4", "0.20"),
    "claude-fable-5": ("10", "50", "12.50", "20", "1.00"),
    "claude-opus-4-8": ("5", "25", "6.25", "10", "0.50"),
    "claude-sonnet-4-6": ("3", "15", "3.75", "6", "0.30"),
    "claude-haiku-4-5-20251001": ("1", "5", "1.25", "2", "0.10"),
    "claude-opus-4-5-20251101": ("5", "25", "6.25", "10", "0.50"),
    "claude-sonnet-4-5-20250929": ("3", "15", "3.75", "6", "0.30"),
}


@pytest.mark.parametrize("model", PUBLISHED)
def test_every_class_of_tokens_has_the_published_price(model: str) -> None:
    classes = ("input_tokens", "output_tokens", "five", "hour", "cache_read_input_tokens")

    found = [cost(model, usage(**{name: MILLION})) for name in classes]

    assert found == [Decimal(price) for price in PUBLISHED[model]]


@pytest.mark.parametrize(("tokens", "times"), [(100_000, 1), (100_001, 5)])
def test_a_long_prompt_of_haiku_costs_five_times_as_much(tokens: int, times: int) -> None:
    read = tokens - 30
    price = cost(
        "claude-haiku-5-5",
        usage(input_tokens=10, five=10, hour=10, cache_read_input_tokens=read, output_tokens=100),
    )

    once = Decimal("0.10") * (10 + Decimal("1.25") * 10 + 2 * 10 + Decimal("0.1") * read) + Decimal("0.50") * 100
    assert price == times * once / MILLION


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({"service_tier": "batch"}, "0.5"),
        ({"speed": "fast"}, "2"),
        ({"inference_geo": "us"}, "1.1"),
        ({"speed": "fast", "inference_geo": "us"}, "2.2"),
    ],
)
def test_factors_stack(fields: dict[str, Any], times: str) -> None:
    tokens: dict[str, Any] = {"input_tokens": 1000, "output_tokens": 10, "cache_read_input_tokens": 500}
    plain = cost("claude-opus-5-5", usage(**tokens))

    assert plain is not None
    assert cost("claude-opus-5-5", usage(**tokens, **fields)) == plain * Decimal(times)


def test_searches_cost_a_cent_whatever_the_factors() -> None:
    searched = usage(server_tool_use={"web_search_requests": 3}, service_tier="batch")

    assert cost("claude-opus-5-5", searched) == Decimal("0.03")


def test_a_refusal_before_any_output_costs_nothing() -> None:
    said: dict[str, Any] = {"model": "claude-opus-5-5", "usage": usage(input_tokens=MILLION), "stop_reason": "refusal"}

    assert bill(said | {"content": []}) == 0
    assert bill(said | {"content": [{"type": "text", "text": "Well"}]}) == 4


def test_what_a_usage_leaves_out_is_nothing() -> None:
    assert bill({"model": "claude-opus-5-5"}) == 0
    assert cost("claude-opus-5-5", {"input_tokens": MILLION, "cache_creation": None, "output_tokens": None}) == 4


def test_every_model_that_answers_has_a_price_but_the_preview() -> None:
    priceless = [
        model.id for model in models.catalogue() if model.lifecycle != "retired" and cost(model.id, usage()) is None
    ]

    assert priceless == ["claude-mythos-preview"]
