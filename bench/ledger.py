"""What a ledger costs and how fast it answers: CPU on the caller's side, many processes at once, a million rows.

Prints figures, asserts what must be exact. `python bench/ledger.py` takes about two minutes; with
`--calls`, it measures the first alone.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from figures import Figure, tell
from instant import async_sdk, sdk

from clarion import AsyncClaudeService, Budget, ClaudeService, Ledger
from clarion._ledger import LedgerFile
from clarion._ledger.entry import COLUMNS, Entry

CALLS, ROUNDS = 200, 7
PROCESSES, ATTEMPTS = 8, 2_000
ROWS = 1_000_000
NANO = 10**9
NOON = 1_795_600_800.0  # 2026-11-25, UTC

# One process among several: calls that are held, cost something, and are recorded, until the budget is used up.
PROCESS = """
import random, sys, time
from clarion import Budget, Ledger
from clarion._ledger.entry import COLUMNS, Entry
path, number, attempts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ledger, budget, chance = Ledger(path), Budget(limit=float(sys.argv[4])), random.Random(number)
values = dict.fromkeys(COLUMNS, 0) | {"at": time.time(), "model": "m", "tags": "{}", "error": None}
spent = refused = 0
for attempt in range(1, attempts + 1):
    hold = 10_000 * number + attempt
    at = values["at"]
    held = lambda: lambda file: file.hold(hold, 2_000_000, [budget], tags="{}", at=at, till=at + 900)
    if ledger.do(held) is not None:
        refused += 1
        continue
    cost = chance.randrange(1_000_000, 2_000_000)
    entry = Entry(**{**values, "cost_nano": cost})
    ledger.do(lambda: lambda file: file.record(entry, hold), is_record=True)
    spent += cost
ledger.close()
print(spent, refused)
"""


def caller_cpu(work: Callable[[], object]) -> float:
    """Return the CPU microseconds that a piece of work takes in this thread."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        for _ in range(CALLS):
            work()
        rounds.append((time.thread_time() - start) / CALLS * 1e6)
    return statistics.median(rounds)


async def caller_cpu_async(work: Callable[[], Awaitable[object]]) -> float:
    """Return the CPU microseconds that a piece of awaited work takes in the thread of the loop."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        for _ in range(CALLS):
            await work()
        rounds.append((time.thread_time() - start) / CALLS * 1e6)
    return statistics.median(rounds)


def on_the_callers_side(folder: Path) -> None:
    without, with_one = ClaudeService(sdk=sdk()), ClaudeService(sdk=sdk(), ledger=folder / "sync.db")
    held = ClaudeService(sdk=sdk(), ledger=folder / "budget.db", budgets=[Budget(limit=1_000)])
    plain = caller_cpu(lambda: without.complete("Hi"))
    recorded = caller_cpu(lambda: with_one.complete("Hi")) - plain
    budgeted = caller_cpu(lambda: held.complete("Hi")) - plain
    tell(
        Figure(
            what="a recorded call, more CPU of the caller",
            value=recorded,
            unit="us",
            reference="the call",
            beside=plain,
        )
    )
    tell(Figure(what="the same under a budget", value=budgeted, unit="us", reference="the call", beside=plain))
    for claude in (without, with_one, held):
        claude.close()


async def on_the_loop(folder: Path) -> None:
    without = AsyncClaudeService(sdk=async_sdk())
    with_one = AsyncClaudeService(sdk=async_sdk(), ledger=folder / "async.db")
    plain = await caller_cpu_async(lambda: without.complete("Hi"))
    recorded = await caller_cpu_async(lambda: with_one.complete("Hi"))
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CALLS):
            group.create_task(with_one.complete("Hi"))
    took = (time.perf_counter() - start) / CALLS
    print(f"loop's CPU        {recorded - plain:6.1f} us more; {CALLS} recorded at once take {took * 1e3:.2f} ms each")
    await with_one.close()
    await without.close()


def many_processes(folder: Path, limit: float) -> None:
    path = folder / f"many-{limit}.db"
    start = time.perf_counter()
    running = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", PROCESS, str(path), str(number), str(ATTEMPTS), str(limit)], stdout=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    told = [tuple(map(int, process.communicate()[0].split())) for process in running]
    took = time.perf_counter() - start
    with LedgerFile.open(path, create=False) as file:
        (row,) = file.usage("model", since=None, tag=None, emulated=False)
    spent, refused = sum(spent for spent, _ in told), sum(refused for _, refused in told)
    assert row.cost_nano == spent, "the sums are not exact"
    assert row.attempts + refused == PROCESSES * ATTEMPTS, "an attempt was lost"
    assert spent <= limit * NANO, "the budget is exceeded"
    print(
        f"{PROCESSES} x {ATTEMPTS:,}         {took:6.1f} s; ${spent / NANO:.4f} of ${limit:g} spent, "
        f"{refused:,} refused, {row.attempts:,} recorded, sums exact"
    )


def a_million_rows(folder: Path) -> None:
    path, chance = folder / "million.db", random.Random(1)  # noqa: S311
    models = [f"claude-{name}" for name in ("opus-5-5", "sonnet-5-5", "haiku-4-5")]
    values: dict[str, Any] = dict.fromkeys(COLUMNS, 0) | {"error": None, "latency": 1.0}
    start = time.perf_counter()
    with LedgerFile.open(path, create=True) as file, file.writing():
        for _ in range(ROWS):
            at = NOON - chance.random() * 90 * 86_400
            tags = f'{{"team":"{chance.randrange(20)}"}}'
            numbers = {
                "input_tokens": chance.randrange(5000),
                "output_tokens": 500,
                "cost_nano": chance.randrange(NANO),
            }
            file.record(Entry(**{**values, **numbers, "at": at, "tags": tags, "model": chance.choice(models)}), None)
    print(f"{ROWS:,} rows    {time.perf_counter() - start:6.1f} s to record, {path.stat().st_size / 1e6:.0f} MB")
    ledger = Ledger(path)
    for by in ("model", "tag", "day", "hour"):
        start = time.perf_counter()
        rows = ledger.usage(by=by)  # type: ignore[arg-type]  # one of the four
        print(f"  by {by:<13} {(time.perf_counter() - start) * 1e3:6.0f} ms for {len(rows):,} rows")
        assert by == "tag" or sum(row.attempts for row in rows) == ROWS
    start = time.perf_counter()
    command = [sys.executable, "-m", "clarion", "usage", "--by", "model", "--ledger", str(path)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    print(f"  clarion usage    {(time.perf_counter() - start) * 1e3:6.0f} ms, Python's start included")
    ledger.close()


with tempfile.TemporaryDirectory() as name:
    on_the_callers_side(Path(name))
    asyncio.run(on_the_loop(Path(name)))
    if "--calls" not in sys.argv[1:]:
        many_processes(Path(name), 1_000.0)
        many_processes(Path(name), 10.0)
        a_million_rows(Path(name))
