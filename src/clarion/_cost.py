"""What tokens cost: usage x price by class, in US dollars, exactly (Decimal).

Base prices, length bands and cache factors come from `genai-prices`, by the date of the call; what batches, fast mode
and geography multiply them by is in the catalogue. What has no known price has no cost: never 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, reduce
from operator import add
from typing import TYPE_CHECKING, Any

from clarion._usage import Usage, parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genai_prices.types import ModelPrice

    from clarion._catalog import Catalog, Model
    from clarion._usage import Part

MILLION = Decimal(1_000_000)
NANO = 1_000_000_000
HOUR = 3600  # seconds
SEARCH = Decimal("0.01")  # one web search; one that fails is free, and not counted by the API

# How a call was served, as the API's usage tells it, and the fact of the model that multiplies its prices.
SERVED = {("service_tier", "batch"): "batch", ("inference_geo", "us"): "us", ("speed", "fast"): "fast"}

# class of tokens -> the price of genai-prices for it
RATES = {
    "input": "input_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "cache_read": "cache_read_mtok",
    "output": "output_mtok",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """US dollars by class of tokens; costs add up with `+`.

    `saved` is what prompt caching saved against the same tokens as plain input; it is negative while a cache is
    written and not yet read.
    """

    input: Decimal = Decimal(0)
    cache_write_5m: Decimal = Decimal(0)
    cache_write_1h: Decimal = Decimal(0)
    cache_read: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    searches: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """US dollars in all."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read + self.output + self.searches

    @property
    def nano(self) -> int:
        """Billionths of a US dollar in all, to the nearest."""
        return int((self.total * NANO).to_integral_value())

    def __add__(self, other: Cost) -> Cost:
        return Cost(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})

    def __str__(self) -> str:
        return f"${self.total:.4f}"

    def to_dict(self) -> dict[str, str]:
        """Return the classes and the total as texts, exact."""
        return {name: str(value) for name, value in asdict(self).items()} | {"total": str(self.total)}


NAMES = tuple(f.name for f in fields(Cost))


