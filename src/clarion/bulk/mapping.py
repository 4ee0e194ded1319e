"""The short form of a job: prompts in, results out, in order, with a file in between that survives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.bulk.job import Job
from clarion.bulk.runs import CONCURRENCY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from pathlib import Path

    from clarion._pacing import Limits
    from clarion._service import AsyncClaudeService
    from clarion.bulk.report import RowResult


def map(  # noqa: A001 -- is called as bulk.map
    prompts: Iterable[str | Mapping[str, Any]],
    *,
    journal: str | Path,
    service: AsyncClaudeService | None = None,
    concurrency: int = CONCURRENCY,
    budget: float | Decimal | None = None,
    limits: Limits | None = None,
    **options: Any,
) -> list[RowResult]:
    """Ask all prompts, and return a result for each, in their order; failures are results with an `error`.

    Everything is kept in `journal`, a file: called again with the same prompts and options, after a crash or in another
    program, it asks only what has no result yet. `prompts` are texts, or mappings for a template; `options` are those
    of `Job.create`, the others those of `Job.run`. Raises JobError for a journal of other prompts, and JobStopped when
    going on would not help; what has come is in the journal then.
    """
    with Job.open_or_create(journal, prompts, **options) as job:
        job.run(service=service, concurrency=concurrency, budget=budget, limits=limits)
        return list(job.results())
