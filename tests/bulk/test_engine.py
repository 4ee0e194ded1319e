"""The engine: every row of a job ends in the journal, as what came of it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig, RetryPolicy
from clarion._pacing import Pacer
from clarion.bulk.clerk import Clerk
from clarion.bulk.engine import Engine
from clarion.bulk.errors import JobStopped, JournalError
from clarion.bulk.gate import Gate
from clarion.bulk.journal import Journal
from clarion.bulk.money import Money
from clarion.bulk.recipe import Recipe
from clarion.bulk.record import Entry
from clarion.bulk.settlement import Failed, Outcome
from clarion.emulator import Emulator, Server
from clarion.emulator.script import call, cut, error, hang, html, refusal, reset, say

if TYPE_CHECKING:
    from pathlib import Path

CHEAP = ClaudeConfig(model="claude-haiku-5-5", max_tokens=200, thinking="off", timeout=60.0)


class Bench:
    """A job of a few rows, and the emulator that answers it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "job.db"
        self.emulator = Emulator()
        self.config = CHEAP
        self.budget: Decimal | None = None
        self.most_each = Decimal("0.01")
        self.recipe = Recipe()

    def rows(self, *rows: Any) -> None:
        with Journal.create(self.path, self.recipe.to_json(), now=0.0) as journal:
            journal.add(Entry(input=row, place=f"line {n}") for n, row in enumerate(rows, 1))

    def run(self, *, concurrency: int = 4) -> Engine:
        return asyncio.run(self._run(concurrency))

    async def _run(self, concurrency: int) -> Engine:
        async with AsyncClaudeService(emulate=self.emulator, config=self.config) as service:
            with Journal.open(self.path) as journal:
                money = Money(self.budget, self.most_each)
                engine = Engine(journal, self.recipe, service, gate=Gate(Pacer()), money=money, concurrency=concurrency)
                await engine.run()
                return engine

    def records(self) -> list[Any]:
        with Journal.open(self.path) as journal:
            return list(journal.records())

    def states(self) -> list[str]:
        return [record.state for record in self.records()]


