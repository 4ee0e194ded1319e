"""What came of a lease: four ways in which it ends, and the outcome that is recorded.

An outcome, and what was spent, are columns of the journal, in its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Spent(NamedTuple):
    """What the calls of one lease have used: tokens, billionths of a US dollar, and how many calls there were."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_creation_tokens: int = 0
    cost_nano: int = 0
    attempts: int = 0


NOTHING = Spent()


class Outcome(NamedTuple):
    """What a row ends with: a message, or an error with its name, or, after a refusal, both.

    `answer` is the API's message as JSON; `at` is in seconds since the epoch.
    """

    at: float
    answer: str | None = None
    error: str | None = None
    detail: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    request_id: str | None = None
    latency: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The row is done."""

    seq: int
    attempt: int
    outcome: Outcome
    spent: Spent = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The row has failed for good."""

    seq: int
    attempt: int
    outcome: Outcome
    spent: Spent = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """The row is to be tried again, not before `due`, in seconds since the epoch."""

    seq: int
    attempt: int
    due: float
    is_own_fault: bool = False
    spent: Spent = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The row goes back as if it had not been leased: it was not asked, or not to its end."""

    seq: int
    attempt: int
    spent: Spent = NOTHING


Settlement = Done | Failed | Postponed | Released
