"""One limit as the server keeps it: a bucket that refills all the time, as far as can be told from here.

The level is predicted from what is sent and corrected by what answers say. Both constants of the correction are times,
so that ten answers a second and a thousand are trusted alike: with `gap` = reading - prediction and `dt` since the last
reading, the level moves by gap x dt / (dt + SETTLING), and what others draw by that over LEARNING, a damped observer
of second order (D. Luenberger, "An introduction to observers", IEEE Trans. Automatic Control 16, 1971).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarion._pacing.signal import Reading

# seconds
SETTLING = 0.5  # in which readings pull the level to themselves
LEARNING = 2.0  # in which, at least, the draw of others is learnt
FORGETTING = 20.0  # in which it is forgotten, unless readings bear it out
CAUTION = 120.0  # in which a widened margin is forgotten
SHORTEST = 1e-3  # between two readings
TOGETHER = 1.0  # after a refusal, in which others come of what was under way with it
ROUGHLY = 1.0  # by which the moment of a full bucket may be off: it is given in whole seconds

# seconds of refill
MARGIN, MOST_MARGIN = 0.3, 4.0  # kept back, because nothing is known exactly
DEEPEST = 30.0  # that a level is believed to be below nothing, at most
IDLE = 5.0  # the same with nothing in flight: a single request then tells the truth

# shares
KEPT_BACK = 0.25  # of the capacity, at most
FULL = 0.99  # of the capacity, which is not known exactly either
OTHERS = 0.95  # of the refill, at most, are believed to go to others
SIZE = 0.1  # of each reading, in the capacity


@dataclass(slots=True, kw_only=True)
class Bucket:
    """The level of a bucket between readings.

    `limit` is a minute's, `rate` the refill a second, `net` what of it is left by `others` who use the key, as learnt.
    `corrected` is the sum of all corrections, so that a level believed in the past can be brought up to what is now
    believed. `margin` is how many seconds of refill are kept back; `read` and `refused` are when it last heard of them.
    """

    limit: float
    rate: float
    net: float
    capacity: float
    level: float
    read: float
    others: float = 0.0
    corrected: float = 0.0
    margin: float = MARGIN
    refused: float | None = None

    @classmethod
    def of(cls, reading: Reading, now: float) -> Bucket:
        """Return the bucket that a first reading tells of."""
        rate, capacity = reading.limit / 60, _capacity(reading)
        return cls(limit=reading.limit, rate=rate, net=rate, capacity=capacity, level=reading.remaining, read=now)

    @classmethod
    def full(cls, limit: float, now: float) -> Bucket:
        """Return the bucket of a limit of the caller's own, a minute."""
        return cls(limit=limit, rate=limit / 60, net=limit / 60, capacity=limit, level=limit, read=now)

    def wait(self, need: float, besides: float = 0.0) -> float:
        """Return in how many seconds there is enough, over what is kept back; below 0 says since when.

        `besides` is kept back as well. What needs more than the bucket holds can go when it is full.
        """
        kept, most = self.margin * self.rate, KEPT_BACK * self.capacity
        enough, full = need + besides + min(kept, most), FULL * self.capacity
        if enough > full:
            enough = need if full < need <= self.capacity else full
        return (enough - self.level) / self.net

    def advance(self, seconds: float, drawn: float = 0.0) -> None:
        """Refill for some seconds in which so much was drawn."""
        self.level = min(self.capacity, self.level + self.net * seconds - drawn)

    def give(self, amount: float) -> None:
        """Give back so much; a negative amount is taken."""
        self.level = min(self.capacity, self.level + amount)

    def rise(self, seconds: float) -> None:
        """Spend some seconds with nothing in flight: do not believe for long what no answer will correct."""
        self.level = max(self.level, -IDLE * self.rate)
        self._forget(seconds)
        self._share_with(self.others)

    def correct(self, now: float, reading: Reading, gap: float, lag: float) -> None:
        """Move towards a reading that is `gap` above what was believed `lag` seconds ago.

        Of a level below nothing, a reading says only that nothing is left, and when the bucket will be full.
        """
        if reading.limit != self.limit:
            self._resize(reading.limit)
        self._learn_capacity(reading)
        seconds = max(SHORTEST, now - self.read)
        self.read = now
        self._forget(seconds)
        if reading.remaining <= 0 < gap:
            gap = max(0.0, self._lowest(reading) - self.level)
        step = gap * seconds / (seconds + SETTLING)
        self._shift(step)
        self._share_with(self.others - step / max(LEARNING, 2 * lag))

    def refuse(self, now: float, reading: Reading | None) -> None:
        """Take note that there was too little: no more than a reading says; and be more careful for a while."""
        self._shift(min(0.0, (reading.remaining if reading else 0.0) - self.level))
        if self.refused is None or now - self.refused > TOGETHER:
            self.margin = min(MOST_MARGIN, 2 * self.margin)
            self.refused = now

    def _shift(self, step: float) -> None:
        self.give(step)
        self.corrected += step

    def _forget(self, seconds: float) -> None:
        self.others -= self.others * min(seconds, FORGETTING) / FORGETTING
        self.margin += (MARGIN - self.margin) * min(seconds, CAUTION) / CAUTION

    def _share_with(self, others: float) -> None:
        most = OTHERS * self.rate
        self.others = 0.0 if others < 0 else min(most, others)
        self.net = self.rate - self.others

    def _lowest(self, reading: Reading) -> float:
        lowest = -DEEPEST * self.rate
        if reading.full_in is None:
            return lowest
        return max(lowest, self.capacity - self.rate * (reading.full_in + ROUGHLY))

    def _resize(self, limit: float) -> None:
        change = limit / self.limit
        self.limit, self.rate = limit, limit / 60
        self.capacity *= change
        self.others *= change

    def _learn_capacity(self, reading: Reading) -> None:
        if reading.remaining > 0:
            self.capacity += SIZE * (_capacity(reading) - self.capacity)
            if self.capacity < reading.remaining:
                self.capacity = reading.remaining


def _capacity(reading: Reading) -> float:
    """Return how much a bucket holds: what is left, and what will have flown in by the time that it is full."""
    limit, remaining, full_in = reading
    if full_in is None:
        return limit
    filled = remaining + limit / 60 * full_in
    return limit if filled > limit else filled if filled > 1 else 1.0
