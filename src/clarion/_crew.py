"""Drives a crowd of turns: each `Begin` in a thread or a task of its own, everything else as any driver does it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from clarion._crowd import Begin, Next
from clarion._threads import Crew

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future
    from types import FrameType

    from clarion._driver import AsyncDriver, Driver

Result = TypeVar("Result")


def conduct(driver: Driver, steps: Generator[Any, Any, Result], *, stop: Callable[[], None]) -> Result:
    """Carry out steps, many beside each other in threads, and return what they end with.

    In the main thread, the first Ctrl-C is passed to `stop`, which lets what is under way end, and raised as
    KeyboardInterrupt then; the second is raised at once. A handler of the program's own is left alone.
    """
    done: queue.SimpleQueue[tuple[int, Future[object]]] = queue.SimpleQueue()

    def begin(number: int, step: Any) -> None:
        working = crew.start(partial(driver.obey, step))
        working.add_done_callback(lambda working: done.put((number, working)))

    value: object = None
    with _interrupts_to(stop), Crew("clarion-crew") as crew:
        try:
            while True:
                step = steps.send(value)
                value = None
                match step:
                    case Begin():
                        begin(step.number, step.step)
                    case Next(timeout=timeout):
                        value = _taken(done, timeout)
                    case _:
                        value = driver.obey(step)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a Generator[..., Result] returns a Result
        finally:
            steps.close()


@contextlib.contextmanager
def _interrupts_to(stop: Callable[[], None]) -> Iterator[None]:
    """Pass the first Ctrl-C to `stop`, and raise it at the end; where nobody handles it otherwise."""
    is_usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_usual or threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupts = 0

    def came(number: int, frame: FrameType | None) -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts > 1:
            signal.default_int_handler(number, frame)
        stop()

    signal.signal(signal.SIGINT, came)
    try:
        yield
    except Exception as error:
        if interrupts:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if interrupts:
        raise KeyboardInterrupt


async def conduct_async(driver: AsyncDriver, steps: Generator[Any, Any, Result]) -> Result:
    """Carry out steps, many beside each other as tasks, and return what they end with."""
    done: asyncio.Queue[tuple[int, asyncio.Task[object]]] = asyncio.Queue()
    under_way: set[asyncio.Task[object]] = set()

    def begin(number: int, step: Any) -> None:
        task = asyncio.create_task(driver.obey(step))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        task.add_done_callback(lambda task: done.put_nowait((number, task)))

    value: object = None
    try:
        while True:
            step = steps.send(value)
            value = None
            match step:
                case Begin():
                    begin(step.number, step.step)
                case Next(timeout=timeout):
                    value = await _taken_async(done, timeout)
                case _:
                    value = await driver.obey(step)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # as above
    finally:
        steps.close()
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)


def _taken(done: queue.SimpleQueue[tuple[int, Future[object]]], timeout: float | None) -> tuple[int, object] | None:
    try:
        number, working = done.get(timeout=timeout)
    except queue.Empty:
        return None
    return number, working.result()


async def _taken_async(
    done: asyncio.Queue[tuple[int, asyncio.Task[object]]], seconds: float | None
) -> tuple[int, object] | None:
    try:
        number, task = await asyncio.wait_for(done.get(), seconds)
    except TimeoutError:
        return None
    return number, task.result()
