"""Runs a job in real time or through the Message Batches API; the choice may be left to Clarion."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from clarion._errors import ClarionError, InvalidSettingError
from clarion._numbers import is_number, is_whole
from clarion._pace_file import shared_pacer
from clarion._pacing import Pacer
from clarion._sdk import account_of
from clarion._tools import Toolbox
from clarion.bulk.batches.choice import Prospect, choose
from clarion.bulk.batches.register import Register
from clarion.bulk.batches.run import LOOK, BatchRun
from clarion.bulk.engine import Engine
from clarion.bulk.errors import first_of
from clarion.bulk.gate import Gate
from clarion.bulk.journal import Journal
from clarion.bulk.journal_thread import JournalThread
from clarion.bulk.money import IN_BATCH, REAL_TIME, Money, first_body, most_each
from clarion.bulk.twin import asked_through

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clarion._pacing import Limits, Standing
    from clarion._service import AsyncClaudeService
    from clarion.bulk.batches.choice import Choice
    from clarion.bulk.progress import Progress
    from clarion.bulk.recipe import Recipe
    from clarion.bulk.twin import Service

log = logging.getLogger(__name__)

Via = Literal["realtime", "batches", "auto"]
CONCURRENCY = 1_000


class Run(Protocol):
    """A job that is being run, to be watched and stopped."""

    @property
    def progress(self) -> Progress:
        """What the run has done so far."""

    def standings(self) -> dict[str, Standing]:
        """Return how each group of models stands with its rate limits."""

    def stop(self) -> None:
        """Begin nothing more, and end when what cannot be left to another run is done."""

    def abort(self) -> None:
        """Drop what is under way, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a job is to be run: the arguments of `Job.run`. Raises InvalidSettingError."""

    service: Service | None = None
    via: Via = "realtime"
    within: float | None = None
    concurrency: int = CONCURRENCY
    budget: float | Decimal | None = None
    limits: Limits | None = None
    on_start: Callable[[Run], object] | None = None

    def __post_init__(self) -> None:
        if self.via not in get_args(Via):
            raise InvalidSettingError(f"via must be one of {', '.join(get_args(Via))}; got {self.via!r}")
        if not is_whole(self.concurrency, 1):
            raise InvalidSettingError(f"concurrency must be a whole number from 1; got {self.concurrency!r}")
        if self.within is not None and not (is_number(self.within) and self.within > 0):
            raise InvalidSettingError(f"within must be a number of seconds above 0; got {self.within!r}")
        if self.within is not None and self.via != "auto":
            raise InvalidSettingError(f'within is for via="auto", which chooses by it; got via={self.via!r}')


async def run(path: Path, recipe: Recipe, terms: Terms) -> None:
    """Run a job until every row is done or has failed. Raises JobStopped and JournalError."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(asked_through(terms.service))
        journal = stack.enter_context(Journal.open(path))  # of its own: used in a thread of its own
        choice = chosen(journal, recipe, service, terms)
        via = choice.via if choice else terms.via
        limit = None if terms.budget is None else Decimal(str(terms.budget))
        served = IN_BATCH if via == "batches" else REAL_TIME
        money = Money(limit, most_each(journal, recipe, service, served=served) if limit is not None else Decimal(0))
        pacer = stack.enter_context(shared_pacer(account_of(service.sdk), terms.limits))
        parts: dict[str, Any] = {"gate": Gate(pacer), "money": money}
        if via == "batches":
            work: BatchRun | Engine = BatchRun(journal, recipe, service, **parts)
        else:
            work = Engine(journal, recipe, service, **parts, concurrency=terms.concurrency)
        work.progress.choice = choice
        if terms.on_start is not None:
            terms.on_start(work)
        if isinstance(work, BatchRun):
            await work.run()
        else:
            await _with_collection(work, path, lambda own: BatchRun(own, recipe, service, **parts, creates=False))


async def cancel(path: Path, recipe: Recipe, service: Service | None) -> None:
    """Cancel the batches of a job that no other run looks after, and collect what was answered."""
    async with asked_through(service) as asked:
        with Journal.open(path) as journal:
            await BatchRun(
                journal, recipe, asked, gate=Gate(Pacer(None)), money=Money(None, Decimal(0)), cancels=True
            ).run()


def chosen(journal: Journal, recipe: Recipe, service: AsyncClaudeService, terms: Terms) -> Choice | None:
    """Return how to run a job, and why, where that is left to Clarion."""
    if terms.via != "auto":
        return None
    body = first_body(journal, recipe, service)
    model = service.catalog.serving(body["model"]) if body else None
    prospect = Prospect(
        rows=journal.counts().open,
        within=terms.within,
        has_tools=any(True for _ in Toolbox(recipe.config(service.config).tools)),
        factor=model.batch if model else None,
        requests_a_minute=terms.limits.requests if terms.limits else None,
    )
    choice = choose(prospect)
    log.info("%s: %s", choice.via, choice.why)
    return choice


async def _with_collection(engine: Engine, path: Path, collecting: Callable[[Journal], BatchRun]) -> None:
    """Run an engine, and collect meanwhile what comes of batches that were created before and nobody looks after."""

    async def collect() -> None:
        with Journal.open(path) as journal, JournalThread() as thread:
            register = Register(journal)
            while True:
                if await thread.do(register.open):
                    await collecting(journal).run()
                await asyncio.sleep(LOOK)

    try:
        async with asyncio.TaskGroup() as group:
            beside = group.create_task(collect())
            await engine.run()
            beside.cancel()
    except* ClarionError as errors:
        raise first_of(errors) from None
