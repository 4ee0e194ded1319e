"""The rate limits of an organisation on the Start tier, and the headers that tell of them.

Nothing is used up yet: the headers show full buckets. Source: Claude documentation, "Rate limits" (August
2026; the rows of the 5.5 models are assumed equal to those of their line).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["COUNT_TOKENS", "DEFAULT", "Limits", "headers", "limits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent in a minute."""

    requests: int
    input_tokens: int
    output_tokens: int


DEFAULT = Limits(requests=1_000, input_tokens=2_000_000, output_tokens=400_000)
COUNT_TOKENS = Limits(requests=2_000, input_tokens=2_000_000, output_tokens=400_000)
LINES = {
    "fable": Limits(requests=1_000, input_tokens=500_000, output_tokens=100_000),
    "mythos": Limits(requests=1_000, input_tokens=500_000, output_tokens=100_000),
}


def limits_of(line: str | None) -> Limits:
    """Return the limits of a model line."""
    return LINES.get(line or "", DEFAULT)


def headers(limits: Limits, now: datetime) -> dict[str, str]:
    """Return the twelve `anthropic-ratelimit-*` headers; tokens left are rounded to thousands."""
    reset = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = {
        "requests": (limits.requests, limits.requests - 1),
        "tokens": (limits.input_tokens + limits.output_tokens,) * 2,
        "input-tokens": (limits.input_tokens,) * 2,
        "output-tokens": (limits.output_tokens,) * 2,
    }
    found = {}
    for name, (limit, remaining) in rows.items():
        left = remaining if name == "requests" else round(remaining, -3)
        found[f"anthropic-ratelimit-{name}-limit"] = str(limit)
        found[f"anthropic-ratelimit-{name}-remaining"] = str(left)
        found[f"anthropic-ratelimit-{name}-reset"] = reset
    return found
