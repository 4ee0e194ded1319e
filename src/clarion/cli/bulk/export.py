"""`clarion bulk export`: the results as a file."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion._plural import number_of
from clarion.cli._talk import say

if TYPE_CHECKING:
    from clarion.bulk.export import Exported
    from clarion.bulk.job import Job

FORMATS = ("jsonl", "csv", "tsv", "parquet", "batch")
FILE = click.Path(dir_okay=False, path_type=Path)
STDOUT = (Path("-"), Path("/dev/stdout"), Path("/dev/fd/1"))  # a file that `>>` leads to is not to be opened anew


@click.command()
@click.argument("path", metavar="JOB", type=click.Path(path_type=Path))
@click.option("--format", type=click.Choice(FORMATS), help="[default: by the endings of the files, else jsonl]")
@click.option("-o", "--output", type=FILE, help="Where to; - is standard output, the default.")
@click.option("--failures", type=FILE, help="A file for the rows that have failed.")
def export(path: Path, format: Any, output: Path | None, failures: Path | None) -> None:
    """Write the results of JOB, in the order of its input.

    The job may be running. batch writes lines as the Message Batches API gives them.
    """
    if failures in STDOUT:
        raise click.UsageError("standard output is for the results: name a file for the failures")
    from clarion.bulk.job import Job

    with Job.open(path) as job:
        if output is None or output in STDOUT:
            exported = _to_stdout(job, format, failures)
        else:
            exported = job.export(output, format=format, failures=failures)
    said = f"{number_of(exported.results, 'result')}, {number_of(exported.failures, 'failure')}"
    if exported.failures and failures is None:
        said += " (see them with --failures FILE)"
    say(f"{said}, {number_of(exported.open, 'row')} still open" if exported.open else said)


def _to_stdout(job: Job, format: Any, failures: Path | None) -> Exported:
    if format == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is nothing for a terminal: say where to with -o")
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "results")
        exported = job.export(whole, format=format, failures=failures)
        with whole.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    return exported
