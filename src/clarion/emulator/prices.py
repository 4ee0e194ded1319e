"""What an answer costs: its usage at the prices of its model, exact, in US dollars."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["bill", "cost"]

MILLION = Decimal(1_000_000)
COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a million tokens of a model cost; `prices.toml` explains the fields."""

    input: Decimal
    output: Decimal
    read: Decimal
    long_above: int | None = None
    long: Decimal = Decimal(1)


def bill(message: Mapping[str, Any]) -> Decimal | None:
    """Return the cost of a message as the API answered it; None where the model has no known price.

    A refusal before any output costs nothing. Of a message that was cut off, what it reports is paid. Where another
    model stood in, every attempt is paid at the price of its model.
    """
    if message.get("stop_reason") == "refusal" and not message.get("content"):
        return Decimal(0)
    usage: Mapping[str, Any] = message.get("usage") or {}
    totals = {name: usage.get(name) for name in ("service_tier", "inference_geo", "speed")}
    tools = {"server_tool_use": usage.get("server_tool_use")}
    attempts = [(each.get("model") or message["model"], {**totals, **each}) for each in usage.get("iterations") or ()]
    if not attempts:
        return cost(message["model"], usage)
    paid = [cost(model, each) for model, each in (*attempts, (message["model"], tools))]
    return None if None in paid else sum((each for each in paid if each is not None), Decimal(0))


def cost(model: str, usage: Mapping[str, Any]) -> Decimal | None:
    """Return the cost of a usage as the API reports it, under a model's id; None where no price is known."""
    price = _prices().get(model)
    if price is None:
        return None
    factors = _data()["factors"]
    fresh, read, written, output = (usage.get(name) or 0 for name in COUNTS)
    hour = (usage.get("cache_creation") or {}).get("ephemeral_1h_input_tokens", 0)
    five = written - hour
    prompt = fresh + price.read * read + factors["write"] * five + factors["write_1h"] * hour
    tokens = price.input * prompt + price.output * output
    if price.long_above is not None and fresh + read + five + hour > price.long_above:
        tokens *= price.long
    for factor, applies in (
        ("batch", usage.get("service_tier") == "batch"),
        ("fast", usage.get("speed") == "fast"),
        ("us", usage.get("inference_geo") == "us"),
    ):
        if applies:
            tokens *= factors[factor]
    searches: int = (usage.get("server_tool_use") or {}).get("web_search_requests", 0)
    return Decimal(tokens / MILLION + searches * _data()["tools"]["web_search"])


@cache
def _data() -> dict[str, Any]:
    text = resources.files("clarion.emulator").joinpath("prices.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


@cache
def _prices() -> dict[str, Price]:
    default = _data()["default"]
    rows = [default | row for row in _data()["price"]]
    return {
        model: Price(**{key: _exact(key, value) for key, value in row.items() if key != "models"})
        for row in rows
        for model in row["models"]
    }


def _exact(key: str, value: Any) -> Any:
    return value if key == "long_above" else Decimal(value)
