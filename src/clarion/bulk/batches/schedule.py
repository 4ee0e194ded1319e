"""When to look at a batch again. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The older a batch is, the longer is the pause: a `share` of its age, between `least` and `most` seconds."""

    least: float = 5.0
    most: float = 120.0
    share: float = 0.1

    def pause(self, age: float, *, failures: int = 0) -> float:
        """Return how many seconds to wait, for a batch of that age and after so many failures in a row."""
        pause = max(self.least, age * self.share) * 2.0 ** min(failures, 10)
        return min(self.most, pause)
