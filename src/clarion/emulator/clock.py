"""The time of an emulator: the real one, or a test's own, and either can be moved forward.

Whatever lasts in the emulator (batches, files, cache entries, rate limits) goes by this clock, so that a day passes
in a test by moving it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "ShiftedClock", "real"]

Clock = Callable[[], "datetime | float"]


def real() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


class ShiftedClock:
    """A clock that can be moved ahead of the one it follows. Threads may share it.

    Args:
        clock: Tells the time, as an aware datetime or seconds since the epoch.

    """

    def __init__(self, clock: Clock = real) -> None:
        self._clock = clock
        self._shift = timedelta()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the time now, moved ahead."""
        now = self._clock()
        moment = now if isinstance(now, datetime) else datetime.fromtimestamp(now, UTC)
        return moment + self._shift

    @property
    def shift(self) -> float:
        """Seconds that this clock is ahead of the one it follows."""
        return self._shift.total_seconds()

    def advance(self, seconds: float) -> None:
        """Move the clock forward by so many seconds.

        Raises:
            ValueError: The clock would go back.

        """
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock goes forward, by a number of seconds: {seconds}")
        with self._lock:
            self._shift += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Show the time of the clock it follows again."""
        with self._lock:
            self._shift = timedelta()
