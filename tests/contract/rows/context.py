"""Context that is edited or compacted, and tools and system turns that change within a conversation."""

from __future__ import annotations

import json
from typing import Any

from clarion.emulator import Emulator
from contract.row import (
    GOOD,
    NEW,
    PATHS,
    about,
    assistant,
    formatted,
    like,
    ok,
    refused,
    shaped,
    system,
    text,
    tool,
    user,
)
from contract.row import call as tool_use

EDITING, THRESHOLD, ON_DEMAND = "context-management-2025-06-27", "compact-2026-01-12", "compact-2026-09-04"
CLEAR_AT = "mid-conversation-system-clear-at-2026-08-21"
CHANGES, INLINE = "mid-conversation-tool-changes-2026-07-01", "inline-tools-2026-09-15"
USES, THINKING, COMPACT = "clear_tool_uses_20250919", "clear_thinking_20251015", "compact_20260112"
SUMMARIZE: dict[str, Any] = {"compaction": {"type": "summarize"}}


def edits(*found: dict[str, Any]) -> dict[str, Any]:
    return {"context_management": {"edits": list(found)}}


def made(fields: dict[str, Any], beta: str) -> dict[str, Any]:
    """Return the block that the emulator answers such a request with."""
    headers = {"x-api-key": "test", "anthropic-version": NEW, "anthropic-beta": beta}
    answer = Emulator().respond("POST", PATHS["messages"], headers, json.dumps(GOOD | fields).encode())
    assert isinstance(answer.body, bytes)
    (block,) = json.loads(answer.body)["content"]
    found: dict[str, Any] = block
    return found


def trigger(tokens: int) -> dict[str, Any]:
    return {"type": COMPACT, "trigger": {"type": "input_tokens", "value": tokens}}


EDITS = (
    ok("tool uses cleared", betas=EDITING, **edits({
        "type": USES, "trigger": {"type": "input_tokens", "value": 30_000}, "keep": {"type": "tool_uses", "value": 3},
        "clear_at_least": {"type": "input_tokens", "value": 5000}, "exclude_tools": ["a"], "clear_tool_inputs": True})),
    ok("tool uses cleared after so many", betas=EDITING, **edits({"type": USES, "trigger": {
        "type": "tool_uses", "value": 10}})),
    ok("inputs of some tools cleared", betas=EDITING, **edits({"type": USES, "clear_tool_inputs": ["a"]})),
    ok("thinking cleared", betas=EDITING, **edits({"type": THINKING, "keep": {"type": "thinking_turns", "value": 2}})),
    ok("no thinking cleared", betas=EDITING, **edits({"type": THINKING, "keep": "all"})),
    ok("thinking cleared first", betas=EDITING, **edits({"type": THINKING}, {"type": USES})),
    refused("thinking cleared second", like("context_management.edits.1", "first"), betas=EDITING,
            **edits({"type": USES}, {"type": THINKING})),
    refused("an unknown edit", like("context_management.edits.0: Input tag 'forget'"), betas=EDITING,
            **edits({"type": "forget"})),
    refused("an unknown field of an edit",
            like("context_management.edits.0.clear_thinking_20251015.turns: Extra inputs"),
            betas=EDITING, **edits({"type": THINKING, "turns": 2})),
    refused("an edit under the beta of compaction", like("context_management.edits.0: Input tag"), betas=THRESHOLD,
            **edits({"type": USES})),
)  # fmt: skip
THRESHOLDS = (
    ok("compaction at its default", betas=THRESHOLD, **edits({"type": COMPACT})),
    ok("compaction from 50,000 tokens", betas=THRESHOLD, **edits(trigger(50_000))),
    refused("compaction from 49,999", like("context_management.edits.0", "50000"), betas=THRESHOLD,
            **edits(trigger(49_999))),
    ok("compaction with a pause and words of one's own", betas=THRESHOLD,
       **edits({"type": COMPACT, "pause_after_compaction": True, "instructions": "Keep names"})),
    refused("compaction under the beta of edits", like("context_management.edits.0: Input tag"), betas=EDITING,
            **edits({"type": COMPACT})),
    ok("both betas", betas=f"{EDITING},{THRESHOLD}", **edits({"type": USES}, {"type": COMPACT})),
    refused("compaction by a model that cannot", like("context_management.edits.0"), betas=THRESHOLD,
            model="claude-haiku-4-5", **edits({"type": COMPACT})),
    ok("a compaction block that failed", betas=THRESHOLD, messages=[
        user("Hi"), assistant({"type": "compaction", "content": None}, text("Go on")), user("And?")]),
    refused("a compaction block that is empty", like("messages.1.content.0.compaction.content"), betas=THRESHOLD,
            messages=[user("Hi"), assistant({"type": "compaction", "content": ""}, text("Go on")), user("And?")]),
    ok("a conversation that opens with a summary", betas=THRESHOLD, messages=[
        assistant({"type": "compaction", "content": "They met."}, text("Go on")), user("And?")]),
    ok("a conversation that ends with a summary", betas=THRESHOLD, messages=[
        user("Hi"), assistant({"type": "compaction", "content": "They met."})]),
    refused("a conversation that opens with a summary that failed", like("messages: first message"), betas=THRESHOLD,
            messages=[assistant({"type": "compaction", "content": None}, text("Go on")), user("And?")]),
    refused("a compaction block without a beta", like("messages.1.content.0: Input tag 'compaction'"),
            messages=[user("Hi"), assistant({"type": "compaction", "content": None}, text("x")), user("And?")]),
)  # fmt: skip
MADE = made(SUMMARIZE, ON_DEMAND)
SIGNED = {"type": "compaction", "content": "They said hi.", "signature": "s"}
SUMMARIES = (
    refused("a summary beside context management", like("compaction", "context_management"),
            betas=f"{ON_DEMAND},{EDITING}", **SUMMARIZE, **edits({"type": USES})),
    refused("a summary beside stop sequences", like("compaction", "stop_sequences"), betas=ON_DEMAND, **SUMMARIZE,
            stop_sequences=["x"]),
    refused("a summary beside a format", like("compaction", "format"), betas=ON_DEMAND, **SUMMARIZE,
            **formatted(shaped())),
    refused("a summary beside a forced tool", like("compaction", "tool_choice"), betas=ON_DEMAND, **SUMMARIZE,
            tools=[tool()], tool_choice={"type": "any"}),
    refused("a summary of an open turn", like("messages"), code="compaction_incomplete_turn", betas=ON_DEMAND,
            **SUMMARIZE, messages=[user("Hi"), assistant(tool_use())]),
    refused("a summary of nothing", like("messages"), code="compaction_nothing_to_summarize", betas=ON_DEMAND,
            **SUMMARIZE, messages=[user("")]),
    ok("a summary of a finished turn", betas=ON_DEMAND, **SUMMARIZE, messages=[user("Hi"), assistant("Hello")]),
    refused("an unknown compaction", like("compaction.type: Input should be 'summarize'"), betas=ON_DEMAND,
            compaction={"type": "forget"}),
    refused("two summaries", like("messages"), code="compaction_block_ambiguous", betas=ON_DEMAND,
            messages=[user(SIGNED, SIGNED, text("And?"))]),
    refused("a summary that is not first", like("messages.0.content.1"), code="compaction_block_misplaced",
            betas=ON_DEMAND, messages=[user(text("Hi"), SIGNED)]),
)  # fmt: skip
BASH = {"type": "bash_20250124", "name": "bash"}


