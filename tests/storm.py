"""A job in bad weather: limits that bind, and overloads, resets and stalls all the time."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from clarion import AsyncClaudeService, ClaudeConfig
from clarion.bulk.job import AsyncJob
from clarion.emulator import Limits, Server
from clarion.emulator.scenario import Rule, Scenario
from clarion.emulator.script import error, hang, reset
from judge import Judge

OVERLOADS, RESETS, STALLS = 0.02, 0.01, 0.01  # of all calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """So many rows under limits, with so many times the usual trouble.

    `latency` is in seconds, `timeout` how long a stall is waited for.
    """

    rows: int
    limits: Limits
    seed: int
    trouble: float = 1.0
    latency: float = 0.2
    timeout: float = 1.0
    concurrency: int = 50

    def over(self, folder: Path) -> Aftermath:
        """Run a job in a folder, and return what came of it."""
        troubles = (
            error(529).sometimes(self.trouble * OVERLOADS),
            reset().sometimes(self.trouble * RESETS),
            hang(2 * self.timeout).sometimes(self.trouble * STALLS),
        )
        scenario = Scenario(rules=tuple(Rule(steps=(trouble,)) for trouble in troubles), seed=self.seed, lane="one")
        judge = Judge(self.limits, scenario=scenario, first_token_delay=self.latency)
        with Server(judge) as server:
            states, errors = asyncio.run(self._run(folder / "job.db", server.url))
        refused = judge.statuses[429] / self.rows * 1000
        return Aftermath(
            states=states, errors=errors, overloads=judge.statuses[529], refused=refused, share=judge.share
        )

    async def _run(self, path: Path, url: str) -> tuple[Counter[str], Counter[str]]:
        config = ClaudeConfig(model="claude-haiku-5-5", max_tokens=100, thinking="off", timeout=self.timeout)
        async with AsyncClaudeService(api_key="test", base_url=url, config=config) as service:
            job = await AsyncJob.create(path, (f"This is row {n}." for n in range(1, self.rows + 1)))
            await job.run(service=service, concurrency=self.concurrency)
            found = [row.record async for row in job.results()]
            await job.close()
        states = Counter(record.state for record in found)
        return states, Counter(record.error for record in found if record.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What came of a job: rows by state and by error, overloads met, refusals per 1,000 rows, share of the limits."""

    states: Counter[str]
    errors: Counter[str]
    overloads: int
    refused: float
    share: float

    def __str__(self) -> str:
        return (
            f"{dict(self.states)} {dict(self.errors) or ''}: {self.overloads} overloads; "
            f"share of the limits {self.share:.3f}, {self.refused:.1f} refusals per 1,000 rows"
        )
