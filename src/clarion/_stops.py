"""Why a model stops, and what a turn does about it: one row for every stop reason of the API."""

from __future__ import annotations

from typing import Literal

Outcome = Literal["done", "truncated", "resume", "refused"]

# Messages API documentation, "Stop reasons" (November 2026); a reason of tomorrow counts as done.
STOPS: dict[str, Outcome] = {
    "end_turn": "done",
    "stop_sequence": "done",
    "tool_use": "done",
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "pause_turn": "resume",
    "compaction": "resume",
    "refusal": "refused",
}


def outcome_of(stop_reason: str | None) -> Outcome:
    """Return what a turn does about a stop reason."""
    return STOPS.get(stop_reason or "", "done")
