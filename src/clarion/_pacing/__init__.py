"""Pacing: when each request may go, so that the rate limits are used to the full and almost never overrun. Pure.

    pacer ──▶ group (one for models that share limits) ──▶ queue, flights
                                                      ──▶ meter ──▶ bucket (requests, input, output tokens)
                                                      ──▶ forecast, ramp, concurrency

A pacer decides; it sends nothing, sleeps never, and reads no clock. docs/pacing.md says how it works.
"""

from __future__ import annotations

from clarion._pacing.limits import Limits
from clarion._pacing.outcome import take_note
from clarion._pacing.pacer import Pacer, Reservation, Standing
from clarion._pacing.signal import Reading, Signal

__all__ = ["Limits", "Pacer", "Reading", "Reservation", "Signal", "Standing", "take_note"]
