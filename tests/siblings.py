"""Processes that run a job each, at once, by one key: what they get out of the limits together."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clarion import AsyncClaudeService, ClaudeConfig
from clarion.bulk.job import AsyncJob
from clarion.emulator import Limits, Server
from forks import child
from judge import Judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """So many processes with so many rows each; `options` are those of the emulator that they call.

    Those that do not know of one another have each a folder of its own for what they share.
    """

    processes: int
    rows: int
    limits: Limits
    options: dict[str, Any]
    concurrency: int = 300

    def run(self, folder: Path, *, know_of_one_another: bool) -> dict[str, float]:
        """Run the jobs, and return what the server says of them."""
        judge = Judge(self.limits, **self.options)
        with Server(judge) as server:
            runs = []
            for number in range(self.processes):
                place = folder / (f"of-{number}" if not know_of_one_another else "shared")
                place.mkdir(mode=0o700, exist_ok=True)
                path = folder / f"{number}.db"
                runs.append(child(self.run_one, path, server.url, place))
            for run in runs:
                run.daemon = True
                run.start()
            for run in runs:
                run.join()
            return {**judge.stats(), "overloads": judge.statuses[529]}

    def run_one(self, path: Path, url: str, place: Path) -> None:
        """Run one job in this process."""
        os.environ["XDG_RUNTIME_DIR"] = str(place)
        asyncio.run(self._run(path, url))

    async def _run(self, path: Path, url: str) -> None:
        config = ClaudeConfig(model="claude-haiku-5-5", max_tokens=100, thinking="off")
        async with AsyncClaudeService(api_key="test", base_url=url, config=config) as service:
            job = await AsyncJob.create(path, (f"This is row {n}." for n in range(self.rows)))
            await job.run(service=service, concurrency=self.concurrency)
            await job.close()
