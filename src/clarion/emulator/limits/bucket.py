"""A bucket that fills continuously, up to what may be spent in a minute. Exact, with time passed in.

Times are microseconds, and a token is as many units as a minute has microseconds, so that filling is whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MINUTE", "SECOND", "Bucket"]

SECOND = 1_000_000
MINUTE = 60 * SECOND
SET_BACK = SECOND  # a time so much earlier than the last is that of a clock set back, not of a thread that came late


@dataclass(frozen=True, slots=True)
class Flow:
    """Tokens that are spent evenly from one time to another."""

    tokens: int
    start: int
    end: int

    def spent_at(self, now: int) -> int:
        """Return the units spent by a time."""
        if now >= self.end:
            return self.tokens * MINUTE
        return self.tokens * MINUTE * max(0, now - self.start) // (self.end - self.start)


class Bucket:
    """What may be spent in a minute, and what is left of it.

    Args:
        per_minute: How much may be spent in a minute, and at once.

    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._full = per_minute * MINUTE
        self._level = self._full
        self._at: int | None = None
        self._flows: list[Flow] = []

    @property
    def left(self) -> int:
        """What is left, in tokens."""
        return max(0, self._level // MINUTE)

    @property
    def fills_in(self) -> int:
        """The time until it is full, if nothing more is spent."""
        return -((self._level - self._full) // self.per_minute)

    def advance(self, now: int) -> None:
        """Fill up, and spend what flows out, until now."""
        if self._at is None or now < self._at - SET_BACK:
            self._at, self._flows = now, []
        elif now > self._at:
            flown = sum(flow.spent_at(now) - flow.spent_at(self._at) for flow in self._flows)
            self._level = min(self._full, self._level + (now - self._at) * self.per_minute - flown)
            self._flows = [flow for flow in self._flows if flow.end > now]
            self._at = now

    def wait(self, tokens: int) -> int:
        """Return the time until so much can be spent, once what flows out has done so; 0 if it can be spent now.

        What is more than the bucket holds can never be spent; its time is that until the bucket is full.
        """
        if self._level >= tokens * MINUTE:
            return 0
        flowing = sum(flow.tokens * MINUTE - flow.spent_at(self._at or 0) for flow in self._flows)
        missing = min(tokens * MINUTE, self._full) + flowing - self._level
        return max(1, -(-missing // self.per_minute))

    def take(self, tokens: int) -> None:
        """Spend at once, even what is not there."""
        self._level -= tokens * MINUTE

    def put(self, tokens: int) -> None:
        """Give back."""
        self._level = min(self._full, self._level + tokens * MINUTE)

    def pour(self, tokens: int, start: int, end: int) -> None:
        """Spend evenly from one time to another, even what will not be there."""
        if end <= start:
            self.take(tokens)
        else:
            self._flows.append(Flow(tokens, start, end))