@pytest.fixture
def job(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def prompts(number: int) -> list[dict[str, str]]:
    return [{"prompt": f"Question {n}"} for n in range(1, number + 1)]


def test_every_row_is_asked_once_and_recorded_with_its_answer(job: Bench) -> None:
    job.rows(*prompts(10))

    job.run()

    assert job.states() == ["done"] * 10
    assert len(job.emulator.requests) == 10
    assert "Question 3" in job.records()[2].answer


@pytest.mark.parametrize(("concurrency", "later"), [(1, 0), (6, 100), (500, 2_000)])
def test_rows_are_mixed_but_none_begins_a_window_later_than_in_order(job: Bench, concurrency: int, later: int) -> None:
    job.rows(*prompts(3_000))

    async def taken() -> list[int]:
        seqs = []
        with Journal.open(job.path) as journal:
            async with Clerk(journal, concurrency=concurrency, budget=lambda: None) as clerk:
                while row := await clerk.take():
                    clerk.begin(row)
                    clerk.settle(Failed(seq=row.seq, attempt=row.attempt, outcome=Outcome(at=0.0, error="no")))
                    seqs.append(row.seq)
        return seqs

    order = asyncio.run(taken())
    behind = [max(order[:place]) - order[place] for place in range(1, len(order))]
    assert sorted(order) == list(range(1, 3_001))
    assert later // 2 <= max(behind) <= max(0, later) or not later
    assert (order == sorted(order)) == (not later)


def test_rows_that_were_read_and_not_asked_go_back_as_if_they_had_never_been_leased(job: Bench) -> None:
    job.rows(*prompts(100))

    async def taken() -> int:
        with Journal.open(job.path) as journal:
            async with Clerk(journal, concurrency=50, budget=lambda: None) as clerk:
                row = await clerk.take()
                assert row is not None
                clerk.settle(Failed(seq=row.seq, attempt=row.attempt, outcome=Outcome(at=0.0, error="no")))
                return row.seq

    asked = asyncio.run(taken())

    assert {record.seq for record in job.records() if record.attempt} == {asked}
    assert job.states().count("ready") == 99


def test_what_a_row_cost_is_recorded(job: Bench) -> None:
    job.rows(*prompts(3))

    job.run()

    with Journal.open(job.path) as journal:
        assert journal.totals().cost_nano == sum(record.cost_nano or 0 for record in journal.records()) > 0
        assert journal.totals().attempts == 3


def test_a_job_that_is_run_again_asks_only_what_is_left(job: Bench) -> None:
    job.rows(*prompts(5))
    job.run()

    job.run()

    assert len(job.emulator.requests) == 5


@pytest.mark.parametrize(
    "fault",
    [error(429), error(429, retry_after=0.05), error(529), error(500), error(503), reset(), cut(), html(502)],
    ids=repr,
)
def test_a_row_is_not_lost_to_what_is_not_its_fault(job: Bench, fault: Any) -> None:
    job.rows(*prompts(3))
    job.emulator.add(fault, fault)

    job.run()

    assert job.states() == ["done"] * 3
    assert job.emulator.unused == ()


def test_a_row_that_waits_is_postponed_in_the_journal(job: Bench) -> None:
    job.rows(*prompts(1))
    job.emulator.add(error(529))

    engine = job.run()

    assert engine.progress.postponed == 1
    assert job.records()[0].attempt == 2


def test_the_deadline_of_a_row_does_not_count_its_wait_for_the_rate_limits(job: Bench) -> None:
    job.emulator = Emulator(first_token_delay=0.3)
    job.config = CHEAP.but(deadline=0.5)
    job.rows(*prompts(3))  # of which two wait until the first has been answered

    job.run(concurrency=3)

    assert job.states() == ["done"] * 3


def test_a_row_that_is_postponed_has_its_whole_deadline_again(job: Bench) -> None:
    job.config = CHEAP.but(deadline=0.3)
    job.rows(*prompts(1))
    job.emulator.add(error(429, retry_after=0.5))

    job.run()

    assert job.states() == ["done"]


@pytest.mark.parametrize(
    "troubles",
    [[hang(9)], [call("get_weather", {"location": "Oslo"}), error(429, retry_after=0.5)]],
    ids=["no answer", "limits in the middle of a turn"],
)
def test_a_row_that_takes_longer_than_its_deadline_has_failed(job: Bench, troubles: list[Any]) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return "rain"

    job.config = CHEAP.but(deadline=0.2, tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"})
    job.emulator.add(*troubles)

    job.run()

    assert job.states() == ["failed"]
    assert job.records()[0].error == "deadline"


def test_a_row_that_one_model_refuses_is_asked_of_the_next(job: Bench) -> None:
    job.config = CHEAP.but(retry=RetryPolicy(fallback_models=("claude-opus-5",)))
    job.rows(*prompts(1))
    job.emulator.add(refusal("cyber"))

    job.run()

    assert job.records()[0].model == "claude-opus-5"


def test_a_row_may_be_overloaded_for_as_long_as_it_takes(job: Bench) -> None:
    job.rows(*prompts(2))
    job.emulator.add(say("first"), *[error(529, headers={"retry-after": "0"})] * 30)

    job.run()

    assert job.states() == ["done", "done"]


def test_a_row_whose_own_fault_it_may_be_fails_in_the_end(job: Bench) -> None:
    job.rows(*prompts(2))
    fault = error(500, headers={"retry-after": "0"}).when(body=lambda body: "Question 1" in str(body))
    job.emulator.add(*[fault] * 20)

    job.run()

    record = job.records()[0]
    assert (record.state, record.error, record.attempt) == ("failed", "api_error", 8)
    assert job.states()[1] == "done"


def test_a_refusal_is_the_failure_of_its_row_and_its_cost_is_known(job: Bench) -> None:
    job.rows(*prompts(2))
    job.emulator.add(refusal("cyber", after=2))

    job.run(concurrency=1)

    record = job.records()[0]
    assert (record.state, record.error, record.stop_reason) == ("failed", "refusal", "refusal")
    assert record.cost_nano > 0


def test_an_invalid_request_is_the_failure_of_its_row(job: Bench) -> None:
    job.rows({"prompt": "fine"}, {"prompt": "no", "model": "claude-none"}, {"prompt": "fine too"})

    job.run()

    assert job.states() == ["done", "failed", "done"]
    assert job.records()[1].error == "not_found_error"
    assert "claude-none" in job.records()[1].detail


def test_a_row_without_the_columns_of_the_template_fails_before_it_is_paid(job: Bench) -> None:
    job.rows({"prompt": "fine"}, {"question": "?"})

    job.run()

    assert job.states() == ["done", "failed"]
    assert "'prompt' is undefined; columns: question" in job.records()[1].detail
    assert len(job.emulator.requests) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (error(401), "invalid x-api-key"),
        (error(403), "permission"),
        (error(429, code="enforced_spend_limit_reached", message="You have reached your API usage limits"), "limits"),
        (error(400, message="Your credit balance is too low to access the Anthropic API."), "credit balance"),
    ],
    ids=repr,
)
def test_what_no_row_would_survive_stops_the_job_and_loses_no_row(job: Bench, fault: Any, said: str) -> None:
    job.rows(*prompts(20))
    job.emulator.add(say("one"), say("two"), fault, fault)

    with pytest.raises(JobStopped, match=said):
        job.run(concurrency=2)

    assert job.states().count("done") == 2
    assert job.states().count("ready") == 18


