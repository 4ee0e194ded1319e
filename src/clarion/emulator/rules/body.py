"""What a request body looks like: the fields of the Messages API as tables of checks.

Source: the request types of the Messages API and of token counting, API version 2026-10-21 (November 2026).
Sampling fields are in the table too, as version 2023-06-01 has them; whether they may be there is a rule of
`rules.sampling`. A field that a beta opens does not exist without its header.
"""

from __future__ import annotations

from typing import Any

from clarion.emulator.rules.blocks import BLOCKS, KIND, MARK, MCP, REFERENCE, TEXT, marked
from clarion.emulator.rules.definitions import TOOL
from clarion.emulator.rules.shape import (
    Betas,
    Check,
    Misfit,
    array,
    beta,
    boolean,
    either,
    integer,
    literal,
    mapping,
    number,
    one_of,
    optional,
    record,
    tagged,
    text,
)
from clarion.emulator.wire import invalid

__all__ = ["EVERY_BETA", "check_body"]

MAX_MESSAGES = 100_000
MAX_FALLBACKS = 3
THREADS = "message-threads-"

EFFORT: dict[str, Check] = {"effort": optional(literal("low", "medium", "high", "xhigh", "max"))}
CHANGES = ("mid-conversation-tool-changes-2026-07-01", "inline-tools-2026-09-15")
INLINE = beta(record(KIND | {"definition": TOOL}), "inline-tools-2026-09-15")
SYSTEM_BLOCKS: dict[str, Check] = {
    "text": TEXT,
    "tool_addition": beta(marked({"tool": tagged(REFERENCE | {"tool_definition": INLINE})}), *CHANGES),
    "tool_removal": beta(marked({"tool": tagged(REFERENCE)}), *CHANGES),
}
TURN = record({"role": literal("user", "assistant", "system"), "content": either(array(tagged(BLOCKS)))})
SYSTEM_TURN = record(
    {"role": literal("system")},
    {
        "content": either(array(tagged(SYSTEM_BLOCKS))),
        "clear_at": beta(
            optional(literal("next_user_message", "never")), "mid-conversation-system-clear-at-2026-08-21"
        ),
        "output_config": beta(optional(record({}, EFFORT)), "mid-conversation-output-config-2026-07-01"),
    },
)


def _message(value: Any, betas: Betas) -> None:
    """Take a turn; one of the system may hold an effort instead of content, where a beta allows it."""
    if not isinstance(value, dict) or value.get("role") != "system":
        TURN(value, betas)
        return
    SYSTEM_TURN(value, betas)
    if "content" not in value and not value.get("output_config"):
        raise Misfit("Field required", "content")


FORMAT = optional(tagged({"json_schema": record(KIND | {"schema": mapping})}))
BUDGET = record(
    {"type": literal("tokens"), "total": integer(1)},
    {"remaining": optional(integer(0))},
)
OUTPUT_CONFIG = record(
    {}, EFFORT | {"format": FORMAT, "task_budget": beta(optional(BUDGET), "task-budgets-2026-03-13")}
)
SHOWN: dict[str, Check] = {
    "display": optional(literal("summarized", "omitted", opened={"updates": "thinking-display-updates-2026-08-18"})),
    "block_binding": beta(
        optional(record({}, {"prefix_mismatch_behavior": optional(literal("error", "drop_block"))})),
        "thinking-binding-controls-2026-08-01",
    ),
}
THINKING = tagged(
    {
        "adaptive": record(KIND, SHOWN),
        "between_tools": record(KIND),
        "disabled": record(KIND),
        "enabled": record(KIND | {"budget_tokens": integer(1024)}, SHOWN),
    }
)
SPEED = optional(literal("standard", "fast"))
PARALLEL: dict[str, Check] = {**KIND, "disable_parallel_tool_use": boolean}
EDITING, THRESHOLD = "context-management-2025-06-27", "compact-2026-01-12"


def _count(kind: str) -> Check:
    return record({"type": literal(kind), "value": integer(0)})


INPUT_TOKENS, TOOL_USES = _count("input_tokens"), _count("tool_uses")
EDIT = tagged(
    {
        "clear_tool_uses_20250919": beta(
            record(
                KIND,
                {
                    "trigger": tagged({"input_tokens": INPUT_TOKENS, "tool_uses": TOOL_USES}),
                    "keep": TOOL_USES,
                    "clear_at_least": optional(INPUT_TOKENS),
                    "clear_tool_inputs": optional(one_of(array(text), boolean)),
                    "exclude_tools": optional(array(text)),
                },
            ),
            EDITING,
        ),
        "clear_thinking_20251015": beta(
            record(KIND, {"keep": either(tagged({"thinking_turns": _count("thinking_turns"), "all": record(KIND)}))}),
            EDITING,
        ),
        "compact_20260112": beta(
            record(
                KIND,
                {
                    "trigger": optional(INPUT_TOKENS),
                    "pause_after_compaction": boolean,
                    "instructions": optional(text),
                },
            ),
            THRESHOLD,
        ),
    }
)
SERVER = record(
    {"name": text, "type": literal("url"), "url": text},
    {
        "authorization_token": optional(text),
        "tool_configuration": optional(
            record({}, {"allowed_tools": optional(array(text)), "enabled": optional(boolean)})
        ),
    },
)
FALLBACK = record(
    {"model": text},
    {
        "max_tokens": optional(integer(0)),
        "output_config": optional(OUTPUT_CONFIG),
        "speed": SPEED,
        "thinking": optional(THINKING),
    },
)


