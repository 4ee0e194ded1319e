"""Runs a job for the command line: starts the work, looks at it now and then, and stops it when asked to."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion.bulk.errors import JobError, JobStopped, JournalError
from clarion.bulk.job import AsyncJob
from clarion.cli.bulk._brake import Brake
from clarion.cli.bulk._view import Meter, View

if TYPE_CHECKING:
    from decimal import Decimal

    from clarion import AsyncClaudeService
    from clarion.bulk.job import Job
    from clarion.bulk.report import Status
    from clarion.bulk.runs import Run
    from clarion.cli.bulk._shows import Show


class Conduct:
    """One run of a job, and what is shown of it."""

    def __init__(self, job: Job, show: Show) -> None:
        self._job = job
        self._show = show
        self._meter = Meter()
        self._work: Run | None = None
        self._budget: Decimal | None = None
        self._started = 0.0

    def run(self, service: AsyncClaudeService, *, budget: Decimal | None, **running: Any) -> int | None:
        """Run the job, and return the signal that stopped it, if one did. Raises what `Job.run` raises."""
        self._budget = budget
        return asyncio.run(self._run(service, running))

    async def _run(self, service: AsyncClaudeService, running: dict[str, Any]) -> int | None:
        self._started = time.monotonic()
        with ExitStack() as stack:
            brake: Brake | None = None
            why: str | None = None

            def begin(work: Run) -> None:
                nonlocal brake
                self._work, brake = work, stack.enter_context(Brake(work, self._show.say))
                if watching.done():
                    self._stop_unseen(watching)
                if choice := work.progress.choice:
                    self._show.say(f"{choice.via}: {choice.why}")

            async with service:
                watching = asyncio.create_task(self._watch())
                watching.add_done_callback(self._stop_unseen)
                try:
                    job = AsyncJob(self._job)
                    await job.run(service=service, budget=self._budget, on_start=begin, **running)
                    if brake and brake.signal:
                        why = f"stopped by {brake.signal.name}"
                except JobError as error:
                    why = str(error)
                    if brake is None or brake.signal is None or not isinstance(error, JobStopped):
                        raise
                    self._show.say(why)
                finally:
                    watching.cancel()
                    await asyncio.wait([watching])
                    if not watching.cancelled():
                        watching.result()
                    view = self._view(self._job.status())
                    why = why if view.counts.open else None
                    self._show.end(replace(view, failures=self._job.errors(), stopped=why))
        return brake.signal if brake else None

    async def _watch(self) -> None:
        with self._show:
            while True:
                try:
                    status = await asyncio.to_thread(self._job.status)
                except JournalError:  # the run will meet it too, and say so
                    return
                self._show.show(self._view(status))
                await asyncio.sleep(self._show.every)

    def _stop_unseen(self, watching: asyncio.Task[None]) -> None:
        """Stop the run if nobody can see any more how it goes."""
        if self._work is not None and not watching.cancelled() and watching.exception():
            self._work.stop()

    def _view(self, status: Status) -> View:
        elapsed = time.monotonic() - self._started
        counts, totals = status.counts, status.totals
        view = View(
            job=str(self._job.path),
            elapsed=elapsed,
            counts=counts,
            totals=totals,
            rates=self._meter.rates(elapsed, counts, totals),
            budget=self._budget,
        )
        if self._work is None:
            return view
        progress, standings = self._work.progress, self._work.standings()
        in_flight = sum(standing.in_flight for standing in standings.values())
        return replace(
            view,
            in_flight=in_flight,
            waiting=max(0, progress.under_way - in_flight),
            standings=standings,
            batches=progress.batches,
            refused=dict(progress.refused.most_common()),
            errors=tuple(progress.errors),
            adjustments={told: rows for told, rows in progress.adjustments.items() if told.kind != "noted"},
        )
