"""Calls of tools, from what the model asked for to the blocks that answer it.

    call -> prepared -> decided -> run -> tool_result block
       unknown, or      denied,    failed,
       input invalid    or edited  or too slow   -> tool_result block with is_error

What is decided is decided by pure functions; the two colours below them differ in how they wait. Approvals are asked
one after the other, in the order of the calls, before the first call is run: a person is asked one thing at a time.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from clarion._threads import spread, start
from clarion._tools.approval import Allow, Decision, Deny, Edit
from clarion._tools.errors import InterruptTurn, ToolDefinitionError, ToolError
from clarion._tools.results import MAX_CHARACTERS, Block, Render, error_block, plain, result_block
from clarion._tools.tool import Tool, is_async, validate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from clarion._completion import ToolCall
    from clarion._tools.approval import Approve, AsyncApprove
    from clarion._tools.inputs import Arguments
    from clarion._tools.toolbox import Toolbox

T = TypeVar("T")

log = logging.getLogger(__name__)

MAX_PARALLEL = 8
THREAD = "clarion-tool"
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that can be run."""

    call: ToolCall
    tool: Tool
    arguments: Arguments


Step = Ready | Block  # a call that can be run, or the answer to one that cannot
Write = Callable[["ToolCall", object], Block]  # makes the answer to a call of what its tool returned
Observe = Callable[["ToolCall"], AbstractContextManager[Callable[[Block], None]]]  # what is given is told the answer


def unobserved(_call: ToolCall) -> AbstractContextManager[Callable[[Block], None]]:
    """Return the context of a call that nobody looks at."""
    return nullcontext(lambda _block: None)


def prepare(call: ToolCall, toolbox: Toolbox) -> Step:
    """Return the call ready to be run, or the answer that says why it cannot be."""
    tool = toolbox.find(call.name)
    if tool:
        return _ready(call, tool)
    if toolbox.is_callers(call.name):
        raise ToolDefinitionError(f"{call.name} is only a definition, without a function to run: answer it yourself")
    known = ", ".join(tool.name for tool in toolbox)
    return error_block(call, f"There is no tool called {call.name!r}. Tools: {known or 'none'}.")


def given_block(call: ToolCall, value: object, write: Write) -> Block:
    """Return the answer to a call that somebody has given, instead of running it: a result, a ToolError or a Deny."""
    match value:
        case ToolError():
            return error_block(call, str(value))
        case Deny():
            return _denied(call, value)
    return write(call, value)


def decide(ready: Ready, decision: Decision) -> Step:
    """Return the call as an `approve` hook wants it, or the answer that says why it was not run."""
    match decision:
        case Allow():
            return ready
        case Deny():
            return _denied(ready.call, decision)
        case Edit(edited):
            return _ready(replace(ready.call, input=edited), ready.tool)
    raise TypeError(f"approve must return Allow(), Deny(reason) or Edit(input), not {decision!r}")


def run(tool: Tool, call: ToolCall, *, limit: int = MAX_CHARACTERS) -> Block:
    """Run a call and return the block that answers it. InterruptTurn passes through.

    A function that is async or has a timeout is run in a thread of its own. One that takes longer is given up: its
    thread goes on until it returns.
    """
    ready = _ready(call, tool)
    return _run(ready, partial(result_block, limit=limit)) if isinstance(ready, Ready) else ready


async def run_async(tool: Tool, call: ToolCall, *, limit: int = MAX_CHARACTERS) -> Block:
    """Run a call and return the block that answers it. InterruptTurn passes through.

    A function that is not async is run in a thread, which goes on until it returns even if it is given up.
    """
    ready = _ready(call, tool)
    return await _run_async(ready, partial(result_block, limit=limit)) if isinstance(ready, Ready) else ready


