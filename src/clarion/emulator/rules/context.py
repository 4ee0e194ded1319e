"""Context that is edited or compacted: the order of edits, thresholds, and where a compaction block may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.compaction import EDIT
from clarion.emulator.seal import Seal
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from typing import Any

__all__ = ["check_compaction", "check_edits", "check_summaries"]

THINKING = "clear_thinking_20251015"
MIN_TRIGGER = 50_000  # tokens


def check_edits(call: Call) -> None:
    """Refuse thinking cleared after something else, and compaction too early or by a model that has none."""
    edits: list[dict[str, Any]] = (call.body.get("context_management") or {}).get("edits", [])
    for index, edit in enumerate(edits):
        path = f"context_management.edits.{index}"
        if edit["type"] == THINKING and index:
            raise invalid(path, f"`{THINKING}` must be the first edit in the list")
        if edit["type"] != EDIT:
            continue
        if not call.model.compaction:
            raise invalid(path, f"`{EDIT}` is not supported for this model")
        if (edit.get("trigger") or {"value": MIN_TRIGGER})["value"] < MIN_TRIGGER:
            raise invalid(f"{path}.{EDIT}.trigger.value", f"Input should be greater than or equal to {MIN_TRIGGER}")


def check_compaction(call: Call) -> None:
    """Refuse a summary of nothing or of an open turn, and one asked for together with what shapes an answer."""
    if not call.body.get("compaction") or call.is_counted:
        return
    clashes = {
        "context_management": bool(call.body.get("context_management")),
        "stop_sequences": bool(call.body.get("stop_sequences")),
        "output_config.format": call.schema is not None,
        "a forced `tool_choice`": call.is_forced,
    }
    for what, present in clashes.items():
        if present:
            raise invalid("compaction", f"cannot be combined with {what}")
    turns = [message for message in call.messages if message["role"] != "system"]
    if not any(blocks_of(message["content"]) for message in turns):
        raise _coded("messages", "there is nothing to summarize", "compaction_nothing_to_summarize")
    last = blocks_of(turns[-1]["content"])
    if turns[-1]["role"] == "assistant" and any(block["type"].endswith("tool_use") for block in last[-1:]):
        raise _coded("messages", "the last assistant turn is not finished", "compaction_incomplete_turn")


def check_summaries(call: Call) -> None:
    """Refuse signed compaction blocks with content: a second one, one that is not the first block, one that changed."""
    found = [
        (index, place, block)
        for index, message in enumerate(call.messages)
        for place, block in enumerate(blocks_of(message["content"]))
        if block["type"] == "compaction" and block.get("signature") is not None and block.get("content") is not None
    ]
    if len(found) > 1:
        raise _coded("messages", "more than one `compaction` block with content", "compaction_block_ambiguous")
    for index, place, block in found:
        path = f"messages.{index}.content.{place}"
        if (index, place) != (0, 0):
            reason = "a `compaction` block must be the first block of the conversation"
            raise _coded(path, reason, "compaction_block_misplaced")
        seal = Seal.read(block["signature"])
        if seal is None:
            raise _coded(path, "the `signature` of the `compaction` block is not valid", "compaction_signature_invalid")
        if not seal.vouches_for(block["content"]):
            reason = "the `content` of the `compaction` block is not what was signed"
            raise _coded(path, reason, "compaction_content_mismatch")


def _coded(path: str, message: str, code: str) -> Refusal:
    return invalid(path, message, error_code=code)
