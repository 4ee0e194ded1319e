"""The three buckets of the server, and when its readings are taken.

Nobody says whether the levels in the headers of an answer are those of its admission or of its end. So each reading is
compared with what was believed at either moment, and those that fit better are believed: a reading of the past corrects
the level of now by its distance from the level of then, brought up to date by the corrections in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from clarion._pacing.bucket import Bucket

if TYPE_CHECKING:
    from clarion._pacing.flights import Flight
    from clarion._pacing.signal import Reading

REQUESTS, INPUT, OUTPUT = range(3)
OFTEN = 0.005  # seconds after a reading, within which another tells nothing more
NOTICE = 0.02  # of each reading, in the question of when readings are taken


@dataclass(slots=True)
class Meter:
    """Buckets by place, None until a reading tells of one.

    `late` and `early` say how far readings are, on the average and in seconds of refill, from the levels believed at
    the end of their requests and at their departure.
    """

    buckets: list[Bucket | None] = field(default_factory=lambda: [None, None, None])
    late: float = 0.0
    early: float = 0.0

    def listens(self, now: float) -> bool:
        """Whether a reading of now would tell anything more."""
        return not all(bucket and now - bucket.read < OFTEN for bucket in self.buckets)

    def believed(self) -> tuple[float, ...]:
        """Return the levels less all corrections."""
        return tuple([bucket.level - bucket.corrected if bucket else 0.0 for bucket in self.buckets])

    def rise(self, seconds: float) -> None:
        """Spend some seconds with nothing in flight."""
        for bucket in self.buckets:
            if bucket:
                bucket.rise(seconds)

    def read(self, now: float, readings: tuple[Reading | None, ...], flight: Flight | None) -> None:
        """Learn from the headers of an answer; without its request they are taken to be fresh."""
        for place, reading in enumerate(readings):
            if reading is None:
                continue
            bucket = self.buckets[place]
            if bucket is None:
                self.buckets[place] = Bucket.of(reading, now)
                continue
            gap, lag = reading.remaining - bucket.level, 0.0
            if flight:
                before = reading.remaining - flight.believed[place] - bucket.corrected
                self.late += NOTICE * (abs(gap) / bucket.rate - self.late)
                self.early += NOTICE * (abs(before) / bucket.rate - self.early)
                if self.early < self.late:
                    gap, lag = before, now - flight.left
            bucket.correct(now, reading, gap, lag)
