"""A bound on what should never take long, so that a test that hangs says where."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE = 60  # seconds; what takes longer hangs


@contextmanager
def patience() -> Iterator[None]:
    """Interrupt what hangs, where the system has an alarm."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no answer within {PATIENCE} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
