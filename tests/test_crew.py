"""Steps that are carried out beside each other, in threads and as tasks."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Generator
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeService
from clarion._crew import conduct, conduct_async
from clarion._crowd import Begin, Next
from clarion._steps import Do

Steps = Generator[Any, Any, Any]
COUNT = 4


def both(steps: Steps, *, is_async: bool, stop: Any = lambda: None) -> Any:
    """Carry out steps in one colour or the other."""
    if not is_async:
        with ClaudeService(emulate=True) as claude:
            return conduct(claude.driver, steps, stop=stop)

    async def conducted() -> Any:
        async with AsyncClaudeService(emulate=True) as claude:
            return await conduct_async(claude.driver, steps)

    return asyncio.run(conducted())


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_steps_are_done_beside_each_other(is_async: bool) -> None:
    meeting = threading.Barrier(COUNT)

    def steps() -> Steps:
        for number in range(COUNT):
            yield Begin(number, Do(lambda number=number: (meeting.wait(30), number)[1]))  # type: ignore[misc]
        found: list[Any] = []
        while len(found) < COUNT:
            found.append((yield Next(None)))
        return sorted(found)

    assert both(steps(), is_async=is_async) == [(number, number) for number in range(COUNT)]


def test_nothing_done_in_time_is_none(is_async: bool) -> None:
    let_go = threading.Event()

    def steps() -> Steps:
        yield Begin(1, Do(lambda: let_go.wait(30)))
        early = yield Next(0.001)
        let_go.set()
        return early, (yield Next(None))

    assert both(steps(), is_async=is_async) == (None, (1, True))


def test_an_error_in_a_step_is_raised_where_the_steps_are_carried_out(is_async: bool) -> None:
    def steps() -> Steps:
        yield Begin(1, Do(lambda: 1 / 0))
        yield Next(None)

    with pytest.raises(ZeroDivisionError):
        both(steps(), is_async=is_async)


def test_steps_are_closed_whatever_happens(is_async: bool) -> None:
    closed = []

    def steps() -> Steps:
        try:
            yield Do(lambda: 1 / 0)
        finally:
            closed.append(True)

    with pytest.raises(ZeroDivisionError):
        both(steps(), is_async=is_async)
    assert closed == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_first_interrupt_lets_steps_end_and_is_raised_then() -> None:
    told: list[object] = []
    stopped = threading.Event()

    def stop() -> None:
        told.append("stop")
        stopped.set()

    def work() -> int:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return 7 if stopped.wait(30) else 0

    def steps() -> Steps:
        yield Begin(1, Do(work))
        came = yield Next(None)
        while came is None:
            came = yield Next(None)
        told.append(came)

    with pytest.raises(KeyboardInterrupt):
        both(steps(), is_async=False, stop=stop)

    assert told == ["stop", (1, 7)]
