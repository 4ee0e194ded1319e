"""Prices against the published table of November 2026, computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from clarion import Usage
from clarion._cost import cost_of

AT = datetime(2026, 11, 23, tzinfo=UTC)

CASES: dict[str, tuple[str, dict[str, int], dict[str, str], str]] = {
    "Opus 5.5, plain": ("claude-opus-5-5", {"input_tokens": 1_000_000, "output_tokens": 100_000}, {}, "6"),
    "Sonnet 5.5, plain": ("claude-sonnet-5-5", {"input_tokens": 1000, "output_tokens": 1000}, {}, "0.012"),
    "Fable 5.2, plain": ("claude-fable-5-2", {"input_tokens": 1000, "output_tokens": 1000}, {}, "0.048"),
    "Haiku 5.5, short": ("claude-haiku-5-5", {"input_tokens": 100_000, "output_tokens": 1000}, {}, "0.0105"),
    "Haiku 5.5, long": ("claude-haiku-5-5", {"input_tokens": 100_001, "output_tokens": 1000}, {}, "0.0525005"),
    "Haiku 5.5, long by its cache": (
        "claude-haiku-5-5",
        {"input_tokens": 1, "cache_read_input_tokens": 100_000},
        {},
        "0.0050005",
    ),
    "cache read": ("claude-opus-5-5", {"cache_read_input_tokens": 1_000_000}, {}, "0.20"),
    "cache write of five minutes": ("claude-opus-5-5", {"cache_creation_input_tokens": 1_000_000}, {}, "5"),
    "cache write of one hour": (
        "claude-opus-5-5",
        {"cache_creation_input_tokens": 1_000_000, "ephemeral_1h_input_tokens": 1_000_000},
        {},
        "8",
    ),
    "cache writes of both kinds": (
        "claude-opus-5-5",
        {"cache_creation_input_tokens": 1_000_000, "ephemeral_1h_input_tokens": 400_000},
        {},
        "6.2",
    ),
    "batch": ("claude-opus-5-5", {"input_tokens": 1_000_000}, {"service_tier": "batch"}, "2"),
    "batch with cache": ("claude-opus-5-5", {"cache_read_input_tokens": 1_000_000}, {"service_tier": "batch"}, "0.1"),
    "US only": ("claude-opus-5-5", {"output_tokens": 1_000_000}, {"inference_geo": "us"}, "22"),
    "fast": ("claude-opus-5-5", {"output_tokens": 1_000_000}, {"speed": "fast"}, "40"),
    "web searches": ("claude-opus-5-5", {"web_search_requests": 3}, {"service_tier": "batch"}, "0.03"),
    "a retired model": ("claude-3-opus-20240229", {"output_tokens": 1_000_000}, {}, "75"),
}


@pytest.mark.parametrize(("model", "usage", "served", "dollars"), CASES.values(), ids=CASES)
def test_a_usage_costs_what_the_price_list_says(
    model: str, usage: dict[str, Any], served: dict[str, str], dollars: str
) -> None:
    cost = cost_of(model, Usage(**usage), served=served, at=AT)

    assert cost is not None
    assert cost.total == Decimal(dollars)


def test_a_model_without_a_price_has_no_cost_rather_than_none_to_pay() -> None:
    assert cost_of("claude-unheard-of", Usage(input_tokens=1), served={}) is None


def test_a_cost_reads_as_dollars() -> None:
    cost = cost_of("claude-opus-5-5", Usage(input_tokens=1234, output_tokens=567), served={}, at=AT)

    assert str(cost) == "$0.0163"
