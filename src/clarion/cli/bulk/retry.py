"""`clarion bulk retry`: put failed rows back."""

from __future__ import annotations

from pathlib import Path

import click

from clarion._plural import number_of
from clarion.cli._talk import say


@click.command()
@click.argument("path", metavar="JOB", type=click.Path(path_type=Path))
@click.option("--error", "errors", multiple=True, metavar="NAME", help="Only what failed with this error.")
def retry(path: Path, errors: tuple[str, ...]) -> None:
    """Put failed rows of JOB back; the next run asks them again.

    All of them, or with --error those that failed so.
    """
    from clarion.bulk.job import Job

    with Job.open(path) as job:
        known = job.errors()
        if unknown := [name for name in errors if name not in known]:
            there = ", ".join(f"{name} ({rows:,})" for name, rows in known.items()) or "none"
            raise click.UsageError(f"no row has failed with {', '.join(unknown)}; errors: {there}")
        count = job.retry(errors)
    if count:
        say(f"put back {number_of(count, 'row')}; ask them with: clarion bulk run {path}")
    else:
        say("no row has failed")
