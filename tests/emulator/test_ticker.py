"""The one timer of all streams: everything is woken in time, together where it can be, and only once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator.server.ticker import TICK, Ticker


class Loop:
    """As much of a loop as a ticker needs, with a clock that jumps from timer to timer."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        timer = Timer(self, when, callback)
        self.timers.append(timer)
        return timer

    def run(self, until: float = float("inf")) -> int:
        """Let time pass; return how many timers went off."""
        rang = 0
        while self.timers and min(timer.when for timer in self.timers) <= until:
            timer = min(self.timers, key=lambda one: one.when)
            self.now = max(self.now, timer.when)
            timer.cancel()
            timer.callback()
            rang += 1
        return rang


class Timer:
    def __init__(self, loop: Loop, when: float, callback: Callable[[], None]) -> None:
        self.loop, self.when, self.callback = loop, when, callback

    def cancel(self) -> None:
        if self in self.loop.timers:
            self.loop.timers.remove(self)


class Sleeper:
    def __init__(self) -> None:
        self.tick = 0
        self.woken: list[float] = []

    def wake(self, now: float) -> None:
        self.woken.append(now)


def ticking() -> tuple[Loop, Ticker]:
    loop = Loop()
    return loop, Ticker(cast("asyncio.AbstractEventLoop", loop))


@given(st.lists(st.floats(1000.0, 1010.0), min_size=1, max_size=30))
def test_everybody_is_woken_once_and_in_time(dues: list[float]) -> None:
    loop, ticker = ticking()
    sleepers = [(due, Sleeper()) for due in dues]
    for due, sleeper in sleepers:
        ticker.wake_at(due, sleeper)

    loop.run()

    for due, sleeper in sleepers:
        [woken] = sleeper.woken
        assert abs(woken - due) < 2 * TICK


def test_those_that_are_due_together_share_a_timer() -> None:
    loop, ticker = ticking()
    for number in range(100):
        ticker.wake_at(1001.0 + number * 1e-6, Sleeper())

    assert loop.run() <= 2


def test_one_that_is_forgotten_sleeps_on() -> None:
    loop, ticker = ticking()
    kept, forgotten = Sleeper(), Sleeper()
    for sleeper in (kept, forgotten):
        ticker.wake_at(1001.0, sleeper)

    ticker.forget(forgotten)
    loop.run()

    assert (len(kept.woken), len(forgotten.woken)) == (1, 0)


def test_one_that_is_always_late_leaves_the_loop_its_turns() -> None:
    loop, ticker = ticking()

    class Late(Sleeper):
        def wake(self, now: float) -> None:
            super().wake(now)
            if len(self.woken) < 5:
                ticker.wake_at(now - 1.0, self)

    late = Late()
    ticker.wake_at(1000.0, late)

    assert loop.run() == len(late.woken) == 5
