from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clarion import AsyncClaudeService, Budget, ClaudeConfig, Ledger
from clarion._pacing import Pacer
from clarion.bulk.engine import Engine
from clarion.bulk.errors import JobStopped
from clarion.bulk.gate import Gate
from clarion.bulk.journal import Journal
from clarion.bulk.money import Money
from clarion.bulk.recipe import Recipe
from clarion.bulk.record import Entry
from clarion.emulator import Emulator, Server
from clarion.emulator.script import error

CONFIG = ClaudeConfig(model="claude-haiku-5-5", max_tokens=200, thinking="off", tags={"job": "words"})


async def run(path: Path, journal: Journal, **options: Any) -> None:
    async with AsyncClaudeService(config=CONFIG, ledger=path, **options) as service:
        await Engine(journal, Recipe(), service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=2).run()


@pytest.fixture
def journal(tmp_path: Path) -> Any:
    with Journal.create(tmp_path / "job.db", Recipe().to_json(), now=0.0) as journal:
        journal.add(Entry(input={"prompt": f"Word {n}?"}, place=f"line {n}") for n in range(4))
        yield journal


@pytest.mark.parametrize("over_http", [False, True], ids=["in process", "fast path"])
def test_the_attempts_of_a_job_are_recorded_in_the_ledger(tmp_path: Path, journal: Journal, over_http: bool) -> None:
    emulator = Emulator(script=[error(529, retry_after=0)])
    path = tmp_path / "usage.db"

    if over_http:
        with Server(emulator) as server:
            asyncio.run(run(path, journal, api_key="k", base_url=server.url))
    else:
        asyncio.run(run(path, journal, emulate=emulator))

    with_failure = not over_http  # a failure of an emulator behind a server is not known for one
    ledger = Ledger(path)
    (row,) = ledger.usage(by="tag", tag="job", emulated=True)
    assert (row.attempts, row.failures) == (4 + with_failure, with_failure)
    assert row.cost_nano == journal.totals().cost_nano
    assert sum(each.attempts for each in ledger.usage()) == (not with_failure)
    ledger.close()


async def aborted(path: Path, journal: Journal, emulator: Emulator, **options: Any) -> None:
    """Run a job until its first row has been asked, and drop that."""
    async with AsyncClaudeService(config=CONFIG, ledger=path, **options) as service:
        engine = Engine(journal, Recipe(), service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=1)

        def abort_once_asked() -> None:
            if emulator.requests:
                engine.abort()
            else:
                asyncio.get_running_loop().call_soon(abort_once_asked)

        abort_once_asked()
        await engine.run()


@pytest.mark.parametrize("over_http", [False, True], ids=["in process", "fast path"])
def test_a_call_that_is_dropped_is_in_the_ledger_at_a_cost_that_is_not_known(
    tmp_path: Path, journal: Journal, over_http: bool
) -> None:
    emulator = Emulator(first_token_delay=60)
    path = tmp_path / "usage.db"

    if over_http:
        with Server(emulator) as server:
            asyncio.run(aborted(path, journal, emulator, api_key="k", base_url=server.url))
    else:
        asyncio.run(aborted(path, journal, emulator, emulate=emulator))

    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("select model, error, cost_nano from attempts").fetchall()
    assert rows == [("claude-haiku-5-5", "abandoned", None)]
    assert journal.counts().ready == 4


def test_a_budget_of_the_service_stops_a_job_and_loses_no_row(tmp_path: Path, journal: Journal) -> None:
    budgets = [Budget(limit=Decimal("0.000001"), tag=("job", "words"))]

    with pytest.raises(JobStopped, match=r"the budget of \$0.000001 per day for job=words does not allow"):
        asyncio.run(run(tmp_path / "usage.db", journal, emulate=True, budgets=budgets))

    assert journal.counts().ready == 4
