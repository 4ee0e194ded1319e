"""From a call to its answer: think, use tools, fill a schema, cite or give an account; then cut to what was allowed.

    Question -> Plan (thoughts, hosted tools, calls, text) -> until a stop sequence -> within max_tokens -> Message

One token counter serves usage, `max_tokens` and the context window, so that a cut answer has used exactly its limit.
"""

from clarion.emulator.answer.reply import answer
from clarion.emulator.answer.standin import stood_in

__all__ = ["answer", "stood_in"]