def run_all(
    calls: Sequence[ToolCall],
    toolbox: Toolbox,
    *,
    max_parallel: int = MAX_PARALLEL,
    approve: Approve | AsyncApprove | None = None,
    limit: int = MAX_CHARACTERS,
    render: Render = plain,
    given: Mapping[str, object] = NOTHING,
    observe: Observe = unobserved,
) -> list[Block]:
    """Answer every call, in order; at most `max_parallel` run at a time, in threads. What is `given` is not run.

    `observe` returns the context in which a call is run.

    An InterruptTurn is raised when the calls that had begun are done, with the answers to all calls in its `results`.
    """
    this, write = Round(observe), partial(result_block, limit=limit, render=render)
    steps = [given_block(call, given[call.id], write) if call.id in given else prepare(call, toolbox) for call in calls]
    if approve:
        asked = _without_loop(approve) if is_async(approve) else approve
        steps = [this.decided(step, asked) for step in steps]
    return this.closed(spread([partial(this.answer, step, write) for step in steps], max_parallel, name=THREAD))


async def run_all_async(
    calls: Sequence[ToolCall],
    toolbox: Toolbox,
    *,
    max_parallel: int = MAX_PARALLEL,
    approve: Approve | AsyncApprove | None = None,
    limit: int = MAX_CHARACTERS,
    render: Render = plain,
    given: Mapping[str, object] = NOTHING,
    observe: Observe = unobserved,
) -> list[Block]:
    """Answer every call, in order; at most `max_parallel` run at a time, in tasks, or threads if they are not async.

    What is `given` is not run. `observe` returns the context in which a call is run.

    An InterruptTurn is raised when the calls that had begun are done, with the answers to all calls in its `results`.
    """
    import asyncio

    this, places = Round(observe), asyncio.Semaphore(max_parallel)
    write = partial(result_block, limit=limit, render=render)
    steps = [
        await asyncio.wrap_future(_begun(partial(given_block, call, given[call.id], write)))  # may read a file
        if call.id in given
        else prepare(call, toolbox)
        for call in calls
    ]
    if approve:
        asked = approve if is_async(approve) else _in_thread(approve)
        steps = [await this.decided_async(step, asked) for step in steps]

    async def answer(step: Step) -> Block:
        async with places:
            return await this.answer_async(step, write)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(answer(step)) for step in steps]
    return this.closed([task.result() for task in tasks])


