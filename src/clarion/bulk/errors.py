"""What can go wrong with a job as a whole. What goes wrong with one row is its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._errors import ClarionError
from clarion._plural import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLD = 20  # bad rows that a message lists


class JobError(ClarionError):
    """A job that cannot be worked on; the message names it and the way out.

    Way out: correct what the message names: the path, the options, or another job's file.
    """


class JournalError(JobError):
    """The journal of a job cannot be read or written. What it has recorded is still there.

    Way out: check the path, its rights and the space on the disk, then run the job again.
    """


class RowError(JobError, ValueError):
    """A row that cannot become a request; the message says why."""


class JobStopped(JobError):
    """A job that was stopped, because going on would not have helped. What was done is recorded; run it again.

    `status` is that of the answer which stopped it, if one did.

    Way out: mend what the message names (key, credit, budget, program), then run the job again.
    """

    def __init__(self, why: str, *, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


class BadRowsError(JobError, ValueError):
    """Rows that cannot be asked were found before anything was paid. `rows` has the place of each, and why.

    Way out: mend the rows, or leave them out with `on_bad_row="skip"`.
    """

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        shown = "\n".join(f"  {place}: {why}" for place, why in rows[:TOLD])
        more = f"\n  and {len(rows) - TOLD} more" if len(rows) > TOLD else ""
        super().__init__(
            f"{number_of(len(rows), 'row')} cannot be asked; mend or skip them, nothing was sent:\n{shown}{more}"
        )
        self.rows = tuple(rows)


def first_of(errors: BaseExceptionGroup[ClarionError]) -> ClarionError:
    """Return the first error of a group that holds no other kind."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error  # type: ignore[return-value]  # the group holds nothing else
