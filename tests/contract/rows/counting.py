"""What counting tokens takes and what it does not: its own fields, and the refusals of an answer."""

from __future__ import annotations

from typing import Any

from contract.row import about, formatted, like, ok, refused, shaped, tool, user

EXTRA = "Extra inputs are not permitted"
TAKEN: dict[str, Any] = {
    "system": "Be kind",
    "tools": [tool()],
    "thinking": {"type": "adaptive"},
    "output_config": {"effort": "low"},
    "cache_control": {"type": "ephemeral"},
    "speed": "standard",
}
NOT_TAKEN: dict[str, Any] = {
    "max_tokens": 100,
    "stream": True,
    "stop_sequences": ["x"],
    "metadata": {"user_id": "u"},
    "service_tier": "auto",
    "temperature": 1,
    "top_p": 1,
    "top_k": 1,
    "container": "c",
    "inference_geo": "us",
    "diagnostics": {},
}
EDITS = {"edits": [{"type": "clear_tool_uses_20250919"}]}

ROWS = about(
    "token counting",
    ok("a count", to="count_tokens"),
    ok("a count of everything", to="count_tokens", **TAKEN),
    *(ok(f"a count with {field}", to="count_tokens", **{field: value}) for field, value in TAKEN.items()),
    *(refused(f"a count with {field}", f"{field}: {EXTRA}", to="count_tokens", **{field: value})
      for field, value in NOT_TAKEN.items()),
    ok("a count with a choice", to="count_tokens", tools=[tool()], tool_choice={"type": "any"}),
    ok("a count with a format", to="count_tokens", **formatted(shaped())),
    ok("a count with edits", to="count_tokens", betas="context-management-2025-06-27", context_management=EDITS),
    refused("a count with edits without their beta", f"context_management: {EXTRA}", to="count_tokens",
            context_management=EDITS),
    ok("a count with compaction, which is ignored", to="count_tokens", betas="compact-2026-09-04",
       compaction={"type": "summarize"}),
    ok("a count with servers", to="count_tokens", betas="mcp-client-2025-11-20",
       mcp_servers=[{"type": "url", "name": "a", "url": "https://e"}],
       tools=[{"type": "mcp_toolset", "mcp_server_name": "a"}]),
    refused("a count with fallbacks", f"fallbacks: {EXTRA}", to="count_tokens",
            betas="server-side-fallback-2026-07-01", fallbacks="default"),
    refused("a count of no messages", "messages: at least one message is required", to="count_tokens", messages=[]),
    refused("a count with thinking the model has not", like('"thinking.type.disabled" is not supported'),
            to="count_tokens", model="claude-opus-5-5", thinking={"type": "disabled"}),
    refused("a count with an unknown model", "model: claude-9", status=404, to="count_tokens", model="claude-9"),
    refused("a count with a prefill", like("This model does not support assistant message prefill"),
            to="count_tokens", messages=[user("Hi"), {"role": "assistant", "content": "{"}]),
)  # fmt: skip
