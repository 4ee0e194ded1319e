"""Conversations that are summed up: what a summary leaves of a prompt, and when a new one is due.

A `compaction` block with content stands for all that comes before it, which the model is not shown. With the edit
`compact_20260112` the API makes one itself when a prompt reaches the threshold, and goes on from it, or pauses. What
it sums up includes the newest message. Source: Claude documentation, "Compaction" (September 2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from clarion.emulator import prose, tokens
from clarion.emulator.call import Call, blocks_of, is_summary
from clarion.emulator.message import Summary
from clarion.emulator.seal import Seal

__all__ = ["BETA", "EDIT", "Compaction", "compaction", "shortened", "summary", "tells_results", "words"]

BETA, EDIT = "compact-2026-01-12", "compact_20260112"
TRIGGER = 150_000  # tokens of a prompt, unless the edit names others
QUOTED = 1000  # characters
RESULTS = "Results of tools have just come. "
WORDS = "The last words of the user: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """A summary that is due, the call as it goes on from it, and the tokens of that call's prompt.

    Where it pauses there is nothing to go on with: the summary is the answer.
    """

    summary: Summary
    call: Call
    input_tokens: int
    is_paused: bool


def compaction(call: Call, input_tokens: int) -> Compaction | None:
    """Return the summary that a call of so many input tokens asks for; None where none is due."""
    edits: list[dict[str, Any]] = (call.body.get("context_management") or {}).get("edits", [])
    edit = next((edit for edit in edits if edit["type"] == EDIT), None)
    if edit is None or not call.body.get("max_tokens"):
        return None
    if input_tokens < (edit.get("trigger") or {"value": TRIGGER})["value"] or _is_summary_alone(call):
        return None
    made = Summary(_text(call))
    behind = [{"role": "assistant", "content": [made.wire()]}]
    after = replace(call, body=call.body | {"messages": behind})
    return Compaction(
        summary=made,
        call=after,
        input_tokens=tokens.count_prompt(after),
        is_paused=bool(edit.get("pause_after_compaction")),
    )


def summary(call: Call) -> Summary:
    """Return the summary that a call asks for by `compaction`, under a signature."""
    text = _text(call)
    size = tokens.count(text, call.model.tokenizer)
    return Summary(text, Seal.of(call.model.id, text, size, None).signature)


def shortened(call: Call) -> Call:
    """Return a call without what its last summary stands for, the messages of which are left empty."""
    for index in range(len(call.messages) - 1, -1, -1):
        blocks = blocks_of(call.messages[index]["content"])
        places = [place for place, block in enumerate(blocks) if is_summary(block)]
        if places:
            emptied = [message | {"content": []} for message in call.messages[:index]]
            kept = call.messages[index] | {"content": blocks[places[-1] :]}
            messages = [*emptied, kept, *call.messages[index + 1 :]]
            return replace(call, body=call.body | {"messages": messages}, original=call)
    return call


def words(call: Call) -> str:
    """Return the last words of the user that a call holds, in a message or quoted by a summary."""
    for message in reversed(call.messages):
        for block in blocks_of(message["content"]):
            if is_summary(block):
                return str(block["content"]).rpartition(WORDS)[2]
        said = [block["text"] for block in blocks_of(message["content"]) if block["type"] == "text"]
        if said and message["role"] == "user":
            return "\n".join(said)
    return ""


def tells_results(call: Call) -> bool:
    """Tell whether the summary a call goes on from was made when the tools had just answered."""
    told = [block["content"] for _, block in call.blocks() if is_summary(block)]
    return bool(told) and RESULTS in told[-1].partition(WORDS)[0]


def _is_summary_alone(call: Call) -> bool:
    return all(is_summary(block) for message in call.messages for block in blocks_of(message["content"]))


def _text(call: Call) -> str:
    said = [message for message in call.said if message["role"] != "system"]
    last = blocks_of(said[-1]["content"]) if said else []
    results = RESULTS if any(block["type"] == "tool_result" for block in last) else ""
    return f"{prose.MARK}Messages summed up: {len(said)}. {results}{WORDS}{words(call)[:QUOTED] or 'none'}"
