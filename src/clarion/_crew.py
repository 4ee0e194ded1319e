"""Drives a crowd of turns: each `Begin` in a thread or a task of its own, everything else as any driver does it."""

from __future__ import annotations

import asyncio
import queue
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from clarion._crowd import Begin, Next

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from clarion._driver import AsyncDriver, Driver

Result = TypeVar("Result")


def conduct(
    driver: Driver, steps: Generator[Any, Any, Result], *, concurrency: int, stop: Callable[[], None]
) -> Result:
    """Carry out steps, up to `concurrency` beside each other in threads, and return what they end with.

    The first KeyboardInterrupt while calls are under way is passed to `stop`, which lets them end; then it is raised.
    """
    done: queue.SimpleQueue[tuple[int, object, BaseException | None]] = queue.SimpleQueue()
    interrupt: KeyboardInterrupt | None = None
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="clarion-crew")

    def work(begin: Begin) -> None:
        try:
            done.put((begin.number, driver.obey(begin.step), None))
        except BaseException as error:  # noqa: BLE001 -- raised where the steps are carried out
            done.put((begin.number, None, error))

    value: object = None
    try:
        while True:
            step = steps.send(value)
            value = None
            try:
                match step:
                    case Begin():
                        pool.submit(work, step)
                    case Next(timeout=timeout):
                        value = _taken(done, timeout)
                    case _:
                        value = driver.obey(step)
            except KeyboardInterrupt as came:
                if interrupt or not isinstance(step, Next):
                    raise
                interrupt = came
                stop()
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a Generator[..., Result] returns a Result
    except Exception as error:
        if interrupt:
            raise interrupt from error
        raise
    finally:
        steps.close()
        pool.shutdown(wait=False, cancel_futures=True)


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


def _taken(
    done: queue.SimpleQueue[tuple[int, object, BaseException | None]], timeout: float | None
) -> tuple[int, object] | None:
    try:
        number, value, error = done.get(timeout=timeout)
    except queue.Empty:
        return None
    if error is not None:
        raise error
    return number, value


async def _taken_async(
    done: asyncio.Queue[tuple[int, asyncio.Task[object]]], seconds: float | None
) -> tuple[int, object] | None:
    try:
        number, task = await asyncio.wait_for(done.get(), seconds)
    except TimeoutError:
        return None
    return number, task.result()
