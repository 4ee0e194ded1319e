"""Where cache marks may stand: no more than four, long ones before short ones, the automatic one at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_marks"]

MAX_MARKS = 4
UNMARKABLE = frozenset({"thinking", "redacted_thinking", "fallback", "mcp_tool_listing"})


def check_marks(call: Call) -> None:
    """Refuse too many marks, a long one after a short one, and an automatic one that cannot be placed."""
    marks = [*_marks(call), *_automatic(call)]
    if len(marks) > MAX_MARKS:
        raise invalid("", f"A maximum of {MAX_MARKS} blocks with cache_control may be provided. Found {len(marks)}.")
    spans = [_span(mark) for mark in marks]
    if spans != sorted(spans):  # "1h" sorts before "5m"
        raise invalid("", "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")


def _marks(call: Call) -> Iterator[dict[str, Any]]:
    """Yield the marks in the order of the prompt: tools, system, messages."""
    system = blocks_of(call.body.get("system") or [])
    for place in [*call.tools, *system, *(block for _, block in call.blocks())]:
        if mark := place.get("cache_control"):
            yield mark


def _automatic(call: Call) -> Iterator[dict[str, Any]]:
    """Yield the mark at the top of the body, unless it finds its block marked in the same way, or no block."""
    mark = call.body.get("cache_control")
    blocks = [block for message in call.messages for block in blocks_of(message["content"])]
    last = next((block for block in reversed(blocks) if block["type"] not in UNMARKABLE), None)
    if not mark or last is None:
        return
    found = last.get("cache_control")
    if found is None:
        yield mark
    elif _span(found) != _span(mark):
        raise invalid("cache_control", f"ttl='{_span(mark)}' conflicts with ttl='{_span(found)}' of the last block")


def _span(mark: dict[str, Any]) -> str:
    span: str = mark.get("ttl", "5m")
    return span
