"""Thinking blocks that come back: whole, readable to the model, and after the conversation they were made in.

Every block carries its own proof (`seal`), so nothing is remembered between calls. A block that was changed is
refused. One of a model whose thinking this model cannot read is dropped in silence. One whose conversation changed
is refused on the models that bind, or dropped where the request asks for that. Sources: Claude documentation,
"Thinking" and "Preserved thinking", and refusals seen in public reports (August to November 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.seal import Seal
from clarion.emulator.trail import Trail
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.trail import Marks

__all__ = ["CONTROLS", "check_signatures"]

CONTROLS = "thinking-binding-controls-2026-08-01"
PROOF = {"thinking": "signature", "redacted_thinking": "data"}  # where a block keeps its proof

MODIFIED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must "
    "remain as they were in the original response."
)
BOUND = (
    "The block is bound to a different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting requires the '
    f"`{CONTROLS}` value in the `anthropic-beta` header."
)
CHANGED = {
    "system": "The `system` prompt differs from the one this block was created with.",
    "tools": "The `tools` differ from the ones this block was created with.",
    "turns": "The messages before it differ from the ones this block was created with.",
}


def check_signatures(call: Call) -> dict[str, str]:
    """Return the thinking blocks the model will not see, by path, each with the reason; refuse what was changed."""
    last = max((i for i, message in enumerate(call.messages) if _thinks(message)), default=None)
    if last is None:
        return {}
    dropped: dict[str, str] = {}
    trail = Trail(call.body)
    for index, message in enumerate(call.messages[: last + 1]):
        trail.turn_to(message["role"])
        for place, block in enumerate(blocks_of(message["content"])):
            path = f"messages.{index}.content.{place}"
            if block["type"] not in PROOF:
                trail.add(message["role"], block)
            elif reason := _reason(call, path, block, trail.marks(), is_latest=index == last):
                dropped[path] = reason
    return dropped


def _thinks(message: dict[str, Any]) -> bool:
    return message["role"] == "assistant" and any(block["type"] in PROOF for block in blocks_of(message["content"]))


def _reason(call: Call, path: str, block: dict[str, Any], before: Marks, *, is_latest: bool) -> str | None:
    """Return why a block is dropped, None when it stays."""
    proof = PROOF[block["type"]]
    seal = Seal.read(block[proof])
    broken = f"Invalid `{proof}` in `{block['type']}` block"
    if seal is None:
        raise invalid(path, broken)
    if not seal.vouches_for(block.get("thinking", "")):
        raise invalid(path, MODIFIED if is_latest else broken)
    if seal.model not in {call.model.id, *call.model.reads_thinking}:
        return "model_binding_mismatch"
    changed = seal.before.change(before) if seal.before and call.model.binds_thinking else None
    if changed is None:
        return None
    if _behaviour(call) == "error":
        raise invalid(path, f"{broken}. {BOUND} {CHANGED[changed]}")
    return "prefix_binding_mismatch"


def _behaviour(call: Call) -> str:
    controls = (call.body.get("thinking") or {}).get("block_binding") or {}
    return controls.get("prefix_mismatch_behavior") or "error"
