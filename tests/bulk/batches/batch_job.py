"""A job, an emulator that works its batches off, and a time of its own for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from clarion import AsyncClaudeService, ClaudeConfig
from clarion._pacing import Pacer
from clarion.bulk.batches.packing import Size
from clarion.bulk.batches.run import BatchRun
from clarion.bulk.batches.schedule import Schedule
from clarion.bulk.batches.timing import Timing
from clarion.bulk.gate import Gate
from clarion.bulk.journal import Journal
from clarion.bulk.money import Money
from clarion.bulk.recipe import Recipe
from clarion.bulk.record import Entry
from clarion.emulator import Emulator

CHEAP = ClaudeConfig(model="claude-haiku-5-5", max_tokens=200, thinking="off")
CREATE = ("POST", "/v1/messages/batches")


class BatchJob:
    """A job that is run through batches, on an emulator whose clock goes ahead whenever the run sleeps."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.path = folder / "job.db"
        self.emulator = Emulator(**{"batch_seconds": 600.0} | options)
        self.config = CHEAP
        self.recipe = Recipe()
        self.size = Size(requests=4)
        self.schedule = Schedule()
        self.budget: Decimal | None = None
        self.slept: list[float] = []

    @property
    def timing(self) -> Timing:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)
            self.emulator.clock.advance(seconds)
            await asyncio.sleep(0)

        return Timing(now=lambda: self.emulator.clock().timestamp(), sleep=sleep)

    def rows(self, *rows: Any) -> None:
        with Journal.create(self.path, self.recipe.to_json(), now=0.0) as journal:
            journal.add(Entry(input=row, place=f"line {n}") for n, row in enumerate(rows, 1))

    def prompts(self, number: int) -> None:
        self.rows(*({"prompt": f"Question {n}"} for n in range(1, number + 1)))

    def run(self, on_start: Callable[[BatchRun], object] = lambda _: None, **options: Any) -> BatchRun:
        return asyncio.run(self._run(on_start, options))

    async def _run(self, on_start: Callable[[BatchRun], object], options: dict[str, Any]) -> BatchRun:
        async with AsyncClaudeService(emulate=self.emulator, config=self.config) as service:
            with options.pop("journal", None) or Journal.open(self.path) as journal:
                money = Money(self.budget, Decimal("0.0005"))
                ways: dict[str, Any] = {
                    "gate": Gate(Pacer()),
                    "money": money,
                    "size": self.size,
                    "timing": self.timing,
                    "schedule": self.schedule,
                } | options
                run = BatchRun(journal, self.recipe, service, **ways)
                on_start(run)
                await run.run()
                return run

    def records(self) -> list[Any]:
        with Journal.open(self.path) as journal:
            return list(journal.records())

    def states(self) -> list[str]:
        return [record.state for record in self.records()]

    def calls(self, method: str = "POST", path: str = "/v1/messages/batches") -> list[Any]:
        found = [request for request in self.emulator.requests if request.method == method]
        return [request for request in found if request.path.split("?")[0] == path]

    def created(self) -> list[list[str]]:
        """The custom ids of each batch that the API has created."""
        answered = [call for call in self.calls() if call.response.status == 200]
        return [[request["custom_id"] for request in call.json["requests"]] for call in answered]

    def paid(self) -> int:
        """How many requests the API has answered and billed, in batches."""
        infos = [batch.info(self.emulator.clock(), "") for batch in self.emulator.state.batches.newest_first()]
        return sum(info["request_counts"]["succeeded"] for info in infos)
