"""How fast usage may grow: a pace that doubles, and gives way when the server says that it grows too fast.

The API limits acceleration by a rule that is not published ("ramp up your traffic gradually", Claude documentation,
"Rate limits"); `ramp_limit_exceeded` tells of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from clarion._pacing.bucket import TOGETHER

START = 20.0  # requests a second
TOP = 1e5
DOUBLING, SLOWEST = 3.0, 20.0  # seconds in which the pace doubles: at first, and after many refusals
HEALING = 600.0  # seconds in which refusals are forgotten
SPREAD = 0.25  # seconds of the pace that may leave at once
WINDOW = 10.0  # seconds over which the pace in use is measured
UNUSED, IDLE = 8.0, 50.0  # as far as that many times the pace in use, or so many a second, an unused pace may rise
BACK = {"ramp": 1.1, "limit": 0.7}  # times the pace in use: after too much growth, and after a limit that is not named


@dataclass(slots=True, kw_only=True)
class Ramp:
    """A pace in requests a second; `ready` counts the requests that may leave now, `used` is the pace in use."""

    pace: float = START
    doubling: float = DOUBLING
    ready: float = START * SPREAD
    used: float = 0.0
    cut_at: float | None = None

    @property
    def wait(self) -> float:
        """Seconds until one more request may leave; below 0 says since when."""
        return (1 - self.ready) / self.pace

    def advance(self, seconds: float, *, open_for: float) -> None:
        """Let time pass; in the last of it, `open_for` so long, nothing is closed.

        Only then does the pace grow and do requests get ready: after a refusal one goes first, and finds out.
        """
        self.used *= math.exp(-seconds / WINDOW)
        if self.doubling > DOUBLING:
            self.doubling += (DOUBLING - self.doubling) * min(1.0, seconds / HEALING)
        if open_for > 0:
            self.pace = self._grown(open_for)
            self.ready = min(max(1.0, self.pace * SPREAD), self.ready + self.pace * open_for)

    def _grown(self, seconds: float) -> float:
        top = UNUSED * self.used
        top = TOP if top > TOP else max(IDLE, top)
        pace = self.pace * 2 ** (seconds / self.doubling) if seconds < HEALING else top  # else it overflows
        return min(top, pace)

    def take(self) -> None:
        """Let one request leave."""
        self.ready -= 1
        self.used += 1 / WINDOW

    def cut(self, now: float, why: str) -> None:
        """Go back to about the pace in use, and grow more slowly; once for all that were under way together."""
        if self.cut_at is not None and now - self.cut_at <= TOGETHER:
            return
        self.cut_at = now
        self.pace = max(1.0, min(self.pace, BACK[why] * self.used))
        self.doubling = min(SLOWEST, 2 * self.doubling)
        self.ready = min(self.ready, 1.0)
