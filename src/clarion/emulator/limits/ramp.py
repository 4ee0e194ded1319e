"""The limit on how fast usage may grow: so many input tokens a minute, and some more with every minute of use.

The service documents that sharp increases are refused and publishes no numbers, so these are given by whoever asks for
the limit. That it grows by a step at the boundary of a minute is as its refusals say; that it begins anew after a
minute without any request is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

from clarion.emulator.limits.bucket import MINUTE
from clarion.emulator.limits.meter import retry_after
from clarion.emulator.wire import ORGANIZATION_ID, Refusal

__all__ = ["Acceleration", "Ramp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """How fast usage may grow: the input tokens of a first minute, and how many more each minute after it."""

    input_tokens: int
    step: int = 10_000

    def __post_init__(self) -> None:
        """Refuse a ramp that leads nowhere."""
        if self.input_tokens < 1 or self.step < 1:
            raise ValueError(f"a ramp begins and grows by positive numbers of tokens, not {self}")


class Acceleration:
    """Where a group of models is on its ramp. Whoever uses it holds the lock."""

    def __init__(self, ramp: Ramp) -> None:
        self._ramp = ramp
        self._minute: int | None = None
        self._limit = ramp.input_tokens
        self._used = 0

    def check(self, tokens: int, now: int, model: str) -> None:
        """Refuse a request with which usage would grow too fast."""
        minute = now // MINUTE
        if minute != self._minute:
            follows = self._minute is not None and minute == self._minute + 1
            self._limit = self._limit + self._ramp.step if follows else self._ramp.input_tokens
            self._minute, self._used = minute, 0
        if self._used + tokens <= self._limit:
            return
        message = (
            "This request would exceed your organization's maximum usage increase rate for input tokens per minute "
            f"(org: {ORGANIZATION_ID}, model: {model}). Your current limit is {self._limit:,} input tokens per minute, "
            f"and will increase to {self._limit + self._ramp.step:,} at the next minute boundary. Please scale up your "
            "input tokens usage more gradually to stay within the acceleration limit. For details, refer to: "
            "https://docs.claude.com/en/api/rate-limits."
        )
        wait = retry_after(MINUTE - now % MINUTE)
        raise Refusal(429, message, {"error_code": "ramp_limit_exceeded"}, wait)

    def add(self, tokens: int) -> None:
        """Count a request that was admitted; a negative number takes it back."""
        self._used = max(0, self._used + tokens)
