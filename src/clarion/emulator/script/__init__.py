"""Scripts: what the next calls get instead of a plain answer, one step a call.

    from clarion.emulator import Emulator
    from clarion.emulator.script import cut, error, ok, say

    emulator = Emulator(script=[error(529), say("one two three four five") & cut(after=1), ok()])

A call of `POST /v1/messages` takes the first step that is for it (`Step.when`), and a plain answer when none is.
A request the API would refuse is refused and takes none. `Emulator.unused` tells what was never reached.
"""

from __future__ import annotations

from clarion.emulator.script.step import Step
from clarion.emulator.script.vocabulary import (
    answer,
    bad_tool_json,
    blocks,
    body,
    call,
    calls,
    cut,
    drop,
    duplicate,
    empty,
    error,
    error_event,
    evict,
    garbage,
    hang,
    hangup,
    html,
    index_gap,
    ok,
    out_of_order,
    pause,
    refusal,
    replay,
    reset,
    say,
    slow,
    stall,
    stop,
    truncated,
    unknown_block,
    unknown_delta,
    unknown_event,
    usage,
)

__all__ = [
    "Step",
    "answer",
    "bad_tool_json",
    "blocks",
    "body",
    "call",
    "calls",
    "cut",
    "drop",
    "duplicate",
    "empty",
    "error",
    "error_event",
    "evict",
    "garbage",
    "hang",
    "hangup",
    "html",
    "index_gap",
    "ok",
    "out_of_order",
    "pause",
    "refusal",
    "replay",
    "reset",
    "say",
    "slow",
    "stall",
    "stop",
    "truncated",
    "unknown_block",
    "unknown_delta",
    "unknown_event",
    "usage",
]