class Round:
    """The calls of one message. When one interrupts, those that have not begun are not run."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self.interrupt: InterruptTurn | None = None

    def decided(self, step: Step, approve: Callable[[ToolCall], Any]) -> Step:
        """Return the step as the hook wants it."""
        if self.interrupt or not isinstance(step, Ready):
            return step
        try:
            return decide(step, approve(step.call))
        except InterruptTurn as interrupt:
            return self._interrupted(step, interrupt)

    async def decided_async(self, step: Step, approve: Callable[[ToolCall], Any]) -> Step:
        """Return the step as the hook wants it."""
        if self.interrupt or not isinstance(step, Ready):
            return step
        try:
            return decide(step, await approve(step.call))
        except InterruptTurn as interrupt:
            return self._interrupted(step, interrupt)

    def answer(self, step: Step, write: Write) -> Block:
        """Return the answer to a call, which is run if it can be."""
        if self.interrupt or not isinstance(step, Ready):
            return self._unrun(step)
        try:
            with self._observe(step.call) as seen:
                block = _run(step, write)
                seen(block)
            return block
        except InterruptTurn as interrupt:
            return self._interrupted(step, interrupt)

    async def answer_async(self, step: Step, write: Write) -> Block:
        """Return the answer to a call, which is run if it can be."""
        if self.interrupt or not isinstance(step, Ready):
            return self._unrun(step)
        try:
            with self._observe(step.call) as seen:
                block = await _run_async(step, write)
                seen(block)
            return block
        except InterruptTurn as interrupt:
            return self._interrupted(step, interrupt)

    def closed(self, blocks: list[Block]) -> list[Block]:
        """Return the answers to all calls, or raise the interruption with them."""
        if self.interrupt:
            self.interrupt.results = tuple(blocks)
            raise self.interrupt
        return blocks

    def _interrupted(self, step: Ready, interrupt: InterruptTurn) -> Block:
        self.interrupt = self.interrupt or interrupt
        return error_block(step.call, f"This call was interrupted: {interrupt.reason}")

    def _unrun(self, step: Step) -> Block:
        if isinstance(step, Ready):
            return error_block(step.call, "This call was not run, because the turn was interrupted before.")
        return step


def _ready(call: ToolCall, tool: Tool) -> Step:
    try:
        return Ready(call, tool, validate(tool, call.input))
    except Exception as error:  # noqa: BLE001  # a validator of the user's may raise anything
        return _failure(call, error)


def _run(ready: Ready, write: Write) -> Block:
    import asyncio

    tool = ready.tool
    if tool.is_async:
        return _begun(lambda: asyncio.run(_run_async(ready, write))).result()
    if tool.timeout is None:
        return _answer(ready, write)
    try:
        return _begun(partial(_answer, ready, write)).result(tool.timeout)
    except TimeoutError:  # of the wait: those of the tool are answers already
        return _too_slow(ready)


async def _run_async(ready: Ready, write: Write) -> Block:
    import asyncio

    tool = ready.tool
    try:
        async with asyncio.timeout(tool.timeout):
            if tool.is_async:
                return await _answer_async(ready, write)
            return await asyncio.wrap_future(_begun(partial(_answer, ready, write)))
    except TimeoutError:  # of the wait: those of the tool are answers already
        return _too_slow(ready)


def _answer(ready: Ready, write: Write) -> Block:
    try:
        value = ready.tool.function(*ready.arguments.positional, **ready.arguments.named)
        return write(ready.call, value)
    except InterruptTurn:
        raise
    except Exception as error:  # noqa: BLE001  # a tool may raise anything
        return _failure(ready.call, error)


async def _answer_async(ready: Ready, write: Write) -> Block:
    import asyncio

    try:
        value = await ready.tool.function(*ready.arguments.positional, **ready.arguments.named)
        if isinstance(value, str):
            return write(ready.call, value)
        return await asyncio.wrap_future(_begun(partial(write, ready.call, value)))  # reads files
    except InterruptTurn:
        raise
    except Exception as error:  # noqa: BLE001  # a tool may raise anything
        return _failure(ready.call, error)


def _denied(call: ToolCall, deny: Deny) -> Block:
    return error_block(call, f"This call was not allowed, so it was not run: {deny.reason}")


def _failure(call: ToolCall, error: Exception) -> Block:
    """Return what the model is told of an exception: its text only if it was written for the model."""
    if isinstance(error, ToolError):
        return error_block(call, str(error))
    log.error("tool %s failed (call %s): %s", call.name, call.id, _where(error))
    log.debug("tool %s failed (call %s)", call.name, call.id, exc_info=error)  # its text may tell what was said
    return error_block(call, f"{call.name} failed because of an internal error, which has been logged.")


def _where(error: Exception) -> str:
    """Return the kind of an error and the place it was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{place}"


def _too_slow(ready: Ready) -> Block:
    log.warning("tool %s took longer than %g s (call %s)", ready.tool.name, ready.tool.timeout, ready.call.id)
    return error_block(
        ready.call, f"{ready.tool.name} did not finish within {ready.tool.timeout:g} s and was given up."
    )


def _begun(work: Callable[[], T]) -> Future[T]:
    return start(work, name=THREAD)


def _without_loop(approve: Callable[[ToolCall], Any]) -> Callable[[ToolCall], Any]:
    """Return an async hook as one that blocks; its loop has a thread of its own."""
    import asyncio

    async def asked(call: ToolCall) -> Any:
        return await approve(call)

    return lambda call: _begun(lambda: asyncio.run(asked(call))).result()


def _in_thread(approve: Callable[[ToolCall], Any]) -> Callable[[ToolCall], Any]:
    """Return a hook that blocks as one that is awaited."""
    import asyncio

    return lambda call: asyncio.wrap_future(_begun(partial(approve, call)))
