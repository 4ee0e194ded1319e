"""The short form of a job: prompts in, results out, in order, with a file in between that survives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion.bulk.job import AsyncJob
from clarion.bulk.runs import Terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from clarion.bulk.report import RowResult
    from clarion.bulk.twin import Service

RUNNING = frozenset(Terms.__dataclass_fields__)


async def ask_all(
    prompts: Iterable[str | Mapping[str, Any]], *, journal: str | PathLike[str], service: Service, **options: Any
) -> list[RowResult]:
    """Ask all prompts through a service, and return a result for each, in their order. As `ClaudeService.map`."""
    making = {name: value for name, value in options.items() if name not in RUNNING}
    running = {name: value for name, value in options.items() if name in RUNNING}
    async with await AsyncJob.open_or_create(Path(journal), prompts, **making) as job:
        await job.run(service=service, **running)
        return [row async for row in job.results()]
