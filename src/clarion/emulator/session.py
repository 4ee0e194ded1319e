"""Which conversation a request belongs to."""

from __future__ import annotations

from typing import Any

from clarion.emulator.fingerprint import fingerprint, unmarked

__all__ = ["HEADER", "session_of"]

HEADER = "x-scenario-lane"  # a client may say it


def session_of(named: str, caller: str, body: dict[str, Any]) -> str:
    """Return the conversation a request belongs to: as its lane header names it, or by caller and first message."""
    if named:
        return named
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return fingerprint([caller, unmarked(first.get("content")) if isinstance(first, dict) else None])
