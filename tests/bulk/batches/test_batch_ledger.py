"""What came of batches is in the ledger: once, at the price of batches, whenever a process dies."""

from __future__ import annotations

import logging
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bulk.batches.batch_job import CHEAP, BatchJob
from clarion import Ledger
from clarion.bulk.errors import JournalError
from clarion.bulk.journal import Journal
from clarion.emulator.script import call, error


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.db"


@pytest.fixture
def job(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> BatchJob:
    monkeypatch.setenv("CLARION_LEDGER", str(path))
    job = BatchJob(tmp_path)
    job.config = CHEAP.but(tags={"team": "search"})
    return job


def of(step: Any, text: str) -> Any:
    return step.when(route="batches.item", text=text)


def attempts(path: Path) -> list[dict[str, Any]]:
    with sqlite3.connect(path) as db:
        db.row_factory = sqlite3.Row
        rows = db.execute("select * from attempts order by id").fetchall()
    db.close()
    return [dict(row) for row in rows]


def test_each_result_is_in_the_ledger_once_at_the_price_of_batches(job: BatchJob, path: Path) -> None:
    job.prompts(6)

    job.run()

    (row,) = Ledger(path).usage(by="tag", emulated=True)
    with Journal.open(job.path) as journal:
        totals = journal.totals()
    assert (row.key, row.attempts, row.failures, row.unpriced) == ("team=search", 6, 0, 0)
    assert (row.input_tokens, row.output_tokens) == (totals.input_tokens, totals.output_tokens)
    assert row.cost_nano == totals.cost_nano
    plain = (row.input_tokens * Decimal("0.1") + row.output_tokens * Decimal("0.5")) / 1_000_000
    assert row.cost == plain / 2


def test_what_an_emulator_made_is_left_out_of_sums(job: BatchJob, path: Path) -> None:
    job.prompts(2)

    job.run()

    assert Ledger(path).usage() == []


def test_a_call_of_a_batch_counts_for_the_time_at_which_it_was_created(job: BatchJob, path: Path) -> None:
    job.prompts(1)
    created = job.emulator.clock().timestamp()

    job.run()

    (attempt,) = attempts(path)
    assert attempt["at"] == pytest.approx(created, abs=1)


class Dying(Journal):
    """A journal that cannot be written when results are settled, as if the process died there."""

    def settle(self, settlements: Any) -> int:
        raise JournalError("it is gone")


def test_a_result_that_comes_again_is_not_recorded_again(job: BatchJob, path: Path) -> None:
    job.prompts(4)
    with pytest.raises(JournalError):
        job.run(journal=Dying.open(job.path))
    recorded = attempts(path)
    job.emulator.clock.advance(120)

    job.run()

    assert job.states() == ["done"] * 4
    assert len(recorded) == 4
    assert attempts(path) == recorded
    assert len(job.created()) == 1


def test_results_that_are_errors_are_recorded_and_cost_nothing(job: BatchJob, path: Path) -> None:
    job.rows({"prompt": "One"}, {"prompt": "Two"})
    job.emulator.add(of(error(400, message="no"), "One"))

    job.run()

    failed, answered = sorted(attempts(path), key=lambda attempt: attempt["error"] is None)
    assert (failed["error"], failed["cost_nano"], failed["status"]) == ("invalid_request_error", 0, 400)
    assert answered["cost_nano"] > 0


def test_rounds_after_a_result_are_recorded_at_the_price_of_real_time(job: BatchJob, path: Path) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return f"rain in {location}"

    job.config = job.config.but(tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"})
    job.emulator.add(of(call("get_weather", {"location": "Oslo"}), "Oslo"))

    job.run()

    batch, real = attempts(path)
    for attempt, share in ((batch, 2), (real, 1)):
        plain = attempt["input_tokens"] * 100 + attempt["output_tokens"] * 500
        assert attempt["cost_nano"] == plain / share
    with Journal.open(job.path) as journal:
        assert journal.totals().cost_nano == batch["cost_nano"] + real["cost_nano"]


def test_an_answer_whose_row_cannot_be_read_any_more_is_recorded_all_the_same(
    job: BatchJob, path: Path, tmp_path: Path
) -> None:
    document = tmp_path / "notes.txt"
    document.write_text("Remember the milk.")
    job.recipe = type(job.recipe)(documents=("file",))
    job.rows({"prompt": "Sum up", "file": str(document)})

    job.run(lambda _: _go_when_created(job, document))

    assert job.states() == ["failed"]
    (attempt,) = attempts(path)
    assert attempt["cost_nano"] > 0


def _go_when_created(job: BatchJob, document: Path) -> None:
    """Delete a file as soon as the run sleeps, which it does when its batch is created."""
    advance = job.emulator.clock.advance

    def gone(seconds: float) -> None:
        document.unlink(missing_ok=True)
        advance(seconds)

    job.emulator.clock.advance = gone  # type: ignore[method-assign]  # the clock of this test alone


def test_a_result_has_its_line_in_the_log(job: BatchJob, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "clarion.attempts")
    job.rows({"prompt": "One"}, {"prompt": "Two"})
    job.emulator.add(of(error(529), "One"))

    job.run()

    lines = {(line.row, line.outcome, line.next): line for line in caplog.records if line.name == "clarion.attempts"}  # type: ignore[attr-defined]  # fields of the line
    assert set(lines) == {(1, "failed", "retry"), (2, "ok", "done"), (1, "ok", "done")}
    assert all(line.batch.startswith("msgbatch_") for line in lines.values())  # type: ignore[attr-defined]


def test_a_ledger_from_before_takes_results_of_batches(job: BatchJob, path: Path) -> None:
    Ledger(path).close()
    with sqlite3.connect(path) as db:
        db.execute("drop table collected")
    db.close()
    job.prompts(2)

    job.run()

    assert len(attempts(path)) == 2
