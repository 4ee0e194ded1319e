"""A job through the Message Batches API: every row ends in the journal, as what came of it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bulk.batches.batch_job import CHEAP, BatchJob
from clarion.bulk.batches.packing import Size
from clarion.bulk.batches.run import BatchRun
from clarion.bulk.errors import JobStopped
from clarion.bulk.journal import Journal
from clarion.bulk.recipe import Recipe
from clarion.emulator.script import body, call, cut, error, hang, html, pause, refusal, reset

DAY = 86_400.0


@pytest.fixture
def job(tmp_path: Path) -> BatchJob:
    return BatchJob(tmp_path)


def of(step: Any, text: str) -> Any:
    return step.when(route="batches.item", text=text)


def test_every_row_is_asked_in_one_batch_and_recorded_with_its_answer(job: BatchJob) -> None:
    job.prompts(10)

    run = job.run()

    assert job.states() == ["done"] * 10
    assert [len(batch) for batch in job.created()] == [4, 4, 2]
    assert "Question 3" in job.records()[2].answer
    assert (run.progress.done, run.progress.under_way, run.progress.batches) == (10, 0, 0)


def test_a_row_costs_half(job: BatchJob) -> None:
    job.prompts(1)

    job.run()

    record = job.records()[0]
    assert record.cost_nano == record.input_tokens * 50 + record.output_tokens * 250


def test_a_batch_is_looked_at_less_and_less_often(job: BatchJob) -> None:
    job.prompts(2)
    job.emulator = BatchJob(job.path, batch_seconds=7_200.0).emulator

    job.run()

    assert job.slept[0] == pytest.approx(5, abs=1)
    assert job.slept[-1] == pytest.approx(120, abs=1)
    assert len(job.slept) < 100


def test_a_job_that_is_run_again_asks_nothing_again(job: BatchJob) -> None:
    job.prompts(5)
    job.run()

    job.run()

    assert sum(map(len, job.created())) == 5


def test_what_expires_is_asked_again(job: BatchJob) -> None:
    job.prompts(3)
    job.emulator.add(of(hang(2 * DAY), "Question 2"))

    run = job.run()

    assert job.states() == ["done"] * 3
    assert [len(batch) for batch in job.created()] == [3, 1]
    assert job.records()[1].attempt == 2
    assert run.progress.postponed == 1


@pytest.mark.parametrize("fault", [error(500), error(529), error(429), reset(), html(502)], ids=repr)
def test_a_row_is_asked_again_after_what_is_not_its_fault(job: BatchJob, fault: Any) -> None:
    job.prompts(3)
    job.emulator.add(of(fault, "Question 2"))

    job.run()

    assert job.states() == ["done"] * 3
    assert job.emulator.unused == ()


def test_rows_that_are_asked_again_share_batches(job: BatchJob) -> None:
    job.size = Size(requests=100)
    job.prompts(60)
    for number in range(60, 0, -1):
        job.emulator.add(of(error(529), f"Question {number}").times(2))

    job.run()

    assert job.states() == ["done"] * 60
    assert len(job.created()) < 10  # they are postponed by times of their own


def test_a_row_whose_own_fault_it_may_be_fails_in_the_end(job: BatchJob) -> None:
    job.prompts(2)
    job.emulator.add(*[of(error(500), "Question 1")] * 20)

    job.run()

    record = job.records()[0]
    assert (record.state, record.error, record.attempt) == ("failed", "api_error", 8)
    assert job.states()[1] == "done"


def test_an_invalid_request_is_the_failure_of_its_row(job: BatchJob) -> None:
    job.rows({"prompt": "fine"}, {"prompt": "no", "model": "claude-none"}, {"prompt": "fine too"})

    job.run()

    assert job.states() == ["done", "failed", "done"]
    assert (job.records()[1].error, job.records()[1].cost_nano) == ("not_found_error", 0)


def test_a_row_that_makes_no_request_fails_before_anything_is_sent(job: BatchJob) -> None:
    job.rows({"prompt": "fine"}, {"question": "?"})

    job.run()

    assert job.states() == ["done", "failed"]
    assert [len(batch) for batch in job.created()] == [1]


def test_a_refusal_is_the_failure_of_its_row_and_its_cost_is_known(job: BatchJob) -> None:
    job.prompts(2)
    job.emulator.add(of(refusal("cyber", after=2), "Question 1"))

    job.run()

    record = job.records()[0]
    assert (record.state, record.error, record.stop_reason) == ("failed", "refusal", "refusal")
    assert record.cost_nano > 0


def test_an_answer_that_is_cut_off_is_recorded_as_in_real_time(job: BatchJob) -> None:
    job.config = CHEAP.but(max_tokens=2)
    job.rows({"prompt": "Tell me of the sea"})

    job.run()

    assert job.states() == ["done"]
    assert job.records()[0].stop_reason == "max_tokens"


def test_what_no_row_would_survive_stops_the_job_when_the_rest_is_recorded(job: BatchJob) -> None:
    job.prompts(3)
    job.emulator.add(of(error(402, "billing_error", "no money"), "Question 2"))

    with pytest.raises(JobStopped, match="no money"):
        job.run()

    assert job.states() == ["done", "ready", "done"]


# What is not for batches.


def test_what_batches_do_not_take_is_left_out_and_told(job: BatchJob) -> None:
    job.recipe = Recipe(form="params")
    messages = [{"role": "user", "content": "Hi"}]
    params = {"model": "claude-opus-5-5", "max_tokens": 50, "messages": messages, "speed": "fast", "stream": True}
    job.rows({"params": params})

    run = job.run()

    assert job.states() == ["done"]
    assert any(told.rule == "batch" and "fast mode" in told.text for told in run.progress.adjustments)


def test_a_strict_job_is_not_changed_silently(job: BatchJob) -> None:
    job.recipe = Recipe(form="params", options={"adjust": "strict"})
    messages = [{"role": "user", "content": "Hi"}]
    job.rows({"params": {"model": "claude-opus-5-5", "max_tokens": 50, "messages": messages, "speed": "fast"}})

    job.run()

    assert (job.states(), job.records()[0].error) == (["failed"], "unfit_request")


def test_a_row_that_only_warms_a_cache_fails_by_its_name(job: BatchJob) -> None:
    job.recipe = Recipe(form="params")
    messages = [{"role": "user", "content": "Hi"}]
    job.rows({"params": {"model": "claude-opus-5-5", "max_tokens": 0, "messages": messages}})

    job.run()

    assert job.states() == ["failed"]
    assert "warm cache" in job.records()[0].detail


def test_rounds_after_tools_are_made_in_real_time(job: BatchJob) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return f"rain in {location}"

    job.config = CHEAP.but(tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"}, {"prompt": "Hello"})
    job.emulator.add(of(call("get_weather", {"location": "Oslo"}), "Oslo"))

    job.run()

    assert job.states() == ["done", "done"]
    assert [len(batch) for batch in job.created()] == [2]
    (second,) = job.calls(path="/v1/messages")
    assert "rain in Oslo" in str(second.json)
    with Journal.open(job.path) as journal:
        assert journal.totals().attempts == 3


def test_a_mistake_in_the_program_stops_the_job_and_leaves_what_is_paid_in_its_batch(job: BatchJob) -> None:
    def mistaken(_call: Any) -> Any:
        raise KeyError("colour")

    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return f"rain in {location}"

    job.config = CHEAP.but(tools=[get_weather], approve=mistaken)
    job.size = Size(requests=20)
    job.rows(*({"prompt": "Weather in Oslo?"} for _ in range(20)))
    job.emulator.add(*[of(call("get_weather", {"location": "Oslo"}), "Oslo")] * 20)

    with pytest.raises(JobStopped, match="5 rows in a row have failed by a mistake"):
        job.run()
    failed = job.states().count("failed")
    job.config = CHEAP.but(tools=[get_weather])
    job.emulator.clock.advance(60)
    job.run()

    assert 4 <= failed < 20
    assert job.states().count("done") == 20 - failed
    assert len(job.created()) == 1


def test_a_pause_is_resumed_in_real_time(job: BatchJob) -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    job.config = CHEAP.but(extra={"tools": [search]})
    job.rows({"prompt": "What is new?"})
    job.emulator.add(of(pause(), "new"))

    job.run()

    assert job.states() == ["done"]
    assert len(job.calls(path="/v1/messages")) == 1


def test_a_bad_key_in_the_middle_of_a_turn_stops_the_job_and_loses_no_answer(job: BatchJob) -> None:
    def get_weather(location: str) -> str:
        """Get the weather of a place."""
        return "rain"

    job.config = CHEAP.but(tools=[get_weather])
    job.rows({"prompt": "Weather in Oslo?"}, {"prompt": "Hello"})
    job.emulator.add(of(call("get_weather", {"location": "Oslo"}), "Oslo"), error(401))

    with pytest.raises(JobStopped, match="x-api-key"):
        job.run()
    job.emulator.clock.advance(60)
    job.run()

    assert job.states() == ["done", "done"]
    assert [len(batch) for batch in job.created()] == [2]


# What goes wrong with batches.


def test_a_full_queue_is_waited_for(job: BatchJob) -> None:
    job.prompts(3)
    job.emulator.add(*[error(429, message="the queue is full").when(route="batches.create")] * 5)

    job.run()

    assert job.states() == ["done"] * 3
    assert [len(batch) for batch in job.created()] == [3]
    assert max(job.slept[:5]) >= 2 * min(job.slept[:5])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (error(401), "x-api-key"),
        (error(403), "ermission"),
        (error(400, message="no batches"), "no batches"),
        (error(413), "."),
    ],
    ids=repr,
)
def test_a_batch_that_will_never_be_created_stops_the_job_and_gives_its_rows_back(
    job: BatchJob, fault: Any, said: str
) -> None:
    job.prompts(3)
    job.emulator.add(fault.when(route="batches.create"))

    with pytest.raises(JobStopped, match=said):
        job.run()

    assert job.states() == ["ready"] * 3
    assert job.paid() == 0


def test_a_batch_is_not_given_up_that_the_api_does_not_know_at_first(job: BatchJob) -> None:
    job.prompts(3)
    job.emulator.add(*[error(404).when(route="batches.retrieve")] * 3)

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 3, 3)


@pytest.mark.parametrize(
    "fault", [error(404), error(500), reset(), html(200), body(b""), cut(), body(b'{"custom_id": "x')], ids=repr
)
def test_results_that_do_not_come_whole_are_fetched_again(job: BatchJob, fault: Any) -> None:
    job.prompts(3)
    job.emulator.add(*[fault.when(route="batches.results")] * 2)

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 3, 3)
    assert job.emulator.unused == ()
    with Journal.open(job.path) as journal:
        assert journal.totals().attempts == 3


def test_results_that_never_come_stop_the_job_and_keep_its_rows_in_their_batch(job: BatchJob) -> None:
    job.prompts(3)
    job.emulator.add(*[error(404).when(route="batches.results")] * 20)

    with pytest.raises(JobStopped, match="cannot be fetched"):
        job.run()
    job.run()

    assert (job.states(), job.paid()) == (["done"] * 3, 3)


def test_rows_whose_results_are_gone_fail_by_that_name_so_that_nobody_pays_twice_unasked(job: BatchJob) -> None:
    job.prompts(3)
    with pytest.raises(JobStopped):
        job.run(lambda run: stop_soon(job, run))
    job.emulator.clock.advance(30 * DAY)

    job.run()

    assert {record.error for record in job.records()} == {"lost_results"}
    assert "29 days" in job.records()[0].detail
    with Journal.open(job.path) as journal:
        assert journal.retry(["lost_results"]) == 3
    job.run()
    assert job.states() == ["done"] * 3


def test_rows_of_a_batch_that_somebody_has_deleted_fail_by_that_name(job: BatchJob) -> None:
    job.prompts(3)
    with pytest.raises(JobStopped):
        job.run(lambda run: stop_soon(job, run))
    job.emulator.clock.advance(DAY)
    for batch in job.emulator.state.batches.newest_first():
        job.emulator.state.batches.remove(batch.id)

    job.run()

    assert {record.error for record in job.records()} == {"lost_results"}


def test_polling_goes_on_through_failures(job: BatchJob) -> None:
    job.prompts(3)
    faults = [error(529), error(429), error(500), reset(), html(200), html(502)]
    job.emulator.add(*[fault.when(route="batches.retrieve") for fault in faults])

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 3, 3)


# Was it created?


@pytest.mark.parametrize(
    ("fault", "creates"),
    [
        (html(502), 1),
        (html(200), 1),
        (body(b'{"id": "msgb'), 1),
        (error(500), 2),
        (error(529), 2),
        (reset(), 2),
        (error(408), 2),
    ],
    ids=repr,
)
def test_a_batch_that_may_have_been_created_is_looked_for_before_it_is_posted_again(
    job: BatchJob, fault: Any, creates: int
) -> None:
    job.prompts(3)
    job.emulator.add(fault.when(route="batches.create"))

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 3, 3)
    assert len(job.calls()) == creates


def test_a_batch_that_is_being_posted_when_the_run_is_aborted_is_looked_for_too(job: BatchJob) -> None:
    job.prompts(3)
    job.emulator.add(hang(60).when(route="batches.create"))

    def abort_once_created(run: BatchRun) -> None:
        if job.emulator.state.batches.newest_first():
            run.abort()
        else:
            asyncio.get_running_loop().call_soon(abort_once_created, run)

    job.run(abort_once_created)
    assert job.states() == ["leased"] * 3

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 3, 3)
    assert len(job.emulator.state.batches.newest_first()) == 1


def test_a_batch_of_somebody_else_is_not_taken_for_ones_own(job: BatchJob, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = BatchJob(tmp_path / "other")
    other.emulator = job.emulator
    job.prompts(3)
    other.prompts(3)
    job.emulator.add(reset().when(route="batches.create"), html(502).when(route="batches.create"))

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(job._run(lambda _: None, {}))
            group.create_task(other._run(lambda _: None, {}))

    asyncio.run(both())

    assert (job.states(), other.states()) == (["done"] * 3, ["done"] * 3)
    assert job.paid() == 6


def test_two_batches_in_doubt_are_told_apart_by_their_rows(job: BatchJob) -> None:
    job.prompts(8)
    job.emulator.add(*[html(502).when(route="batches.create")] * 2)

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 8, 8)
    assert len(job.calls()) == 2


# Stopping, and several at once.


def stop_soon(job: BatchJob, run: Any, *, cancel: bool = False, after: float = 60.0) -> None:
    """Stop a run when so many seconds have passed on its clock."""
    sleep, start = run._timing.sleep, job.emulator.clock().timestamp()

    async def watched(seconds: float) -> None:
        await sleep(seconds)
        if job.emulator.clock().timestamp() - start > after:
            run.stop(cancel=cancel)

    object.__setattr__(run._timing, "sleep", watched)


def test_a_run_that_is_stopped_leaves_its_batches_to_the_next(job: BatchJob) -> None:
    job.prompts(10)
    with pytest.raises(JobStopped, match=r"batches still being processed: 3\. Run the job again within 29 days"):
        job.run(lambda run: stop_soon(job, run))
    assert job.states().count("leased") == 10

    job.run()

    assert (job.states(), job.paid()) == (["done"] * 10, 10)
    assert len(job.created()) == 3


def test_a_run_that_is_canceled_keeps_what_was_answered_and_gives_back_the_rest(job: BatchJob) -> None:
    job.prompts(4)

    job.run(lambda run: stop_soon(job, run, cancel=True, after=300.0))

    assert set(job.states()) == {"done", "ready"}
    assert job.states().count("done") == job.paid()
    assert len(job.calls(path=f"/v1/messages/batches/{newest(job)}/cancel")) == 1


def newest(job: BatchJob) -> str:
    return job.emulator.state.batches.newest_first()[0].id


def test_batches_of_an_earlier_run_can_be_canceled(job: BatchJob) -> None:
    job.prompts(4)
    with pytest.raises(JobStopped):
        job.run(lambda run: stop_soon(job, run))

    job.run(cancels=True)

    assert set(job.states()) <= {"done", "ready"}
    assert len(job.created()) == 1
    job.run()
    assert (job.states(), job.paid()) == (["done"] * 4, 4)


def test_a_run_that_only_collects_creates_nothing(job: BatchJob) -> None:
    job.prompts(4)

    job.run(creates=False)

    assert job.states() == ["ready"] * 4
    assert job.calls() == []


def test_two_runs_at_once_share_a_job_and_pay_no_row_twice(job: BatchJob) -> None:
    job.prompts(40)

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(job._run(lambda _: None, {}))
            group.create_task(job._run(lambda _: None, {}))

    asyncio.run(both())

    assert (job.states(), job.paid()) == (["done"] * 40, 40)
    assert sum(map(len, job.created())) == 40


def test_a_budget_holds_for_what_is_in_batches(job: BatchJob) -> None:
    job.prompts(200)
    job.size = Size(requests=20)
    job.budget = Decimal("0.003")

    with pytest.raises(JobStopped, match=r"the budget of \$0.003"):
        job.run()

    with Journal.open(job.path) as journal:
        assert Decimal("0.002") < Decimal(journal.totals().cost_nano) / 10**9 <= Decimal("0.003")
        assert journal.counts().leased == 0
