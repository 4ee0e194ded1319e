"""What a scenario expects of the clients that meet it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Expect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What has to hold in the end; what is left out is not looked at.

    Args:
        all_consumed: Every step has been taken, and no lane has stopped half-way.
        clean: The verdict finds nothing.
        allow: Codes of findings that are fine.
        max_attempts: How often one request is tried at most until it is answered.
        min_gap: Seconds between a try that failed and the next one of the same request, at least.

    """

    all_consumed: bool = False
    clean: bool = False
    allow: tuple[str, ...] = ()
    max_attempts: int | None = None
    min_gap: float | None = None
