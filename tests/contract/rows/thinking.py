"""Thinking and effort beyond the table of models: display, binding, budgets, and effort within a conversation."""

from __future__ import annotations

from typing import Any

from contract.row import about, like, ok, refused, system, user

UPDATES = "thinking-display-updates-2026-08-18"
BINDING = "thinking-binding-controls-2026-08-01"
PER_MESSAGE = "mid-conversation-output-config-2026-07-01"
BUDGETS = "task-budgets-2026-03-13"
INTERLEAVED = "interleaved-thinking-2025-05-14"
EXTRA = "Extra inputs are not permitted"


def adaptive(**fields: Any) -> dict[str, Any]:
    return {"thinking": {"type": "adaptive", **fields}}


def manual(budget: int = 1024, **fields: Any) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": budget, **fields}, "max_tokens": 2000}


def changing(effort: str) -> dict[str, Any]:
    return {"messages": [user("Hi"), system(output_config={"effort": effort}), user("And?")]}


DISPLAY = (
    ok("summarized thinking", **adaptive(display="summarized")),
    ok("omitted thinking", **adaptive(display="omitted")),
    ok("thinking as it comes", **adaptive(display=None)),
    ok("summarized manual thinking", model="claude-opus-4-6", **manual(display="summarized")),
    ok("updates", betas=UPDATES, **adaptive(display="updates")),
    refused("updates without their beta", "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
            **adaptive(display="updates")),
    refused("an unknown display", like("thinking.adaptive.display: Input should be 'summarized', 'omitted'"),
            betas=UPDATES, **adaptive(display="full")),
    refused("a display of no thinking", f"thinking.disabled.display: {EXTRA}",
            thinking={"type": "disabled", "display": "omitted"}),
    refused("a display between tools", f"thinking.between_tools.display: {EXTRA}", model="claude-sonnet-5-5",
            thinking={"type": "between_tools", "display": "omitted"}),
    refused("a budget of adaptive thinking", f"thinking.adaptive.budget_tokens: {EXTRA}",
            **adaptive(budget_tokens=2048)),
    refused("a budget between tools", f"thinking.between_tools.budget_tokens: {EXTRA}", model="claude-sonnet-5-5",
            thinking={"type": "between_tools", "budget_tokens": 1024}),
    refused("an unknown kind of thinking", like("thinking: Input tag 'deep'"), thinking={"type": "deep"}),
)  # fmt: skip
BLOCKS = (
    ok("controls of binding", betas=BINDING, **adaptive(block_binding={"prefix_mismatch_behavior": "drop_block"})),
    ok("controls of binding, all at their default", betas=BINDING, **adaptive(block_binding={})),
    refused("controls of binding without their beta", f"thinking.adaptive.block_binding: {EXTRA}",
            **adaptive(block_binding={})),
    refused("an unknown control", like("thinking.adaptive.block_binding.prefix_mismatch_behavior: Input should be"),
            betas=BINDING, **adaptive(block_binding={"prefix_mismatch_behavior": "ignore"})),
    refused("a thinking block without a signature", like("messages.1.content.0.thinking.signature: Field required"),
            messages=[user("Hi"), {"role": "assistant", "content": [{"type": "thinking", "thinking": "x"}]},
            user("?")]),
)  # fmt: skip
INTERLEAVING = (
    *(ok(f"a budget over max_tokens on {model}", betas=INTERLEAVED, model=model, **manual(4000))
      for model in ("claude-opus-4-5", "claude-sonnet-4-5", "claude-sonnet-4-6")),
    *(refused(f"a budget over max_tokens on {model}", like("`max_tokens` must be greater"), betas=INTERLEAVED,
              model=model, **manual(4000)) for model in ("claude-opus-4-6", "claude-haiku-4-5")),
    refused("a budget over max_tokens without the beta", like("`max_tokens` must be greater"),
            model="claude-opus-4-5", **manual(4000)),
)  # fmt: skip
EFFORT = (
    ok("an effort for the rest of the conversation", betas=PER_MESSAGE, **changing("low")),
    refused("an effort for the rest of the conversation, without its beta", f"messages.1.output_config: {EXTRA}",
            **changing("low")),
    refused("an unknown effort in a turn", like("messages.1.output_config.effort: Input should be"),
            betas=PER_MESSAGE, **changing("extreme")),
    refused("another effort while thinking between tools", like("messages.1.output_config.effort"),
            betas=PER_MESSAGE, model="claude-sonnet-5-5", thinking={"type": "between_tools"}, **changing("low")),
    refused("a system turn of nothing", "messages.1.content: Field required", betas=PER_MESSAGE,
            messages=[user("Hi"), system(output_config={})]),
    ok("an effort that is null", output_config={"effort": None}),
    ok("a budget of a task", betas=BUDGETS, output_config={"task_budget": {"type": "tokens", "total": 50_000}}),
    ok("what is left of a budget", betas=BUDGETS,
       output_config={"task_budget": {"type": "tokens", "total": 50_000, "remaining": 10}}),
    refused("a budget of a task without its beta", f"output_config.task_budget: {EXTRA}",
            output_config={"task_budget": {"type": "tokens", "total": 50_000}}),
    refused("a budget of no size", "output_config.task_budget.total: Field required", betas=BUDGETS,
            output_config={"task_budget": {"type": "tokens"}}),
)  # fmt: skip

ROWS = about("thinking and effort", *DISPLAY, *BLOCKS, *INTERLEAVING, *EFFORT)