def changed(kind: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [user("Hi"), system({"type": kind, "tool": what}), user("And?")]}


NAMED = {"type": "tool_reference", "name": "get_weather"}
DEFINED = {"type": "tool_definition", "definition": tool("late")}
SIGNATURES = (
    refused("a summary that was made up", like("messages.0.content.0"), code="compaction_signature_invalid",
            betas=ON_DEMAND, messages=[user(SIGNED, text("And?"))]),
    refused("a summary with an empty signature", like("messages.0.content.0"), code="compaction_signature_invalid",
            betas=ON_DEMAND, messages=[user(SIGNED | {"signature": ""}, text("And?"))]),
    ok("a summary sent back", betas=ON_DEMAND, messages=[user(MADE, text("And?"))]),
    refused("a summary that was changed", like("messages.0.content.0"), code="compaction_content_mismatch",
            betas=ON_DEMAND, messages=[user(MADE | {"content": "They quarrelled."}, text("And?"))]),
)  # fmt: skip
TOOLS = (
    ok("a system turn that is cleared", betas=CLEAR_AT,
       messages=[user("Hi"), system("Be brief", clear_at="next_user_message"), user("And?")]),
    refused("a system turn that is cleared, without its beta", "messages.1.clear_at: Extra inputs are not permitted",
            messages=[user("Hi"), system("Be brief", clear_at="never"), user("And?")]),
    refused("a user turn that is cleared", "messages.0.clear_at: Extra inputs are not permitted", betas=CLEAR_AT,
            messages=[user("Hi") | {"clear_at": "never"}]),
    ok("a tool that goes", betas=CHANGES, tools=[tool()], **changed("tool_removal", NAMED)),
    ok("a tool that comes", betas=CHANGES, tools=[tool(defer_loading=True), BASH], **changed("tool_addition", NAMED)),
    refused("a tool that goes, without a beta", like("messages.1.content.0: Input tag 'tool_removal'"),
            tools=[tool()], **changed("tool_removal", NAMED)),
    refused("a change in a user turn", like("messages.0.content.0: Input tag 'tool_removal'"), betas=CHANGES,
            tools=[tool()], messages=[user({"type": "tool_removal", "tool": NAMED})]),
    refused("a tool that goes and never was", like("messages.1.content.0", "get_weather"),
            code="tool_reference_unresolved", betas=CHANGES, tools=[BASH], **changed("tool_removal", NAMED)),
    refused("a server that goes and never was", like("messages.1.content.0", "maps"), code="tool_reference_unresolved",
            betas=CHANGES, **changed("tool_removal", {"type": "mcp_toolset_reference", "server_name": "maps"})),
    ok("a tool defined on the way", betas=INLINE, **changed("tool_addition", DEFINED)),
    refused("a tool defined on the way without its beta", like("messages.1.content.0.tool_addition.tool: Input tag"),
            betas=CHANGES, **changed("tool_addition", DEFINED)),
    refused("a tool defined under a name that is taken", like("messages.1.content.0", "late"),
            code="tool_name_conflict", betas=INLINE, tools=[tool("late")], **changed("tool_addition", DEFINED)),
    refused("a bad tool defined on the way", like("messages.1.content.0.tool.definition.name"), betas=INLINE,
            **changed("tool_addition", {"type": "tool_definition", "definition": tool("a b")})),
)  # fmt: skip

ROWS = about("context management", *EDITS, *THRESHOLDS, *SUMMARIES, *SIGNATURES, *TOOLS)