def _fallbacks(value: Any, betas: Betas) -> None:
    """Take a list of fallbacks, or the word `default` under the newer of the two betas."""
    if value != "default" or "server-side-fallback-2026-07-01" not in betas:
        array(FALLBACK, MAX_FALLBACKS)(value, betas)


SKILL = record({"skill_id": text, "type": literal("anthropic", "custom")}, {"version": text})
CONTAINER = record({}, {"id": optional(text), "skills": optional(array(SKILL))})
CREDIT = record({"token": text}, {"mode": literal("strict", "best_effort")})


def _credit(value: Any, betas: Betas) -> None:
    """Take a credit token, under the newer of the two betas in an object too."""
    (either(CREDIT) if "fallback-credit-2026-07-01" in betas else text)(value, betas)


COUNTED: dict[str, Check] = {
    "cache_control": optional(MARK),
    "output_config": OUTPUT_CONFIG,
    "speed": SPEED,
    "system": either(array(tagged({"text": TEXT}))),
    "thinking": THINKING,
    "tool_choice": tagged(
        {
            "auto": record({}, PARALLEL),
            "any": record({}, PARALLEL),
            "tool": record({"name": text}, PARALLEL),
            "none": record(KIND),
        }
    ),
    "tools": array(TOOL),
    "billing_policy": beta(
        optional(record({"type": literal("billing_policy")}, {"bill_to": literal("self", "user_profile")})),
        "user-profiles-",
    ),
    "compaction": beta(
        optional(record({"type": literal("summarize")}, {"instructions": optional(text)})), "compact-2026-09-04"
    ),
    "context_management": beta(optional(record({}, {"edits": array(EDIT)})), EDITING, THRESHOLD),
    "mcp_servers": beta(array(SERVER), MCP),
    "output_format": beta(FORMAT, "structured-outputs-2025-11-13"),
}
CREATED: dict[str, Check] = {
    **COUNTED,
    "container": optional(either(CONTAINER)),
    "diagnostics": optional(record({}, {"previous_message_id": optional(text)})),
    "inference_geo": optional(text),
    "metadata": record({}, {"user_id": optional(text)}),
    "service_tier": literal("auto", "standard_only"),
    "stop_sequences": array(text),
    "stream": boolean,
    "temperature": number,
    "top_p": number,
    "top_k": integer(0),
    "fallbacks": beta(optional(_fallbacks), "server-side-fallback-2026-07-01", "server-side-fallback-2026-06-01"),
    "fallback_credit_token": beta(optional(_credit), "fallback-credit-"),
    "thread": beta(optional(mapping), THREADS),
}
PROMPT: dict[str, Check] = {"model": text, "messages": array(_message, MAX_MESSAGES)}
COUNT_BODY = record(PROMPT, COUNTED)
CREATE_BODY = record({"model": text, "max_tokens": integer(0), "messages": PROMPT["messages"]}, CREATED)


EVERY_BETA: Betas = frozenset(  # what opens all that any beta opens
    {
        "advisor-tool-2026-03-01",
        "compact-2026-01-12",
        "compact-2026-09-04",
        "computer-use-2024-10-22",
        "computer-use-2025-01-24",
        "computer-use-2025-11-24",
        "context-management-2025-06-27",
        "fallback-credit-2026-07-01",
        "inline-tools-2026-09-15",
        "mcp-client-2026-09-15",
        "message-threads-2026-08-12",
        "mid-conversation-output-config-2026-07-01",
        "mid-conversation-system-clear-at-2026-08-21",
        "mid-conversation-tool-changes-2026-07-01",
        "server-side-fallback-2026-07-01",
        "structured-outputs-2025-11-13",
        "task-budgets-2026-03-13",
        "thinking-binding-controls-2026-08-01",
        "thinking-display-updates-2026-08-18",
        "user-profiles-2026-09-04",
    }
)


def check_body(body: Any, betas: Betas, *, counting: bool) -> None:
    """Refuse a body whose fields are unknown, missing or of the wrong type, naming the first offender."""
    if not isinstance(body, dict):
        raise invalid("", "Input should be a valid dictionary or object to extract fields from")
    try:
        (COUNT_BODY if counting else CREATE_BODY)(body, betas)
    except Misfit as misfit:
        raise invalid("", str(misfit)) from None
