"""`clarion bulk submit`: make a job of a file, without asking anything yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clarion._plural import number_of
from clarion.cli._complete import files
from clarion.cli._options import options
from clarion.cli._talk import say
from clarion.cli.bulk._making import MAKING, making, said_of_bad_rows


@click.command()
@click.argument("source", metavar="INPUT", shell_complete=files)
@click.option("--job", "path", type=click.Path(path_type=Path), required=True, help="The file the job will live in.")
@options(*MAKING)
def submit(source: str, path: Path, **asking: Any) -> None:
    """Make a job of INPUT, for `clarion bulk run`.

    INPUT is JSONL, CSV, TSV, Parquet, lines of text, a folder, or '-' for standard input. Every row is read and
    checked now; nothing is asked, or paid, before `clarion bulk run`.

    \b
    clarion bulk submit reviews.csv --job reviews.job --prompt "Sum up: {{ review }}" -m cheap
    """  # noqa: D301 -- click wants the character
    arguments = making(**asking)
    from clarion.bulk.job import Job

    with Job.create(path, source, **arguments) as job:
        if job.bad_rows:
            say(said_of_bad_rows(job.bad_rows))
        counts = job.status().counts
    twins = f", {counts.twins:,} of them like another" if counts.twins else ""
    say(f"{path} has {number_of(counts.all, 'row')}{twins}; run it with: clarion bulk run {path}")
