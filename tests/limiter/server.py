"""The server of the simulation: three token buckets that refill all the time.

Requests and input tokens are taken at admission; output tokens while they are generated, so that the level may go
below nothing, and newcomers are refused until it is above. A refusal carries whole seconds of retry-after; every
answer the levels, those of tokens rounded to thousands (Claude documentation, "Rate limits").
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field

from limiter.scenario import INPUT, LIMITS, OUTPUT, REQUESTS, Reading, Row, Scenario

GROWTH, OVERLOAD = "growth", "overload"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 429, or a 529: in how many seconds to come back, and the limit it names."""

    retry_after: float
    limit: str


@dataclass(slots=True)
class Server:
    """Admits rows while there is something in every bucket.

    `drawn` and `offered` are sums from the start: what rows took, and the refill that others left.
    """

    scenario: Scenario
    rate: dict[str, float] = field(init=False)
    capacity: dict[str, float] = field(init=False)
    level: dict[str, float] = field(init=False)
    drawn: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LIMITS, 0.0))
    offered: dict[str, float] = field(default_factory=lambda: dict.fromkeys(LIMITS, 0.0))
    now: float = 0.0
    generating: int = 0
    serving: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    admitted: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.rate = {limit: self.scenario.limit(limit) / 60 for limit in LIMITS}
        self.capacity = {limit: max(1.0, rate * self.scenario.burst) for limit, rate in self.rate.items()}
        self.level = {limit: capacity * self.scenario.full for limit, capacity in self.capacity.items()}

    def advance(self, now: float) -> None:
        """Refill, and draw what is generated, up to a moment."""
        edges = {edge for start, end, _ in self.scenario.others for edge in (start, end) if self.now < edge < now}
        for edge in sorted(edges | {now}):
            seconds, share = edge - self.now, self.scenario.taken(self.now)
            for limit, rate in self.rate.items():
                others = share if self.level[limit] > 0 else share / 2  # they are refused as well
                drawn = self.generating * self.scenario.speed if limit == OUTPUT else 0.0
                level = self.level[limit] + (rate * (1 - others) - drawn) * seconds
                self.level[limit] = min(self.capacity[limit], level)
                self.drawn[limit] += drawn * seconds
                self.offered[limit] += rate * (1 - share) * seconds
            self.now = edge

    def arrive(self, row: Row, now: float) -> Refusal | None:
        """Admit a row, or say why not."""
        self.advance(now)
        need = {REQUESTS: 1.0, INPUT: min(row.input_tokens, self.capacity[INPUT]), OUTPUT: 1.0}
        waits = {limit: (need[limit] - self.level[limit]) / self.rate[limit] for limit in LIMITS}
        worst = max(LIMITS, key=waits.__getitem__)
        if waits[worst] > 0:
            return Refusal(max(1, math.ceil(waits[worst])), worst)
        if self.scenario.growth and self.grows_too_fast(now):
            return Refusal(1, GROWTH)
        if self._is_overloaded():
            return Refusal(1, OVERLOAD)
        self.serving += 1
        self.admitted.append(now)
        for limit, amount in ((REQUESTS, 1), (INPUT, row.input_tokens)):
            self.level[limit] -= amount
            self.drawn[limit] += amount
        return None

    def headers(self, now: float) -> dict[str, Reading]:
        """Return what an answer says of the limits."""
        self.advance(now)
        return {limit: self._reading(limit, now) for limit in LIMITS}

    def _reading(self, limit: str, now: float) -> Reading:
        level = max(0.0, self.level[limit])
        remaining = math.floor(level) if limit == REQUESTS else round(level, -3)
        full = math.ceil(now + (self.capacity[limit] - self.level[limit]) / self.rate[limit])
        return Reading(self.scenario.limit(limit), remaining, full)

    def _is_overloaded(self) -> bool:
        is_full = self.scenario.capacity is not None and self.serving >= self.scenario.capacity
        return is_full or self.rng.random() < self.scenario.strays

    def grows_too_fast(self, now: float, *, besides: int = 0) -> bool:
        """Whether one more is too many, besides so many that have not arrived yet."""
        while self.admitted and self.admitted[0] < now - 20:
            self.admitted.popleft()
        recent = sum(1 for moment in self.admitted if moment > now - 10)
        before = len(self.admitted) - recent
        return recent + besides >= max(100, (1 + self.scenario.growth) * before)