def test_a_job_that_gets_no_answer_at_all_is_stopped_early(job: Bench) -> None:
    job.rows(*prompts(200))
    job.emulator.add(*[error(404, message="model: claude-haiku-5-5")] * 200)

    with pytest.raises(JobStopped, match="the first 50 calls have failed"):
        job.run()

    assert len(job.emulator.requests) < 60


def mistaken(_call: Any) -> Any:
    raise KeyError("colour")


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"rain in {location}"


def test_a_mistake_in_the_program_stops_the_job_after_a_handful_of_rows(job: Bench) -> None:
    job.config = CHEAP.but(tools=[get_weather], approve=mistaken)
    job.rows(*prompts(100))
    job.emulator.add(*[call("get_weather", {"location": "Oslo"})] * 100)

    with pytest.raises(JobStopped, match=r"5 rows in a row have failed by a mistake.*KeyError: 'colour'"):
        job.run(concurrency=2)

    failed = [record for record in job.records() if record.state == "failed"]
    assert 5 <= len(failed) <= 7  # those under way are seen through
    assert {record.error for record in failed} == {"key"}
    assert job.states().count("ready") == 100 - len(failed)


def test_mistakes_now_and_then_are_the_failures_of_their_rows(job: Bench) -> None:
    job.config = CHEAP.but(tools=[get_weather], approve=mistaken)
    job.rows(*prompts(30))
    job.emulator.add(*[call("get_weather", {"location": "Oslo"}), say("sunny")] * 15)

    job.run(concurrency=1)

    assert job.states().count("failed") == 15
    assert job.states().count("done") == 15


def test_a_budget_stops_the_job_before_it_is_used_up(job: Bench) -> None:
    job.rows(*prompts(400))
    job.budget = Decimal("0.004")
    job.most_each = Decimal("0.0005")

    with pytest.raises(JobStopped, match=r"the budget of \$0.004"):
        job.run(concurrency=8)

    with Journal.open(job.path) as journal:
        assert Decimal("0.003") < Decimal(journal.totals().cost_nano) / 10**9 <= Decimal("0.004")
        assert journal.counts().ready == 400 - journal.counts().done > 0
        assert journal.counts().leased == 0


