"""`clarion bulk status`: where a job stands, as its file tells; no key is needed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion._plural import number_of
from clarion.cli._talk import ExitCode, show

if TYPE_CHECKING:
    from clarion.bulk.job import Job
    from clarion.bulk.report import Status
    from clarion.bulk.tally import Counts, Totals

LOOK = 1.0  # seconds between two looks at a job


@click.command()
@click.argument("path", metavar="JOB", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--follow", is_flag=True, help="Tell how it goes on, as long as it is running.")
def status(path: Path, as_json: bool, follow: bool) -> ExitCode:
    """Say where JOB stands; it may be running.

    Exit codes: 0 all rows are done, 1 some have failed, 3 rows are left.
    """
    from clarion.bulk.job import Job

    with Job.open(path) as job:
        if follow:
            _follow(job)
        found, errors = job.status(), job.errors()
    if as_json:
        _print_json(found, errors)
    else:
        _print_lines(found, errors)
    return verdict_on(found)


def _follow(job: Job) -> None:
    """Tell where a job stands, whenever that has changed, until it is over or nobody works on it."""
    told = None
    while job.is_running() and not (found := job.status()).is_finished:
        if found != told:
            counts = found.counts
            failed = f" · {counts.failed:,} failed" if counts.failed else ""
            click.echo(f"{counts.done:,} of {number_of(counts.all, 'row')} done{failed} · ${found.cost:.4f}", err=True)
        told = found
        time.sleep(LOOK)


def verdict_on(found: Status) -> ExitCode:
    """Return the exit code for where a job stands."""
    if not found.is_finished:
        return ExitCode.STOPPED
    return ExitCode.FAILED if found.counts.failed else ExitCode.DONE


def counted(counts: Counts, totals: Totals) -> dict[str, Any]:
    """Return where a job stands as JSON data: its rows by state, and what it has used and cost."""
    from dataclasses import asdict

    from clarion.bulk.outcome import NANO

    used = asdict(totals)
    cost, calls = float(used.pop("cost_nano") / NANO), used.pop("attempts")
    return {"rows": counts.all, **asdict(counts), "calls": calls, **used, "cost": cost}


def _print_json(found: Status, errors: dict[str, int]) -> None:
    import orjson

    click.echo(orjson.dumps({**counted(found.counts, found.totals), "errors": errors}, option=orjson.OPT_INDENT_2))


def _print_lines(found: Status, errors: dict[str, int]) -> None:
    counts, totals = found.counts, found.totals
    states = {
        "done": counts.done,
        "failed": counts.failed,
        "postponed": counts.postponed,
        "leased": counts.leased,
        "ready": counts.ready,
        "like another": counts.twins,
    }
    width = max(len(f"{counts.all:,}"), 5)
    click.echo(f"{counts.all:>{width},}  {'row' if counts.all == 1 else 'rows'}")
    for name, rows in states.items():
        if rows or name == "done":
            click.echo(f"{rows:>{width},}  {name}")
    for error, rows in errors.items():
        show(f"{rows:>{width},}    {error}")
    read = totals.input_tokens + totals.cache_creation_tokens + totals.cache_read_tokens
    cached = f" ({totals.cache_read_tokens:,} from the cache)" if totals.cache_read_tokens else ""
    click.echo(f"{read:,} tokens in{cached} · {totals.output_tokens:,} out · {number_of(totals.attempts, 'call')}")
    click.echo(f"${found.cost:.4f} so far")
