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
    bad_tool_json,
    body,
    call,
    calls,
    cut,
    drop,
    empty,
    error,
    error_event,
    garbage,
    hang,
    hangup,
    html,
    ok,
    pause,
    refusal,
    reset,
    say,
    slow,
    stall,
    stop,
    truncated,
)

__all__ = [
    "Step",
    "bad_tool_json",
    "body",
    "call",
    "calls",
    "cut",
    "drop",
    "empty",
    "error",
    "error_event",
    "garbage",
    "hang",
    "hangup",
    "html",
    "ok",
    "pause",
    "refusal",
    "reset",
    "say",
    "slow",
    "stall",
    "stop",
    "truncated",
]
