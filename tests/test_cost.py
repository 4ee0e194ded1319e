"""Prices against the published table of November 2026, computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import Cost, Usage
from clarion._catalog import Catalog
from clarion._cost import Unpriced, cost_of

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


# Dollars per million tokens, as published: model, input, output; and read, write of five minutes and of an hour.
LISTED = [
    ("claude-fable-5-2", "8", "40"),
    ("claude-mythos-5-2", "8", "40"),
    ("claude-opus-5-5", "4", "20"),
    ("claude-sonnet-5-5", "2", "10"),
    ("claude-haiku-5-5", "0.10", "0.50"),
    ("claude-fable-5-1", "10", "50"),
    ("claude-mythos-5-1", "10", "50"),
    ("claude-opus-5", "5", "25"),
    ("claude-sonnet-5", "2", "10"),
    ("claude-fable-5", "10", "50"),
    ("claude-mythos-5", "10", "50"),
    ("claude-opus-4-8", "5", "25"),
    ("claude-opus-4-7", "5", "25"),
    ("claude-opus-4-6", "5", "25"),
    ("claude-sonnet-4-6", "3", "15"),
    ("claude-haiku-4-5-20251001", "1", "5"),
    ("claude-opus-4-5-20251101", "5", "25"),
    ("claude-sonnet-4-5-20250929", "3", "15"),
]
CACHED = [
    ("claude-fable-5-2", "0.20", "10", "16"),
    ("claude-opus-5-5", "0.20", "5", "8"),
    ("claude-sonnet-5-5", "0.10", "2.50", "4"),
    ("claude-haiku-5-5", "0.01", "0.125", "0.20"),
    ("claude-fable-5-1", "0.25", "12.50", "20"),
    ("claude-opus-5", "0.50", "6.25", "10"),
    ("claude-sonnet-5", "0.20", "2.50", "4"),
    ("claude-fable-5", "1.00", "12.50", "20"),
    ("claude-opus-4-8", "0.50", "6.25", "10"),
    ("claude-opus-4-6", "0.50", "6.25", "10"),
    ("claude-sonnet-4-6", "0.30", "3.75", "6"),
    ("claude-haiku-4-5-20251001", "0.10", "1.25", "2"),
    ("claude-sonnet-4-5-20250929", "0.30", "3.75", "6"),
]
CATALOG = Catalog.load()


def price(model: str, usage: dict[str, Any], served: dict[str, str] | None = None) -> Cost | Unpriced:
    return cost_of(model, Usage(**usage), served=served or {}, facts=CATALOG.find(model), at=AT)


@pytest.mark.parametrize(("model", "usage", "served", "dollars"), CASES.values(), ids=CASES)
def test_a_usage_costs_what_the_price_list_says(
    model: str, usage: dict[str, Any], served: dict[str, str], dollars: str
) -> None:
    cost = price(model, usage, served)

    assert isinstance(cost, Cost)
    assert cost.total == Decimal(dollars)


@pytest.mark.parametrize(("model", "read", "written"), LISTED)
def test_every_callable_model_has_its_listed_price(model: str, read: str, written: str) -> None:
    cost = price(model, {"input_tokens": 50_000, "output_tokens": 1_000_000})

    assert isinstance(cost, Cost)
    assert (cost.input * 20, cost.output) == (Decimal(read), Decimal(written))


@pytest.mark.parametrize(("model", "read", "write", "hour"), CACHED)
def test_caching_costs_what_is_listed(model: str, read: str, write: str, hour: str) -> None:
    def dollars(**usage: int) -> Decimal:
        cost = price(model, usage)
        assert isinstance(cost, Cost)
        return cost.total * 20  # of a prompt short enough for the lower band

    assert dollars(cache_read_input_tokens=50_000) == Decimal(read)
    assert dollars(cache_creation_input_tokens=50_000) == Decimal(write)
    assert dollars(cache_creation_input_tokens=50_000, ephemeral_1h_input_tokens=50_000) == Decimal(hour)


counts = st.integers(0, 400_000)


@given(st.sampled_from([row[0] for row in CACHED]), counts, counts, counts, counts, st.floats(0, 1))
def test_the_classes_add_up_to_what_genai_prices_itself_computes(
    model: str, fresh: int, read: int, written: int, out: int, share: float
) -> None:
    long = round(written * share)
    usage = {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "ephemeral_1h_input_tokens": long,
        "output_tokens": out,
    }
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=fresh + read + written,
            cache_read_tokens=read,
            cache_write_tokens=written,
            cache_write_1h_tokens=long,
            output_tokens=out,
        ),
        model,
        provider_id="anthropic",
        genai_request_timestamp=AT,
    )

    cost = price(model, usage)

    assert isinstance(cost, Cost)
    assert cost.total == theirs.total_price


def test_a_cache_saves_when_it_is_read_and_costs_when_it_is_written() -> None:
    read = price("claude-opus-5-5", {"cache_read_input_tokens": 1_000_000})
    write = price("claude-opus-5-5", {"cache_creation_input_tokens": 1_000_000})

    assert isinstance(read, Cost)
    assert isinstance(write, Cost)
    assert read.saved == Decimal("3.8")
    assert write.saved == Decimal(-1)


@pytest.mark.parametrize(
    ("model", "served", "reason"),
    [
        ("claude-unheard-of", {}, "no price is known for claude-unheard-of"),
        ("claude-mythos-5-2", {"speed": "fast"}, "speed='fast' is not known"),
        ("claude-haiku-4-5", {"inference_geo": "us"}, "inference_geo='us' is not known"),
    ],
)
def test_what_has_no_known_price_has_a_reason_and_never_costs_nothing(
    model: str, served: dict[str, str], reason: str
) -> None:
    cost = price(model, {"input_tokens": 1}, served)

    assert isinstance(cost, Unpriced)
    assert reason in cost.reason


def test_prices_go_by_the_date_of_the_call() -> None:
    long_prompt = Usage(input_tokens=300_000)

    before, after = (
        cost_of("claude-sonnet-4-6", long_prompt, served={}, facts=None, at=datetime(2026, month, 1, tzinfo=UTC))
        for month in (3, 4)
    )

    assert isinstance(before, Cost)
    assert isinstance(after, Cost)
    assert (before.total, after.total) == (Decimal("1.8"), Decimal("0.9"))


def test_a_cost_reads_as_dollars() -> None:
    assert str(price("claude-opus-5-5", {"input_tokens": 1234, "output_tokens": 567})) == "$0.0163"
