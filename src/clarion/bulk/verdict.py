"""What a failed call means for its row, and for the job as a whole. Pure.

A row is never lost to what is not its fault: rate limits, overloads and lost connections are tried again for as long
as it takes. What may be its own fault (a server error, a time-out, an answer that breaks off) is tried again a number
of times. What no row would survive (a bad key, a spend cap, a mistake in the program) stops the job.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._errors import ClarionError
from clarion._retry import pause_after

if TYPE_CHECKING:
    from clarion._failure import Failure
    from clarion._retry import RetryPolicy

IN_A_ROW = 5  # rows that end by a mistake in the program, after which a job is stopped
IN_VAIN = 50  # calls without a single answer, after which a job that has had none is stopped


@dataclass(frozen=True, slots=True)
class Again:
    """Try the row again, after a time drawn evenly between `least` and `most` seconds."""

    least: float
    most: float
    is_own_fault: bool


@dataclass(frozen=True, slots=True)
class Fail:
    """The row has failed for good."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The job cannot go on."""

    why: str


Verdict = Again | Fail | Stop


def verdict(failure: Failure, policy: RetryPolicy, *, attempt: int, failures: int) -> Verdict:
    """Return what to do about a failed call.

    `attempt` counts the attempts of the row, this one included, `failures` those before that may have been its own
    fault; `policy` bounds the latter, and says how long to wait.
    """
    if failure.concerns_all:
        return Stop(failure.message)
    if not failure.is_temporary:
        return Fail()
    is_own_fault = not _is_the_services(failure)
    if is_own_fault and failures + 1 >= policy.attempts:
        return Fail()
    pause = pause_after(failure, policy, min(attempt, 30))
    return Again(pause.least, pause.most, is_own_fault)


def _is_the_services(failure: Failure) -> bool:
    return failure.status == 429 or failure.is_overload or failure.kind in ("connection", "circuit")


class Health:
    """Whether it makes sense to go on: a job stops before all its rows are asked in vain, or fail by a mistake."""

    def __init__(self) -> None:
        self._succeeded = False
        self._failed: dict[str, int] = {}
        self._mistakes = 0

    def succeed(self) -> None:
        """Take note of a call that was answered."""
        self._succeeded = True

    def fail(self, failure: Failure) -> str | None:
        """Take note of a call that failed; return why the job should stop, None if it should not."""
        if self._succeeded or failure.status == 429 or failure.is_overload:
            return None
        name = failure.code or failure.type or failure.kind
        self._failed[name] = self._failed.get(name, 0) + 1
        if self._failed[name] < IN_VAIN:
            return None
        return f"the first {IN_VAIN} calls have failed, none was answered: {failure.message}"

    def end(self, error: Exception | None, failure: Failure | None = None) -> str | None:
        """Take note of how a row ended; return why the job should stop, None if it should not.

        `failure` is that of its last call, if it failed. An error that is neither this, nor one of Clarion's own names,
        is nobody's but the program's: every other row is likely to meet it too.
        """
        is_mistake = not (error is None or isinstance(error, ClarionError) or (failure and error is failure.error))
        self._mistakes = self._mistakes + 1 if is_mistake else 0
        if self._mistakes < IN_A_ROW:
            return None
        return (
            f"{IN_A_ROW} rows in a row have failed by a mistake in the program, not by their own fault "
            f"({type(error).__name__}: {error}); their failures are recorded: put them back when it is mended"
        )
