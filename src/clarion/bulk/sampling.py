"""Looking at some rows of a job, or of what may become one, to say what all will cost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from clarion._catalog import Catalog
from clarion._counting import count, fitted
from clarion._errors import ClarionError, InvalidSettingError
from clarion._settings import Settings
from clarion.bulk.creation import Wanted
from clarion.bulk.errors import JobError
from clarion.bulk.forecast import Answers, Asked, forecast, spread
from clarion.bulk.journal import Journal
from clarion.bulk.lines import BadLine
from clarion.bulk.outcome import NANO
from clarion.bulk.recipe import Recipe
from clarion.bulk.twin import asked_through

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from pathlib import Path

    from clarion._config import ClaudeConfig
    from clarion._service import AsyncClaudeService
    from clarion.bulk.forecast import Forecast
    from clarion.bulk.sources import Source
    from clarion.bulk.twin import Service

SAMPLE = 200
AT_A_TIME = 8  # counts that are asked of the API


async def forecast_of_job(
    path: Path, sample: int, output_tokens: float | None, exact: bool, service: Service | None
) -> Forecast:
    """Return what the rows of a job that are left will cost. As Job.forecast."""
    _check(sample, output_tokens)
    job = await asyncio.to_thread(_Job.at, path, sample)
    if not job.rows and job.left:
        raise JobError("the rows that are left are all under way: there is nothing to look at before they are back")
    asked, unaskable = await _weigh(job.rows, job.recipe, service, exact=exact)
    return forecast(
        asked,
        rows=job.left,
        answers=_given(output_tokens) or Answers.measured(job.lengths),
        is_counted=exact,
        spent=job.spent,
        unaskable=unaskable,
    )


async def forecast_of_source(
    source: Source,
    *,
    sample: int = SAMPLE,
    output_tokens: float | None = None,
    exact: bool = False,
    service: Service | None = None,
    **making: Any,
) -> Forecast:
    """Return what a job would cost; as Job.forecast, with the arguments of `Job.create`. The source is read once."""
    _check(sample, output_tokens)
    wanted = Wanted.of(source, **making)
    lines, rows = await asyncio.to_thread(spread, wanted.rows.lines, sample)
    if not rows:
        raise JobError("there are no rows to ask")
    good = [line.value for line in lines if not isinstance(line, BadLine)]
    asked, unaskable = await _weigh(good, wanted.recipe, service, exact=exact)
    unaskable += [f"{line.place}: {line.why}" for line in lines if isinstance(line, BadLine)]
    return forecast(asked, rows=rows, answers=_given(output_tokens), is_counted=exact, unaskable=unaskable)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What a forecast needs of a job: some rows that are left, and how long some answers were."""

    recipe: Recipe
    rows: list[Any]
    left: int
    lengths: list[int]
    spent: Decimal

    @classmethod
    def at(cls, path: Path, sample: int) -> _Job:
        with Journal.open(path) as journal:
            return cls(
                recipe=Recipe.from_json(journal.recipe),
                rows=journal.sample(sample),
                left=journal.counts().open,
                lengths=journal.answer_lengths(sample),
                spent=journal.totals().cost_nano / NANO,
            )


async def _weigh(
    rows: Sequence[Any], recipe: Recipe, service: Service | None, *, exact: bool
) -> tuple[list[Asked], list[str]]:
    """Return what rows ask for, and why others cannot be asked."""
    if service is None:
        return await _Scales(recipe, None, exact=exact).weigh(rows)
    async with asked_through(service) as asked:
        return await _Scales(recipe, asked, exact=exact).weigh(rows)


class _Scales:
    """Weighs rows: offline, with the settings alone, or by the API's own count."""

    def __init__(self, recipe: Recipe, service: AsyncClaudeService | None, *, exact: bool) -> None:
        if exact and service is None:
            raise InvalidSettingError("exact counts are the API's: pass a service to ask it through")
        self._recipe = recipe
        self._driver = service.driver if service and exact else None
        settings = Settings.load()
        self._catalog = service.catalog if service else Catalog.load(settings.catalog)
        self._config: ClaudeConfig = recipe.config(service.config if service else settings.config)

    async def weigh(self, rows: Sequence[Any]) -> tuple[list[Asked], list[str]]:
        """Return what can be asked, weighed, and why the rest cannot."""
        turns = asyncio.Semaphore(AT_A_TIME)
        unaskable: list[str] = []

        async def weighed(row: Any) -> Asked | None:
            async with turns:
                try:
                    return await self._weighed(row)
                except ClarionError as error:
                    unaskable.append(str(error))
                    return None

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(weighed(row)) for row in rows]
        except* Exception as errors:  # noqa: BLE001 -- raised again, without its group
            raise errors.exceptions[0] from None
        return [asked for task in tasks if (asked := task.result())], unaskable

    async def _weighed(self, row: Any) -> Asked:
        request = await asyncio.to_thread(self._recipe.request, row, self._config, self._catalog)
        form = fitted(request, self._catalog, date.today())
        if self._driver is None:
            return await asyncio.to_thread(Asked.of, form.body, form.model)
        counted = await self._driver.carry_out(count(request, self._catalog, date.today()))
        return await asyncio.to_thread(Asked.of, form.body, form.model, counted=counted)


def _check(sample: int, output_tokens: float | None) -> None:
    if sample < 1:
        raise InvalidSettingError(f"sample must be a whole number from 1; got {sample!r}")
    if output_tokens is not None and output_tokens < 0:
        raise InvalidSettingError(f"output_tokens must be a number of tokens; got {output_tokens!r}")


def _given(output_tokens: float | None) -> Answers | None:
    return None if output_tokens is None else Answers(mean=output_tokens, error=0.0, source="given")
