"""Lanes: whose call it is.

Each lane has its own place in a scenario, so that programs that share an emulator, and the conversations of one
program, do not take each other's steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator.fingerprint import fingerprint
from clarion.emulator.session import HEADER, session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.emulator.script.condition import Sight

__all__ = ["LANES", "check_lane", "lane_of"]

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


LANES: dict[str, Callable[[Sight], str]] = {
    "session": lambda sight: session_of(sight.headers.get(HEADER, ""), fingerprint(sight.key), sight.body),
    "key": lambda sight: fingerprint(sight.key),
    "model": lambda sight: str(sight.body.get("model", "")),
    "one": lambda _: "",
}
