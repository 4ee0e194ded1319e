"""The CPU that a call and a streamed event cost, in microseconds, beside the SDK's own in the same run.

Everything that Clarion does is switched on: fitting, retries, checks that an answer is whole. `python bench/calls.py`
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from figures import Figure, tell
from instant import EVENTS, async_sdk, sdk

from clarion import AsyncClaudeService, ClaudeService

CALLS, ROUNDS = 200, 5
REQUEST: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hi"}],
}


def cpu(work: Callable[[], object], times: int) -> float:
    """Return the CPU microseconds of one piece of work, by the median of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - start) / times * 1e6)
    return statistics.median(rounds)


async def async_cpu(work: Callable[[], Awaitable[object]], times: int) -> float:
    """Return the CPU microseconds of one piece of awaited work, likewise."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            await work()
        rounds.append((time.process_time() - start) / times * 1e6)
    return statistics.median(rounds)


def show(what: str, ours: float, theirs: float) -> None:
    tell(Figure(what=what, value=ours, unit="us", reference="SDK", beside=theirs))


def sync() -> None:
    client = sdk()
    claude = ClaudeService(sdk=client)

    def their_stream() -> None:
        with client.messages.stream(**REQUEST) as stream:
            for _ in stream.text_stream:
                pass

    def our_stream() -> None:
        with claude.stream("Hi") as stream:
            for _ in stream:
                pass

    show("a call", cpu(lambda: claude.complete("Hi"), CALLS), cpu(lambda: client.messages.create(**REQUEST), CALLS))
    show("an event of a stream", cpu(our_stream, 1) / EVENTS, cpu(their_stream, 1) / EVENTS)


async def asynchronous() -> None:
    client = async_sdk()
    claude = AsyncClaudeService(sdk=client)

    async def their_stream() -> None:
        async with client.messages.stream(**REQUEST) as stream:
            async for _ in stream.text_stream:
                pass

    async def our_stream() -> None:
        async with claude.stream("Hi") as stream:
            async for _ in stream:
                pass

    ours = await async_cpu(lambda: claude.complete("Hi"), CALLS)
    show("a call, async", ours, await async_cpu(lambda: client.messages.create(**REQUEST), CALLS))
    show(
        "an event of a stream, async",
        await async_cpu(our_stream, 1) / EVENTS,
        await async_cpu(their_stream, 1) / EVENTS,
    )


sync()
asyncio.run(asynchronous())
