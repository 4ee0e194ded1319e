"""When a whole turn has to be over. The time comes in from whoever carries the turn out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._steps import Now

if TYPE_CHECKING:
    from collections.abc import Generator

    from clarion._steps import Step

LEAST = 0.01  # seconds; with less than that left, nothing is begun


class Deadline:
    """So many seconds from the beginning of a turn; None is no deadline, and no clock is asked."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._ends: float | None = None

    def begin(self) -> Generator[Step, float, None]:
        """Let the time run."""
        if self.seconds is not None:
            self._ends = (yield Now()) + float(self.seconds)

    def left(self) -> Generator[Step, float, float | None]:
        """Return how many seconds are left: 0 when it is over, None if there is no deadline."""
        if self._ends is None:
            return None
        left = self._ends - (yield Now())
        return left if left >= LEAST else 0.0