Band = tuple[int, dict[str, Decimal | None]]  # a length of prompts, and the rates above it


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Why a usage has no known cost."""

    reason: str


def cost_of(
    model: str, usage: Usage, *, served: Mapping[str, Any], facts: Model | None, at: datetime | None = None
) -> Cost | Unpriced:
    """Return what the `usage` of one call costs on `model`.

    `served` says how the call was served, as the API's own `usage` does (batch, fast, US); `facts` are those of the
    catalogue, None where it does not know the model; `at` is when the call was made (default: now). Prices are looked
    up once for each `at`: round it where many calls are to be priced.
    """
    factor = _factor(model, served, facts)
    if isinstance(factor, Unpriced):
        return factor
    tokens = _tokens(usage)
    listed = facts.priced_as if facts and facts.priced_as else model
    rates = _rates(listed, usage.total_input_tokens, at)
    if isinstance(rates, Unpriced):
        return rates
    if unknown := [name for name in tokens if rates[name] is None]:
        return Unpriced(f"the price of {' and '.join(unknown)} tokens of {model} is not known")
    priced = {name: count * rates[name] * factor / MILLION for name, count in tokens.items()}  # type: ignore[operator]  # none is unknown
    if through_cache := usage.total_input_tokens - usage.input_tokens:
        cached = sum((priced[name] for name in priced if name.startswith("cache")), Decimal(0))
        priced["saved"] = through_cache * (rates["input"] or 0) * factor / MILLION - cached
    if usage.web_search_requests:
        priced["searches"] = SEARCH * usage.web_search_requests
    return Cost(**priced)


def input_rates(model: str, facts: Model | None) -> list[tuple[int, Decimal]] | None:
    """Return (n, US dollars per million plain input tokens in prompts of more than n), the largest n first.

    None is not known. As for `cost_of`, `facts` are those of the catalogue.
    """
    bands = _bands(facts.priced_as if facts and facts.priced_as else model)
    if bands is None:
        return None
    return [(start, rate) for start, rates in bands if (rate := rates["input"]) is not None]


def cost_of_message(
    message: Mapping[str, Any],
    catalog: Catalog,
    *,
    model: str = "",
    at: datetime | None = None,
    parts: list[Part] | None = None,
) -> Cost | Unpriced:
    """Return what an answer of the API costs: all that its `usage` tells, each part at the price of its own model.

    `model` is the one that was asked, for a message that does not name its own; for `at`, see `cost_of`; `parts` are
    those of its usage, where they have been read before. A refusal before any output is free (Claude documentation,
    "Handling stop reasons", November 2026).
    """
    served = message.get("usage") or {}
    if message.get("stop_reason") == "refusal" and not message.get("content"):
        return Cost()
    costs = []
    for own, usage in parts or parts_of(served):
        name = str(own or message.get("model") or model)
        cost = cost_of(name, usage, served=served, facts=catalog.find(name), at=at)
        if isinstance(cost, Unpriced):
            return cost
        costs.append(cost)
    return reduce(add, costs)


@lru_cache(maxsize=8)
def hour(number: int) -> datetime:
    """Return the time at which an hour since the epoch began: prices do not change within one."""
    return datetime.fromtimestamp(number * HOUR, UTC)


def _tokens(usage: Usage) -> dict[str, int]:
    """Return the tokens of each class that has any."""
    tokens = {
        "input": usage.input_tokens,
        "cache_write_5m": usage.cache_creation_input_tokens - usage.ephemeral_1h_input_tokens,
        "cache_write_1h": usage.ephemeral_1h_input_tokens,
        "cache_read": usage.cache_read_input_tokens,
        "output": usage.output_tokens,
    }
    return {name: count for name, count in tokens.items() if count}


def _factor(model: str, served: Mapping[str, Any], facts: Model | None) -> Decimal | Unpriced:
    product = Decimal(1)
    for (name, value), fact in SERVED.items():
        if served.get(name) != value:
            continue
        factor: Decimal | None = getattr(facts, fact, None)
        if factor is None:
            return Unpriced(f"the price of {model} with {name}={value!r} is not known")
        product *= factor
    return product


def _rates(model: str, prompt_tokens: int, at: datetime | None) -> dict[str, Decimal | None] | Unpriced:
    """Return the dollars per million tokens of each class, in the band of a prompt's length."""
    bands = _bands(model) if at is None else _bands_at(model, at)
    for start, rates in bands or ():
        if prompt_tokens > start:
            return rates
    return Unpriced(f"no price is known for {model}")


def _bands(model: str, at: datetime | None = None) -> tuple[Band, ...] | None:
    """Return the rates of a model by the length of the prompt above which they hold, the longest first."""
    price = _listed(model, at)
    if price is None:
        return None
    named = {name: getattr(price, rate) for name, rate in RATES.items()}
    starts = {tier.start for price in named.values() for tier in getattr(price, "tiers", ())}
    return tuple(
        (start, {name: _above(price, start) for name, price in named.items()})
        for start in (*sorted(starts, reverse=True), -1)
    )


_bands_at = lru_cache(maxsize=256)(_bands)


def _above(price: Any, start: int) -> Decimal | None:
    """Return the price that holds for prompts of more tokens than that: one price, or that of the band."""
    if price is None or isinstance(price, Decimal):
        return price
    begun = [tier.price for tier in price.tiers if tier.start <= start]
    return Decimal(begun[-1] if begun else price.base)


def _listed(model: str, at: datetime | None = None) -> ModelPrice | None:
    """Return the prices of a model, all bands of them."""
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    try:
        return calc_price(PricedUsage(), model, provider_id="anthropic", genai_request_timestamp=at).model_price
    except LookupError:
        return None
