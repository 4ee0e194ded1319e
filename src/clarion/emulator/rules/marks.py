"""Where cache marks may stand: no more than four, long ones before short ones, the automatic one at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UNMARKABLE", "check_marks"]

MAX_MARKS = 4
UNMARKABLE = frozenset({"thinking", "redacted_thinking", "fallback", "mcp_tool_listing"})


def check_marks(call: Call) -> None:
    """Refuse too many marks, a long one after a short one, and an automatic one that finds another at its place."""
    marks = list(_marks(call))
    automatic = call.body.get("cache_control")
    found = len(marks) + bool(automatic)  # the automatic one needs a slot, even where it finds its work done
    if found > MAX_MARKS:
        raise invalid("", f"A maximum of {MAX_MARKS} blocks with cache_control may be provided. Found {found}.")
    place = _automatic_place(call) if automatic else None
    if automatic and place is not None:
        there = place.get("cache_control")
        if there and _span(there) != _span(automatic):
            reason = f"ttl='{_span(automatic)}' conflicts with ttl='{_span(there)}' of the last block"
            raise invalid("cache_control", reason)
        marks.append(automatic)
    spans = [_span(mark) for mark in marks]
    if spans != sorted(spans):  # "1h" sorts before "5m"
        raise invalid("", "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")


def _marks(call: Call) -> Iterator[dict[str, Any]]:
    """Yield the marks in the order of the prompt: tools, system, messages."""
    system = blocks_of(call.body.get("system") or [])
    for place in [*call.tools, *system, *(block for _, block in call.blocks())]:
        if mark := place.get("cache_control"):
            yield mark


def _automatic_place(call: Call) -> dict[str, Any] | None:
    """Return the last block that may be marked, where the mark at the top of the body goes; None if there is none."""
    blocks = [block for message in call.messages for block in blocks_of(message["content"])]
    return next((block for block in reversed(blocks) if block["type"] not in UNMARKABLE), None)


def _span(mark: dict[str, Any]) -> str:
    span: str = mark.get("ttl", "5m")
    return span
