"""Does what a turn asks for: sends, waits, counts, runs tools.

What to do is decided in `_turn`; a driver obeys, blocking in one colour and awaiting in the other.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from clarion._errors import ClarionError
from clarion._failure import Failure
from clarion._notices import Notices
from clarion._sdk import failure_of
from clarion._steps import Count, Do, Now, RunTools, Send, Tell, Wait
from clarion._tools import InterruptTurn, run_all, run_all_async, unobserved

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from clarion._attempts import Attempts
    from clarion._reply import Reply
    from clarion._sdk import AsyncDoor, Door
    from clarion._steps import Step
    from clarion._telemetry import Instrumentation

Result = TypeVar("Result")

UNPICKLABLE = "a service, and what belongs to one, holds connections and is not pickled or copied: make one a process"


class Driver:
    """Carries turns out, blocking. Safe to share between threads."""

    def __init__(self, door: Door, attempts: Attempts, instrumentation: Instrumentation) -> None:
        self.door = door
        self.attempts = attempts
        self.instrumentation = instrumentation
        self._notices = Notices()

    def __reduce__(self) -> NoReturn:
        raise TypeError(UNPICKLABLE)

    def carry_out(self, steps: Generator[Step, Any, Result]) -> Result:
        """Carry out a turn, or a count, and return what it ends with."""
        try:
            step = next(steps)
            while True:
                step = steps.send(self.obey(step))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a Generator[..., Result] returns a Result
        except BaseException as error:
            steps.throw(error)  # whoever watches is told
            raise

    def obey(self, step: Step) -> object:
        """Do what is asked for, and return the answer to it."""
        match step:
            case Send():
                return self._sent(step)
            case Wait():
                pause = random.uniform(step.least, step.most)  # noqa: S311 -- jitter
                time.sleep(pause)
                return pause
            case Count():
                return self._counted(step)
            case Now():
                return time.monotonic()
            case Tell():
                self._notices.tell(step.adjustments)
                return None
            case RunTools():
                try:
                    return run_all(
                        step.calls,
                        step.toolbox,
                        max_parallel=step.max_parallel,
                        approve=step.approve,
                        render=step.render,
                        given=step.given,
                        observe=step.watch.tool if step.watch else unobserved,
                    )
                except InterruptTurn as interrupt:
                    return interrupt
            case Do():
                return _done(step.work)

    def _sent(self, send: Send) -> Reply | Failure:
        call = self.attempts.begin(send)
        if isinstance(call, Failure):
            return call
        came: Reply | Failure | None = None
        start = time.monotonic()
        try:
            with call.current():
                came = self.door.send(call.send)
        except Exception as error:
            if (came := failure_of(error, start)) is None:
                raise
        finally:
            self.attempts.end(call, came)
        return came

    def _counted(self, count: Count) -> int | Failure:
        start = time.monotonic()
        try:
            return self.door.count(count)
        except Exception as error:
            if (failure := failure_of(error, start)) is None:
                raise
            return failure


class AsyncDriver:
    """Carries turns out, awaiting."""

    def __init__(self, door: AsyncDoor, attempts: Attempts, instrumentation: Instrumentation) -> None:
        self.door = door
        self.attempts = attempts
        self.instrumentation = instrumentation
        self._notices = Notices()

    def __reduce__(self) -> NoReturn:
        raise TypeError(UNPICKLABLE)

    def unguarded(self) -> AsyncDriver:
        """Return a driver of the same calls without the breaker, for a job, which has its own way of waiting."""
        return AsyncDriver(self.door, self.attempts.unguarded(), self.instrumentation.for_many())

    async def carry_out(self, steps: Generator[Step, Any, Result]) -> Result:
        """Carry out a turn, or a count, and return what it ends with."""
        try:
            step = next(steps)
            while True:
                step = steps.send(await self.obey(step))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a Generator[..., Result] returns a Result
        except BaseException as error:
            steps.throw(error)  # whoever watches is told
            raise

    async def obey(self, step: Step) -> object:
        """Do what is asked for, and return the answer to it."""
        match step:
            case Send():
                return await self._sent(step)
            case Wait():
                pause = random.uniform(step.least, step.most)  # noqa: S311 -- jitter
                await asyncio.sleep(pause)
                return pause
            case Count():
                return await self._counted(step)
            case Now():
                return time.monotonic()
            case Tell():
                self._notices.tell(step.adjustments)
                return None
            case RunTools():
                try:
                    return await run_all_async(
                        step.calls,
                        step.toolbox,
                        max_parallel=step.max_parallel,
                        approve=step.approve,
                        render=step.render,
                        given=step.given,
                        observe=step.watch.tool if step.watch else unobserved,
                    )
                except InterruptTurn as interrupt:
                    return interrupt
            case Do():
                return await _done_in_thread(step.work)

    async def _sent(self, send: Send) -> Reply | Failure:
        call = await self.attempts.begin_async(send)
        if isinstance(call, Failure):
            return call
        came: Reply | Failure | None = None
        start = time.monotonic()
        try:
            with call.current():
                came = await self.door.send(call.send)
        except Exception as error:
            if (came := failure_of(error, start)) is None:
                raise
        finally:
            await self.attempts.end_async(call, came)
        return came

    async def _counted(self, count: Count) -> int | Failure:
        start = time.monotonic()
        try:
            return await self.door.count(count)
        except Exception as error:
            if (failure := failure_of(error, start)) is None:
                raise
            return failure


def _done(work: Callable[[], object]) -> object:
    try:
        return work()
    except ClarionError as error:
        return error


async def _done_in_thread(work: Callable[[], object]) -> object:
    """Do the work in a thread; what was begun is ended, even if nobody waits for it any more."""
    working = asyncio.ensure_future(asyncio.to_thread(_done, work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        working.exception()
        raise
