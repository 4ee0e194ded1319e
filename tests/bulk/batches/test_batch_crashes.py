"""A process may die at any moment of a job in batches: nothing is lost, and nothing that was created is paid twice."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bulk.batches.batch_job import BatchJob
from clarion.bulk.batches.packing import Size
from clarion.bulk.batches.register import Register
from clarion.bulk.batches.schedule import Schedule
from clarion.bulk.errors import JournalError
from clarion.bulk.journal import Journal
from clarion.emulator import Emulator, Response, Server
from clarion.emulator.script import error, hang, html, reset

ROWS = 3


class DyingJournal(Journal):
    """A journal whose process dies at its n-th write: before it, or right after."""

    left = 0
    is_after = False

    @classmethod
    def of(cls, path: Path, write: int, *, is_after: bool) -> DyingJournal:
        journal = cls.open(path)
        assert isinstance(journal, DyingJournal)
        journal.left, journal.is_after = write, is_after
        return journal

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        self.left -= 1
        if self.left < 0 or (self.left == 0 and not self.is_after):
            raise JournalError("killed")
        with super().writing() as db:
            yield db
        if self.left == 0:
            raise JournalError("killed")


def small_job(folder: Path, steps: Sequence[Any] = ()) -> BatchJob:
    """A job of two batches, which are looked at a few times only."""
    job = BatchJob(folder, batch_seconds=2.0, script=steps)
    job.size = Size(requests=2)
    job.schedule = Schedule(most=100_000.0, share=5.0)
    job.prompts(ROWS)
    return job


def killed(job: BatchJob, write: int, *, is_after: bool) -> bool:
    """Run a job until its process dies at a write; False if it has ended before."""
    with contextlib.suppress(JournalError):
        job.run(journal=DyingJournal.of(job.path, write, is_after=is_after))
        return False
    job.emulator.clock.advance(61)  # until its leases have run out
    return True


# What happens to a job that is killed as well.
FATES: dict[str, list[Any]] = {
    "nothing else": [],
    "one row expires and one errs": [
        hang(90_000).when(route="batches.item", text="Question 1"),
        error(500).when(route="batches.item", text="Question 3"),
    ],
    "creation in doubt": [html(502).when(route="batches.create"), reset().when(route="batches.create")],
}


@pytest.mark.parametrize(
    ("fate", "is_after"),
    [*((fate, False) for fate in FATES), ("nothing else", True)],
)
def test_a_job_that_is_killed_at_any_write_ends_with_every_row_done_and_paid_once(
    tmp_path: Path, fate: str, is_after: bool
) -> None:
    write, was_killed = 0, True
    while was_killed:
        write += 2 if FATES[fate] else 1  # these make more writes, of which most are the same
        (tmp_path / str(write)).mkdir()
        job = small_job(tmp_path / str(write), FATES[fate])

        was_killed = killed(job, write, is_after=is_after)
        job.run()

        assert job.states() == ["done"] * ROWS, f"killed at write {write}"
        assert job.paid() == ROWS, f"killed at write {write}"

    assert write > 20


def test_a_job_that_is_killed_again_and_again_comes_to_its_end(tmp_path: Path) -> None:
    job = small_job(tmp_path)

    write = 1
    while killed(job, write, is_after=True):
        write += 1

    assert (job.states(), job.paid()) == (["done"] * ROWS, ROWS)


def test_rows_in_batches_stay_there_when_no_worker_is_left(tmp_path: Path) -> None:
    job = BatchJob(tmp_path)
    job.prompts(2)
    with Journal.open(job.path) as journal:
        worker = journal.join("somebody", till=10.0)
        rows = journal.claim(worker, 0.0, 2)
        Register(journal).plan(worker, [(row.seq, row.attempt) for row in rows], newest=None, now=0.0)

        journal.reclaim(20.0, is_dead=lambda _: False)

        assert journal.counts().leased == 2
        (filed,) = Register(journal).adopt(journal.join("other", till=30.0), now=20.0)
        assert (filed.state, filed.doubtful) == ("posting", 20.0)


def test_rows_that_a_worker_has_lost_are_in_no_batch_of_its(tmp_path: Path) -> None:
    job = BatchJob(tmp_path)
    job.prompts(2)
    with Journal.open(job.path) as journal:
        worker = journal.join("somebody", till=10.0)
        rows = journal.claim(worker, 0.0, 2)
        journal.reclaim(20.0, is_dead=lambda _: False)
        journal.claim(journal.join("other", till=30.0), 20.0, 1)

        planned = Register(journal).plan(worker, [(row.seq, row.attempt) for row in rows], newest=None, now=20.0)

        assert planned is None
        assert Register(journal).open() == 0
        assert (journal.counts().leased, journal.counts().ready) == (1, 1)


class Killing(Emulator):
    """An emulator that kills a process when it has worked on something that was asked for, and not answered yet."""

    victim: subprocess.Popen[bytes] | None = None
    is_hit: Callable[[str, str], bool]

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        response = super().respond(method, path, headers, body)
        if self.victim is not None and self.is_hit(method, path):
            os.kill(self.victim.pid, signal.SIGKILL)
            self.victim = None
        return response


RUN = """
import sys
from clarion import AsyncClaudeService, ClaudeConfig
from clarion.bulk.job import Job

config = ClaudeConfig(model="claude-haiku-5-5", max_tokens=200, thinking="off")
service = AsyncClaudeService(api_key="test", base_url=sys.argv[2], config=config)
Job.open(sys.argv[1]).run(service=service, via="batches")
"""


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/messages/batches"), ("GET", "/results")],
)
def test_a_process_that_is_really_killed_loses_nothing_and_pays_nothing_twice(
    tmp_path: Path, method: str, path: str
) -> None:
    job = BatchJob(tmp_path)
    job.emulator = killing = Killing(batch_seconds=0.0)
    killing.is_hit = lambda m, p: (m, True) == (method, p.endswith(path))
    job.prompts(20)
    with Server(killing) as server:
        process = subprocess.Popen([sys.executable, "-c", RUN, str(job.path), server.url])
        killing.victim = process
        assert process.wait(60) == -signal.SIGKILL

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 20, 20)
    assert len(job.calls()) == 1
