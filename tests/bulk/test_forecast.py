"""What a job is said to cost, beside what it costs."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig
from clarion.bulk.errors import JobError
from clarion.bulk.forecast import Forecast, Variant, prefixes, spread
from clarion.bulk.job import Job
from clarion.bulk.sampling import forecast_of_source
from clarion.emulator import Emulator
from clarion.emulator.script import error

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 40
LONG = "You judge soups, and nothing but soups. " * 400
CONFIG = ClaudeConfig(model="claude-sonnet-5-5", max_tokens=300, thinking="off")


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def service(emulator: Emulator) -> AsyncClaudeService:
    return AsyncClaudeService(emulate=emulator, config=CONFIG)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    made: list[Job] = []

    def job(rows: int = ROWS, **options: Any) -> Job:
        dice = random.Random(7)
        prompts = [f"Soup {number}: " + "good and hot " * dice.randint(1, 60) for number in range(rows)]
        made.append(Job.create(tmp_path / f"{len(made)}.job", prompts, **options))
        return made[-1]

    yield job
    for each in made:
        each.close()


def variant(forecast: Forecast, name: str) -> Variant:
    return next(each for each in forecast.variants if each.name == name)


@pytest.mark.parametrize("name", ["plain", "cached"])
def test_a_job_costs_what_was_forecast_within_the_range_and_a_hundredth(
    make: Any, service: AsyncClaudeService, name: str
) -> None:
    job = make(system=LONG, cache=name == "cached")
    first = job.forecast(exact=True, service=service)
    done = job.run(service=service)
    mean = done.totals.output_tokens / ROWS

    forecast = make(system=LONG).forecast(exact=True, service=service, output_tokens=mean)

    found = variant(forecast, name)
    assert found.low is not None
    assert found.high is not None
    assert found.low * Decimal("0.99") <= done.cost <= found.high * Decimal("1.01")
    assert variant(first, name).at_most >= done.cost
    assert variant(first, name).total is None


def test_offline_estimates_are_within_their_error_of_what_the_api_counts(
    make: Any, service: AsyncClaudeService
) -> None:
    job = make(system=LONG)

    guessed, counted = job.forecast(), job.forecast(exact=True, service=service)

    assert abs(guessed.input_tokens / counted.input_tokens - 1) <= guessed.error
    assert (guessed.is_counted, counted.is_counted) == (False, True)


def test_batches_cost_half_and_no_more_is_cached_than_is_shared(make: Any) -> None:
    forecast = make(system=LONG).forecast(output_tokens=100)

    plain, cached = variant(forecast, "plain"), variant(forecast, "cached")
    batches = variant(forecast, "batches")
    assert batches.total == plain.total / 2  # type: ignore[operator]  # is known, as the output is given
    assert cached.input < plain.input / 2
    assert 0.8 * forecast.input_tokens < forecast.shared_tokens < forecast.input_tokens


def test_caching_saves_nothing_where_rows_share_nothing(make: Any) -> None:
    forecast = make().forecast(output_tokens=100)

    assert forecast.shared_tokens == 0
    assert variant(forecast, "cached").input == variant(forecast, "plain").input


def test_a_job_that_has_answers_tells_by_them_how_long_others_will_be(
    make: Any, emulator: Emulator, service: AsyncClaudeService
) -> None:
    emulator.add(error(400), error(400), error(400))
    job = make(rows=20)
    job.run(service=service)
    job.retry()

    forecast = job.forecast()

    assert forecast.rows == 3
    assert forecast.answers == "measured"
    assert forecast.output_tokens == pytest.approx(job.status().totals.output_tokens / 17)
    assert forecast.spent == job.status().cost > 0


def test_a_source_is_forecast_without_making_a_job_of_it(tmp_path: Path) -> None:
    path = tmp_path / "soups.csv"
    path.write_text("soup\n" + "".join(f"Soup {number}\n" for number in range(1000)) + '"\n')

    forecast = asyncio.run(forecast_of_source(path, prompt="{{ soup }}", model="cheap", sample=50))

    assert (forecast.rows, forecast.models) == (1001, ("claude-haiku-5-5",))
    assert 50 <= forecast.sampled <= 100
    assert list(tmp_path.iterdir()) == [path]


def test_rows_that_cannot_be_asked_are_told() -> None:
    rows = [{"a": "x"}, {"b": "y"}, {"a": "z"}]

    forecast = asyncio.run(forecast_of_source(rows, prompt="{{ a }}"))

    assert (forecast.sampled, forecast.unaskable) == (3, 1)
    assert "'a' is undefined" in forecast.why

    with pytest.raises(JobError, match="of 3 rows looked at, none can be asked"):
        asyncio.run(forecast_of_source(rows, prompt="{{ c }}"))


def test_a_model_without_a_known_price_has_no_forecast() -> None:
    with pytest.raises(JobError, match="no price is known for claude-nobody-9"):
        asyncio.run(forecast_of_source(["Hi"], model="claude-nobody-9"))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 19, 20, 21, 1234])
def test_a_sample_is_spread_evenly_over_any_number_of_items(count: int) -> None:
    chosen, found = spread(range(count), 10)

    assert found == count
    assert min(10, count) <= len(chosen) <= max(19, 0)
    gaps = {after - before for before, after in pairwise(chosen)}
    assert len(gaps) <= 1


def test_what_stands_before_each_cache_mark_is_found() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    body: dict[str, Any] = {
        "tools": [{"name": "a"}, {"name": "b", **mark}],
        "system": [{"type": "text", "text": "s", **mark}, {"type": "text", "text": "t"}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "u", **mark}, {"type": "text", "text": "v"}]}
        ],
        **mark,
    }

    found = list(prefixes(body))

    assert [len(each.get("system", ())) for each in found] == [0, 1, 2, 2]
    assert [len(each["messages"]) for each in found] == [0, 0, 1, 1]
    assert found[2]["messages"][0]["content"] == body["messages"][0]["content"][:1]
