"""`clarion bulk`: a file of prompts, run through Claude so that nothing is lost. One file a command."""

from __future__ import annotations

import click

from clarion.cli.bulk.cancel import cancel
from clarion.cli.bulk.cost import cost
from clarion.cli.bulk.export import export
from clarion.cli.bulk.retry import retry
from clarion.cli.bulk.run import run
from clarion.cli.bulk.status import status
from clarion.cli.bulk.submit import submit


@click.group()
def bulk() -> None:
    """Run a file of prompts through Claude: each row is asked, answered and recorded once.

    Everything lives in one file, the job: kill a run at any time, and run the job again, from here or elsewhere.

    \b
    clarion bulk cost reviews.csv --prompt "Sum up: {{ review }}"     # before anything is paid
    clarion bulk run reviews.csv --prompt "Sum up: {{ review }}"      # makes reviews.csv.job, and runs it
    clarion bulk status reviews.csv.job                               # from another terminal
    clarion bulk export reviews.csv.job -o results.jsonl

    Exit codes: 0 all rows are done, 1 some have failed, 2 wrong usage or input, 3 stopped with rows left, 130 stopped
    by Ctrl-C and 143 by SIGTERM with rows left.
    """  # noqa: D301 -- click wants the character


for command in (cost, submit, run, status, export, retry, cancel):
    bulk.add_command(command)
