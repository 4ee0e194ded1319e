"""The meters of a group of models: three buckets, what they refuse, and the headers that tell of them.

A request is admitted when all three have what it takes: one request, its uncached input tokens, and any output at all,
since output is only spent as it is generated. Then it draws the first two. Source: Claude documentation, "Rate limits";
the wording of the refusals and the `tokens` headers, which add up input and output, are as recorded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from clarion.emulator.limits.bucket import SECOND, Bucket
from clarion.emulator.wire import ORGANIZATION_ID, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Meter", "exceeded", "headers", "retry_after", "shown"]

FAMILY = "anthropic-ratelimit"
ADVICE = (
    "For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current "
    "usage. Please reduce the prompt length or the maximum tokens requested, or try again later. You may also contact "
    "sales at https://claude.com/contact-sales to discuss your options for a rate limit increase."
)
Row = tuple[int, int, int]  # the limit, what remains of it, and the time until it is whole again


class Meter:
    """The buckets of one group of models. Whoever uses it holds the lock."""

    def __init__(self, requests: Bucket, input_tokens: Bucket, output_tokens: Bucket) -> None:
        self.requests = requests
        self.input = input_tokens
        self.output = output_tokens

    def advance(self, now: int) -> None:
        """Bring all buckets up to now."""
        for bucket in (self.requests, self.input, self.output):
            bucket.advance(now)

    def check(self, tokens: int, model: str) -> None:
        """Refuse a request with so many uncached input tokens if a bucket has not enough."""
        needs = (
            (self.requests, 1, "requests"),
            (self.input, tokens, "input tokens"),
            (self.output, 1, "output tokens"),
        )
        short = [(bucket, what) for bucket, need, what in needs if bucket.wait(need)]
        if short:
            wait = max(bucket.wait(need) for bucket, need, _ in needs)
            bucket, what = short[0]
            raise exceeded(bucket.per_minute, what, wait, model)

    def draw(self, tokens: int) -> None:
        """Draw what a request takes at its start."""
        self.requests.take(1)
        self.input.take(tokens)

    def give_back(self, tokens: int) -> None:
        """Take back what a request drew."""
        self.requests.put(1)
        self.input.put(tokens)

    def headers(self, now: int) -> dict[str, str]:
        """Return the twelve headers."""
        return headers({"requests": _row(self.requests), **self.token_rows()}, now)

    def token_rows(self) -> dict[str, Row]:
        """Return what the headers say of tokens: in all, of input, of output."""
        came, went = _row(self.input), _row(self.output)
        both = (came[0] + went[0], came[1] + went[1], min(came[2], went[2]))
        return {"tokens": both, "input-tokens": came, "output-tokens": went}


def exceeded(limit: int, what: str, wait: int, model: str | None = None) -> Refusal:
    """Return the refusal of a request that goes over a limit and may pass after `wait`."""
    whose = f"org: {ORGANIZATION_ID}" + (f", model: {model}" if model else "")
    message = (
        f"This request would exceed your organization's rate limit of {limit:,} {what} per minute ({whose}). {ADVICE}"
    )
    return Refusal(429, message, headers=retry_after(wait))


def retry_after(wait: int) -> dict[str, str]:
    """Return the headers that say when to come again: in whole seconds, never too early."""
    return {"retry-after": str(-(-wait // SECOND)), "x-should-retry": "true"}


def shown(limits: Mapping[str, int], now: int, family: str = FAMILY) -> dict[str, str]:
    """Return the headers of limits that are not kept: all is there, but for the request itself."""
    rows = {name: (limit, limit - (name == "requests"), 0) for name, limit in limits.items()}
    return headers(rows, now, family)


def headers(rows: Mapping[str, Row], now: int, family: str = FAMILY) -> dict[str, str]:
    """Return three headers for each row; tokens that remain are rounded to the nearest thousand."""
    found = {}
    for name, (limit, remaining, fills_in) in rows.items():
        rounded = remaining if name == "requests" else round(remaining, -3)
        found[f"{family}-{name}-limit"] = str(limit)
        found[f"{family}-{name}-remaining"] = str(rounded)
        found[f"{family}-{name}-reset"] = _moment(now + fills_in)
    return found


def _row(bucket: Bucket) -> Row:
    return bucket.per_minute, bucket.left, bucket.fills_in


def _moment(time: int) -> str:
    return _written(-(-time // SECOND))


@lru_cache(maxsize=256)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
