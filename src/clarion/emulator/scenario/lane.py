"""Lanes: whose call it is.

Each lane has its own place in a scenario, so that programs that share an emulator, and the conversations of one
program, do not take each other's steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.fingerprint import fingerprint, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.emulator.script.condition import Sight

__all__ = ["HEADER", "LANES", "check_lane", "lane_of", "session_of"]

HEADER = "x-scenario-lane"
NAMED = "header:"


def lane_of(kind: str, sight: Sight) -> str:
    """Return the name of the lane a call is in, for lanes of this kind."""
    if kind.startswith(NAMED):
        return sight.headers.get(kind.removeprefix(NAMED).lower(), "")
    return LANES[kind](sight)


def check_lane(kind: str) -> str:
    """Return the kind of lane if there is such.

    Raises:
        ValueError: There is not.

    """
    if kind in LANES or (kind.startswith(NAMED) and kind != NAMED):
        return kind
    raise ValueError(f"there is no lane {kind!r}; lanes: {', '.join(LANES)}, or header:NAME")


def session_of(named: str, caller: str, body: dict[str, Any]) -> str:
    """Return the conversation a request belongs to: as its lane header names it, or by caller and first message."""
    if named:
        return named
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    return fingerprint([caller, unmarked(first.get("content")) if isinstance(first, dict) else None])


LANES: dict[str, Callable[[Sight], str]] = {
    "session": lambda sight: session_of(sight.headers.get(HEADER, ""), fingerprint(sight.key), sight.body),
    "key": lambda sight: fingerprint(sight.key),
    "model": lambda sight: str(sight.body.get("model", "")),
    "one": lambda _: "",
}
