"""How many requests may be in flight: any number, until the service is over its capacity (529).

    free ──▶ 529 ──▶ 0.7 of those in flight ──▶ one more a round ──▶ a quarter more a round ──▶ free
      ▲       ▲                                        │                                         │
      │       └────────────────────────────────────────┴─────────────────────────────────────────┤
      └── four times as many as had been too much ───────────────────────────────────────────────┘

Too many in flight are one reason for 529; a service may also fail to serve a share of all requests, however few there
are. These strays are told by where they come: away from what was too much, capacity is no reason. Where there are any,
as many as usual are no reason to send less, and the way back to what was too much is short.
"""

from __future__ import annotations

from dataclasses import dataclass

BACK = 0.7  # of those in flight, after an overload
FREE = 4.0  # times those in flight at an overload: there, the bound is dropped
BELOW, BEYOND = 0.9, 1.1  # times what was too much: near it, in between
FASTER = 0.25  # of those in flight are let in more a round, where it is safe
SOME = 3  # strays that say that there are any
TIMES = 2.0  # as many strays as usual may come in a round
MOST = 0.1  # of all requests are taken for strays
MEMORY = 4_000  # requests, after which what was met before counts half


@dataclass(slots=True, kw_only=True)
class Concurrency:
    """Additive increase, multiplicative decrease; `most` is None while there is no bound.

    `too_much` were in flight at the last cut. `met` counts answers and overloads away from that, lately, `strays` the
    overloads among them; `overloads` are those since `round_at`.
    """

    most: float | None = None
    free_at: float = 0.0
    cut_at: float | None = None
    too_much: float = 0.0
    met: float = 0.0
    strays: float = 0.0
    round_at: float | None = None
    overloads: int = 0

    def allows(self, in_flight: int) -> bool:
        """Return whether one more may leave."""
        return self.most is None or in_flight + 1 <= self.most

    def answered(self, in_flight: int) -> None:
        """Take note of an answer: more are let in after every round of answers, while the bound is in use."""
        self._meet(in_flight, stray=False)
        if self.most is None or in_flight < self.most / 2:
            return
        self.most += max(FASTER, 1 / self.most) if self._is_safe(self.most) else 1 / self.most
        if self.most >= self.free_at:
            self.most = None

    def overloaded(self, now: float, in_flight: int, round_trip: float) -> None:
        """Take note of an overload: fewer, once for all that were in flight together, unless it is a stray."""
        if self.cut_at is not None and now - self.cut_at < round_trip:
            return
        if self.round_at is None or now - self.round_at >= round_trip:
            self.round_at, self.overloads = now, 0
        self.overloads += 1
        self._meet(in_flight, stray=True)
        if self.overloads <= self._expected(in_flight):
            return
        self.cut_at = now
        self.too_much = in_flight
        self.free_at = FREE * in_flight
        self.most = max(1.0, BACK * in_flight)

    def _is_safe(self, in_flight: float) -> bool:
        """Whether so many are surely not too much: more than what was, or fewer, if only strays came of those."""
        if in_flight < BELOW * self.too_much:
            return self.strays >= SOME
        return in_flight > BEYOND * self.too_much

    def _meet(self, in_flight: int, *, stray: bool) -> None:
        if BELOW * self.too_much <= in_flight <= BEYOND * self.too_much:
            return
        self.met += 1
        self.strays += stray
        if self.met > MEMORY:
            self.met, self.strays = self.met / 2, self.strays / 2

    def _expected(self, in_flight: int) -> float:
        """Return how many overloads in a round are no reason to send less."""
        if self.strays < SOME and in_flight >= BELOW * self.too_much:
            return 0
        return SOME + TIMES * min(MOST, self.strays / self.met) * in_flight
