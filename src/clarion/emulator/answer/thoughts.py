"""What the model thinks, and the seals that prove it was the model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion.emulator import prose, tokens
from clarion.emulator.message import Block, RedactedThinking, Text, Thinking
from clarion.emulator.rules.signatures import CONTROLS
from clarion.emulator.seal import Seal
from clarion.emulator.trail import Trail

if TYPE_CHECKING:
    from clarion.emulator.answer.question import Question
    from clarion.emulator.call import Call

__all__ = ["opening", "progress", "sealed", "transformations"]

REDACT = (  # the documented prompt for tests of redacted thinking
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)


def opening(asked: Question) -> tuple[Block, ...]:
    """Return the thinking an answer opens with.

    There is none where thinking is off or a tool is forced, nor in a turn whose tool calls came without thinking: it
    cannot be turned on half-way.
    """
    call = asked.call
    if not call.thinks or call.is_forced or (asked.called and not asked.has_thought):
        return ()
    budget = (call.body.get("thinking") or {}).get("budget_tokens")
    text = prose.thoughts(call)
    if budget is not None:
        text = text[: tokens.prefix_length(text, budget, call.model.tokenizer)]
    used = tokens.count(text, call.model.tokenizer)
    if REDACT in asked.words:
        return (RedactedThinking("", used),)
    return (Thinking(text if call.display == "summarized" else "", "", used),)


def progress(asked: Question, text: str) -> Block:
    """Return a note between tool calls: thinking on the models that keep it there, else text for the user."""
    call = asked.call
    is_between = call.thinking == "between_tools"
    if not is_between and not (call.thinks and call.model.progress == "thinking"):
        return Text(text)
    is_shown = is_between or call.display in {"summarized", "updates"}
    return Thinking(text if is_shown else "", "", tokens.count(text, call.model.tokenizer))


def sealed(call: Call, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks with their thinking signed, each for the conversation up to it."""
    places = [place for place, block in enumerate(blocks) if isinstance(block, Thinking | RedactedThinking)]
    if not places:
        return blocks
    trail = Trail.of(call.body) if call.model.binds_thinking else None
    done: list[Block] = []
    for block in blocks[: places[-1] + 1]:
        done.append(_signed(call, block, trail))
        if trail:
            trail.add("assistant", block.wire())
    return (*done, *blocks[places[-1] + 1 :])


def transformations(call: Call) -> tuple[dict[str, Any], ...] | None:
    """Return what became of the request's thinking, where the beta asks for it."""
    if CONTROLS not in call.betas:
        return None
    return tuple({"type": "thinking_dropped", "path": path, "reason": why} for path, why in call.dropped.items())


def _signed(call: Call, block: Block, trail: Trail | None) -> Block:
    before = trail.marks() if trail else None
    match block:
        case Thinking():
            return replace(block, signature=Seal.of(call.model.id, block.text, block.tokens, before).signature)
        case RedactedThinking():
            return replace(block, data=Seal.of(call.model.id, "", block.tokens, before).signature)
        case _:
            return block
