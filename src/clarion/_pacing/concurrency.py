"""How many requests may be in flight: any number, until the service is over its capacity (529)."""

from __future__ import annotations

from dataclasses import dataclass

BACK = 0.7  # of those in flight, after an overload
FREE = 4.0  # times those in flight at an overload: there, the bound is dropped


@dataclass(slots=True, kw_only=True)
class Concurrency:
    """Additive increase, multiplicative decrease; `most` is None while there is no bound."""

    most: float | None = None
    free_at: float = 0.0
    cut_at: float | None = None

    def allows(self, in_flight: int) -> bool:
        """Return whether one more may leave."""
        return self.most is None or in_flight + 1 <= self.most

    def answered(self, in_flight: int) -> None:
        """Take note of an answer: one more for every round of answers, while the bound is in use."""
        if self.most is None or in_flight < self.most / 2:
            return
        self.most += 1 / self.most
        if self.most >= self.free_at:
            self.most = None

    def overloaded(self, now: float, in_flight: int, round_trip: float) -> None:
        """Take note of an overload: fewer, once for all that were in flight together."""
        if self.cut_at is not None and now - self.cut_at < round_trip:
            return
        self.cut_at = now
        self.free_at = FREE * in_flight
        self.most = max(1.0, BACK * in_flight)