def test_tools_run_in_a_job(job: Bench) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return f"rain in {location}"

    job.config = CHEAP.but(tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"}, {"prompt": "Hello"})
    job.emulator.add(call("get_weather", {"location": "Oslo"}).when(body=lambda body: "Oslo" in str(body)))

    job.run(concurrency=1)

    assert job.states() == ["done", "done"]
    assert "rain in Oslo" in str(job.emulator.requests[1].json)


def test_what_a_row_has_cost_is_known_though_its_turn_is_stopped_half_way(job: Bench) -> None:
    job.config = CHEAP.but(tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"})
    job.emulator.add(call("get_weather", {"location": "Oslo"}), error(401))

    with pytest.raises(JobStopped, match="invalid x-api-key"):
        job.run()

    assert job.states() == ["ready"]
    with Journal.open(job.path) as journal:
        totals = journal.totals()
    assert (totals.attempts, totals.output_tokens > 0, totals.cost_nano > 0) == (2, True, True)


def test_a_failure_within_a_turn_waits_in_place_so_as_not_to_pay_again(job: Bench) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return "rain"

    job.config = CHEAP.but(tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"})
    job.emulator.add(call("get_weather", {"location": "Oslo"}), error(529))

    engine = job.run()

    assert job.states() == ["done"]
    assert engine.progress.postponed == 0
    assert len(job.emulator.requests) == 3


def test_answers_follow_the_schema_of_a_job(job: Bench) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    job.recipe = Recipe(schema=schema | {"additionalProperties": False})
    job.rows({"prompt": "Which city?"})

    job.run()

    assert job.emulator.requests[0].json["output_config"]["format"]["type"] == "json_schema"
    assert '\\"city\\"' in job.records()[0].answer


def test_rows_of_the_batches_api_are_asked_as_they_stand(job: Bench) -> None:
    job.recipe = Recipe(form="params")
    params = {"model": "claude-sonnet-5-5", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}
    job.rows({"params": params | {"system": "Be brief."}})

    job.run()

    assert job.emulator.requests[0].json == params | {"system": "Be brief."}


def test_one_row_is_asked_alone_when_a_cache_has_to_be_warmed(job: Bench) -> None:
    job.config = CHEAP.but(cache=True, system="Be brief. " * 2_000)
    job.rows(*prompts(5))

    job.run()

    with Journal.open(job.path) as journal:
        assert journal.totals().cache_read_tokens > 4 * 2_000


def test_a_stopped_engine_lets_what_was_asked_end_and_gives_back_the_rest(job: Bench) -> None:
    job.rows(*prompts(50))
    job.emulator = Emulator(first_token_delay=0.2)

    async def run() -> None:
        async with AsyncClaudeService(emulate=job.emulator, config=CHEAP) as service:
            with Journal.open(job.path) as journal:
                engine = Engine(
                    journal, job.recipe, service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=5
                )
                asyncio.get_running_loop().call_later(0.1, engine.stop)
                await engine.run()

    asyncio.run(run())

    assert 1 <= job.states().count("done") == len(job.emulator.requests) <= 5
    assert job.states().count("ready") == 50 - job.states().count("done")


@pytest.mark.parametrize("how", ["stop", "abort"])
@pytest.mark.parametrize("cache", [False, True])
def test_an_engine_may_be_stopped_before_it_has_begun(job: Bench, how: str, cache: bool) -> None:
    job.rows(*prompts(5))

    async def run() -> None:
        async with AsyncClaudeService(emulate=job.emulator, config=CHEAP.but(cache=cache)) as service:
            with Journal.open(job.path) as journal:
                engine = Engine(
                    journal, job.recipe, service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=2
                )
                getattr(engine, how)()
                await engine.run()

    asyncio.run(run())

    assert job.states() == ["ready"] * 5
    assert not job.emulator.requests


def test_what_warms_the_cache_is_dropped_when_the_engine_is_aborted(job: Bench) -> None:
    job.rows(*prompts(5))
    job.emulator = Emulator(first_token_delay=60)

    async def run() -> None:
        async with AsyncClaudeService(emulate=job.emulator, config=CHEAP.but(cache=True)) as service:
            with Journal.open(job.path) as journal:
                engine = Engine(
                    journal, job.recipe, service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=2
                )
                asyncio.get_running_loop().call_later(0.1, engine.abort)
                await asyncio.wait_for(engine.run(), 50)

    asyncio.run(run())

    assert job.states() == ["ready"] * 5


@pytest.mark.parametrize("max_tokens", [200, 30_000], ids=["in one piece", "streamed"])
def test_calls_past_the_sdk_answer_as_calls_through_it_do(job: Bench, max_tokens: int) -> None:
    config = CHEAP.but(max_tokens=max_tokens)
    job.rows(*prompts(4))

    async def run(server: Server) -> None:
        async with AsyncClaudeService(api_key="test", base_url=server.url, config=config) as service:
            with Journal.open(job.path) as journal:
                engine = Engine(
                    journal, job.recipe, service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=4
                )
                await engine.run()

    job.emulator.add(error(529), reset(), html(502))
    with Server(job.emulator) as server:
        asyncio.run(run(server))

    assert job.states() == ["done"] * 4
    headers = job.emulator.requests[0].headers
    assert headers["anthropic-version"] == "2026-10-21"
    assert headers["user-agent"].startswith("Anthropic/Python") or "Anthropic" in headers["user-agent"]


def test_a_journal_that_cannot_be_written_ends_the_run_with_its_name(
    job: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.rows(*prompts(30))

    async def run() -> None:
        async with AsyncClaudeService(emulate=job.emulator, config=CHEAP) as service:
            with Journal.open(job.path) as journal:
                (pages,) = journal.db.execute("pragma page_count").fetchone()
                journal.db.execute(f"pragma max_page_count = {pages}")
                engine = Engine(
                    journal, job.recipe, service, gate=Gate(Pacer()), money=Money(None, Decimal(1)), concurrency=3
                )
                await engine.run()

    with pytest.raises(JournalError, match="the disk is full"):
        asyncio.run(run())

    assert job.states().count("failed") == 0
