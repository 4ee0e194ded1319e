"""Pacing: when each request may go, so that the rate limits are used to the full and almost never overrun. Pure.

    pacer ──▶ group (one for models that share limits) ──▶ queue, flights
                                                      ──▶ meter ──▶ bucket (requests, input, output tokens)
                                                      ──▶ forecast, ramp, concurrency

    shared ──▶ board, where pacers of several processes decide as one, by turns

A pacer decides; it sends nothing, sleeps never, and reads no clock. docs/pacing.md says how it works.
"""

from __future__ import annotations

from clarion._pacing.elsewhere import Work
from clarion._pacing.limits import Limits
from clarion._pacing.outcome import take_note
from clarion._pacing.pacer import Pacer, Reservation, Standing
from clarion._pacing.pool import group_of
from clarion._pacing.shared import Board, BoardTrouble, Page, SharedPacer
from clarion._pacing.signal import Reading, Signal

__all__ = [
    "Board",
    "BoardTrouble",
    "Limits",
    "Pacer",
    "Page",
    "Reading",
    "Reservation",
    "SharedPacer",
    "Signal",
    "Standing",
    "Work",
    "group_of",
    "take_note",
]
