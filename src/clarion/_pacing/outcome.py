"""What a call that was let go has come to, told to the pacer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._failure import Failure
from clarion._pacing.pool import is_fast
from clarion._pacing.signal import Signal
from clarion._usage import Usage

if TYPE_CHECKING:
    from clarion._pacing.pacer import Pacer, Reservation
    from clarion._reply import Reply


def take_note(pacer: Pacer, now: float, booked: Reservation, came: Reply | Failure | None) -> None:
    """Tell the pacer how a call went; None where it was abandoned."""
    if isinstance(came, Failure):
        _failed(pacer, now, booked, came)
    elif came is None:
        pacer.settle(now, booked)
    else:
        if pacer.listens(now, booked):
            pacer.observe(now, booked, Signal.of(200, came.headers, fast=is_fast(booked.group)))
        pacer.settle(now, booked, came.usage)


def _failed(pacer: Pacer, now: float, booked: Reservation, failure: Failure) -> None:
    if failure.status is not None:
        signal = Signal.of(
            failure.status,
            failure.headers,
            code=failure.code,
            message=failure.message,
            fast=is_fast(booked.group),
        )
        pacer.observe(now, booked, signal)
        if signal.refusal is None:
            pacer.settle(now, booked, Usage())
    elif failure.kind in ("connection", "ledger", "local"):  # nothing was sent
        pacer.cancel(now, booked)
    else:
        pacer.settle(now, booked)
