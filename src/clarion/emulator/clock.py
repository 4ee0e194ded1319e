"""The real clock: the one thing that is no function of the input, so a test passes its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "instant", "real"]

Clock = Callable[[], "datetime | float"]


def real() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def instant(clock: Clock) -> datetime:
    """Read a clock that tells an aware datetime or seconds since the epoch."""
    now = clock()
    return now if isinstance(now, datetime) else datetime.fromtimestamp(now, UTC)
