"""The refusals whose wording is known, word for word."""

from __future__ import annotations

from contract.row import OLD, about, assistant, like, ok, refused, result, text, tool, user
from contract.row import call as tool_use

OLD_MODEL = "claude-haiku-4-5"
MANUAL = {"type": "enabled", "budget_tokens": 1024}
EMPTY = "all messages must have non-empty content except for the optional final assistant message"
BUDGET = (
    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
    "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
)


def without_results(index: int, *ids: str) -> str:
    return (
        f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
        f"{', '.join(ids)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message."
    )


def without_use(path: str, one: str) -> str:
    return (
        f"{path}: unexpected `tool_use_id` found in `tool_result` blocks: {one}. Each `tool_result` block must have "
        "a corresponding `tool_use` block in the previous message."
    )


CONVERSATION = (
    refused("no messages at all", "messages: at least one message is required", messages=[]),
    refused("the assistant opens", 'messages: first message must use the "user" role',
            messages=[assistant("Hi"), user("Hi")]),
    refused("an empty text block", "messages: text content blocks must be non-empty", messages=[user(text(""))]),
    refused("an empty text block of the assistant", "messages: text content blocks must be non-empty",
            messages=[user("Hi"), assistant(text("")), user("And?")]),
    refused("a blank text block", "messages: text content blocks must contain non-whitespace text",
            messages=[user(text(" \n\t"))]),
    refused("a blank string", "messages: text content blocks must contain non-whitespace text", messages=[user("  ")]),
    refused("an empty string", f"messages.0: {EMPTY}", messages=[user("")]),
    refused("no blocks", f"messages.0: {EMPTY}", messages=[user()]),
    refused("no blocks in the middle", f"messages.1: {EMPTY}", messages=[user("Hi"), assistant(), user("Hi")]),
    ok("no blocks in the last turn of the assistant", model=OLD_MODEL, messages=[user("Hi"), assistant()]),
    refused("a prefill that ends in a space", "messages: final assistant content cannot end with trailing whitespace",
            model=OLD_MODEL, messages=[user("Hi"), assistant("{ ")]),
    refused("a prefill that ends in a newline", "messages: final assistant content cannot end with trailing whitespace",
            model=OLD_MODEL, messages=[user("Hi"), assistant(text("{\n"))]),
    refused("a prefill while thinking", like("messages.1.content.0.type", "`thinking`"), model=OLD_MODEL,
            max_tokens=2000, thinking=MANUAL, messages=[user("Hi"), assistant("{")]),
)  # fmt: skip
PAIRS = (
    ok("a result after its call", messages=[user("Hi"), assistant(tool_use()), user(result())], tools=[tool()]),
    ok("two results, then text", tools=[tool()],
       messages=[user("Hi"), assistant(tool_use(1), tool_use(2)), user(result(1), result(2), text("And?"))]),
    ok("an empty result", messages=[user("Hi"), assistant(tool_use()), user(result(content=""))], tools=[tool()]),
    ok("a result without content", tools=[tool()],
       messages=[user("Hi"), assistant(tool_use()), user({"type": "tool_result", "tool_use_id": "toolu_1"})]),
    ok("a failed result", messages=[user("Hi"), assistant(tool_use()), user(result(is_error=True))], tools=[tool()]),
    ok("calls and results over two messages each", tools=[tool()], messages=[
        user("Hi"), assistant(tool_use(1)), assistant(tool_use(2)), user(result(1)), user(result(2))]),
    ok("calls without tools on offer", messages=[user("Hi"), assistant(tool_use()), user(result())]),
    refused("a call without a result", without_results(1, "toolu_1"),
            messages=[user("Hi"), assistant(tool_use()), user("And?")]),
    refused("one of two results", without_results(1, "toolu_2"),
            messages=[user("Hi"), assistant(tool_use(1), tool_use(2)), user(result(1))]),
    refused("no result of two calls", without_results(1, "toolu_1", "toolu_2"),
            messages=[user("Hi"), assistant(tool_use(1), tool_use(2)), user("And?")]),
    refused("a call at the end", without_results(1, "toolu_1"), messages=[user("Hi"), assistant(tool_use())]),
    refused("text before the result", without_results(1, "toolu_1"),
            messages=[user("Hi"), assistant(tool_use()), user(text("Here"), result())]),
    refused("text between two results", without_results(1, "toolu_2"),
            messages=[user("Hi"), assistant(tool_use(1), tool_use(2)), user(result(1), text("And"), result(2))]),
    refused("a result of the assistant", without_use("messages.1.content.1", "toolu_1"),
            messages=[user("Hi"), assistant(tool_use(), result()), user("And?")]),
    refused("a result one turn late", without_results(1, "toolu_1"),
            messages=[user("Hi"), assistant(tool_use()), user("Wait"), assistant("Yes"), user(result())]),
    refused("a result without a call", without_use("messages.0.content.0", "toolu_1"), messages=[user(result())]),
    refused("a second result later", without_use("messages.4.content.0", "toolu_1"), messages=[
        user("Hi"), assistant(tool_use()), user(result()), assistant("Fine"), user(result())]),
    refused("a result with another id", without_use("messages.2.content.0", "toolu_2"),
            messages=[user("Hi"), assistant(tool_use(1)), user(result(2))]),
    refused("one id for two calls", like("messages", "unique"), messages=[
        user("Hi"), assistant(tool_use()), user(result()), assistant(tool_use()), user(result())]),
    refused("two results of one call", like("messages.2.content.1", "single result", "toolu_1"),
            messages=[user("Hi"), assistant(tool_use()), user(result(), result())]),
    refused("counting refuses the same", without_results(1, "toolu_1"), to="count_tokens",
            messages=[user("Hi"), assistant(tool_use())]),
)  # fmt: skip
LIMITS = (
    refused("a budget as large as max_tokens", BUDGET, model=OLD_MODEL, max_tokens=1024, thinking=MANUAL),
    ok("a budget one below max_tokens", model=OLD_MODEL, max_tokens=1025, thinking=MANUAL),
    refused("a budget below 1024", "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
            model=OLD_MODEL, thinking={"type": "enabled", "budget_tokens": 1023}),
    refused("temperature while thinking", like("`temperature` may only be set to 1 when thinking is enabled"),
            model=OLD_MODEL, version=OLD, max_tokens=2000, thinking=MANUAL, temperature=0.2),
    refused("temperature while thinking adaptively", like("`temperature` may only be set to 1", "adaptive mode"),
            model="claude-opus-4-6", version=OLD, thinking={"type": "adaptive"}, temperature=0.2),
    refused("top_k while thinking", like("`top_k`"), model=OLD_MODEL, version=OLD, max_tokens=2000, thinking=MANUAL,
            top_k=5),
    refused("a low top_p while thinking", like("`top_p`", "0.95"), model=OLD_MODEL, version=OLD, max_tokens=2000,
            thinking=MANUAL, top_p=0.9),
    ok("a high top_p while thinking", model=OLD_MODEL, version=OLD, max_tokens=2000, thinking=MANUAL, top_p=0.95),
    refused("a temperature over 1", like("temperature"), model=OLD_MODEL, version=OLD, temperature=1.5),
    refused("a negative temperature", like("temperature"), model=OLD_MODEL, version=OLD, temperature=-0.1),
    ok("a top_p of 0.99 on a model without sampling", version=OLD, top_p=0.99),
    refused("both defaults on a model without sampling", like("temperature"), version=OLD, temperature=1, top_p=0.99),
    refused("a forced tool with manual thinking", "Thinking may not be enabled when tool_choice forces tool use.",
            model="claude-opus-4-6", max_tokens=2000, thinking=MANUAL, tools=[tool()], tool_choice={"type": "any"}),
    ok("a forced tool with adaptive thinking", model="claude-opus-4-6", thinking={"type": "adaptive"},
       tools=[tool()], tool_choice={"type": "any"}),
    refused("all tools deferred", "All tools have defer_loading: true", tools=[tool(defer_loading=True)]),
    refused("a prompt beyond the window", like("prompt is too long: ", " tokens > 200000 maximum"), model=OLD_MODEL,
            messages=[user("word " * 200_000)]),
    ok("a prompt beyond the window is counted", to="count_tokens", model=OLD_MODEL,
       messages=[user("word " * 200_000)]),
    ok("prompt and max_tokens beyond the window", model=OLD_MODEL, max_tokens=64_000,
       messages=[user("word " * 110_000)]),
)  # fmt: skip

ROWS = about("wording", *CONVERSATION, *PAIRS, *LIMITS)
