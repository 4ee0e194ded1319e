"""`clarion bulk run`: work on a job, and show how it goes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion.cli._complete import files
from clarion.cli._options import EMULATE, VERBOSE, given, options
from clarion.cli._talk import ExitCode, say
from clarion.cli.bulk._making import MAKING, making, said_of_bad_rows
from clarion.cli.bulk.status import verdict_on
from clarion.cli.emulate import Duration

if TYPE_CHECKING:
    from clarion.bulk.job import Job

LIMIT = click.FloatRange(min=0, min_open=True)


@click.command()
@click.argument("source", metavar="JOB_OR_INPUT", shell_complete=files)
@click.option("--job", "path", type=click.Path(path_type=Path), help="Where the job of INPUT lives.  [default: beside]")
@options(*MAKING)
@click.option("--budget", type=LIMIT, metavar="USD", help="What the job as a whole may cost.")
@click.option("--concurrency", type=click.IntRange(min=1), metavar="N", help="Rows under way.  [default: 1000]")
@click.option("--limit-requests", type=LIMIT, metavar="N", help="Requests a minute.  [default: learnt]")
@click.option("--limit-input", type=LIMIT, metavar="N", help="Input tokens a minute.")
@click.option("--limit-output", type=LIMIT, metavar="N", help="Output tokens a minute.")
@click.option("--via", type=click.Choice(["realtime", "batches", "auto"]), help="[default: realtime]")
@click.option("--within", type=Duration(), metavar="TIME", help="When it has to be done, such as 2h; for --via auto.")
@options(EMULATE, VERBOSE)
@click.option("--json", "as_json", is_flag=True, help="Print events as JSON, one a line.")
@click.option("-q", "--quiet", is_flag=True, help="Do not show how it goes.")
def run(
    source: str,
    path: Path | None,
    budget: float | None,
    concurrency: int | None,
    limit_requests: float | None,
    limit_input: float | None,
    limit_output: float | None,
    via: str | None,
    within: float | None,
    emulate: bool,
    as_json: bool,
    quiet: bool,
    **asking: Any,
) -> ExitCode:
    """Run a job, or make one of an input file and run that.

    A run ends when every row is done or has failed. The job of INPUT is made beside it, as INPUT.job (on the
    emulator, INPUT.emulated.job); called again, the command goes on with it. Several processes may run one job.
    Ctrl-C lets the rows end that have been asked; a second one drops them. What is recorded stays. Message batches
    (--via batches) cost half, and end within a day; the run may be stopped meanwhile, and goes on with them when it
    is started again.

    \b
    clarion bulk run reviews.csv --prompt "Sum up: {{ review }}" --budget 5
    clarion bulk run reviews.csv.job --concurrency 50
    """  # noqa: D301 -- click wants the character
    if within is not None and via != "auto":
        raise click.UsageError("--within is for --via auto, which chooses by it")
    arguments = making(**asking)
    from clarion import AsyncClaudeService, Settings
    from clarion._pacing import Limits
    from clarion.cli.bulk._conduct import Conduct
    from clarion.cli.bulk._shows import show_on

    limits = Limits(requests=limit_requests, input_tokens=limit_input, output_tokens=limit_output)
    service = AsyncClaudeService(emulate=emulate or None)  # without a key, nothing is made
    ending = ".emulated.job" if emulate or Settings.load().emulate else ".job"  # so that answers are never mixed
    with _job(source, path, ending, arguments) as job:
        conduct = Conduct(job, show_on(as_json=as_json, quiet=quiet))
        signal = conduct.run(
            service,
            budget=None if budget is None else Decimal(str(budget)),
            limits=limits,
            **given(concurrency=concurrency, via=via, within=within),
        )
        status = job.status()
    if signal and not status.is_finished:
        return ExitCode(128 + signal)
    return verdict_on(status)


def _job(source: str, path: Path | None, ending: str, arguments: dict[str, Any]) -> Job:
    """Return the job that is meant: the one at a path, or the one of an input, which is made if there is none."""
    from clarion.bulk.job import Job
    from clarion.bulk.journal import Journal

    if Journal.is_at(Path(source)):
        if arguments or path:
            raise click.UsageError(f"{source} is a job, and knows what to ask: only options of running go with it")
        return Job.open(source)
    if source == "-" and path is None:
        raise click.UsageError("where shall the job of standard input live? Say it with --job FILE")
    job = Job.open_or_create(path or f"{source.rstrip('/')}{ending}", source, **arguments)
    if job.bad_rows:
        say(said_of_bad_rows(job.bad_rows))
    return job
