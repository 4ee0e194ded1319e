"""From a call to its answer: think, then call a tool, fill a schema or give an account; then cut to what
was allowed.

One token counter serves usage, `max_tokens` and the context window, so that a cut answer has used exactly
its limit.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.emulator import prose, tokens
from clarion.emulator.call import Call, blocks_of
from clarion.emulator.message import Block, Message, RedactedThinking, Text, Thinking, ToolUse, Usage
from clarion.emulator.sample import Hints, instance
from clarion.emulator.seal import Seal
from clarion.emulator.trail import Trail

if TYPE_CHECKING:
    from clarion.emulator.wire import Stamp

__all__ = ["answer"]

CONTROLS = "thinking-binding-controls-2026-08-01"  # the beta under which dropped thinking is reported
REDACT = (  # the documented prompt for tests of redacted thinking
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
COMMON = frozenset({"get", "set", "find", "list", "make", "create", "run", "call", "do", "the", "for", "tool", "fetch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer in the making: its blocks, the tokens they took, and why it ends."""

    blocks: tuple[Block, ...] = ()
    used: int = 0
    thinking_tokens: int = 0
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None


def answer(call: Call, input_tokens: int, stamp: Stamp) -> Message:
    """Return the answer to a call whose prompt has so many tokens; `stamp` gives it its ids."""
    draft = _draft(call, input_tokens, stamp) if call.body["max_tokens"] else Draft(stop_reason="max_tokens")
    return Message(
        id=stamp.id("msg"),
        model=call.model.id,
        content=draft.blocks,
        stop_reason=draft.stop_reason,
        stop_sequence=draft.stop_sequence,
        is_diagnosed="diagnostics" in call.body,
        input_transformations=_transformations(call),
        usage=Usage(
            input_tokens=input_tokens,
            output_tokens=draft.used,
            thinking_tokens=draft.thinking_tokens,
            inference_geo=(call.body.get("inference_geo") or "global") if call.model.geo else "not_available",
            speed="fast" if call.is_fast else "standard",
        ),
    )


def _draft(call: Call, input_tokens: int, stamp: Stamp) -> Draft:
    window = max(1, call.model.context - input_tokens)
    limit = min(call.body["max_tokens"], window)
    cut_by = "max_tokens" if call.body["max_tokens"] <= window else "model_context_window_exceeded"
    thinking = _thinking(call, limit)
    spent = thinking.tokens if thinking else 0
    before: tuple[Block, ...] = (thinking,) if thinking else ()
    if spent >= limit:
        return Draft(blocks=before, used=spent, thinking_tokens=spent, stop_reason=cut_by)
    tool = _tool_to_call(call)
    if tool:
        end = _tool_use(call, tool, limit - spent, cut_by, stamp)
    else:
        end = _said(call, _text(call, input_tokens), limit - spent, cut_by)
    return Draft(
        blocks=(*before, *end.blocks),
        used=spent + end.used,
        thinking_tokens=spent,
        stop_reason=end.stop_reason,
        stop_sequence=end.stop_sequence,
    )


def _thinking(call: Call, limit: int) -> Thinking | RedactedThinking | None:
    if not call.thinks or call.is_forced:
        return None
    budget = (call.body.get("thinking") or {}).get("budget_tokens", limit)
    text = prose.thoughts(call)
    text = text[: tokens.prefix_length(text, min(limit, budget), call.model.tokenizer)]
    shown = text if call.display == "summarized" else ""
    is_redacted = REDACT in prose.last_words(call)
    before = Trail.of(call.body).marks() if call.model.binds_thinking else None
    signature = Seal.of(call.model.id, "" if is_redacted else shown, before).signature
    used = tokens.count(text, call.model.tokenizer)
    return RedactedThinking(signature, used) if is_redacted else Thinking(shown, signature, used)


def _transformations(call: Call) -> tuple[dict[str, Any], ...] | None:
    """Return what was done to the request's thinking blocks, where the beta asks for it."""
    if CONTROLS not in call.betas:
        return None
    return tuple({"type": "thinking_dropped", "path": path, "reason": why} for path, why in call.dropped.items())


def _text(call: Call, input_tokens: int) -> str:
    if call.schema is None:
        return prose.account(call, input_tokens)
    return json.dumps(instance(call.schema, Hints.of(prose.last_words(call))), ensure_ascii=False)


def _said(call: Call, text: str, limit: int, cut_by: str) -> Draft:
    """Return the text up to the first stop sequence or the limit, whichever comes first."""
    end, reason, sequence = len(text), "end_turn", None
    for wanted in call.body.get("stop_sequences") or ():
        found = text.find(wanted)
        if 0 <= found < end:
            end, reason, sequence = found, "stop_sequence", wanted
    most = tokens.prefix_length(text[:end], limit, call.model.tokenizer)
    if most < end:
        end, reason, sequence = most, cut_by, None
    said = text[:end]
    used = limit if reason == cut_by else max(1, tokens.count(said, call.model.tokenizer))
    return Draft(blocks=(Text(said),) if said else (), used=used, stop_reason=reason, stop_sequence=sequence)


def _tool_use(call: Call, tool: dict[str, Any], limit: int, cut_by: str, stamp: Stamp) -> Draft:
    found = instance(tool["input_schema"], Hints.of(prose.last_words(call)))
    arguments = found if isinstance(found, dict) else {}
    text = json.dumps(arguments, ensure_ascii=False)
    frame = tokens.count(tool["name"], call.model.tokenizer) + 8
    used = frame + tokens.count(text, call.model.tokenizer)
    identity = stamp.id("toolu")
    if used <= limit:
        return Draft(blocks=(ToolUse(identity, tool["name"], arguments, text),), used=used, stop_reason="tool_use")
    if limit <= frame:
        return Draft(used=limit, stop_reason=cut_by)
    most = tokens.prefix_length(text, limit - frame, call.model.tokenizer)
    return Draft(blocks=(ToolUse(identity, tool["name"], {}, text[:most]),), used=limit, stop_reason=cut_by)


def _tool_to_call(call: Call) -> dict[str, Any] | None:
    """Pick the tool to call: the forced one, or one whose name fits the user's words; none after results."""
    own = [tool for tool in call.tools if "input_schema" in tool and not tool.get("defer_loading")]
    if call.choice == "tool":
        name = call.body["tool_choice"]["name"]
        return next((tool for tool in own if tool["name"] == name), None)
    last = call.messages[-1]
    if call.choice == "any":
        return _fitting(own, prose.last_words(call)) or next(iter(own), None)
    is_answered = any(block["type"] == "tool_result" for block in blocks_of(last["content"]))
    if call.choice == "none" or is_answered or last["role"] == "assistant":
        return None
    return _fitting(own, prose.last_words(call))


def _fitting(tools: list[dict[str, Any]], prompt: str) -> dict[str, Any] | None:
    """Return the tool most of whose name the prompt mentions; a word fits its own inflections."""
    said = {word.lower()[:5] for word in WORD.findall(prompt)}
    best, most = None, 0.0
    for tool in tools:
        words = {word.lower() for word in WORD.findall(tool["name"])}
        telling = {word[:5] for word in (words - COMMON) or words}
        share = len(telling & said) / len(telling) if telling else 0.0
        if share > most:
            best, most = tool, share
    return best
