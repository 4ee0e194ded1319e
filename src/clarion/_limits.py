"""Limits of the caller's on one request: input tokens, and money at worst. Kept before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from clarion._cost import Cost, Unpriced, cost_of
from clarion._usage import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._catalog import Model
    from clarion._config import ClaudeConfig
    from clarion._tokens import Estimate


def estimate(body: Mapping[str, Any], model: Model | None) -> Estimate:
    """Return about how many input tokens a request has on a model, without asking anybody."""
    from clarion._media import image_tokens, tier_of
    from clarion._tokens import estimate_request  # its tables are read only where somebody wants to know

    generation = model.tokenizer if model and model.tokenizer else "new"
    tier = tier_of(model.image_tier if model else None)
    tool_prompt = model.tool_prompt if model else None
    return estimate_request(body, generation, tool_prompt=tool_prompt, media=lambda block: image_tokens(block, tier))


def at_worst(tokens: int, body: Mapping[str, Any], model: Model | None, *, cache: bool | str) -> Cost | Unpriced:
    """Return what a request costs if the answer is as long as `max_tokens` allows, and all input goes to the cache."""
    usage = Usage(
        input_tokens=0 if cache else tokens,
        cache_creation_input_tokens=tokens if cache else 0,
        ephemeral_1h_input_tokens=tokens if cache == "1h" else 0,
        output_tokens=body["max_tokens"],
    )
    return cost_of(body["model"], usage, served=body, facts=model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may take: input tokens, and US dollars if the answer is as long as `max_tokens` allows."""

    model: Model | None
    max_input_tokens: int | None = None
    max_cost: Decimal | None = None
    spent: Decimal = Decimal(0)  # US dollars that the turn has cost already
    cache: bool | str = False  # whether, and for how long, the input may be written to the cache, which costs more

    @classmethod
    def of(cls, config: ClaudeConfig, model: Model | None) -> Limits | None:
        """Return the limits that a configuration sets; None if it sets none."""
        if config.max_input_tokens is None and config.max_cost is None:
            return None
        cost = None if config.max_cost is None else Decimal(str(config.max_cost))
        return cls(model=model, max_input_tokens=config.max_input_tokens, max_cost=cost, cache=config.cache)

    def unknown_price(self, body: Mapping[str, Any]) -> str:
        """Return in a sentence why money cannot be limited, where the price is not known; empty otherwise."""
        cost = at_worst(0, body, self.model, cache=self.cache)
        if self.max_cost is None or isinstance(cost, Cost):
            return ""
        return f"{cost.reason}, so max_cost=${self.max_cost} cannot be kept"

    def breach(self, tokens: int, body: Mapping[str, Any]) -> str:
        """Return in a sentence which limit the request breaks if it has so many input tokens; empty for none."""
        if self.max_input_tokens is not None and tokens > self.max_input_tokens:
            return f"the request has {tokens:,} input tokens, over max_input_tokens={self.max_input_tokens:,}"
        cost, longest = at_worst(tokens, body, self.model, cache=self.cache), body["max_tokens"]
        if self.max_cost is None or isinstance(cost, Unpriced) or self.spent + cost.total <= self.max_cost:
            return ""
        before = f"after ${self.spent:.4f} of this turn, " if self.spent else ""
        return (
            f"{before}the request costs up to ${cost.total:.4f} ({tokens:,} tokens in, max_tokens={longest:,} out), "
            f"over max_cost=${self.max_cost}: {self._way_out(cost.total - cost.output, cost.output / (longest or 1))}"
        )

    def _way_out(self, input_cost: Decimal, per_token: Decimal) -> str:
        left = (self.max_cost or Decimal(0)) - self.spent - input_cost
        affordable = int((left / per_token).to_integral_value(ROUND_FLOOR)) if per_token else 0
        return f"max_tokens={affordable:,} would keep it" if affordable > 0 else "shorten it, or ask a cheaper model"
