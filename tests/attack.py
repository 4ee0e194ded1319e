"""An attack on a job: two runners work on it, one or the other is killed at any moment and started again, many times.

The server remembers who asked for what. So every row that was asked twice can be held against the rows that were in
flight at a kill: asked for by the process that died, and not in the journal when it had died.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from clarion import AsyncClaudeService, ClaudeConfig
from clarion.bulk.job import AsyncJob, Job
from clarion.emulator import Emulator, Response, Server
from forks import child

RUNNERS = 2
LATENCY = 0.3  # seconds that an answer takes
LONGEST = 0.25  # seconds from when a kill may come to when it has
PATIENCE = 120.0  # seconds in which a job must get on
RUNNER = "x-runner"  # the header in which a runner says who it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """How many rows there are, and how many kills; the seed says when, and who is killed."""

    rows: int
    kills: int
    seed: int
    concurrency: int = 32

    def on(self, folder: Path) -> Damage:
        """Run a job in a folder, under attack, and return what came of it."""
        path = folder / "job.db"
        Job.create(path, ({"prompt": f"This is row {n}."} for n in range(1, self.rows + 1))).close()
        emulator = _Witness(first_token_delay=LATENCY)
        with Server(emulator) as server:
            in_flight = _Siege(self, path, server.url).carry_out()
        return _damage(path, emulator.asked, in_flight, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What came of a job under attack.

    `unexplained` are rows that were asked more often than kills found them in flight; `broken` says what in the journal
    does not agree.
    """

    recorded: int
    with_their_own_answer: int
    asked: int
    paid_twice: int
    in_flight: int
    unexplained: tuple[int, ...]
    broken: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.recorded:,} rows recorded ({self.with_their_own_answer:,} with their own answer), "
            f"{self.asked:,} asked; paid twice {self.paid_twice:,} of {self.in_flight:,} in flight at the kills"
        )


class _Witness(Emulator):
    """The emulator, that remembers which runner has asked for which row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[tuple[int, int]] = []

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        content = orjson.loads(body)["messages"][0]["content"]
        text = content if isinstance(content, str) else content[0]["text"]
        self.asked.append((int(headers[RUNNER]), int(text.split()[-1].rstrip("."))))
        return super().respond(method, path, headers, body)


class _Siege:
    def __init__(self, attack: Attack, path: Path, url: str) -> None:
        self._attack = attack
        self._random = random.Random(attack.seed)
        self._path, self._url = path, url
        self._recorded_before: dict[int, set[int]] = {}  # the death of a runner

    def carry_out(self) -> dict[int, set[int]]:
        """Kill and start again, then let the job end. Return what was recorded at the death of each who was killed."""
        attack = self._attack
        runners = [self._start() for _ in range(RUNNERS)]
        for kill in range(attack.kills):
            self._wait_for(kill * attack.rows * 9 // 10 // attack.kills, runners)
            time.sleep(self._random.uniform(0, LONGEST))
            victim = self._random.randrange(RUNNERS)
            runners[victim] = self._replaced(runners[victim])
        for runner in runners:
            runner.join(PATIENCE)
            assert runner.exitcode == 0, f"a runner ended with {runner.exitcode}"
        return self._recorded_before

    def _start(self) -> Any:
        runner = child(run, self._path, self._url, self._attack.concurrency)
        runner.start()
        return runner

    def _replaced(self, runner: Any) -> Any:
        runner.kill()
        runner.join()
        self._recorded_before[runner.pid] = _recorded(self._path)
        return self._start()

    def _wait_for(self, rows: int, runners: list[Any]) -> None:
        end = time.monotonic() + PATIENCE
        while _count(self._path) < rows:
            assert time.monotonic() < end, f"the job stands still: {_count(self._path)} rows of {rows}"
            assert all(runner.exitcode in (None, 0) for runner in runners), "a runner has failed"
            time.sleep(0.005)


def run(path: Path, url: str, concurrency: int) -> None:
    """Be a runner."""
    asyncio.run(_run(path, url, concurrency))


async def _run(path: Path, url: str, concurrency: int) -> None:
    config = ClaudeConfig(model="claude-haiku-5-5", max_tokens=100, thinking="off", headers={RUNNER: str(os.getpid())})
    async with AsyncClaudeService(api_key="test", base_url=url, config=config) as service:
        job = await AsyncJob.open(path)
        await job.run(service=service, concurrency=concurrency)
        await job.close()


def _damage(path: Path, asked: list[tuple[int, int]], recorded_before: dict[int, set[int]], attack: Attack) -> Damage:
    asked_by: defaultdict[int, set[int]] = defaultdict(set)
    for runner, row in asked:
        asked_by[runner].add(row)
    excused = Counter(row for runner, before in recorded_before.items() for row in asked_by[runner] - before)
    again = Counter(row for _, row in asked) - Counter(range(1, attack.rows + 1))
    answers = _query(path, "select seq, answer from outcomes where error is null")
    return Damage(
        recorded=len(answers),
        with_their_own_answer=sum(f"This is row {seq}." in answer for seq, answer in answers),
        asked=len(asked),
        paid_twice=again.total(),
        in_flight=excused.total(),
        unexplained=tuple(sorted(again - excused)),
        broken=tuple(_contradictions(path)),
    )


def _contradictions(path: Path) -> list[str]:
    """Return what in a journal does not agree with itself."""
    counted = dict(_query(path, "select state, count(*) from rows group by state"))
    kept = {state: rows for state, rows in _query(path, "select state, rows from counts") if rows}
    ((cost, calls),) = _query(path, "select cost_nano, attempts from totals")
    ((spent, recorded),) = _query(path, "select sum(cost_nano), count(*) from outcomes")
    ((sound,),) = _query(path, "pragma integrity_check")
    workers = _query(path, "select name from workers")
    found = {
        f"counts say {kept}, the rows {counted}": kept == counted,
        f"totals say {cost} for {calls} calls, the outcomes {spent} for {recorded}": (cost, calls) == (spent, recorded),
        f"SQLite says {sound}": sound == "ok",
        f"workers are left: {workers}": not workers,
    }
    return [said for said, is_so in found.items() if not is_so]


def _recorded(path: Path) -> set[int]:
    return {seq for (seq,) in _query(path, "select seq from outcomes")}


def _count(path: Path) -> int:
    ((rows,),) = _query(path, "select rows from counts where state = 2")
    return int(rows)


def _query(path: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(path, timeout=30)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
