"""`clarion bulk cancel`: take back what has been given to the Message Batches API."""

from __future__ import annotations

from pathlib import Path

import click

from clarion._plural import number_of
from clarion.cli._talk import say


@click.command()
@click.argument("path", metavar="JOB", type=click.Path(path_type=Path))
def cancel(path: Path) -> None:
    """Take back what JOB has in message batches.

    Batches are cancelled that are being processed, and that no other run looks after. What was answered by then is
    paid, and recorded; the other rows are ready again.
    """
    from clarion.bulk.job import Job

    with Job.open(path) as job:
        counts = job.cancel_batches().counts
    say(f"nothing of {path} is in a batch any more: {number_of(counts.done, 'row')} done, {counts.open:,} left")
