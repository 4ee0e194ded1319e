"""What can go wrong with a job as a whole. What goes wrong with one row is its outcome."""

from __future__ import annotations

from clarion._errors import ClarionError


class JobError(ClarionError):
    """A job that cannot be worked on; the message names it and the way out."""


class JournalError(JobError):
    """The journal of a job cannot be read or written. What it has recorded is still there."""


class RowError(JobError, ValueError):
    """A row that cannot become a request; the message says why."""


class JobStopped(JobError):
    """A job that was stopped, because going on would not have helped. What was done is recorded; run it again."""
