"""A job: prompts of any number, run through Claude so that each is asked, answered and recorded once.

    job = Job.create("reviews.db", "reviews.csv", prompt="Sum up: {{ review }}", model="cheap")
    job.run(budget=5)
    for row in job.results():
        print(row.custom_id, row.text)

Everything lives in one file, the journal: kill the process at any time and run the job again, from here or elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from clarion import _event_loop, _process
from clarion.bulk import runs
from clarion.bulk.creation import PROMPT, OnBadRow, Wanted, difference, refuse_existing, write
from clarion.bulk.errors import JobError
from clarion.bulk.export import export, kind_of
from clarion.bulk.journal import Journal
from clarion.bulk.journal_reader import PAGE
from clarion.bulk.recipe import Recipe
from clarion.bulk.report import RowResult, Status
from clarion.bulk.runs import CONCURRENCY, Terms
from clarion.bulk.sampling import SAMPLE, forecast_of_job

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
    from decimal import Decimal

    from clarion._pacing import Limits
    from clarion.bulk.export import Exported, ExportFormat
    from clarion.bulk.forecast import Forecast
    from clarion.bulk.lines import BadLine
    from clarion.bulk.runs import Run, Via
    from clarion.bulk.sources import Format, Source
    from clarion.bulk.twin import Service


class Job:
    """A job, blocking. Several processes may run one job at once. Raises JobError and JournalError."""

    def __init__(self, path: Path, journal: Journal, bad_rows: Sequence[BadLine] = ()) -> None:
        self.path = path
        self.bad_rows = tuple(bad_rows)
        self._journal = journal

    @classmethod
    def create(
        cls,
        path: str | Path,
        source: Source,
        *,
        prompt: str = PROMPT,
        system: str | None = None,
        images: str | Sequence[str] = (),
        documents: str | Sequence[str] = (),
        schema: Any = None,
        format: Format | None = None,
        on_bad_row: OnBadRow = "stop",
        dedupe: bool = False,
        **options: Any,
    ) -> Job:
        """Make a job of all rows of a source: a path, `-`, or an iterable of texts and mappings.

        `prompt` and `system` are Jinja2 templates over the columns of a row; `images` and `documents` name columns with
        paths or URLs (one, or several). `schema` is a JSON Schema or a type that every answer is held to. `options` are
        those of ClaudeConfig. Rows with the columns `model`, `system` or `max_tokens` go by these; rows that are whole
        requests (of the Message Batches API, or of OpenAI's) are asked as they are. With `dedupe`, identical requests
        are sent once. Every row is checked before anything is paid: bad ones raise BadRowsError, or are left out and
        listed in `bad_rows` (`on_bad_row="skip"`). The file appears when it is whole.
        """
        path = Path(path)
        refuse_existing(path)
        wanted = Wanted.of(
            source,
            prompt=prompt,
            system=system,
            images=images,
            documents=documents,
            schema=schema,
            format=format,
            **options,
        )
        bad = write(path, wanted, on_bad_row=on_bad_row, dedupe=dedupe)
        return cls(path, Journal.open(path), bad)

    @classmethod
    def open(cls, path: str | Path) -> Job:
        """Open a job that was made before."""
        return cls(Path(path), Journal.open(Path(path)))

    @classmethod
    def open_or_create(cls, path: str | Path, source: Source, **making: Any) -> Job:
        """Open the job of a source, or make it if there is none; both with the arguments of `create`.

        Raises JobError if what is there is another job: of other rows, or one that asks something else of them.
        """
        if not Path(path).exists():
            return cls.create(path, source, **making)
        asked = {name: value for name, value in making.items() if name not in ("on_bad_row", "dedupe")}
        with Journal.open(Path(path)) as journal:
            why = difference(journal, Wanted.of(source, **asked))
        if why:
            raise JobError(
                f"there is another job at {path} already: {why}. Run that by its own path, or choose another path"
            )
        return cls.open(path)

    def close(self) -> None:
        """Close the file."""
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @cached_property
    def recipe(self) -> Recipe:
        """How the rows become requests."""
        return Recipe.from_json(self._journal.recipe)

    def status(self) -> Status:
        """Return where the job stands; this takes no longer for a million rows than for one."""
        return Status(counts=self._journal.counts(), totals=self._journal.totals())

    def is_running(self) -> bool:
        """Return whether any process works on the job; one on another machine that was killed counts for a minute."""
        return self._journal.is_worked_on(time.time(), is_dead=_process.is_dead)

    def run(
        self,
        *,
        service: Service | None = None,
        via: Via = "realtime",
        within: float | None = None,
        concurrency: int = CONCURRENCY,
        budget: float | Decimal | None = None,
        limits: Limits | None = None,
        on_start: Callable[[Run], object] | None = None,
    ) -> Status:
        """Run the job until every row is done or has failed, and return where it stands.

        `service`, of either colour, says whom to ask and with what (default: one made of the settings). `via` says how:
        "realtime", "batches" (through the Message Batches API: half the price, within a day), or "auto", which chooses
        by the price and by `within`, the seconds the job may take; `progress.choice` says why. `concurrency` bounds the
        rows under way in real time; `budget`, in US dollars, is for the job as a whole, and no row is begun that may go
        over it; `limits` are rate limits of your own. `on_start` is given the run, whose `progress` may be watched and
        which may be stopped. What batches of an earlier run have come to is collected, whatever `via` says. Raises
        JobStopped when going on would not help, or when it was stopped while batches are being processed, with
        everything recorded.
        """
        _refuse_event_loop("run")
        terms = Terms(
            service=service,
            via=via,
            within=within,
            concurrency=concurrency,
            budget=budget,
            limits=limits,
            on_start=on_start,
        )
        return _event_loop.run(_run(self, terms))

    def cancel_batches(self, *, service: Service | None = None) -> Status:
        """Cancel the batches that are being processed and that no other run looks after.

        What was answered by then is paid, and recorded; the other rows are ready again. Raises JobStopped.
        """
        _refuse_event_loop("cancel_batches")
        return _event_loop.run(_cancel_batches(self, service))

    def errors(self) -> dict[str, int]:
        """Return with which errors rows have failed, and how many, the most frequent first."""
        return self._journal.errors()

    def forecast(
        self,
        *,
        sample: int = SAMPLE,
        output_tokens: float | None = None,
        exact: bool = False,
        service: Service | None = None,
    ) -> Forecast:
        """Return what the rows that are left will cost, in several ways of running them. Nothing is paid.

        `sample` rows are looked at, evenly spread. Their input is estimated offline, or, if `exact`, counted by the API
        through `service`, for nothing. `output_tokens` is how long an answer will be; by default it is the mean of the
        answers that the job has, and unknown before. Raises JobError where no price is known.
        """
        _refuse_event_loop("forecast")
        return _event_loop.run(forecast_of_job(self.path, sample, output_tokens, exact, service))

    def results(self) -> Iterator[RowResult]:
        """Yield what is there, in the order of the input: results and failures."""
        for record in self._journal.records():
            if kind_of(record) != "open":
                yield RowResult(record)

    def retry(self, errors: Collection[str] = ()) -> int:
        """Put failed rows back, all or those with one of these errors, to be asked when the job is run again."""
        return self._journal.retry(errors)

    def export(
        self,
        path: str | Path,
        *,
        format: ExportFormat | None = None,
        failures: str | Path | None = None,
    ) -> Exported:
        """Write the results to a file, and the failures to another, in the order of the input; also during a run.

        `format` is `jsonl` (the input of each row, its text or, with a schema, its `output`, and what it used), `csv`,
        `tsv` and `parquet` (these as columns), or `batch` (lines as the Message Batches API gives them). By default the
        ending of each file tells it, and without one it is `jsonl`. Raises JobError for a file that cannot be written,
        whose ending tells no format, or that is a job or the input; BrokenPipeError for a pipe that nobody reads.
        """
        return export(
            self._journal, self.recipe, Path(path), format=format, failures=None if failures is None else Path(failures)
        )


class AsyncJob:
    """A job, to be awaited: Job, method for method, in the other colour."""

    def __init__(self, job: Job) -> None:
        self._job = job

    @property
    def path(self) -> Path:
        """Where the journal is."""
        return self._job.path

    @property
    def bad_rows(self) -> Sequence[BadLine]:
        """The rows that were left out."""
        return self._job.bad_rows

    @classmethod
    async def create(cls, path: str | Path, source: Source, **options: Any) -> AsyncJob:
        """Make a job of all rows of a source. As Job.create; the source is read in a thread."""
        return cls(await asyncio.to_thread(Job.create, path, source, **options))

    @classmethod
    async def open(cls, path: str | Path) -> AsyncJob:
        """Open a job that was made before."""
        return cls(await asyncio.to_thread(Job.open, path))

    @classmethod
    async def open_or_create(cls, path: str | Path, source: Source, **making: Any) -> AsyncJob:
        """Open the job of a source, or make it if there is none. As Job.open_or_create."""
        return cls(await asyncio.to_thread(Job.open_or_create, path, source, **making))

    async def close(self) -> None:
        """Close the file."""
        await asyncio.to_thread(self._job.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def status(self) -> Status:
        """Return where the job stands. As Job.status."""
        return await asyncio.to_thread(self._job.status)

    async def is_running(self) -> bool:
        """Return whether any process works on the job. As Job.is_running."""
        return await asyncio.to_thread(self._job.is_running)

    async def run(
        self,
        *,
        service: Service | None = None,
        via: Via = "realtime",
        within: float | None = None,
        concurrency: int = CONCURRENCY,
        budget: float | Decimal | None = None,
        limits: Limits | None = None,
        on_start: Callable[[Run], object] | None = None,
    ) -> Status:
        """Run the job until every row is done or has failed. As Job.run."""
        terms = Terms(
            service=service,
            via=via,
            within=within,
            concurrency=concurrency,
            budget=budget,
            limits=limits,
            on_start=on_start,
        )
        return await _run(self._job, terms)

    async def cancel_batches(self, *, service: Service | None = None) -> Status:
        """Cancel the batches that are being processed. As Job.cancel_batches."""
        return await _cancel_batches(self._job, service)

    async def forecast(
        self,
        *,
        sample: int = SAMPLE,
        output_tokens: float | None = None,
        exact: bool = False,
        service: Service | None = None,
    ) -> Forecast:
        """Return what the rows that are left will cost. As Job.forecast."""
        return await forecast_of_job(self.path, sample, output_tokens, exact, service)

    async def errors(self) -> dict[str, int]:
        """Return with which errors rows have failed. As Job.errors."""
        return await asyncio.to_thread(self._job.errors)

    async def results(self) -> AsyncIterator[RowResult]:
        """Yield what is there, in the order of the input. As Job.results."""
        found = self._job.results()
        while page := await asyncio.to_thread(lambda: list(islice(found, PAGE))):
            for row in page:
                yield row

    async def retry(self, errors: Collection[str] = ()) -> int:
        """Put failed rows back. As Job.retry."""
        return await asyncio.to_thread(self._job.retry, errors)

    async def export(
        self,
        path: str | Path,
        *,
        format: ExportFormat | None = None,
        failures: str | Path | None = None,
    ) -> Exported:
        """Write the results to a file. As Job.export."""
        return await asyncio.to_thread(self._job.export, path, format=format, failures=failures)


def _refuse_event_loop(method: str) -> None:
    if _event_loop.is_blocked_here():
        raise JobError(
            f"Job.{method}() would block the event loop that runs in this thread: await AsyncJob.{method}() instead"
        )


async def _run(job: Job, terms: Terms) -> Status:
    await runs.run(job.path, job.recipe, terms)
    return job.status()


async def _cancel_batches(job: Job, service: Service | None) -> Status:
    await runs.cancel(job.path, job.recipe, service)
    return job.status()
