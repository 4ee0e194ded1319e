"""What is told of the calls of a job: past the SDK, and through it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig, Job, JobStopped
from clarion.emulator import Emulator, Server
from clarion.emulator.script import call, error
from telemetry.telescope import Telescope

ROWS = [{"prompt": f"Question {number}"} for number in range(6)]
CHEAP: dict[str, Any] = {"model": "claude-haiku-5-5", "max_tokens": 50, "tags": {"team": "search"}}


@pytest.fixture
def telescope() -> Telescope:
    return Telescope()


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"rain in {location}"


def run(job: Job, telescope: Telescope, **where: Any) -> None:
    job.run(service=AsyncClaudeService(telemetry=telescope.telemetry(), **where), concurrency=2)


@pytest.mark.parametrize("is_direct", [True, False], ids=["past the SDK", "through the SDK"])
def test_each_row_is_a_turn_and_each_call_below_it(tmp_path: Path, telescope: Telescope, is_direct: bool) -> None:
    emulator = Emulator(script=[error(529)])
    with Server(emulator) as server, Job.create(tmp_path / "a.job", ROWS, **CHEAP) as job:
        where = {"api_key": "k", "base_url": server.url} if is_direct else {"emulate": emulator}
        run(job, telescope, **where)
        cost = float(job.status().cost)

    turns, attempts = telescope.spans("invoke_agent"), telescope.spans("chat claude-haiku-5-5")
    assert len(turns) == len(attempts) == 7  # one is asked again later, as a turn of its own
    assert {span.parent.span_id for span in attempts} == {span.context.span_id for span in turns}
    assert all(span.attributes["clarion.tag.team"] == "search" for span in attempts)
    assert sum(span.attributes.get("clarion.cost.usd", 0) for span in attempts) == pytest.approx(cost)
    assert telescope.points("clarion.cost")[0].value == pytest.approx(cost)
    for kind in (attempts, turns):
        (failed,) = [span for span in kind if "error.type" in span.attributes]
        assert failed.attributes["error.type"] == "overloaded_error"
    sent = {request.headers["traceparent"].split("-")[2] for request in emulator.requests}
    assert sent == {f"{span.context.span_id:016x}" for span in attempts}


def test_each_call_is_a_line_that_names_its_row(
    tmp_path: Path, telescope: Telescope, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "clarion.attempts")
    with Server(Emulator(script=[error(529)])) as server, Job.create(tmp_path / "a.job", ROWS, **CHEAP) as job:
        run(job, telescope, api_key="k", base_url=server.url)

    lines: list[Any] = [record for record in caplog.records if record.name == "clarion.attempts"]
    (failed,) = [line for line in lines if line.outcome == "failed"]
    assert (failed.levelno, failed.next, failed.error) == (logging.WARNING, "retry", "overloaded_error")
    assert failed.wait > 0
    assert sorted(line.row for line in lines if line.outcome == "ok") == [1, 2, 3, 4, 5, 6]
    assert failed.row in range(1, 7)


def test_tools_of_a_job_are_spans_of_its_rows(tmp_path: Path, telescope: Telescope) -> None:
    emulator = Emulator(script=[call("get_weather", {"location": "Oslo"})])
    with Job.create(tmp_path / "a.job", ROWS[:1], **CHEAP) as job:
        run(job, telescope, emulate=emulator, config=ClaudeConfig(tools=[get_weather]))

    turn = telescope.one("invoke_agent")
    assert telescope.one("execute_tool get_weather").parent.span_id == turn.context.span_id
    assert len(telescope.spans("chat")) == 2


def test_what_stops_a_job_is_told_of_the_turn_that_met_it(
    tmp_path: Path, telescope: Telescope, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "clarion.attempts")
    with Job.create(tmp_path / "a.job", ROWS[:1], **CHEAP) as job, pytest.raises(JobStopped):
        run(job, telescope, emulate=Emulator(script=[error(401)]))

    assert telescope.one("invoke_agent").attributes["error.type"] == "JobStopped"
    (line,) = [record for record in caplog.records if record.name == "clarion.attempts"]
    assert (line.status, line.next) == (401, "give_up")  # type: ignore[attr-defined]  # fields of the line


def test_a_provider_may_be_registered_while_a_job_runs(tmp_path: Path) -> None:
    program = """
from clarion import AsyncClaudeService, Job
from clarion.emulator import Emulator
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))

class Registering(Emulator):
    def respond(self, *call):
        trace.set_tracer_provider(provider)
        return super().respond(*call)

with Job.create("a.job", [{"prompt": "Hi"}, {"prompt": "And?"}], model="claude-haiku-5-5") as job:
    job.run(service=AsyncClaudeService(emulate=Registering(first_token_delay=0.2)), concurrency=1)
print([span.name for span in exporter.get_finished_spans()])
"""

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert ran.stdout.strip() == "['chat claude-haiku-5-5', 'invoke_agent']"
