"""`clarion bulk`: a file of prompts, run through Claude so that nothing is lost. One file a command."""

from __future__ import annotations

import click

from clarion.cli._lazy import LazyGroup

SUMMARIES = {
    "cancel": "Take back what JOB has in message batches.",
    "cost": "Say what a job will cost; nothing is paid.",
    "export": "Write the results of JOB, in the order of its input.",
    "retry": "Put failed rows of JOB back; the next run asks them again.",
    "run": "Run a job, or make one of an input file and run that.",
    "status": "Say where JOB stands; it may be running.",
    "submit": "Make a job of INPUT, for `clarion bulk run`.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=SUMMARIES)
def bulk() -> None:
    """Run a file of prompts: each is asked and recorded once.

    Everything lives in one file, the job: kill a run at any time, and run the job again, from here or elsewhere.

    \b
    clarion bulk cost reviews.csv --prompt "Sum up: {{ review }}"     # before anything is paid
    clarion bulk run reviews.csv --prompt "Sum up: {{ review }}"      # makes reviews.csv.job, and runs it
    clarion bulk status reviews.csv.job                               # from another terminal
    clarion bulk export reviews.csv.job -o results.jsonl

    Exit codes: 0 all rows are done, 1 some have failed, 2 wrong usage or input, 3 stopped with rows left, 130 stopped
    by Ctrl-C and 143 by SIGTERM with rows left.
    """  # noqa: D301 -- click wants the character
