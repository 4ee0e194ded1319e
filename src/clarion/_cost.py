"""What tokens cost: usage x price, in US dollars, exactly (Decimal).

Base prices, length bands and cache factors come from `genai-prices`; the multipliers for batches, geography and fast
mode are here (Anthropic's pricing page, November 2026). What has no known price has no cost: None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion._usage import Usage

# (field of the API's usage, value) -> what it multiplies every token class by.
MULTIPLIERS = {
    ("service_tier", "batch"): Decimal("0.5"),
    ("inference_geo", "us"): Decimal("1.1"),
    ("speed", "fast"): Decimal(2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """US dollars for what went in (cache writes and reads included) and what came out."""

    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    searches: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """US dollars in all."""
        return self.input + self.output + self.searches

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            input=self.input + other.input,
            output=self.output + other.output,
            searches=self.searches + other.searches,
        )

    def __str__(self) -> str:
        return f"${self.total:.4f}"


def multiplier(served: Mapping[str, Any]) -> Decimal:
    """Return what the way of serving, as the API's `usage` tells it, multiplies token prices by."""
    product = Decimal(1)
    for (name, value), factor in MULTIPLIERS.items():
        if served.get(name) == value:
            product *= factor
    return product


def cost_of(model: str, usage: Usage, *, served: Mapping[str, Any], at: datetime | None = None) -> Cost | None:
    """Return what `usage` of one call costs on `model`, or None where its price is not known.

    `served` is the API's own `usage` mapping, which says how the call was served; `at` is when (default: now).
    """
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    try:
        price = calc_price(
            PricedUsage(
                input_tokens=usage.total_input_tokens,
                cache_write_tokens=usage.cache_creation_input_tokens,
                cache_write_1h_tokens=usage.ephemeral_1h_input_tokens,
                cache_read_tokens=usage.cache_read_input_tokens,
                output_tokens=usage.output_tokens,
            ),
            model,
            provider_id="anthropic",
            genai_request_timestamp=at,
        )
    except LookupError:
        return None
    factor = multiplier(served)
    return Cost(
        input=price.input_price * factor,
        output=price.output_price * factor,
        searches=SEARCH * usage.web_search_requests,
    )


SEARCH = Decimal("0.01")  # one web search; a search that fails is free and is not counted by the API
