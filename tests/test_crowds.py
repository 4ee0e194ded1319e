"""Many threads, or many tasks, on one service with one breaker: nothing is mixed up, and nothing slips through."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import httpx2
import pytest

from clarion import (
    AsyncClaudeService,
    CircuitBreaker,
    CircuitOpenError,
    ClaudeConfig,
    ClaudeService,
    Completion,
    RetryPolicy,
)
from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport, script
from wire import RememberingEmulator

THREADS, TASKS, QUESTIONS = 16, 200, 208
Ask = Callable[[list[int]], list[Any]]


class Breaker(CircuitBreaker):
    """A breaker whose clock can be put forward."""

    ahead = 0.0

    def bar(self, model: str, now: float) -> float | None:
        return super().bar(model, now + self.ahead)

    def record(self, model: str, now: float, *, failed: bool) -> None:
        super().record(model, now + self.ahead, failed=failed)


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"rain in {location}"


def question(number: int) -> str:
    return f"This is question number {number}." + " More words." * (number % 7)


def options(number: int) -> dict[str, Any]:
    """Calls differ in what is adjusted, in length, and in whether tools are run."""
    return {
        "model": "claude-2.1" if number % 2 else "claude-opus-5-5",
        **({"temperature": 0.2} if number % 3 == 0 else {}),
        **({"tools": [get_weather]} if number % 5 == 0 else {}),
        "tags": {"number": str(number)},
    }


def is_tenth(body: dict[str, Any]) -> bool:
    return "0." in body["messages"][0]["content"][0]["text"]


def told(completion: Completion) -> tuple[Any, ...]:
    """What must not depend on who else is asking; ids apart, which differ from call to call."""
    return (
        completion.text,
        completion.usage,
        completion.cost,
        completion.adjustments,
        completion.request.config.tags,
        [block["type"] for message in completion.messages for block in message["content"] if isinstance(block, dict)],
    )


def by_threads(emulator: Emulator, **how: Any) -> list[Completion]:
    claude = ClaudeService(emulate=emulator, **how)
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda number: claude.complete(question(number), **options(number)), range(QUESTIONS)))


def by_tasks(emulator: Emulator, **how: Any) -> list[Completion]:
    async def ask() -> list[Completion]:
        async with AsyncClaudeService(emulate=emulator, **how) as claude, asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(claude.complete(question(number), **options(number))) for number in range(QUESTIONS)
            ]
        return [task.result() for task in tasks]

    return asyncio.run(ask())


@pytest.mark.parametrize("crowd", [by_threads, by_tasks])
def test_a_crowd_on_one_service_gets_what_each_would_get_alone(crowd: Callable[..., list[Completion]]) -> None:
    emulator = RememberingEmulator(script=[script.error(529).when(body=is_tenth)] * 40)
    retry = RetryPolicy(base=0.001, cap=0.01, attempts=60)
    how = {"config": ClaudeConfig(retry=retry, adjust="silent"), "breaker": CircuitBreaker(window=500, least=500)}

    completions = crowd(emulator, **how)

    alone = ClaudeService(emulate=True, config=ClaudeConfig(adjust="silent"))
    for number, completion in enumerate(completions):
        assert told(completion) == told(alone.complete(question(number), **options(number))), number
        assert [a.request_id for a in completion.attempts if a.status == 200] == list(completion.request_ids)
        if number % 10:
            assert {attempt.status for attempt in completion.attempts} == {200}
    attempts = [attempt for completion in completions for attempt in completion.attempts]
    assert Counter(attempt.status for attempt in attempts)[529] == 40
    assert len({attempt.request_id for attempt in attempts}) == len(attempts) == len(emulator.bodies)


class Gate(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Lets calls to an emulator through while it is open, and counts those that come."""

    def __init__(self, emulator: Emulator) -> None:
        self.calls = 0
        self.is_open, self.is_open_async = threading.Event(), asyncio.Event()
        self._lock = threading.Lock()
        self._sync, self._async = EmulatorTransport(emulator), AsyncEmulatorTransport(emulator)
        self.open()

    def open(self) -> None:
        self.is_open.set()
        self.is_open_async.set()

    def shut(self) -> None:
        self.is_open.clear()
        self.is_open_async = asyncio.Event()  # one belongs to the event loop that it was waited for in

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with self._lock:
            self.calls += 1
        self.is_open.wait()
        return self._sync.handle_request(request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.calls += 1
        await self.is_open_async.wait()
        return await self._async.handle_async_request(request)


class Refusals:
    """Counts the calls that an open circuit refused, and opens the gate when all but one have been."""

    def __init__(self, gate: Gate, all_but_one: int) -> None:
        self._gate, self._awaited = gate, all_but_one
        self._lock = threading.Lock()
        self.count = 0

    def add(self) -> None:
        with self._lock:
            self.count += 1
            if self.count == self._awaited:
                self._gate.open()


def threads_ask(gate: Gate, breaker: Breaker) -> Callable[[int], tuple[int, int]]:
    """Return what lets so many threads ask at once, and says how many were answered and refused."""
    sdk = anthropic.Anthropic(api_key="k", http_client=httpx2.Client(transport=gate))
    claude = ClaudeService(sdk=sdk, breaker=breaker, config=ONCE)

    def ask_all(crowd: int) -> tuple[int, int]:
        refused = Refusals(gate, crowd - 1)

        def ask(_: int) -> bool:
            try:
                claude.complete("Hi")
            except CircuitOpenError:
                refused.add()
            except anthropic.APIStatusError:
                return False
            else:
                return True
            return False

        with ThreadPoolExecutor(crowd) as pool:
            answered = sum(pool.map(ask, range(crowd)))
        return answered, refused.count

    return ask_all


def tasks_ask(gate: Gate, breaker: Breaker) -> Callable[[int], tuple[int, int]]:
    """Return what lets so many tasks ask at once, and says how many were answered and refused."""

    async def ask_all(crowd: int) -> tuple[int, int]:
        sdk = anthropic.AsyncAnthropic(api_key="k", http_client=httpx2.AsyncClient(transport=gate))
        claude = AsyncClaudeService(sdk=sdk, breaker=breaker, config=ONCE)
        refused = Refusals(gate, crowd - 1)

        async def ask() -> bool:
            try:
                await claude.complete("Hi")
            except CircuitOpenError:
                refused.add()
            except anthropic.APIStatusError:
                return False
            else:
                return True
            return False

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask()) for _ in range(crowd)]
        return sum(task.result() for task in tasks), refused.count

    return lambda crowd: asyncio.run(ask_all(crowd))


ONCE = ClaudeConfig(retry=RetryPolicy(attempts=1))


@pytest.mark.parametrize(("asking", "crowd"), [(threads_ask, THREADS), (tasks_ask, TASKS)], ids=["threads", "tasks"])
def test_a_breaker_that_a_crowd_shares_is_exact(asking: Any, crowd: int) -> None:
    gate = Gate(Emulator(script=[script.error(529)] * 6))
    breaker = Breaker(least=5, pause=1000)
    ask = asking(gate, breaker)

    for _ in range(5):
        ask(1)
    assert gate.calls == 5
    assert ask(crowd) == (0, crowd)  # it is open: nobody gets through
    assert gate.calls == 5

    for failed in (True, False):  # the first probe fails, the second does not
        breaker.ahead += 1001
        gate.shut()
        assert ask(crowd) == (0 if failed else 1, crowd - 1)
        gate.open()
    assert gate.calls == 7

    assert ask(crowd) == (crowd, 0)  # it is closed again
    assert gate.calls == 7 + crowd
