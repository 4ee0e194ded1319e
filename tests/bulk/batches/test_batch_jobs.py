"""Jobs that say how they are to be run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig
from clarion._errors import InvalidSettingError
from clarion.bulk.batches.run import BatchRun
from clarion.bulk.engine import Engine
from clarion.bulk.errors import JobError, JobStopped
from clarion.bulk.job import AsyncJob, Job
from clarion.emulator import Emulator, Response

CHEAP = ClaudeConfig(model="claude-haiku-5-5", max_tokens=200, thinking="off")


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(batch_seconds=0.0)


@pytest.fixture
def service(emulator: Emulator) -> AsyncClaudeService:
    return AsyncClaudeService(emulate=emulator, config=CHEAP)


@pytest.fixture
def job(tmp_path: Path) -> Any:
    with Job.create(tmp_path / "job.db", [f"Question {n}" for n in range(25)]) as job:
        yield job


def paths(emulator: Emulator) -> set[str]:
    return {request.path.split("?")[0] for request in emulator.requests if request.method == "POST"}


def started(job: Job, service: AsyncClaudeService, **terms: Any) -> Any:
    seen: list[Any] = []
    job.run(service=service, on_start=seen.append, **terms)
    return seen[0]


def test_a_job_goes_through_batches_when_that_is_said(
    job: Job, emulator: Emulator, service: AsyncClaudeService
) -> None:
    run = started(job, service, via="batches", budget=1)

    assert isinstance(run, BatchRun)
    assert job.status().counts.done == 25
    assert paths(emulator) == {"/v1/messages/batches"}
    assert "Question 7" in (list(job.results())[7].text or "")


@pytest.mark.parametrize(
    ("within", "kind", "why"),
    [(None, BatchRun, "50% of the price"), (60.0, Engine, "1 min are left"), (100_000.0, BatchRun, "within 24 hours")],
)
def test_the_way_may_be_left_to_clarion_which_says_why(
    job: Job, service: AsyncClaudeService, within: float | None, kind: type, why: str
) -> None:
    run = started(job, service, via="auto", within=within)

    assert why in run.progress.choice.why
    assert type(run) is kind
    assert job.status().counts.done == 25


def test_a_job_with_tools_is_run_in_real_time_where_the_choice_is_clarions(job: Job, emulator: Emulator) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return "rain"

    service = AsyncClaudeService(emulate=emulator, config=CHEAP.but(tools=[get_weather]))

    run = started(job, service, via="auto")

    assert "tools" in run.progress.choice.why
    assert isinstance(run, Engine)


@pytest.mark.parametrize("wrong", [{"via": "pigeon"}, {"within": 0}, {"within": -1.0}, {"concurrency": 0}])
def test_terms_that_cannot_be_are_told(job: Job, service: AsyncClaudeService, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingError, match=r"got"):
        job.run(service=service, **wrong)


class Interrupted(Emulator):
    """An emulator that has the run stopped whose batch it creates."""

    run: Any = None

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        response = super().respond(method, path, headers, body)
        if method == "POST" and self.run is not None:
            self.run.stop()
        return response


def stopped_in_batches(job: Job, service: AsyncClaudeService, emulator: Interrupted) -> None:
    """Run a job through batches until they are created, and leave them."""
    with pytest.raises(JobStopped, match="collect"):
        job.run(service=service, via="batches", on_start=lambda run: setattr(emulator, "run", run))
    emulator.run = None


def test_a_run_in_real_time_collects_what_batches_of_before_have_come_to(tmp_path: Path, job: Job) -> None:
    emulator = Interrupted(batch_seconds=3_600.0)
    service = AsyncClaudeService(emulate=emulator, config=CHEAP)
    stopped_in_batches(job, service, emulator)
    assert job.status().counts.leased == 25
    emulator.clock.advance(3_600)

    status = job.run(service=service)

    assert status.counts.done == 25
    assert paths(emulator) == {"/v1/messages/batches"}


def test_batches_can_be_canceled_later(job: Job) -> None:
    emulator = Interrupted(batch_seconds=1.0)
    service = AsyncClaudeService(emulate=emulator, config=CHEAP)
    stopped_in_batches(job, service, emulator)
    emulator.clock.advance(1)

    status = job.cancel_batches(service=service)

    assert status.counts.leased == 0
    assert status.counts.done == 25  # they had ended


def test_a_job_through_batches_can_be_awaited(tmp_path: Path, emulator: Emulator) -> None:
    async def run() -> int:
        service = AsyncClaudeService(emulate=emulator, config=CHEAP)
        async with service, await AsyncJob.create(tmp_path / "job.db", ["a", "b"]) as job:
            await job.run(service=service, via="batches")
            return (await job.cancel_batches(service=service)).counts.done

    assert asyncio.run(run()) == 2


def test_to_cancel_blocks_no_event_loop(job: Job) -> None:
    async def cancel() -> None:
        job.cancel_batches()

    with pytest.raises(JobError, match=r"await AsyncJob\.cancel_batches"):
        asyncio.run(cancel())
